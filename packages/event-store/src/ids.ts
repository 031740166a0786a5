import { hash } from 'node:crypto';

/** Root of all names made here; never changes, or retried commands would no longer be recognised. */
const NAMESPACE = Buffer.from('5f0c1c0e6d6b4f0e9f3a2b7d4c8e1a90', 'hex');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether the text is a UUID in its usual lower-case spelling, the only one in which event ids are accepted. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** Name-based UUID (RFC 9562, version 5): the same parts always give the same id. */
export function uuidFrom(...parts: readonly (string | number)[]): string {
  const name = Buffer.from(JSON.stringify(parts));
  const bytes = hash('sha1', Buffer.concat([NAMESPACE, name]), 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
