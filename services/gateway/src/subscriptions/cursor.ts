import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { BusPosition } from '@dutyledger/bus/bus';

/** Cursors of subscriptions: a place in the log of a topic, opaque to callers and sealed against changes. */
export interface Cursors {
  seal(topic: string, position: BusPosition): string;
  /** Undefined when it is no cursor of this topic, or was changed. */
  open(topic: string, cursor: string): BusPosition | undefined;
}

const SEAL_BYTES = 16;
const LONGEST = 20_000;

/** All gateways with the same secret take each other's cursors. */
export function cursors(secret: string | Uint8Array): Cursors {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'subscription cursors', 32));
  const sealOf = (topic: string, body: Buffer): Buffer =>
    createHmac('sha256', key).update(`${topic}\n`).update(body).digest().subarray(0, SEAL_BYTES);
  /** A position is sealed once, however many clients are told of it. */
  const sealed = new WeakMap<BusPosition, { topic: string; cursor: string }>();
  const seal = (topic: string, position: BusPosition): string => {
    const body = Buffer.from(JSON.stringify(position));
    return Buffer.concat([sealOf(topic, body), body]).toString('base64url');
  };
  return {
    seal(topic, position) {
      const known = sealed.get(position);
      if (known?.topic === topic) return known.cursor;
      const cursor = seal(topic, position);
      sealed.set(position, { topic, cursor });
      return cursor;
    },
    open(topic, cursor) {
      if (cursor.length > LONGEST || !/^[\w-]+$/.test(cursor)) return undefined;
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= SEAL_BYTES || bytes.toString('base64url') !== cursor) return undefined;
      const body = bytes.subarray(SEAL_BYTES);
      if (!timingSafeEqual(bytes.subarray(0, SEAL_BYTES), sealOf(topic, body))) return undefined;
      return JSON.parse(body.toString()) as BusPosition;
    },
  };
}
