import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { open311Settings } from './open311/settings.ts';
import { openOwnStores, ownStoreSettings } from './own-stores.ts';
import { startGridEvents } from './service.ts';
import { webhookTargetsOf } from './webhook/settings.ts';

runAsProcess(
  'grid-events',
  async (deps) => {
    const open311 = open311Settings(process.env);
    const webhookTargets = webhookTargetsOf(process.env);
    if ('en' in webhookTargets) throw new Error(`${webhookTargets['zh-CN']} / ${webhookTargets.en}`);
    const own = await openOwnStores(ownStoreSettings(process.env));
    try {
      const service = await startGridEvents({ ...deps, ...own, open311, webhookTargets });
      const stop = () => service.stop().finally(() => own.close());
      return { ...service, stop };
    } catch (error) {
      await own.close();
      throw error;
    }
  },
  4003,
);
