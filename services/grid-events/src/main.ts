import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { openOwnStores, ownStoreSettings } from './own-stores.ts';
import { startGridEvents } from './service.ts';

runAsProcess(
  'grid-events',
  async (deps) => {
    const own = await openOwnStores(ownStoreSettings(process.env));
    try {
      const service = await startGridEvents({ ...deps, ...own });
      const stop = () => service.stop().finally(() => own.close());
      return { ...service, stop };
    } catch (error) {
      await own.close();
      throw error;
    }
  },
  4003,
);
