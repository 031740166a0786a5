import { describe, expect, test } from 'vitest';
import { readGatewaySettings } from './settings.ts';

const SDL =
  'enum join__Graph { LISTS @join__graph(name: "lists", url: "x") STAFFING @join__graph(name: "staffing", url: "y") }';
const good = {
  SUBGRAPHS: 'lists=http://a:4001/graphql|http://b:4001/graphql, staffing=http://c:4002/graphql',
  BUS_URL: 'kafka://d:9092',
  INTERNAL_TOKEN_SECRET: 'x'.repeat(32),
  OIDC_ISSUER: 'https://issuer.test',
  OIDC_AUDIENCE: 'dutyledger',
};
const mistakes = (env: NodeJS.ProcessEnv): string[] => {
  const read = readGatewaySettings(env, SDL, 4000);
  return 'mistakes' in read ? read.mistakes : [];
};

describe('settings of the gateway', () => {
  test('the least that is needed, with several instances of a service', () => {
    expect(readGatewaySettings({ ...good, OIDC_JWKS_URI: 'https://issuer.test/keys' }, SDL, 4000)).toEqual({
      subgraphs: {
        lists: ['http://a:4001/graphql', 'http://b:4001/graphql'],
        staffing: ['http://c:4002/graphql'],
      },
      bus: good.BUS_URL,
      secret: good.INTERNAL_TOKEN_SECRET,
      oidc: { issuer: 'https://issuer.test', audience: 'dutyledger', jwksUri: 'https://issuer.test/keys' },
      host: '127.0.0.1',
      port: 4000,
      production: false,
      logLevel: 'info',
    });
  });

  test('every mistake is named once, in both languages', () => {
    const found = mistakes({ PORT: '70000', OIDC_ISSUER: 'issuer' });
    const named = ['SUBGRAPHS', 'BUS_URL', 'INTERNAL_TOKEN_SECRET', 'OIDC_AUDIENCE', 'OIDC_ISSUER', 'PORT'];
    expect(found).toHaveLength(named.length);
    for (const [at, name] of named.entries()) expect(found[at]).toMatch(new RegExp(`^${name}.*。 / ${name}`));
  });

  test.each([
    ['lists=http://a/graphql', /SUBGRAPHS lacks staffing/],
    ['lists=http://a/graphql,staffing=c:4002', /wrong at "staffing=c:4002"/],
    ['lists=http://a/graphql,staffing=http://c,lists=http://b', /wrong at "lists=http:\/\/b"/],
    ['lists=http://a/graphql,staffing=http://c,others=http://b', /wrong at "others=http:\/\/b"/],
  ])('%s is refused', (SUBGRAPHS, message) => {
    expect(mistakes({ ...good, SUBGRAPHS })).toEqual([expect.stringMatching(message)]);
  });
});
