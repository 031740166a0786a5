import { BusError } from './bus.ts';

/** Names that every adapter accepts, so that what runs on SQLite runs on Kafka. */
const NAME = /^[a-zA-Z0-9._-]{1,249}$/;
const MAX_KEY_LENGTH = 512;

/** Throws INVALID unless `name` can be a topic, group or checkpoint. */
export function checkName(what: 'topic' | 'group' | 'checkpoint', name: string): void {
  if (!NAME.test(name)) {
    throw new BusError(
      'INVALID',
      `${what} ${JSON.stringify(name)}: 1 to 249 of a-z, A-Z, 0-9, ".", "_", "-"`,
    );
  }
}

/** Throws INVALID unless `key` is well-formed text of 1 to 512 characters without control characters. */
export function checkKey(key: string): void {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH || !key.isWellFormed() || /\p{Cc}/u.test(key)) {
    throw new BusError('INVALID', `key ${JSON.stringify(key.slice(0, 80))}: 1 to 512 printable characters`);
  }
}
