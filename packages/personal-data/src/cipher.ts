import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { WRAPPED_BYTES } from './key-store.ts';
import type { MasterKey } from './master-keys.ts';

/**
 * AES-256-GCM as it is used here: a random nonce per message, the place of the value bound to it. Keys are made KeyObjects
 * before they are used: with bare bytes every operation of Node's takes four times as long.
 */

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
const ID = 8;
export const KEY = 32;

/** Texts are filled up to multiples of this, so that their length says little. */
const BLOCK = 64;

const TEXT_FORMAT = 'v1.';
const BYTES_FORMAT = 1;

/** A sealed value that is not what was sealed, or not in this place. */
export class SealBrokenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealBrokenError';
  }
}

function encrypt(key: KeyObject, place: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  if (sealed.length < NONCE + TAG) throw new SealBrokenError('a sealed value is cut off');
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
  } catch (cause) {
    throw new SealBrokenError('a sealed value was changed, or belongs elsewhere', { cause });
  }
}

/** One secret, several uses: none of them says anything of another. */
const derived = (key: Uint8Array, use: string): KeyObject => {
  const secret = createSecretKey(key);
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `dutyledger ${use}`, KEY)));
};

/** What texts of a person are sealed with, out of the person's key. */
export const textKey = (key: Uint8Array): KeyObject => derived(key, 'text');

const placeOf = (owner: string, field: string): string => JSON.stringify(['sealed', 1, owner, field]);

/** `key`: of `textKey`. */
export function sealText(key: KeyObject, owner: string, field: string, text: string): string {
  const plain = Buffer.from(text);
  const filled = Buffer.alloc((Math.floor(plain.length / BLOCK) + 1) * BLOCK);
  plain.copy(filled);
  filled[plain.length] = 0x80;
  return TEXT_FORMAT + encrypt(key, placeOf(owner, field), filled).toString('base64url');
}

/** `key`: of `textKey`. Throws SealBrokenError. */
export function openText(key: KeyObject, owner: string, field: string, sealed: string): string {
  if (!sealed.startsWith(TEXT_FORMAT)) throw new SealBrokenError('a sealed value of an unknown format');
  const bytes = Buffer.from(sealed.slice(TEXT_FORMAT.length), 'base64url');
  const filled = decrypt(key, placeOf(owner, field), bytes);
  return filled.toString('utf8', 0, filled.lastIndexOf(0x80));
}

export const sealBytes = (key: Uint8Array, owner: string, plain: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(BYTES_FORMAT), encrypt(derived(key, 'bytes'), placeOf(owner, 'bytes'), plain)]);

/** Throws SealBrokenError. */
export function openBytes(key: Uint8Array, owner: string, sealed: Uint8Array): Buffer {
  if (sealed[0] !== BYTES_FORMAT) throw new SealBrokenError('sealed bytes of an unknown format');
  return decrypt(derived(key, 'bytes'), placeOf(owner, 'bytes'), sealed.subarray(1));
}

/** A keyed hash: equal texts have equal ones, and without the key nothing can be told from it. */
export const keyedHash = (key: Uint8Array, use: string, text: string): Buffer =>
  createHmac('sha256', derived(key, `hash of ${use}`))
    .update(text)
    .digest();

export function wrap({ id, key }: MasterKey, owner: string, secret: Uint8Array): Buffer {
  return Buffer.concat([id, encrypt(createSecretKey(key), JSON.stringify(['key', 1, owner]), secret)]);
}

export const wrappedBy = (wrapped: Uint8Array): Buffer => Buffer.from(wrapped.subarray(0, ID));

/** Throws SealBrokenError. */
export function unwrap({ key }: MasterKey, owner: string, wrapped: Uint8Array): Buffer {
  if (wrapped.length !== WRAPPED_BYTES) throw new SealBrokenError('a wrapped key has the wrong length');
  return decrypt(createSecretKey(key), JSON.stringify(['key', 1, owner]), wrapped.subarray(ID));
}
