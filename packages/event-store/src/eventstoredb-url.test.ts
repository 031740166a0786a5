import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAddress } from './eventstoredb-url.ts';

test('one node is named by host and port, 2113 when left out', () => {
  expect(readAddress('esdb://127.0.0.1:2114?tls=false')).toMatchObject({
    name: 'esdb://127.0.0.1:2114',
    settings: { endpoint: '127.0.0.1:2114' },
    channel: { insecure: true },
    credentials: undefined,
  });
  expect(readAddress('KurrentDB://events').settings).toMatchObject({ endpoint: 'events:2113' });
  expect(readAddress('kurrentdb://[::1]:2200/').settings).toMatchObject({ endpoint: '[::1]:2200' });
});

test('several nodes, and a name to be looked up', () => {
  expect(readAddress('esdb://a,b:1,c?maxDiscoverAttempts=3').settings).toMatchObject({
    maxDiscoverAttempts: 3,
    endpoints: [
      { address: 'a', port: 2113 },
      { address: 'b', port: 1 },
      { address: 'c', port: 2113 },
    ],
  });
  const { name, settings } = readAddress(
    'kurrentdb+discover://cluster.local?gossipTimeout=5000&keepAliveInterval=20000',
  );
  expect(name).toBe('esdb+discover://cluster.local:2113');
  expect(settings).toMatchObject({
    discover: { address: 'cluster.local', port: 2113 },
    gossipTimeout: 5,
    keepAliveInterval: 20_000,
  });
});

test('credentials are decoded and appear in no message', () => {
  const { credentials, name } = readAddress('esdb://du%40ty:se%3Acret@host');
  expect(credentials).toEqual({ username: 'du@ty', password: 'se:cret' });
  expect(name).not.toContain('cret');
});

test('certificates are read from files; TLS is the default', () => {
  const folder = mkdtempSync(join(tmpdir(), 'address-'));
  const file = join(folder, 'a file.pem');
  writeFileSync(file, 'PEM');
  const path = encodeURIComponent(file);
  const { channel } = readAddress(
    `esdb://h?tlsCaFile=${path}&userCertFile=${path}&userKeyFile=${path}&tlsVerifyCert=true`,
  );
  const content = Buffer.from('PEM');
  expect(channel).toEqual({ rootCertificate: content, userCertFile: content, userKeyFile: content });
  rmSync(folder, { recursive: true });
});

test.each([
  ['esdb://', /another form/],
  ['esdb://u:secret@', /another form/],
  ['esdb://u:secret@h:99999', /99999 is not a port/],
  ['esdb://u:secret@h:x', /host:port/],
  ['esdb://secret@h', /user:password/],
  ['esdb://u:secret%zz@h', /hexadecimal/],
  ['esdb://u:secret@h?tls=maybe', /tls is neither/],
  ['esdb://u:secret@h?colour=red', /no option "colour"/],
  ['esdb://u:secret@h?tlsVerifyCert=false', /tlsCaFile/],
  ['esdb://u:secret@h?keepAliveInterval=soon', /whole number/],
  ['esdb://u:secret@h?nodePreference=follower', /leader/],
  ['esdb://u:secret@h?userKeyFile=k', /together/],
  ['esdb://u:secret@h?tlsCaFile=nowhere.pem', /tlsCaFile nowhere.pem cannot be read \(ENOENT\)/],
])('says of %s what is wrong, without credentials', (url, message) => {
  expect(() => readAddress(url)).toThrow(message);
  expect(() => readAddress(url)).not.toThrow(/secret/);
});
