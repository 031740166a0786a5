import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failsWith } from './contract-kit.ts';
import { kafkaSettings } from './kafka-url.ts';
import { openBus } from './open.ts';

const defaults = { partitions: 12, prefix: '', sessionMs: 10_000 };

describe('the URL of a Kafka bus', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dutyledger-url-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('names brokers, with the usual port where there is none', () => {
    const brokers = ['one.example:9093', '10.0.0.2:9092', '[::1]:9094'];
    expect(kafkaSettings('kafka', '//one.example:9093,10.0.0.2,[::1]:9094')).toEqual({
      ...defaults,
      brokers,
    });
    expect(kafkaSettings('kafka', '//one.example/')).toEqual({ ...defaults, brokers: ['one.example:9092'] });
  });

  test('says how to be recognised, and whom to trust', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, 'certificate');
    const query = `ca=${encodeURIComponent(ca)}&mechanism=scram-sha-512`;
    expect(kafkaSettings('kafkas', `//us%40er:p%3Ass:w%C3%B6rd@one:1?${query}`)).toEqual({
      ...defaults,
      brokers: ['one:1'],
      tls: { ca: 'certificate' },
      sasl: { mechanism: 'scram-sha-512', username: 'us@er', password: 'p:ss:wörd' },
    });
    expect(kafkaSettings('kafka', '//one?tls=true')).toMatchObject({ tls: {} });
    expect(kafkaSettings('kafka', '//u:p@one')).toMatchObject({ sasl: { mechanism: 'plain' } });
  });

  test('says how topics are made', () => {
    const query = 'partitions=24&replication=3&prefix=test.&session=30000';
    expect(kafkaSettings('kafka', `//one?${query}`)).toMatchObject({
      partitions: 24,
      replication: 3,
      prefix: 'test.',
      sessionMs: 30_000,
    });
  });

  test.each([
    ['', 'no broker'],
    ['//', 'no broker'],
    ['//a b', 'no host:port'],
    ['//one:0', 'no host:port'],
    ['//one,', 'no host:port'],
    ['//one:99999', 'no host:port'],
    ['//secret@one', 'a user has a password'],
    ['//u:%E4secret@one', 'percent-encoded'],
    ['//u:secret@one?mechanism=gssapi', 'mechanism is one of'],
    ['//one?partitions=0', 'partitions: 1 to'],
    ['//one?replication=1.5', 'replication: 1 to'],
    ['//one?session=fast', 'session: 1000 to'],
    ['//one?tls=yes', 'tls is true or false'],
    ['//one?ca=/nowhere', 'ca without tls'],
    ['//one?tls=true&ca=/nowhere', 'ca: ENOENT'],
    ['//one?prefix=a%20b', 'prefix: up to'],
    ['//one?partition=3', 'unknown option "partition"'],
  ])('%s is told: %s', async (rest, what) => {
    const opening = openBus(`kafka:${rest || ' '}`);
    await expect(opening).rejects.toEqual(failsWith('INVALID'));
    await expect(opening).rejects.toThrow(what);
    await expect(opening).rejects.not.toThrow(/secret/);
  });
});
