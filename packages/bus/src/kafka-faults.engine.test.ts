import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { engine } from '../../../infra/test-servers/engines.ts';
import { type KafkaServer, startKafka } from '../../../infra/test-servers/kafka.ts';
import type { Bus, Publisher } from './bus.ts';
import { drain, failsWith, Record, range } from './contract-kit.ts';
import { note, toTopic } from './contract-note.ts';
import { openBus } from './open.ts';

const program = fileURLToPath(new URL('../test/kafka-child.ts', import.meta.url));
const KEYS = range(16).map((number) => `key-${number}`);
/** A killed member is replaced after so long, instead of ten seconds. */
const SESSION_MS = 6_000;

// Its broker is killed and paused: never one that others use. Where Java or Maven is missing, the contract says why.
const reason = 'missing' in engine('kafka') ? 'there is no broker' : undefined;

describe.skipIf(reason !== undefined)('the Kafka bus when things fail', () => {
  let folder: string;
  let server: KafkaServer;
  let place: string;
  const buses: Bus[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dutyledger-kafka-'));
    server = await startKafka({ dataDir: join(folder, 'broker') });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    place = `${server.url}?partitions=4&session=${SESSION_MS}&prefix=${randomUUID().slice(0, 8)}.`;
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  async function open(url = place): Promise<Bus> {
    const bus = await openBus(url, { warn: () => undefined });
    buses.push(bus);
    return bus;
  }

  const restarted = async () => {
    server = await startKafka({ dataDir: join(folder, 'broker') });
  };

  /** Those of the test. */
  async function deleteTopics(): Promise<void> {
    const { host, searchParams } = new URL(place);
    const admin = new kafkajs.Kafka({ brokers: [host], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const prefix = searchParams.get('prefix') ?? '';
    await admin.deleteTopics({
      topics: (await admin.listTopics()).filter((topic) => topic.startsWith(prefix)),
    });
    await admin.disconnect();
  }

  /** Publishes rounds of one event per key until it is told to stop; answers with how many rounds were acknowledged. */
  function publishing(publisher: Publisher): { acknowledged: () => number; stop: () => Promise<number> } {
    let rounds = 0;
    let stopping = false;
    const run = async () => {
      while (!stopping) {
        const round = KEYS.flatMap((key) => toTopic('t', key, [note(key, rounds + 1)]));
        // What was not acknowledged is published again, as the relay does.
        await publisher.publish(round, rounds + 1).then(
          () => {
            rounds += 1;
          },
          () => undefined,
        );
        await pause(20);
      }
      return rounds;
    };
    const done = run();
    return {
      acknowledged: () => rounds,
      stop: () => {
        stopping = true;
        return done;
      },
    };
  }

  async function member(file: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [program, place, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout ?? child, 'data');
    return child;
  }

  /** The numbers in the file for a key, in order, without repeats. */
  async function handledIn(files: readonly string[], key: string): Promise<number[]> {
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
    const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
    const numbers = lines
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => Number(line.split(' ')[1]));
    return [...new Set(numbers)];
  }

  /** Everything on the bus per key is 1, 2, 3 … in order, up to the last acknowledged at least. */
  async function expectComplete(bus: Bus, rounds: number): Promise<void> {
    const audit = new Record();
    await drain(bus, { group: 'audit', topics: ['t'] }, audit.handler);
    for (const key of KEYS) {
      const numbers = audit.of(key);
      expect(numbers).toEqual(range(numbers.length));
      expect(numbers.length).toBeGreaterThanOrEqual(rounds);
    }
  }

  test('the broker is killed and comes back under load: nothing acknowledged is lost, work goes on', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const record = new Record();
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, record.handler);
    const load = publishing(publisher);
    await vi.waitFor(() => expect(load.acknowledged()).toBeGreaterThan(20), { timeout: 30_000 });
    await server.kill();
    await vi.waitFor(() => expect(subscription.failure()).toEqual(failsWith('UNAVAILABLE')), {
      timeout: 60_000,
    });
    const before = load.acknowledged();
    await restarted();
    await vi.waitFor(() => expect(load.acknowledged()).toBeGreaterThan(before + 20), { timeout: 60_000 });
    const rounds = await load.stop();
    await subscription.caughtUp;
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    await vi.waitFor(() => expect(subscription.failure()).toBeNull(), { timeout: 30_000 });
    for (const key of KEYS) expect(record.of(key)).toEqual(range(rounds));
    await expectComplete(bus, rounds);
    expect((await bus.publisher('p')).checkpoint).toBe(rounds);
  });

  test('the broker is paused for 30 seconds: told, not crashed, and nothing is lost', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const record = new Record();
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, record.handler);
    const load = publishing(publisher);
    await vi.waitFor(() => expect(load.acknowledged()).toBeGreaterThan(20), { timeout: 30_000 });
    process.kill(server.pid, 'SIGSTOP');
    const until = pause(30_000);
    await expect(bus.parked('g')).rejects.toEqual(failsWith('UNAVAILABLE'));
    await until;
    process.kill(server.pid, 'SIGCONT');
    const before = load.acknowledged();
    await vi.waitFor(() => expect(load.acknowledged()).toBeGreaterThan(before + 20), { timeout: 60_000 });
    const rounds = await load.stop();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    await vi.waitFor(() => expect(subscription.failure()).toBeNull(), { timeout: 30_000 });
    for (const key of KEYS) expect(record.of(key)).toEqual(range(record.of(key).length));
    await expectComplete(bus, rounds);
  });

  test('members join, are killed, paused and stopped while it publishes: all is handled, in order per key', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const load = publishing(publisher);
    const files = range(4).map((number) => join(folder, `handled-${number}-${randomUUID()}`));
    const [first = '', second = '', third = '', fourth = ''] = files;
    const killed = await member(first);
    const paused = await member(second);
    killed.kill('SIGKILL');
    const stopped = await member(third);
    paused.kill('SIGSTOP');
    await pause(SESSION_MS * 1.5);
    paused.kill('SIGCONT');
    stopped.kill('SIGTERM');
    await once(stopped, 'exit');
    const rounds = await load.stop();
    // The last one has caught up with everything once it says so.
    await member(fourth);
    for (const key of KEYS) {
      const numbers = await handledIn(files, key);
      expect(numbers.toSorted((one, other) => one - other)).toEqual(range(rounds));
    }
    expect(await bus.parked('g')).toEqual([]);
  });

  test('a publisher on another machine that was superseded cannot write', async () => {
    const former = await (await open()).publisher('p');
    await former.publish(toTopic('t', 'k', [note('k', 1)]), 1);
    const bus = await open();
    const present = await bus.publisher('p');
    expect(present.checkpoint).toBe(1);
    await present.publish(toTopic('t', 'k', [note('k', 2)]), 2);
    await expect(former.publish(toTopic('t', 'k', [note('k', 9)]), 9)).rejects.toEqual(failsWith('FENCED'));
    await present.publish(toTopic('t', 'k', [note('k', 3)]), 3);
    const record = new Record();
    await drain(bus, { group: 'g', topics: ['t'] }, record.handler);
    expect(record.of('k')).toEqual([1, 2, 3]);
  });

  test('a publisher whose topics were deleted begins again, and so do the groups', async () => {
    const bus = await open();
    const former = await bus.publisher('p');
    await former.publish(toTopic('t', 'k', [note('k', 1)]), 1);
    const record = new Record();
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, record.handler);
    await subscription.caughtUp;
    await deleteTopics();
    await vi.waitFor(
      () => expect(former.publish(toTopic('t', 'k', [note('k', 2)]), 2)).rejects.toEqual(failsWith('FENCED')),
      { timeout: 60_000 },
    );
    const present = await bus.publisher('p');
    expect(present.checkpoint).toBe(0);
    await present.publish(toTopic('t', 'k', [note('k', 1), note('k', 2)]), 2);
    await vi.waitFor(() => expect(record.of('k')).toEqual([1, 2]), { timeout: 60_000 });
  });

  test('a broker that is down at the start is waited for by members, and told to publishers', async () => {
    await server.kill();
    const bus = await open();
    const record = new Record();
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, record.handler);
    await expect(bus.publisher('p')).rejects.toEqual(failsWith('UNAVAILABLE'));
    await vi.waitFor(() => expect(subscription.failure()).toEqual(failsWith('UNAVAILABLE')), {
      timeout: 30_000,
    });
    await restarted();
    await subscription.caughtUp;
    expect(subscription.failure()).toBeNull();
    await (await bus.publisher('p')).publish(toTopic('t', 'k', [note('k', 1)]));
    await vi.waitFor(() => expect(record.of('k')).toEqual([1]), { timeout: 30_000 });
  });

  test('a reading goes on behind a broker that was killed, and ends when the log is lost', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const publish = (n: number) => publisher.publish(toTopic('t', 'k', [note('k', n)]), n);
    await publish(1);
    const record = new Record();
    const reading = bus.read({ topic: 't', from: {} }, async (page) => {
      for (const { event } of page) await record.handler(event);
    });
    await vi.waitFor(() => expect(record.of('k')).toEqual([1]), { timeout: 60_000 });
    await server.kill();
    await vi.waitFor(() => expect(reading.failure()).toEqual(failsWith('UNAVAILABLE')), { timeout: 60_000 });
    await restarted();
    await vi.waitFor(() => publish(2), { timeout: 60_000 });
    await vi.waitFor(() => expect(record.of('k')).toEqual([1, 2]), { timeout: 60_000 });
    expect(reading.failure()).toBeNull();
    await deleteTopics();
    await expect(reading.ended).rejects.toEqual(failsWith('OUT_OF_RANGE'));
  });

  test('closes while the broker is away', async () => {
    const bus = await open();
    const publisher = await bus.publisher('p');
    const subscription = bus.subscribe({ group: 'g', topics: ['t'] }, async () => undefined);
    await subscription.caughtUp;
    await bus.read({ topic: 't', from: {} }, async () => undefined).started;
    await publisher.publish(toTopic('t', 'k', [note('k', 1)]));
    process.kill(server.pid, 'SIGSTOP');
    await bus.close();
    process.kill(server.pid, 'SIGCONT');
  });
});
