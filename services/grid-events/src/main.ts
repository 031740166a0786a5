import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { open311Settings } from './open311/settings.ts';
import { openOwnStores, ownStoreSettings } from './own-stores.ts';
import { startGridEvents } from './service.ts';

runAsProcess(
  'grid-events',
  async (deps) => {
    const open311 = open311Settings(process.env);
    const own = await openOwnStores(ownStoreSettings(process.env));
    try {
      const service = await startGridEvents({ ...deps, ...own, open311 });
      const stop = () => service.stop().finally(() => own.close());
      return { ...service, stop };
    } catch (error) {
      await own.close();
      throw error;
    }
  },
  4003,
);
