import { addAbortListener } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { type Bus, BusError, type Publisher } from './bus.ts';
import { Turns } from './turns.ts';

/**
 * What other services are told of a recorded event: nothing, one message or several; all of them or none are on the bus.
 * Many are best given one by one, as a generator does: requests are answered in between.
 */
export type Translation = OutgoingMessage | Iterable<OutgoingMessage> | undefined;

export interface RelayOptions {
  events: Pick<EventStore, 'subscribe' | 'head' | 'readStream'>;
  /** Streams whose events are relayed. */
  prefix: string;
  bus: Bus;
  /** Of the publisher; one per service. */
  name: string;
  /** Types of events that other services are told of; the others are passed by unread. Default: all. */
  types?: readonly string[];
  /**
   * What other services are told of a recorded event; undefined when it is no concern of theirs. It may read what was
   * recorded up to that event, and nothing else: of the same event it always says the same.
   */
  toIntegrationEvent(
    stored: StoredEvent,
    events: Pick<EventStore, 'readStream'>,
  ): Translation | Promise<Translation>;
  /** First pause after a failure, doubled up to 30 s. Default 250. */
  pauseMs?: number;
}

export interface RelayStatus {
  /** Position up to which everything is on the bus, and that of the newest event of the whole store. */
  position: number;
  /** Null when the store does not answer. */
  head: number | null;
  /** Why nothing is relayed; null while all is well. */
  failure: string | null;
}

/** How a relay came to its end: it was stopped, or another one of its name was started elsewhere. */
type RelayEnd = 'stopped' | 'fenced';

export interface Relay {
  /** Resolves once everything recorded before the start is on the bus. Rejects when the relay is stopped before. */
  caughtUp: Promise<void>;
  /** Never rejects. One that was fenced is started anew by whoever may run it: the holder of the lease. */
  ended: Promise<RelayEnd>;
  status(): Promise<RelayStatus>;
  /** Finishes the page it is publishing, unless the bus is unavailable. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;
/** Messages from which on those of further events are published apart, so that a page of large events fits in memory. */
const LARGE_PUBLICATION = 256;

/**
 * Publishes recorded events as integration events, in the order of the store per key. The checkpoint moves with the
 * events: none is left out. While the bus or the store is unavailable, or a fact cannot be translated, it tries again
 * and again, and says so in `status`. It ends when another relay of its name is started, on whatever machine.
 */
export function startRelay(options: RelayOptions): Relay {
  return new RunningRelay(options);
}

class RunningRelay implements Relay {
  readonly #options: RelayOptions;
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  readonly #turns = new Turns();
  readonly ended: Promise<RelayEnd>;
  /** Opened once: one that is opened again would fence off a successor. */
  #publisher: Publisher | undefined;
  #end: RelayEnd = 'stopped';
  #position = 0;
  /** Everything up to here is on the bus or no concern of it. */
  #reached = 0;
  #failures = 0;
  #failure: string | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
    // Whoever does not wait for it must not be bothered when it is never reached.
    this.#caughtUp.promise.catch(() => undefined);
    this.ended = this.#run();
  }

  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  async status(): Promise<RelayStatus> {
    const head = await this.#options.events.head().catch(() => null);
    return { position: Math.max(this.#position, this.#reached), head, failure: this.#failure };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async #run(): Promise<RelayEnd> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        await this.#failed(error);
      }
    }
    await this.#publisher?.close();
    const code = this.#end === 'fenced' ? 'FENCED' : 'CLOSED';
    this.#caughtUp.reject(new BusError(code, `the relay was ${this.#end} before it had caught up`));
    return this.#end;
  }

  /** One subscription to the store, until it ends or the relay is stopped. */
  async #follow(): Promise<void> {
    const { events, prefix, types, bus, name } = this.#options;
    this.#publisher ??= await bus.publisher(name);
    const publisher = this.#publisher;
    const { checkpoint } = publisher;
    // A store that ends before the checkpoint was restored from a backup: everything is published again.
    this.#position = checkpoint > (await events.head()) ? 0 : checkpoint;
    if (this.#stop.signal.aborted) return;
    const progress = (position: number) => {
      this.#reached = position;
    };
    const subscription = events.subscribe({ after: this.#position, prefix, types, progress }, (page) =>
      this.#relay(page, publisher),
    );
    const caughtUp = subscription.caughtUp.then(() => {
      this.#recovered();
      this.#caughtUp.resolve();
    });
    caughtUp.catch(() => undefined);
    const over = Promise.withResolvers<void>();
    subscription.ended.then(over.resolve, over.reject);
    const listener = addAbortListener(this.#stop.signal, () => over.resolve());
    try {
      await over.promise;
    } finally {
      listener[Symbol.dispose]();
      await subscription.stop();
    }
  }

  /** Stays in the handler while the bus is away: the store then reads no further ahead. */
  async #relay(page: readonly StoredEvent[], publisher: Publisher): Promise<void> {
    for (let done = 0; done < page.length; ) {
      this.#stop.signal.throwIfAborted();
      try {
        const { messages, count, position } = await this.#portion(page.slice(done));
        await publisher.publish(messages, position);
        done += count;
        this.#position = position;
        this.#recovered();
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  /** The messages of as many events as make a publication, and the position that it reaches. */
  async #portion(page: readonly StoredEvent[]) {
    const { toIntegrationEvent, events } = this.#options;
    const portion = { messages: [] as OutgoingMessage[], count: 0, position: this.#position };
    for (const stored of page) {
      const told = await toIntegrationEvent(stored, events);
      for (const message of messagesOf(told)) {
        portion.messages.push(message);
        await this.#turns.step();
      }
      portion.count += 1;
      portion.position = stored.position;
      if (portion.messages.length >= LARGE_PUBLICATION) break;
    }
    return portion;
  }

  #recovered(): void {
    this.#failures = 0;
    this.#failure = null;
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#failure = error instanceof Error ? error.message : String(error);
    if (error instanceof BusError && error.code === 'FENCED') {
      this.#end = 'fenced';
      this.#stop.abort();
      return;
    }
    const milliseconds = Math.min((this.#options.pauseMs ?? 250) * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    await pause(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function messagesOf(told: Translation): Iterable<OutgoingMessage> {
  if (told === undefined) return [];
  return Symbol.iterator in told ? told : [told];
}
