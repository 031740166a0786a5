import type {
  AppendOutcome,
  EventStore,
  NewEvent,
  ReadAllOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from '@dutyledger/event-store/event-store';
import type { Change, Generation, ReadStore } from './adapter.ts';
import { Pace } from './pace.ts';
import { type Batch, ReadStoreError } from './read-store.ts';
import { WriteBuffer } from './write-buffer.ts';

/** What the contract suite needs of an adapter: a store of its own that can be closed and opened again. */
export interface StoreUnderTest {
  store: ReadStore;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<ReadStore>;
  /** The same data as another process has it, closed by `dispose`. An embedded store has one process: the store itself. */
  beside(): Promise<ReadStore>;
  /** Closes the store and removes its data. */
  dispose(): Promise<void>;
}

export type OpenStore = () => Promise<StoreUnderTest>;

/** One batch, outside of any runner. */
export async function write(
  generation: Generation,
  job: (batch: Batch & { at(recordedAt: string): void }) => void | Promise<void>,
  rest: Pick<Change, 'checkpoint' | 'token'> = {},
): Promise<void> {
  const buffer = new WriteBuffer(generation, 1_000);
  await job(buffer);
  const { change } = await buffer.collect(new Pace());
  await generation.apply({ ...change, ...rest });
}

const PAGE = 7;

/** An event store in memory with small pages, whose time the test sets and which can be told to fail. */
export class MemoryEvents implements EventStore {
  readonly log: StoredEvent[] = [];
  /** Called before every page that is read; may throw or wait. */
  onRead: () => void | Promise<void> = () => undefined;
  #clock = Date.UTC(2026, 0, 1);
  readonly #watchers = new Set<() => void>();

  /** Appends one event a second later than the last. */
  add(type: string, data: unknown, stream = 'test-1', effectiveAt = '2026-01-01'): StoredEvent {
    const position = (this.log.at(-1)?.position ?? 0) + 1 + (this.log.length % 3);
    this.#clock += 1_000;
    const event = {
      id: `event-${position}`,
      type,
      version: 1,
      data,
      metadata: { effectiveAt } as StoredEvent['metadata'],
      stream,
      revision: this.log.length,
      position,
      recordedAt: new Date(this.#clock).toISOString(),
    };
    this.log.push(event);
    for (const wake of this.#watchers) wake();
    return event;
  }

  append(_stream: string, _expected: unknown, _events: readonly NewEvent[]): Promise<AppendOutcome> {
    return Promise.reject(new Error('use add'));
  }

  async *readStream(stream: string): AsyncIterable<StoredEvent[]> {
    yield this.log.filter((event) => event.stream === stream);
  }

  async *readAll({ after = 0, until, prefix = '' }: ReadAllOptions = {}): AsyncIterable<StoredEvent[]> {
    const last = until ?? (await this.head());
    let from = after;
    for (;;) {
      await this.onRead();
      const page = this.log
        .filter(({ position, stream }) => position > from && position <= last && stream.startsWith(prefix))
        .slice(0, PAGE);
      const end = page.at(-1);
      if (end === undefined) return;
      yield structuredClone(page);
      from = end.position;
    }
  }

  subscribe(
    { after = 0, prefix = '' }: SubscribeOptions,
    handler: (events: StoredEvent[]) => Promise<void>,
  ): Subscription {
    const caughtUp = Promise.withResolvers<void>();
    let stopped = false;
    let wake: () => void = () => undefined;
    const run = async () => {
      let from = after;
      while (!stopped) {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        this.#watchers.add(wake);
        for await (const page of this.readAll({ after: from, prefix })) {
          if (stopped) return;
          await handler(page);
          from = page.at(-1)?.position ?? from;
        }
        caughtUp.resolve();
        if (!stopped) await more;
        this.#watchers.delete(wake);
      }
    };
    const ended = run();
    ended.catch((error) => caughtUp.reject(error));
    return {
      caughtUp: caughtUp.promise,
      ended,
      stop: async () => {
        stopped = true;
        wake();
        await ended.catch(() => undefined);
      },
    };
  }

  async head(): Promise<number> {
    return this.log.at(-1)?.position ?? 0;
  }

  async close(): Promise<void> {}
}

/** The store with every `apply` of its generations going through `around`. */
export function wrapApply(
  store: ReadStore,
  around: (apply: () => Promise<void>) => Promise<void>,
): ReadStore {
  const wrapped = new WeakMap<Generation, Generation>();
  const originals = new WeakMap<Generation, Generation>();
  const wrap = (generation: Generation): Generation => {
    const known = wrapped.get(generation);
    if (known !== undefined) return known;
    const proxy = new Proxy(generation, {
      get(target, property) {
        if (property === 'apply') {
          return (change: Parameters<typeof target.apply>[0]) => around(() => target.apply(change));
        }
        const value = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    wrapped.set(generation, proxy);
    originals.set(proxy, generation);
    return proxy;
  };
  const original = (generation: Generation): Generation => originals.get(generation) ?? generation;
  return {
    generations: async (name) => (await store.generations(name)).map(wrap),
    create: async (...spec) => wrap(await store.create(...spec)),
    serve: (generation) => store.serve(original(generation)),
    drop: (generation) => store.drop(original(generation)),
    tryLease: (...lease) => store.tryLease(...lease),
    close: () => store.close(),
  };
}

/** The process dies at that write: the store is closed under it while it writes. */
export function failAfterWrites(store: ReadStore, times: number): ReadStore {
  let left = times;
  return wrapApply(store, async (apply) => {
    if (left-- > 0) return apply();
    const writing = apply();
    await store.close();
    await writing;
    throw new ReadStoreError('CLOSED', 'dead');
  });
}
