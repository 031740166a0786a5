import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { settableClock } from './settable-clock.fixture.ts';
import { openStages, stageStream } from './stages.fixture.ts';
import { commandIdOf, timers } from './timers.ts';

const NINE = '2026-03-02T01:00:00.000Z';
const TEN = '2026-03-02T02:00:00.000Z';
const ELEVEN = '2026-03-02T03:00:00.000Z';

let folder: string;
let stages: Awaited<ReturnType<typeof openStages>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timers-'));
  stages = await openStages(folder);
});

afterEach(async () => {
  await stages.stop();
  await rm(folder, { recursive: true });
});

async function restart(): Promise<void> {
  await stages.stop();
  stages = await openStages(folder);
}

const countOf = async (type: string): Promise<number> => {
  let count = 0;
  for await (const page of stages.events.readAll())
    count += page.filter((event) => event.type === type).length;
  return count;
};

const eventually = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 60_000, interval: 5 });

/** Resolves when nothing is due any more and every event is in the read model. */
const settled = async (runner: ReturnType<typeof stages.start>): Promise<void> => {
  await eventually(async () => expect((await runner.status()).due).toBe(0));
  await stages.projections.waitFor(await stages.events.head(), 60_000);
};

describe('a timer', () => {
  test('fires when the clock gets to it and not before, and what it sets at once follows', async () => {
    const clock = settableClock(NINE);
    const runner = stages.start({ clock });
    await stages.send('a', { type: 'Begin', due: ELEVEN });
    await eventually(async () => expect((await runner.status()).next).toBe(ELEVEN));
    clock.set(TEN);
    expect(await countOf('StageLapsed')).toBe(0);
    clock.set(ELEVEN);
    await stages.recorded('LetterSent', 1);
    await settled(runner);
    expect(await countOf('StageLapsed')).toBe(1);
    expect(await runner.status()).toEqual({ due: 0, oldest: null, next: null, failing: [], failure: null });
  });

  test('that was cleared or moved does not fire at its old time', async () => {
    const clock = settableClock(NINE);
    const runner = stages.start({ clock });
    await stages.send('ended', { type: 'Begin', due: TEN });
    await stages.send('ended', { type: 'End' });
    await stages.send('moved', { type: 'Begin', due: TEN });
    await stages.send('moved', { type: 'Begin', due: ELEVEN });
    await stages.send('c', { type: 'Begin', due: TEN });
    clock.set(TEN);
    expect((await stages.recorded('LetterSent', 1))[0]?.stream).toBe(stageStream('c'));
    clock.set(ELEVEN);
    await stages.recorded('LetterSent', 2);
    await settled(runner);
    expect(await countOf('StageLapsed')).toBe(2);
  });

  test('that is set while the runner sleeps wakes it', async () => {
    const clock = settableClock(TEN);
    const runner = stages.start({ clock });
    await settled(runner);
    await stages.send('late', { type: 'Begin', due: NINE });
    await stages.recorded('LetterSent', 1);
  });

  test('fires once when the clock is set back and forth', async () => {
    const clock = settableClock(NINE);
    const runner = stages.start({ clock });
    await stages.send('a', { type: 'Begin', due: TEN });
    clock.set(ELEVEN);
    await stages.recorded('LetterSent', 1);
    for (const at of [NINE, ELEVEN, NINE, TEN]) clock.set(at);
    await stages.send('b', { type: 'Begin', due: TEN });
    await stages.recorded('LetterSent', 2);
    await settled(runner);
    expect(await countOf('StageLapsed')).toBe(2);
  });

  test('fires on the machine’s clock, too', async () => {
    stages.start({ clock: undefined });
    await stages.send('a', { type: 'Begin', due: new Date(Date.now() + 50).toISOString() });
    await stages.recorded('LetterSent', 1);
  });
});

describe('downtime and company', () => {
  test('after a downtime everything is caught up, those due first first', async () => {
    for (const i of [3, 1, 2, 0]) await stages.send(i, { type: 'Begin', due: `2026-03-02T0${i}:00:00.000Z` });
    await restart();
    const runner = stages.start({ clock: settableClock(ELEVEN), concurrency: 1 });
    const lapsed = await stages.recorded('StageLapsed', 4);
    expect(lapsed.map(({ stream }) => stream)).toEqual([0, 1, 2, 3].map(stageStream));
    await settled(runner);
    await restart();
    const again = stages.start({ clock: settableClock(ELEVEN) });
    await settled(again);
    expect(await countOf('StageLapsed')).toBe(4);
    expect(await countOf('LetterSent')).toBe(4);
  });

  test('two runners at once fire each timer once', async () => {
    const clocks = [settableClock(NINE), settableClock(NINE)];
    const runners = clocks.map((clock) => stages.start({ clock }));
    for (let i = 0; i < 60; i++) await stages.send(i, { type: 'Begin', due: TEN });
    for (const clock of clocks) clock.set(TEN);
    await stages.recorded('LetterSent', 60);
    for (const runner of runners) await settled(runner);
    expect([await countOf('StageLapsed'), await countOf('LetterSent')]).toEqual([60, 60]);
  });

  test('a firing is the same after the due table was built anew', async () => {
    await stages.send('a', { type: 'Begin', due: ELEVEN });
    const idNow = async () => {
      const timer = await stages.projections.documents(timers).get(stageStream('a'));
      return timer && commandIdOf(timer);
    };
    const before = await idNow();
    await stages.projections.rebuild('stagesDueTimers');
    expect(await idNow()).toBe(before);
  });
});

describe('failures', () => {
  test('are told, tried again, and hold nothing else up', async () => {
    let broken = true;
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    let attempts = 0;
    const lapse: (typeof stages.handlers)['lapse'] = async (firing) => {
      if (broken && firing.timer.id === stageStream('bad')) {
        if (++attempts === 3) resolve();
        throw new Error('the other side is away');
      }
      await stages.handlers.lapse(firing);
    };
    await stages.send('bad', { type: 'Begin', due: NINE });
    await stages.send('good', { type: 'Begin', due: TEN });
    const handlers = { ...stages.handlers, lapse };
    const runner = stages.start({ clock: settableClock(ELEVEN), handlers, concurrency: 1 });
    expect((await stages.recorded('LetterSent', 1))[0]?.stream).toBe(stageStream('good'));
    await tried;
    await eventually(async () => {
      const { due, oldest, failing } = await runner.status();
      expect({ due, oldest }).toEqual({ due: 1, oldest: NINE });
      expect(failing[0]).toMatchObject({ id: stageStream('bad'), kind: 'lapse' });
      expect(failing[0]?.message).toBe('the other side is away');
    });
    broken = false;
    await stages.recorded('LetterSent', 2);
    await settled(runner);
    expect((await runner.status()).failing).toEqual([]);
  });

  test('a kind that nothing handles is told and not lost', async () => {
    await stages.send('a', { type: 'Begin', due: NINE });
    const runner = stages.start({ clock: settableClock(TEN), handlers: {} });
    await eventually(async () => expect((await runner.status()).failing).toHaveLength(1));
    expect((await runner.status()).failing[0]?.message).toMatch(/kind lapse/);
    await runner.stop();
    stages.start({ clock: settableClock(TEN) });
    await stages.recorded('LetterSent', 1);
  });

  test('a due table that cannot be read is told, and read when it can be', async () => {
    await stages.send('a', { type: 'Begin', due: NINE });
    let away = true;
    const projections: Parameters<typeof stages.start>[0]['projections'] = {
      waitFor: (...given) => stages.projections.waitFor(...given),
      documents(spec) {
        if (away) throw new Error('the store is away');
        return stages.projections.documents(spec);
      },
    };
    const runner = stages.start({ clock: settableClock(TEN), projections });
    await eventually(async () => expect((await runner.status()).failure).toBe('the store is away'));
    away = false;
    await stages.recorded('LetterSent', 1);
    await settled(runner);
    expect((await runner.status()).failure).toBe(null);
  });

  test('a runner that is stopped waits for what runs and starts no more', async () => {
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const lapse = async () => {
      entered.resolve();
      await leave.promise;
    };
    for (const i of [1, 2]) await stages.send(i, { type: 'Begin', due: NINE });
    const runner = stages.start({ clock: settableClock(TEN), handlers: { lapse }, concurrency: 1 });
    await entered.promise;
    let stopped = false;
    const stopping = runner.stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    leave.resolve();
    await stopping;
  });
});
