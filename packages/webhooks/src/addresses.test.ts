import type { lookup } from 'node:dns';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  guardedLookup,
  NOTHING_ALLOWED,
  PrivateAddressError,
  readAllowedTargets,
  urlProblem,
} from './addresses.ts';

const PRIVATE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.100.100.200',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
  'fc00::1',
  'fe80::1',
  'ff02::1',
];
const PUBLIC = ['8.8.8.8', '114.114.114.114', '2400:3200::1'];

/** A resolver that knows these addresses for every name. */
const resolver = (addresses: readonly string[]): typeof lookup =>
  ((_: string, __: object, callback: (error: null, found: object[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

const resolved = (addresses: readonly string[], allowed = NOTHING_ALLOWED, host = 'receiver.example') =>
  new Promise<string[]>((resolve, reject) => {
    guardedLookup(allowed, resolver(addresses))(host, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve((found as { address: string }[]).map(({ address }) => address));
    });
  });

test('a name is connected to at its public addresses alone', async () => {
  for (const address of PRIVATE) await expect(resolved([address])).rejects.toThrow(PrivateAddressError);
  for (const address of PUBLIC) expect(await resolved([address])).toEqual([address]);
  expect(await resolved([...PRIVATE, ...PUBLIC])).toEqual(PUBLIC);
});

test('an operator allows names, addresses and ranges, and those alone', async () => {
  const allowed = readAllowedTargets('10.1.0.0/16, 192.168.1.1\nreceiver.intra, fc00::/7');
  expect(await resolved(['10.1.2.3', '10.2.0.1', '192.168.1.1', '192.168.1.2', 'fc00::1'], allowed)).toEqual([
    '10.1.2.3',
    '192.168.1.1',
    'fc00::1',
  ]);
  expect(await resolved(['127.0.0.1'], allowed, 'receiver.intra')).toEqual(['127.0.0.1']);
  expect(urlProblem('http://receiver.intra/x', allowed)).toBeUndefined();
  expect(urlProblem('http://10.1.2.3/x', allowed)).toBeUndefined();
  expect(urlProblem('http://10.2.0.1/x', allowed)).toBe('PRIVATE');
  expect(urlProblem('http://8.8.8.8/x', allowed)).toBe('NOT_HTTPS');
  for (const wrong of ['10.1.0.0/64', 'http://x', 'a b_c!', '*.example']) {
    expect(() => readAllowedTargets(wrong)).toThrow(/not a host name/);
  }
});

test('a URL with a private address is refused in each of its spellings', () => {
  const spellings = fc.constantFrom(
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:7f00:1]',
    'localhost',
    'LOCALHOST.',
    'db.internal',
    'x.localhost',
    '１２７.0.0.1',
  );
  fc.assert(
    fc.property(
      spellings,
      fc.constantFrom('https', 'http'),
      fc.nat({ max: 65_535 }),
      (host, scheme, port) => {
        expect(urlProblem(`${scheme}://${host}:${port}/hook`, NOTHING_ALLOWED)).toBe('PRIVATE');
      },
    ),
  );
  for (const address of PRIVATE) {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(urlProblem(`https://${host}/`, NOTHING_ALLOWED)).toBe('PRIVATE');
  }
  expect(urlProblem('https://receiver.example:8443/hook?a=b', NOTHING_ALLOWED)).toBeUndefined();
});
