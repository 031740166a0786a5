import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { EventStoreDbStandIn } from '../test/eventstoredb-stand-in.ts';
import { flatten, newEvent, newEvents } from './contract-tools.ts';
import { digestOf } from './digest.ts';
import type { EventStore, ImportingEventStore } from './event-store.ts';
import { migrate } from './migrate.ts';
import { openEventStore } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

const sqliteUrl = () => `sqlite:${join(folder, randomUUID())}.db`;

async function standInUrl(): Promise<string> {
  const standIn = await new EventStoreDbStandIn().start();
  cleanups.push(() => standIn.close());
  return standIn.url;
}

async function opened(url: string, now?: () => number): Promise<ImportingEventStore> {
  const store = await openEventStore(url, now === undefined ? {} : { now });
  cleanups.push(() => store.close());
  return store;
}

/** Some streams, written in turns. */
async function fill(store: EventStore, appends: number): Promise<void> {
  for (let i = 0; i < appends; i++) await store.append(`lists.s-${i % 7}`, 'any', newEvents(1 + (i % 4)));
}

const sha256Of = async (store: EventStore) => (await digestOf(store)).sha256;

describe('a migration', () => {
  test('to EventStoreDB (a stand-in) and back keeps everything but positions', async () => {
    let now = Date.parse('2020-01-01T00:00:00.000Z');
    const source = await opened(sqliteUrl(), () => {
      now += 7;
      return now;
    });
    await fill(source, 60);
    const cluster = await opened(await standInUrl());
    const back = await opened(sqliteUrl());
    const there = await migrate(source, cluster);
    expect(there).toMatchObject({ status: 'moved', already: 0, copied: 150, streams: 7 });
    expect(await migrate(cluster, back)).toMatchObject({ ...there });
    expect(await flatten(back.readAll())).toEqual(await flatten(source.readAll()));
    expect(await migrate(source, back)).toMatchObject({ status: 'moved', already: 150, copied: 0 });
    const next = await back.append('lists.s-0', 'any', newEvents(1));
    expect(next).toMatchObject({ status: 'appended', repeated: false });
  });

  test('keeps any history', async () => {
    const appends = fc.array(
      fc.record({
        stream: fc.nat({ max: 3 }),
        data: fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }),
      }),
      {
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(appends, async (script) => {
        const stores = [
          await opened('sqlite::memory:'),
          await opened(await standInUrl()),
          await opened('sqlite::memory:'),
        ];
        const [source, cluster, back] = stores as [
          ImportingEventStore,
          ImportingEventStore,
          ImportingEventStore,
        ];
        for (const { stream, data } of script) await source.append(`s-${stream}`, 'any', data.map(newEvent));
        expect(await migrate(source, cluster)).toMatchObject({ status: 'moved' });
        expect(await migrate(cluster, back)).toMatchObject({ status: 'moved' });
        expect(await sha256Of(back)).toBe(await sha256Of(source));
      }),
      { numRuns: 4 },
    );
  });

  test('cuts what was one large append into parts that the server takes', async () => {
    const source = await opened(sqliteUrl());
    const large = Array.from({ length: 5 }, () => newEvent({ text: 'x'.repeat(700_000) }));
    await source.append('s-1', 'none', [...large, ...newEvents(700)]);
    const cluster = await opened(await standInUrl());
    expect(await migrate(source, cluster)).toMatchObject({ status: 'moved', copied: 705 });
  });

  test('refuses a target that holds other events, and writes nothing there', async () => {
    for (const url of [sqliteUrl(), await standInUrl()]) {
      const source = await opened(sqliteUrl());
      const target = await opened(url);
      await fill(source, 4);
      await migrate(source, target);
      await target.append('lists.other', 'none', newEvents(1));
      await fill(source, 1);
      const before = await sha256Of(target);
      expect(await migrate(source, target)).toEqual({
        status: 'differs',
        event: 11,
        stream: 'lists.other',
        revision: 0,
      });
      expect(await sha256Of(target)).toBe(before);
    }
  });

  test('refuses a target that holds more', async () => {
    const [source, target] = [await opened(sqliteUrl()), await opened(sqliteUrl())];
    await fill(target, 1);
    expect(await migrate(source, target)).toMatchObject({ status: 'differs', event: 1 });
  });

  test('tells that a store was written to meanwhile, and in which streams', async () => {
    const [source, target] = [await opened(sqliteUrl()), await opened(sqliteUrl())];
    await fill(source, 3);
    const importEvents = target.importEvents.bind(target);
    target.importEvents = async (events) => {
      await importEvents(events);
      await target.append('intruder', 'none', newEvents(1));
    };
    expect(await migrate(source, target)).toEqual({
      status: 'disturbed',
      events: [6, 7],
      streams: ['intruder'],
    });
  });
});

describe('a migration that is killed with kill -9', () => {
  const SCRIPT = fileURLToPath(new URL('../test/migrating.ts', import.meta.url));

  /** Runs it until it has reported so many pages, then kills it; answers the last line. */
  async function runFor(reports: number, from: string, to: string): Promise<string> {
    const child = spawn(process.execPath, [SCRIPT, from, to], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    let last = '';
    let seen = 0;
    for await (const line of createInterface(child.stdout)) {
      last = line;
      if (++seen === reports) child.kill('SIGKILL');
    }
    await exited;
    return last;
  }

  test.each([['SQLite'], ['EventStoreDB (a stand-in)']])('into %s goes on where it was', async (kind) => {
    const from = sqliteUrl();
    const source = await openEventStore(from);
    for (let i = 0; i < 12; i++) await source.append(`lists.s-${i % 3}`, 'any', newEvents(120));
    const sha256 = await sha256Of(source);
    await source.close();
    const to = kind === 'SQLite' ? sqliteUrl() : await standInUrl();
    for (const reports of [1, 2]) await runFor(reports, from, to);
    expect(await runFor(Number.POSITIVE_INFINITY, from, to)).toBe('moved');
    expect(await sha256Of(await opened(to))).toBe(sha256);
  });
});
