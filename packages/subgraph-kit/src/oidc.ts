import { createRemoteJWKSet } from 'jose';
import { type CallerVerifier, jwtVerifier } from './identity.ts';

export interface OidcOptions {
  /** Issuer URL; its discovery document is at `<issuer>/.well-known/openid-configuration`. */
  issuer: string;
  audience: string;
  /** URL of the key set, for issuers without a discovery document. */
  jwksUri?: string;
}

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { jwks_uri: uri, issuer: named } = (await response.json()) as { jwks_uri?: string; issuer?: string };
  if (typeof uri !== 'string' || named !== issuer) {
    throw new Error(`${url} is not the discovery document of ${issuer}`);
  }
  return uri;
}

/**
 * Verifies tokens of an OpenID provider. Keys are fetched when first needed and kept; a provider that is out of reach
 * answers UNAVAILABLE until it is back, so that start order does not matter.
 */
export function oidcVerifier({ issuer, audience, jwksUri }: OidcOptions): CallerVerifier {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return jwtVerifier(
    async (header, token) => {
      keys ??= createRemoteJWKSet(new URL(jwksUri ?? (await discover(issuer))));
      return keys(header, token);
    },
    { issuer, audience, algorithms: ALGORITHMS, development: false },
  );
}
