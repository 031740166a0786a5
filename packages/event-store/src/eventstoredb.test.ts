import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { StandInOptions } from '../test/eventstoredb-stand-in.ts';
import { EventStoreDbStandIn } from '../test/eventstoredb-stand-in.ts';
import { selfSigned } from '../test/self-signed.ts';
import { collect, flatten, newEvent, newEvents } from './contract-tools.ts';
import type { ImportingEventStore, StoredEvent } from './event-store.ts';
import { numberOf } from './eventstoredb-event.ts';
import { openEventStore } from './open.ts';

/** The adapter's own logic, against a stand-in: none of this is said of a real server. */
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function standInOf(options: StandInOptions = {}): Promise<EventStoreDbStandIn> {
  const standIn = await new EventStoreDbStandIn(options).start();
  cleanups.push(() => standIn.close());
  return standIn;
}

async function opened(url: string, patienceMs = 20_000): Promise<ImportingEventStore> {
  const store = await openEventStore(url, { patienceMs });
  cleanups.push(() => store.close());
  return store;
}

const unavailable = (message: RegExp) => ({
  code: 'UNAVAILABLE',
  message: expect.stringMatching(message),
});

describe('EventStoreDB adapter against the stand-in (not a real server): opening', () => {
  test('a server that is not there is told by its address, after the time given to it', async () => {
    const standIn = await standInOf();
    standIn.stop();
    const url = `esdb://duty:secret@127.0.0.1:${standIn.port}?tls=false`;
    const error = await openEventStore(url, { patienceMs: 100 }).catch((reason: Error) => reason);
    expect(error).toMatchObject(unavailable(new RegExp(`esdb://127.0.0.1:${standIn.port} does not answer`)));
    expect(String(error)).not.toContain('secret');
  });

  test('a server that starts meanwhile is waited for', async () => {
    const standIn = await standInOf();
    standIn.stop();
    const store = opened(standIn.url);
    await standIn.start();
    expect(await (await store).head()).toBeGreaterThan(0);
  });

  test('a server without TLS tells the operator to look at the URL', async () => {
    const standIn = await standInOf();
    const url = `esdb://localhost:${standIn.port}`;
    await expect(openEventStore(url, { patienceMs: 100 })).rejects.toMatchObject(
      unavailable(/is "tls" in the URL/),
    );
  });

  test('TLS and credentials of the URL are used; refused ones are told at once, and as what they are', async () => {
    const tls = selfSigned();
    const standIn = await standInOf({ credentials: 'duty:right', tls });
    const folder = mkdtempSync(join(tmpdir(), 'event-store-tls-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const issuer = join(folder, 'ca.pem');
    writeFileSync(issuer, tls.cert);
    const at = (password: string, options: string) =>
      openEventStore(`esdb://duty:${password}@localhost:${standIn.port}?${options}`, { patienceMs: 100 });
    const store = await at('right', `tlsCaFile=${encodeURIComponent(issuer)}`);
    await store.append('s-1', 'none', newEvents(1));
    await store.close();
    const refused = at('secret', `tlsCaFile=${encodeURIComponent(issuer)}`);
    await expect(refused).rejects.toMatchObject(unavailable(/refuses the user and password/));
    await expect(refused).rejects.not.toThrow(/secret/);
    await expect(at('right', 'tls=true')).rejects.toMatchObject(unavailable(/"tlsCaFile" the issuer/));
    await expect(at('right', 'tls=false')).rejects.toMatchObject(unavailable(/is "tls" in the URL/));
  });

  test('a node that does not lead names the one that does, and a cluster is asked for it', async () => {
    const leader = await standInOf();
    const follower = await standInOf();
    follower.faults.leader = { host: '127.0.0.1', port: leader.port };
    const store = await opened(follower.url);
    await store.append('s-1', 'none', newEvents(1));
    const discovering = await opened(`kurrentdb+discover://127.0.0.1:${leader.port}?tls=false`);
    expect(await flatten(discovering.readStream('s-1'))).toHaveLength(1);
  });

  test('a server that does not tell positions is too old', async () => {
    const standIn = await standInOf();
    standIn.faults.hidePositions = true;
    const store = await opened(standIn.url);
    await expect(store.append('s-1', 'none', newEvents(1))).rejects.toMatchObject(
      unavailable(/22\.6 or newer/),
    );
  });

  test('a position that no number can hold is refused', () => {
    expect(numberOf('9007199254740991', 'x')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => numberOf('9007199254740992', 'an event')).toThrow(/position of an event is too high/);
  });
});

describe('EventStoreDB adapter against the stand-in (not a real server): appending', () => {
  test('an answer that is lost is asked for again; the events are written once, and by this call', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    standIn.faults.loseAnswers = 2;
    const outcome = await store.append('s-1', 'none', newEvents(3));
    expect(outcome).toMatchObject({ status: 'appended', repeated: false, revision: 2 });
    expect(await flatten(store.readStream('s-1'))).toHaveLength(3);
  });

  test('without an answer in time it fails, and a retry is told that it is one', async () => {
    const standIn = await standInOf();
    const impatient = await opened(standIn.url, 0);
    standIn.faults.loseAnswers = 1;
    const events = newEvents(2);
    await expect(impatient.append('s-1', 'none', events)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const store = await opened(standIn.url);
    const stored = await flatten(store.readStream('s-1'));
    expect(await store.append('s-1', 'none', events)).toMatchObject({ repeated: true, events: stored });
    await store.append('s-1', 1, newEvents(1));
    expect(await store.append('s-1', 'none', events)).toMatchObject({ repeated: true, events: stored });
  });

  test('a server that goes away and comes back is waited for', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    standIn.stop();
    const outcome = store.append('s-1', 'any', newEvents(1));
    const read = flatten(store.readAll());
    await standIn.start();
    expect(await outcome).toMatchObject({ status: 'appended', repeated: false });
    await read;
  });

  test('what is over the limit of the server is refused with that limit', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const events = Array.from({ length: 3 }, () => newEvent({ text: 'x'.repeat(400_000) }));
    const refused = {
      code: 'TOO_LARGE',
      message: expect.stringMatching(
        /append of 3 events to s-1.*1048576 bytes.*MaxAppendSize.*several parts/,
      ),
    };
    await expect(store.append('s-1', 'none', events)).rejects.toMatchObject(refused);
    expect(await flatten(store.readStream('s-1'))).toEqual([]);
  });

  test('a slow server is waited for', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    standIn.faults.delay = 30;
    expect(await store.append('s-1', 'any', newEvents(1))).toMatchObject({ repeated: false });
    expect(await flatten(store.readAll({ prefix: 's-' }))).toHaveLength(1);
  });
});

describe('EventStoreDB adapter against the stand-in (not a real server): reading and following', () => {
  test('events of the server, and of others, reach nobody; in our streams they are a fault that is told', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    await store.append('s-1', 'none', newEvents(1));
    standIn.writeForeign('$$s-1', '$metadata');
    standIn.writeForeign('s-1', '$deleted');
    standIn.writeForeign('other-1');
    expect(await flatten(store.readAll({ prefix: 's-' }))).toHaveLength(1);
    expect(await flatten(store.readStream('s-1'))).toHaveLength(1);
    const foreign = {
      code: 'CORRUPT',
      message: expect.stringMatching(/other-1 was not written by this program/),
    };
    await expect(flatten(store.readAll())).rejects.toMatchObject(foreign);
    const subscription = store.subscribe({ prefix: 'other-' }, async () => undefined);
    await expect(subscription.ended).rejects.toMatchObject(foreign);
  });

  test('a subscription tells progress past what others write', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    let told = 0;
    const reached = Promise.withResolvers<void>();
    let goal = Number.POSITIVE_INFINITY;
    const progress = (position: number) => {
      told = position;
      if (told >= goal) reached.resolve();
    };
    const subscription = store.subscribe({ prefix: 's-', progress }, async () => undefined);
    await subscription.caughtUp;
    for (let i = 0; i < 50; i++) standIn.writeForeign('other-1');
    goal = await store.head();
    if (told < goal) await reached.promise;
    expect(told).toBe(goal);
    await subscription.stop();
  });

  test('a subscription goes on where it was when the server comes back, again and again', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const seen = collect(store, { prefix: 's-' }, 120);
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 10; i++) await store.append(`s-${round}-${i}`, 'none', newEvents(3));
      standIn.stop();
      await standIn.start();
    }
    await seen.complete;
    await seen.subscription.stop();
    expect(seen.events).toEqual(await flatten(store.readAll({ prefix: 's-' })));
  });

  test('a reading that breaks off goes on behind its last page', async () => {
    const standIn = await standInOf({ maxAppendSize: 16 * 1024 * 1024 });
    const store = await opened(standIn.url);
    const large = () => newEvent({ text: 'x'.repeat(500) });
    await store.append('s-1', 'none', Array.from({ length: 700 }, large));
    for (const pages of [store.readStream('s-1'), store.readAll({ prefix: 's-' })]) {
      const events: StoredEvent[] = [];
      for await (const page of pages) {
        if (events.length === 0) {
          standIn.stop();
          await standIn.start();
        }
        events.push(...page);
      }
      expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 700 }, (_, i) => i));
    }
  });

  test('a server that has gone silent in the midst of a reading is UNAVAILABLE', async () => {
    const standIn = await standInOf();
    await (await opened(standIn.url)).append('s-1', 'none', newEvents(1));
    const impatient = await openEventStore(standIn.url, { patienceMs: 0, silenceMs: 200 });
    cleanups.push(() => impatient.close());
    standIn.faults.delay = 60_000;
    await expect(flatten(impatient.readStream('s-1'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('a slow handler holds the server back', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const subscription = store.subscribe({ prefix: 's-' }, async () => {
      entered.resolve();
      await gate.promise;
    });
    await subscription.caughtUp;
    await store.append('s-1', 'none', newEvents(1));
    await entered.promise;
    const before = standIn.sent;
    const large = () => newEvent({ text: 'x'.repeat(60_000) });
    const appended = 6 * 15;
    for (let i = 0; i < 6; i++) await store.append(`s-${i + 2}`, 'none', Array.from({ length: 15 }, large));
    // Every append reads back what it wrote: count what is beyond that.
    expect(standIn.sent - before - appended).toBeLessThan(appended / 2);
    gate.resolve();
    await subscription.stop();
  });

  test('the end of a handler that fails is the end of the subscription, whatever the server does', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const failure = new Error('handler failed');
    const subscription = store.subscribe({ prefix: 's-' }, () => Promise.reject(failure));
    await subscription.caughtUp;
    await store.append('s-1', 'none', newEvents(1));
    await expect(subscription.ended).rejects.toBe(failure);
  });

  test('a subscription that is stopped by its handler ends after it', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    let calls = 0;
    const subscription = store.subscribe({ prefix: 's-' }, async () => {
      calls++;
      subscription.stop().catch(() => undefined);
    });
    await subscription.caughtUp;
    await store.append('s-1', 'none', newEvents(1));
    await subscription.ended;
    await store.append('s-2', 'none', newEvents(1));
    expect(calls).toBe(1);
  });

  test('a subscription can be stopped, and the store closed, while the server is away', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const subscription = store.subscribe({ prefix: 's-' }, async () => undefined);
    await subscription.caughtUp;
    standIn.stop();
    await subscription.stop();
    await subscription.ended;
    await store.close();
  });
});

describe('EventStoreDB adapter against the stand-in (not a real server): instants', () => {
  test('are those of the server, and never go back behind what the writer has read, whoever reads them', async () => {
    let now = Date.parse('2026-03-01T00:00:00.500Z');
    const standIn = await standInOf({ now: () => now });
    const store = await opened(standIn.url);
    await store.append('s-1', 'none', newEvents(1));
    now -= 40;
    await store.append('s-1', 0, newEvents(1));
    await store.append('s-2', 'none', newEvents(1));
    now += 41;
    await store.append('s-1', 1, newEvents(1));
    const instants = async (reader: ImportingEventStore) =>
      (await flatten(reader.readAll({ prefix: 's-' }))).map(({ recordedAt }) => recordedAt.slice(-5));
    expect(await instants(store)).toEqual(['.500Z', '.500Z', '.500Z', '.501Z']);
    expect(await instants(await opened(standIn.url))).toEqual(await instants(store));
  });

  test('of imported events are those of their first recording', async () => {
    const standIn = await standInOf();
    const store = await opened(standIn.url);
    const imported = newEvents(4).map(
      (event, i): StoredEvent => ({
        ...event,
        stream: `s-${i % 2}`,
        revision: Math.floor(i / 2),
        position: 100 + i,
        recordedAt: `2020-01-01T00:00:00.00${i}Z`,
      }),
    );
    await store.importEvents(imported);
    await store.importEvents(imported);
    const read = await flatten(store.readAll({ prefix: 's-' }));
    expect(read.map(({ position: _, ...event }) => event)).toEqual(
      imported.map(({ position: _, ...event }) => event),
    );
    const other = { ...(imported[0] as StoredEvent), ...newEvent({}) };
    await expect(store.importEvents([other])).rejects.toMatchObject({ code: 'ID_REUSED' });
  });
});

describe('processes', () => {
  const STAND_IN = fileURLToPath(new URL('../test/eventstoredb-stand-in.ts', import.meta.url));

  test('a server (the stand-in) that is killed with kill -9 under load: nothing acknowledged is lost or doubled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'event-store-killed-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const start = async (port: string) => {
      const child = spawn(process.execPath, [STAND_IN, '--port', port, '--data', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      cleanups.push(() => child.kill('SIGKILL'));
      const [url] = await once(createInterface(child.stdout), 'line');
      return { child, url: String(url) };
    };
    let server = await start('0');
    const port = new URL(server.url.replace('esdb:', 'http:')).port;
    const store = await opened(server.url, 60_000);
    const seen = collect(store, { prefix: 's-' }, 240);
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let i = 0; i < 30; i++) {
        const outcome = await store.append(`s-${writer}`, i === 0 ? 'none' : 2 * i - 1, newEvents(2));
        expect(outcome).toMatchObject({ status: 'appended', repeated: false, revision: 2 * i + 1 });
        if (writer === 0 && i % 10 === 5) {
          server.child.kill('SIGKILL');
          await once(server.child, 'exit');
          server = await start(port);
        }
      }
    });
    await Promise.all(writers);
    await seen.complete;
    await seen.subscription.stop();
    expect(seen.events).toHaveLength(240);
    expect(seen.events).toEqual(await flatten(store.readAll({ prefix: 's-' })));
  });

  const SCRIPT = fileURLToPath(new URL('../test/eventstoredb-client.ts', import.meta.url));

  test('a process ends by itself once its store is closed', async () => {
    const standIn = await standInOf();
    const client = spawn(process.execPath, [SCRIPT, standIn.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => client.kill('SIGKILL'));
    const lines: string[] = [];
    for await (const line of createInterface(client.stdout)) lines.push(line);
    if (client.exitCode === null) await once(client, 'exit');
    expect(lines).toEqual(['appended', 'closed']);
    expect(client.exitCode).toBe(0);
  });
});
