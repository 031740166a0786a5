import DataLoader from 'dataloader';

const MAX_BATCH = 1000;

/** Batches look-ups of one request: what is asked for in the same tick is fetched in one call, and only once. */
export class Loaders {
  readonly #groups = new Map<string, DataLoader<string, unknown>>();

  /**
   * The value under `key`, undefined where there is none. `group` names what is looked up and how
   * (`organ@2026-03-01`): all calls with the same group share the first call's `batch`.
   */
  load<T>(
    group: string,
    key: string,
    batch: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ): Promise<T | undefined> {
    let loader = this.#groups.get(group);
    if (!loader) {
      const fetch = async (keys: readonly string[]): Promise<(T | undefined)[]> => {
        const found = await batch(keys);
        return keys.map((key) => found.get(key));
      };
      loader = new DataLoader<string, unknown>(fetch, { maxBatchSize: MAX_BATCH });
      this.#groups.set(group, loader);
    }
    return loader.load(key) as Promise<T | undefined>;
  }
}
