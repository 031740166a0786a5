import { SignJWT } from 'jose';
import { type Caller, type CallerVerifier, jwtVerifier } from './identity.ts';

const ISSUER = 'dutyledger-gateway';
const AUDIENCE = 'dutyledger-subgraphs';
const LIFETIME_SECONDS = 60;

/** Carries a caller that the gateway has verified to the subgraphs, each of which verifies again. */
export interface InternalTokens {
  /** A token good for 60 seconds, to be sent as `Bearer`. */
  sign(caller: Caller): Promise<string>;
  verifier: CallerVerifier;
}

/** HS256 over a secret that gateway and subgraphs share (INTERNAL_TOKEN_SECRET). Throws below 32 bytes. */
export function internalTokens(secret: string | Uint8Array): InternalTokens {
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (key.length < 32) {
    throw new Error(
      `INTERNAL_TOKEN_SECRET 至少需要 32 字节，现为 ${key.length}。 / INTERNAL_TOKEN_SECRET needs at least 32 bytes, it has ${key.length}.`,
    );
  }
  return {
    sign: ({ subject, name, organ, division, roles }) =>
      new SignJWT({ name, organ, division, roles: [...roles] })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_SECONDS}s`)
        .sign(key),
    verifier: jwtVerifier(async () => key, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      development: false,
    }),
  };
}
