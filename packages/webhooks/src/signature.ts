import { createHmac } from 'node:crypto';

/** Signatures of Standard Webhooks (v1, symmetric): HMAC-SHA256 over `id.timestamp.body`. */

/** A secret as its receiver is given it. */
export const secretText = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

/**
 * The headers of one attempt. There is a signature by each secret, so that a receiver that knows any one of them
 * verifies it; at least one is needed. `timestamp`: of this attempt; receivers refuse old ones.
 */
export function signedHeaders(
  { id, body }: { id: string; body: string },
  timestamp: Date,
  secrets: readonly Buffer[],
): Record<string, string> {
  if (secrets.length === 0) throw new Error(`${id}: there is no secret to sign with`);
  const seconds = String(Math.floor(timestamp.getTime() / 1_000));
  const signed = `${id}.${seconds}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
  };
}
