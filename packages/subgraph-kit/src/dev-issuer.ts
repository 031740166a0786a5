import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { type CallerVerifier, jwtVerifier, type Role } from './identity.ts';

const ISSUER = 'dutyledger-development';
const AUDIENCE = 'dutyledger';
const KEY_FILE = 'development-issuer.json';

export interface DevelopmentToken {
  roles: readonly Role[];
  /** Default 000000000000, the whole country. */
  division?: string;
  organ?: string | null;
  subject?: string;
  name?: string;
  /** Default 12 hours. Negative values make expired tokens for tests. */
  lifetimeSeconds?: number;
}

/** The platform's own issuer for development and trials. Its verifier is refused by a production server. */
export interface DevIssuer {
  issue(token: DevelopmentToken): Promise<string>;
  verifier: CallerVerifier;
}

/** Two processes that start at once end up with the same key: the first link wins, and a file is never half written. */
async function createKey(dataDir: string): Promise<JWK> {
  const path = join(dataDir, KEY_FILE);
  await mkdir(dataDir, { recursive: true });
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return JSON.parse(await readFile(path, 'utf8')) as JWK;
}

/** Opens the issuer whose key pair (ES256) is kept in `dataDir`, readable by its owner alone; makes it when missing. */
export async function devIssuer(dataDir: string): Promise<DevIssuer> {
  const { d, ...publicPart } = await readKey(dataDir);
  const privateKey = await importJWK({ ...publicPart, d }, 'ES256');
  const publicKey = await importJWK(publicPart, 'ES256');
  return {
    issue: ({ roles, division, organ, subject, name, lifetimeSeconds = 12 * 3600 }) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({
        name: name ?? '开发用户 Developer',
        organ: organ ?? null,
        division: division ?? '000000000000',
        roles: [...roles],
      })
        .setProtectedHeader({ alg: 'ES256' })
        .setSubject(subject ?? 'developer')
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(privateKey);
    },
    verifier: jwtVerifier(async () => publicKey, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      development: true,
    }),
  };
}

async function readKey(dataDir: string): Promise<JWK> {
  try {
    return JSON.parse(await readFile(join(dataDir, KEY_FILE), 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return createKey(dataDir);
  }
}
