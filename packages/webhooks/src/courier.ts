import type { EventStore } from '@dutyledger/event-store/event-store';
import { type Clock, systemClock } from '@dutyledger/timers/clock';
import type { Logger } from 'pino';
import { type AllowedTargets, NOTHING_ALLOWED } from './addresses.ts';
import type { Book } from './book.ts';
import { Lane, type LaneParts } from './lane.ts';
import { type Attempt, openSender } from './send.ts';
import { Slots } from './slots.ts';

/**
 * Endpoints of one service. Fewer than there are places for letters on their way: a failing endpoint takes one of them,
 * so that however many fail, there are some left for the others.
 */
export const MOST_ENDPOINTS = 100;
const AT_A_TIME = 128;
const PAUSE_MS = 1_000;

export interface CourierOptions {
  book: Book;
  events: Pick<EventStore, 'subscribe' | 'head'>;
  /** Streams of the service in the event store. */
  prefix: string;
  /** Types of events that are told to endpoints. */
  types: readonly string[];
  /** Types of events that change endpoints or what waits for them. */
  wakes: readonly string[];
  /** Resolves when the book knows everything up to a position; rejects when the signal is aborted. */
  shown(position: number, signal: AbortSignal): Promise<void>;
  logger: Logger;
  /** Default: public addresses over https alone. */
  allowed?: AllowedTargets | undefined;
  clock?: Clock | undefined;
  /** From 0 to below 1; default Math.random. */
  random?: (() => number) | undefined;
  /** Milliseconds until an attempt is given up. Default 15,000. */
  timeoutMs?: number | undefined;
  observe?: ((attempt: Attempt) => void) | undefined;
}

/**
 * Sends what a service tells to every endpoint of its book until the signal is aborted. At least once: what was sent and
 * not yet recorded is sent again, with the same id, by whoever goes on. One process does it at a time, for economy: two
 * would send twice and lose nothing.
 */
export async function runCourier(options: CourierOptions, signal: AbortSignal): Promise<void> {
  const { allowed = NOTHING_ALLOWED, clock = systemClock, random = Math.random, timeoutMs } = options;
  const sender = openSender(allowed, timeoutMs);
  const { book, events, prefix, types, logger, observe = () => undefined } = options;
  const slots = new Slots(() => AT_A_TIME);
  const parts = { book, events, prefix, types, sender, slots, clock, random, logger, observe };
  const lanes = new Map<string, Lane>();
  try {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await followBook(options, lanes, parts, signal);
      } catch (err) {
        if (!signal.aborted) logger.warn({ err }, 'webhooks: endpoints cannot be followed; trying again');
      }
      await pause(Math.min(PAUSE_MS * 2 ** failures, 30 * PAUSE_MS), signal);
    }
  } finally {
    await Promise.allSettled(Array.from(lanes.values(), (lane) => lane.stop()));
    sender.close();
  }
}

/** A lane per endpoint, as the book says, anew whenever it has changed. */
async function followBook(
  { events, book, prefix, wakes, shown }: CourierOptions,
  lanes: Map<string, Lane>,
  parts: LaneParts,
  signal: AbortSignal,
): Promise<void> {
  const look = async (position: number): Promise<void> => {
    await shown(position, signal);
    const endpoints = new Map((await book.endpoints()).map((endpoint) => [endpoint.id, endpoint]));
    for (const [id, lane] of lanes) {
      if (endpoints.has(id)) continue;
      lanes.delete(id);
      await lane.stop();
    }
    for (const [id, endpoint] of endpoints) {
      const lane = lanes.get(id);
      if (lane) lane.wake(endpoint);
      else lanes.set(id, new Lane(endpoint, parts));
    }
  };
  const after = await events.head();
  await look(after);
  const subscription = events.subscribe({ after, prefix, types: wakes }, (page) =>
    look(page.at(-1)?.position ?? after),
  );
  const stop = (): void => void subscription.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await subscription.ended.finally(() => signal.removeEventListener('abort', stop));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
