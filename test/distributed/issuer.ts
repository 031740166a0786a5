import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Issuer {
  url: string;
  /** Good for an hour. */
  token(roles: readonly string[]): string;
  stop(): Promise<void>;
}

export const AUDIENCE = 'dutyledger';

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** An OpenID provider: its discovery document, its keys, and tokens for tests. */
export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'ES256', use: 'sig' };
  const server = createServer((request, response) => {
    const discovered = { issuer: url, jwks_uri: `${url}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/keys' ? { keys: [jwk] } : discovered));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token(roles) {
      const now = Math.floor(Date.now() / 1_000);
      const person = { sub: 'tester', name: '测试员', organ: null, division: '370114000000', roles };
      const claims = { ...person, iss: url, aud: AUDIENCE, iat: now, exp: now + 3_600 };
      const signed = [{ alg: 'ES256', kid: 'test' }, claims].map(encoded).join('.');
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
