import { describe, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const good = {
  EVENTSTORE_URL: 'sqlite:events.db',
  READSTORE_URL: 'sqlite:read.db',
  BUS_URL: 'sqlite:bus.db',
  INTERNAL_TOKEN_SECRET: 'x'.repeat(32),
};
const mistakes = (env: NodeJS.ProcessEnv): string[] => {
  const read = readSettings(env, 4002);
  return 'mistakes' in read ? read.mistakes : [];
};

describe('settings', () => {
  test('the least that is needed, behind the gateway and directly', () => {
    expect(readSettings(good, 4002)).toMatchObject({
      eventStore: 'sqlite:events.db',
      host: '127.0.0.1',
      port: 4002,
      production: false,
      logLevel: 'info',
      tokens: { secret: good.INTERNAL_TOKEN_SECRET },
    });
    const { INTERNAL_TOKEN_SECRET: _, ...direct } = good;
    const oidc = { OIDC_ISSUER: 'https://issuer.test', OIDC_AUDIENCE: 'dutyledger', NODE_ENV: 'production' };
    expect(readSettings({ ...direct, ...oidc }, 4002)).toMatchObject({
      production: true,
      tokens: { issuer: 'https://issuer.test', audience: 'dutyledger' },
    });
  });
  test('every mistake is named once', () => {
    const found = mistakes({ PORT: '80x', LOG_LEVEL: 'loud' });
    const named = [
      'EVENTSTORE_URL',
      'READSTORE_URL',
      'BUS_URL',
      'PORT',
      'LOG_LEVEL',
      'INTERNAL_TOKEN_SECRET',
    ];
    expect(found).toHaveLength(named.length);
    for (const [i, name] of named.entries()) expect(found[i]).toContain(name);
  });
  test('a short secret, and two ways of telling callers at once', () => {
    expect(mistakes({ ...good, INTERNAL_TOKEN_SECRET: 'short' })).toHaveLength(1);
    expect(mistakes({ ...good, OIDC_ISSUER: 'https://issuer.test', OIDC_AUDIENCE: 'a' })).toHaveLength(1);
  });
});
