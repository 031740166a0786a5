import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { editor, temporaryFolder, testSubgraph, tokens } from '../test/fixture.ts';
import { devIssuer } from './dev-issuer.ts';
import { assertFitForProduction, type CallerVerifier } from './identity.ts';
import { internalTokens } from './internal-tokens.ts';
import { oidcVerifier } from './oidc.ts';

const SECRET = new TextEncoder().encode('a secret of the tests, 32 bytes or more');

/** An internal token with some of its content replaced. */
const forge = (changes: Record<string, unknown>, header = { alg: 'HS256' }, key = SECRET) =>
  new SignJWT({
    sub: editor.subject,
    name: editor.name,
    organ: editor.organ,
    division: editor.division,
    roles: editor.roles,
    iss: 'dutyledger-gateway',
    aud: 'dutyledger-subgraphs',
    exp: Math.floor(Date.now() / 1000) + 60,
    ...changes,
  })
    .setProtectedHeader(header)
    .sign(key);

async function reason(authorization: string | undefined, verifier: CallerVerifier = tokens.verifier) {
  const verified = await verifier.verify(authorization);
  if (verified.ok) return verified.caller;
  expect(verified.refusal.message['zh-CN']).not.toBe(verified.refusal.message.en);
  return verified.refusal.details?.['reason'] ?? verified.refusal.code;
}

describe('internal tokens', () => {
  test('carry the caller as it is', async () => {
    expect(await reason(`Bearer ${await tokens.sign(editor)}`)).toEqual(editor);
    const nobody = { ...editor, organ: null };
    expect(await reason(`bearer ${await tokens.sign(nobody)}`)).toEqual(nobody);
  });

  test('every unfit token is refused for its own reason', async () => {
    const other = new TextEncoder().encode('another secret that is not the one we know');
    const unsigned = new UnsecuredJWT({ sub: 'x', roles: ['SYSTEM_ADMIN'] }).encode();
    const good = await tokens.sign(editor);
    const [head, , signature] = good.split('.');
    const altered = Buffer.from(JSON.stringify({ sub: 'boss', roles: ['SYSTEM_ADMIN'] })).toString(
      'base64url',
    );
    const cases: [string | undefined, string][] = [
      [undefined, 'missing'],
      ['', 'missing'],
      ['Basic dXNlcjpwYXNz', 'malformed'],
      ['Bearer', 'malformed'],
      ['Bearer abc', 'malformed'],
      ['Bearer a.b.c', 'malformed'],
      [`Bearer ${unsigned}`, 'unsigned'],
      [`Bearer ${head}.${altered}.`, 'unsigned'],
      [`Bearer ${head}.${altered}.${signature}`, 'forged'],
      [`Bearer ${await forge({}, { alg: 'HS256' }, other)}`, 'forged'],
      [`Bearer ${await forge({}, { alg: 'HS512' })}`, 'forged'],
      [`Bearer ${await forge({ exp: 1 })}`, 'expired'],
      [`Bearer ${await forge({ exp: undefined })}`, 'claims'],
      [`Bearer ${await forge({ nbf: 4_000_000_000 })}`, 'not-yet'],
      [`Bearer ${await forge({ aud: 'other' })}`, 'audience'],
      [`Bearer ${await forge({ iss: 'other' })}`, 'issuer'],
      [`Bearer ${await forge({ roles: ['EMPEROR'] })}`, 'role'],
      [`Bearer ${await forge({ roles: [] })}`, 'role'],
      [`Bearer ${await forge({ sub: undefined })}`, 'claims'],
      [`Bearer ${await forge({ name: '' })}`, 'claims'],
      [`Bearer ${await forge({ organ: 7 })}`, 'claims'],
      [`Bearer ${await forge({ division: '370114' })}`, 'claims'],
    ];
    for (const [authorization, expected] of cases) {
      expect(await reason(authorization), authorization ?? 'none').toBe(expected);
    }
  });

  test('a token that was found good is remembered until it expires, and no other is taken for it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const exp = Math.floor(Date.now() / 1000) + 10;
    const good = `Bearer ${await forge({ exp })}`;
    const caller = await reason(good);
    expect(await reason(good)).toBe(caller);
    expect(await reason(`${good.slice(0, -4)}AAAA`)).toBe('forged');
    vi.setSystemTime((exp + 1) * 1000);
    expect(await reason(good)).toBe('expired');
  });

  test('a short secret is refused', () => {
    expect(() => internalTokens('short')).toThrow(/32.*5/);
  });
});

describe('development issuer', () => {
  test('keeps one key pair, readable by its owner alone, also when opened twice at once', async () => {
    const folder = temporaryFolder();
    const [one, two] = await Promise.all([devIssuer(folder), devIssuer(folder)]);
    const three = await devIssuer(folder);
    const token = await one.issue({ roles: ['AUDITOR'], division: '370114000000', subject: 'a', name: 'A' });
    const expected = { subject: 'a', name: 'A', organ: null, division: '370114000000', roles: ['AUDITOR'] };
    for (const { verifier } of [one, two, three]) {
      expect(await reason(`Bearer ${token}`, verifier)).toEqual(expected);
    }
    expect(statSync(join(folder, 'development-issuer.json')).mode & 0o777).toBe(0o600);
  });

  test('issues tokens with a lifetime, and those of another data folder are forged', async () => {
    const here = await devIssuer(temporaryFolder());
    const there = await devIssuer(temporaryFolder());
    const expired = await here.issue({ roles: ['AUDITOR'], lifetimeSeconds: -10 });
    expect(await reason(`Bearer ${expired}`, here.verifier)).toBe('expired');
    const foreign = await there.issue({ roles: ['AUDITOR'] });
    expect(await reason(`Bearer ${foreign}`, here.verifier)).toBe('forged');
  });

  test('production refuses to start with it', async () => {
    const { verifier } = await devIssuer(temporaryFolder());
    expect(() => assertFitForProduction(verifier, false)).not.toThrow();
    const sdl = 'type Query { a: Int @access(roles: [AUDITOR]) }';
    const start = testSubgraph(sdl, { Query: { a: () => 1 } }, { verifier, production: true });
    await expect(start).rejects.toThrow(/开发令牌.*OIDC/);
  });
});

describe('OIDC', () => {
  async function provider() {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      const body = request.url?.endsWith('/jwks')
        ? { keys: [jwk] }
        : { issuer: url(), jwks_uri: `${url()}/jwks` };
      response.end(JSON.stringify(body));
    });
    const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    const issue = (audience = 'dutyledger', kid = 'k1') =>
      new SignJWT({ name: editor.name, organ: editor.organ, division: editor.division, roles: ['AUDITOR'] })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setSubject(editor.subject)
        .setIssuer(url())
        .setAudience(audience)
        .setExpirationTime('1m')
        .sign(privateKey);
    return { issuer: url(), issue };
  }

  test('takes the keys from the discovery document and checks audience and key', async () => {
    const { issuer, issue } = await provider();
    const verifier = oidcVerifier({ issuer, audience: 'dutyledger' });
    expect(verifier.development).toBe(false);
    expect(await reason(`Bearer ${await issue()}`, verifier)).toEqual({ ...editor, roles: ['AUDITOR'] });
    expect(await reason(`Bearer ${await issue('another')}`, verifier)).toBe('audience');
    expect(await reason(`Bearer ${await issue('dutyledger', 'k2')}`, verifier)).toBe('forged');
  });

  test('a provider that is out of reach is UNAVAILABLE', async () => {
    const { issue } = await provider();
    const verifier = oidcVerifier({ issuer: 'http://127.0.0.1:9', audience: 'dutyledger' });
    expect(await reason(`Bearer ${await issue()}`, verifier)).toBe('UNAVAILABLE');
  });
});
