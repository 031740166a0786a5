import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import { BusError, type BusPosition, MAX_MESSAGE_BYTES, type SubscribeOptions } from './bus.ts';

/** What every adapter accepts and refuses, so that what runs on SQLite runs on Kafka. */

/** Kafka takes 249 characters; with the prefix of the installation and of the bus's own topics this leaves room. */
const NAME = /^[a-zA-Z0-9._-]{1,180}$/;
const MAX_KEY_LENGTH = 512;

/** A message that was checked, its event as JSON. */
export interface SerializedMessage {
  topic: string;
  key: string;
  /** Of the event. */
  id: string;
  event: string;
}

/** Throws INVALID unless `name` can be a topic, group or publisher. */
export function checkName(what: 'topic' | 'group' | 'publisher', name: string): void {
  if (!NAME.test(name)) {
    throw new BusError(
      'INVALID',
      `${what} ${JSON.stringify(name)}: 1 to 180 of a-z, A-Z, 0-9, ".", "_", "-"`,
    );
  }
}

/** Throws INVALID unless `key` is well-formed text of 1 to 512 characters without control characters. */
function checkKey(key: string): void {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH || !key.isWellFormed() || /\p{Cc}/u.test(key)) {
    throw new BusError('INVALID', `key ${JSON.stringify(key.slice(0, 80))}: 1 to 512 printable characters`);
  }
}

/** Throws INVALID for a topic or key that cannot be, TOO_LARGE for an event over 1 MiB. */
export function serialized({ topic, key, event }: OutgoingMessage): SerializedMessage {
  checkName('topic', topic);
  checkKey(key);
  const text = JSON.stringify(event);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new BusError('TOO_LARGE', `event ${event.id} has ${bytes} bytes, ${MAX_MESSAGE_BYTES} are allowed`);
  }
  return { topic, key, id: event.id, event: text };
}

/** The options with their defaults; throws INVALID for those that cannot be. */
export function checkedSubscription(options: SubscribeOptions): Required<SubscribeOptions> {
  const { group, topics, attempts = 5, pauseMs = 100 } = options;
  checkName('group', group);
  for (const topic of topics) checkName('topic', topic);
  if (topics.length === 0) throw new BusError('INVALID', 'a subscription needs at least one topic');
  if (!(Number.isInteger(attempts) && attempts >= 1)) throw new BusError('INVALID', 'attempts: 1 or more');
  if (!(pauseMs >= 0)) throw new BusError('INVALID', 'pauseMs: 0 or more');
  return { group, topics, attempts, pauseMs };
}

/** Throws INVALID unless the reason says something. */
export function checkReason(reason: string): void {
  if (reason.trim() === '') throw new BusError('INVALID', 'a message is discarded for a reason');
}

/** Throws OUT_OF_RANGE unless every part of the position is there and reaches that far. */
export function checkPosition(
  from: BusPosition,
  topic: string,
  parts: ReadonlyMap<string, { low: number; high: number }>,
): void {
  for (const [part, place] of Object.entries(from)) {
    const { low, high } = parts.get(part) ?? { low: 1, high: 0 };
    if (Number.isSafeInteger(place) && place >= low && place <= high) continue;
    throw new BusError('OUT_OF_RANGE', `topic ${topic} does not hold place ${place} of its part ${part}`);
  }
}
