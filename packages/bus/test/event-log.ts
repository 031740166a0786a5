import { randomUUID } from 'node:crypto';
import type { EventStore, ReadOptions, StoredEvent } from '@dutyledger/event-store/event-store';

/** As much of an event store as the relay needs, in memory, and able to fail. */
export class EventLog implements Pick<EventStore, 'subscribe' | 'head' | 'readStream'> {
  events: StoredEvent[] = [];
  #failure: Error | undefined;
  #changed = Promise.withResolvers<void>();

  record(stream: string, data: unknown): StoredEvent {
    const position = (this.events.at(-1)?.position ?? 0) + 3;
    const event: StoredEvent = {
      id: randomUUID(),
      type: 'Noted',
      version: 1,
      data,
      metadata: {
        actor: { subject: 'u-1', name: '张三', organ: null, role: 'ORGAN_REGISTRAR' },
        reason: '登记',
        basis: [],
        commandId: 'c',
        commandDigest: 'd',
        correlationId: 'work',
        causationId: 'c',
        division: '370114000000',
        effectiveAt: '2026-03-01',
      },
      stream,
      revision: this.events.filter((other) => other.stream === stream).length,
      position,
      recordedAt: '2026-03-01T00:00:00.000Z',
    };
    this.events.push(event);
    this.#notify();
    return event;
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  /** Ends the subscriptions and answers nothing any more, until it is called without an error. */
  fail(error?: Error): void {
    this.#failure = error;
    this.#notify();
  }

  async head(): Promise<number> {
    if (this.#failure) throw this.#failure;
    return this.events.at(-1)?.position ?? 0;
  }

  async *readStream(stream: string, { from = 0, to = Number.POSITIVE_INFINITY }: ReadOptions = {}) {
    const found = this.events.filter((event) => event.stream === stream);
    const page = found.filter(({ revision }) => revision >= from && revision <= to);
    if (page.length > 0) yield page;
  }

  subscribe: EventStore['subscribe'] = ({ after = 0, prefix = '' }, handler) => {
    const caughtUp = Promise.withResolvers<void>();
    let position = after;
    let stopped = false;
    const run = async () => {
      while (!stopped) {
        const page = this.events
          .filter((event) => event.position > position && event.stream.startsWith(prefix))
          .slice(0, 3);
        const last = page.at(-1);
        if (last) {
          await handler(page);
          position = last.position;
        } else {
          caughtUp.resolve();
          await this.#changed.promise;
        }
        if (this.#failure) throw this.#failure;
      }
    };
    const ended = run();
    ended.catch(() => undefined);
    return {
      caughtUp: caughtUp.promise,
      ended,
      stop: async () => {
        stopped = true;
        this.#notify();
        await ended.catch(() => undefined);
      },
    };
  };
}
