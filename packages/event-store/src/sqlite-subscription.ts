import type { StoredEvent, SubscribeOptions, Subscription } from './event-store.ts';
import { EventStoreError } from './event-store.ts';

export type Filter = Pick<SubscribeOptions, 'prefix' | 'types'>;

/** What following needs of a store. */
export interface Followed {
  head(): number;
  pages(after: number, until: number, filter: Filter): AsyncIterable<StoredEvent[]>;
  /** Calls the listener after every commit, until the returned function is called. */
  onCommit(listener: () => void): () => void;
}

/**
 * Reads up to the head, waits for a commit, reads on: there is no hand-over between catching up and live at which an
 * event could be lost or overtaken. A commit that comes while reading is not missed, because waiting for it began
 * before the head was asked.
 */
export function follow(
  store: Followed,
  options: SubscribeOptions,
  handler: (events: StoredEvent[]) => Promise<void>,
): Subscription {
  const { after = 0, progress } = options;
  const target = store.head();
  const caughtUp = Promise.withResolvers<void>();
  let woken = Promise.withResolvers<void>();
  let stopped = false;
  const forget = store.onCommit(() => woken.resolve());

  async function run(): Promise<void> {
    let position = after;
    while (!stopped) {
      woken = Promise.withResolvers();
      const head = store.head();
      for await (const page of store.pages(position, head, options)) {
        await handler(page);
        if (stopped) return;
      }
      position = Math.max(position, head);
      progress?.(position);
      if (position >= target) caughtUp.resolve();
      if (!stopped) await woken.promise;
    }
  }

  const ended = run().finally(forget);
  ended.then(
    () =>
      caughtUp.reject(new EventStoreError('CLOSED', 'the subscription was stopped before it had caught up')),
    (error) => caughtUp.reject(error),
  );
  // Whoever does not wait for it need not hear of its failure; `ended` tells.
  caughtUp.promise.catch(() => undefined);
  return {
    caughtUp: caughtUp.promise,
    ended,
    stop: async () => {
      stopped = true;
      woken.resolve();
      await ended.catch(() => undefined);
    },
  };
}
