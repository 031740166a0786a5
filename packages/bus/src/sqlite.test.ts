import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sqlitePlace } from '../test/sqlite-place.ts';
import { type Bus, BusError, type BusErrorCode } from './bus.ts';
import { busContract } from './contract.ts';
import { drain, failsWith, Record, range } from './contract-kit.ts';
import { note, notes, toTopic } from './contract-note.ts';
import { openBus } from './open.ts';
import { SqliteClient } from './sqlite-client.ts';
import { busErrorOf } from './sqlite-errors.ts';
import { partitionOf } from './sqlite-group.ts';

busContract('SQLite', sqlitePlace);

describe('the SQLite bus', () => {
  let place: Awaited<ReturnType<typeof sqlitePlace>>;
  const buses: Bus[] = [];
  const open = async (url = `sqlite:${place.path}`) => {
    const bus = await openBus(url);
    buses.push(bus);
    return bus;
  };

  beforeEach(async () => {
    place = await sqlitePlace();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const bus of buses.splice(0)) await bus.close();
    await place.remove();
  });

  test('stores an event id once per topic', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    await Promise.all([
      publisher.publish(toTopic('t', 'k', notes('k', 3))),
      publisher.publish(toTopic('t', 'k', notes('k', 3))),
    ]);
    await publisher.publish(toTopic('other', 'k', notes('k', 3)));
    const record = new Record();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.all.map(({ id }) => id)).toEqual(['k-1', 'k-2', 'k-3']);
  });

  test('starts empty, offsets and checkpoints too, when its file was deleted', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    await publisher.publish(toTopic('t', 'k', notes('k', 3)));
    await publisher.publish([], 42);
    await drain(bus, { group: 'g', topics: ['t'] }, async () => undefined);
    await bus.close();
    await rm(place.path);
    const again = await open();
    const second = await again.publisher('p');
    expect(second.checkpoint).toBe(0);
    await second.publish(toTopic('t', 'k', notes('k', 2)));
    const record = new Record();
    await drain(again, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.of('k')).toEqual([1, 2]);
  });

  test('ends with the process when it is opened in memory', async () => {
    const bus = await open('sqlite::memory:');
    const publisher = await bus.publisher('p');
    await publisher.publish(toTopic('t', 'k', notes('k', 2)));
    const record = new Record();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.of('k')).toEqual([1, 2]);
  });

  test('commits what was handled once the log answers again, and says meanwhile that it does not', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    await publisher.publish(toTopic('t', 'k', notes('k', 5)));
    const call: (this: SqliteClient, ...request: never) => Promise<never> = SqliteClient.prototype.call;
    const fullDisk = vi.spyOn(SqliteClient.prototype, 'call').mockImplementation(function (
      this: SqliteClient,
      ...request
    ) {
      const full = new BusError('DISK_FULL', 'the disk is full');
      return request[0] === 'save' ? Promise.reject(full) : call.apply(this, request as never);
    });
    const record = new Record();
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, record.handler);
    await vi.waitFor(() => expect(subscription.failure()).toEqual(failsWith('DISK_FULL')), {
      timeout: 60_000,
    });
    fullDisk.mockRestore();
    await subscription.caughtUp;
    expect(subscription.failure()).toBeNull();
    expect(record.all).toEqual(notes('k', 5));
    await subscription.stop();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.all).toHaveLength(5);
  });

  test('refuses only the culprit when publications share a transaction', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const broken = note('k', 2);
    Object.assign(broken, { id: null });
    const results = await Promise.allSettled([
      publisher.publish(toTopic('t', 'k', [note('k', 1)])),
      publisher.publish(toTopic('t', 'k', [broken])),
      publisher.publish(toTopic('t', 'k', [note('k', 3)])),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const record = new Record();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.of('k')).toEqual([1, 3]);
  });

  test('more keys that wait for their retry than it remembers: all are handled', async () => {
    const bus = await open();
    const keys = range(40_000)
      .map((number) => `key-${number}`)
      .filter((key) => partitionOf(key) === 0)
      .slice(0, 1500);
    const publisher = await bus.publisher('p');
    await Promise.all(keys.map((key) => publisher.publish(toTopic('t', key, [note(key, 1)]))));
    const failed = new Set<string>();
    const record = new Record();
    await drain(bus, { group: 'g', topics: ['t'] }, async (event) => {
      if (!failed.has(event.id)) {
        failed.add(event.id);
        throw new Error('once');
      }
      await record.handler(event);
    });
    expect(record.all).toHaveLength(keys.length);
  });

  describe('opening', () => {
    test('a second opening is BUSY until the first is closed', async () => {
      const bus = await open();
      await expect(open()).rejects.toEqual(failsWith('BUSY'));
      await bus.close();
      await open();
    });

    test('a file of a newer version', async () => {
      await (await open()).close();
      const file = new DatabaseSync(place.path);
      file.exec('PRAGMA user_version = 99');
      file.close();
      await expect(open()).rejects.toEqual(failsWith('NEWER_SCHEMA'));
      await expect(open()).rejects.toThrow(/bus\.sqlite.*schema 99.*knows 1/);
    });

    test('another database, and a file that is none, are left alone', async () => {
      const file = new DatabaseSync(place.path);
      file.exec('CREATE TABLE event (id)');
      file.close();
      const before = await readFile(place.path);
      await expect(open()).rejects.toEqual(failsWith('CORRUPT'));
      expect(await readFile(place.path)).toEqual(before);
      const text = join(place.folder, 'text');
      await writeFile(text, 'something else '.repeat(100));
      await expect(open(`sqlite:${text}`)).rejects.toEqual(failsWith('CORRUPT'));
    });

    test('a folder that is not there', async () => {
      await expect(open(`sqlite:${join(place.folder, 'none', 'bus.sqlite')}`)).rejects.toEqual(
        failsWith('UNAVAILABLE'),
      );
    });

    test.each(['', 'bus.sqlite', 'sqlite:', 'amqp://user:secret@broker:5672', 'constructor:x'])(
      'the URL "%s"',
      async (url) => {
        const opening = openBus(url);
        await expect(opening).rejects.toEqual(failsWith('INVALID'));
        await expect(opening).rejects.toThrow(/known are sqlite:<path>/);
        await expect(opening).rejects.not.toThrow(/secret/);
      },
    );
  });

  test.each<[BusErrorCode, (file: DatabaseSync) => void, boolean]>([
    ['READ_ONLY', (file) => file.exec('INSERT INTO t VALUES (1)'), true],
    [
      'DISK_FULL',
      (file) => file.exec('PRAGMA max_page_count = 3; INSERT INTO t VALUES (zeroblob(100000))'),
      false,
    ],
  ])('%s of SQLite is %s of the bus', (code, write, readOnly) => {
    const writable = new DatabaseSync(place.path);
    writable.exec('CREATE TABLE t (a)');
    writable.close();
    const file = new DatabaseSync(place.path, { readOnly });
    const cause = (() => {
      try {
        write(file);
      } catch (error) {
        return error;
      } finally {
        file.close();
      }
    })();
    expect(busErrorOf(cause)).toMatchObject({ code });
  });
});
