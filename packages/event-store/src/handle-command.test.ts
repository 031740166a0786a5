import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CounterCommand } from '../test/counter.ts';
import { contextOf, counter } from '../test/counter.ts';
import { flatten } from './contract-tools.ts';
import type { EventStore } from './event-store.ts';
import type { CommandDeps, CommandOutcome } from './handle-command.ts';
import { commandIdOf, handleCommand, load } from './handle-command.ts';
import { openSqliteEventStore } from './sqlite.ts';
import { StateCache } from './state-cache.ts';

let store: EventStore;
let streams = 0;
const newStream = () => `counter-${++streams}`;
beforeAll(async () => {
  store = await openSqliteEventStore(':memory:');
});
afterAll(() => store.close());

const raise = (by: number, times?: number): CounterCommand => ({ type: 'RaiseCounter', by, times });
const run = (deps: CommandDeps, stream: string, command: CounterCommand, id: string) =>
  handleCommand(deps, counter, stream, command, contextOf(id));

function accepted<S>(outcome: CommandOutcome<S>) {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.message.en}`);
  return outcome;
}

describe.each([
  ['without a cache', () => undefined],
  ['with a cache', () => new StateCache()],
  ['with a cache that holds one stream', () => new StateCache({ maxStreams: 1, maxEvents: 1 })],
])('handleCommand %s', (_, newCache) => {
  test('records what was decided, with its envelope', async () => {
    const deps = { store, cache: newCache() };
    const stream = newStream();
    const outcome = accepted(await run(deps, stream, raise(2, 2), `${stream}-a`));
    expect(outcome).toMatchObject({
      repeated: false,
      state: { total: 4, trace: ['u-1 2026-01-01', 'u-1 2026-01-01'] },
    });
    expect(outcome.events).toEqual(await flatten(store.readStream(stream)));
    const { actor, reason, basis, division, correlationId, causationId } = contextOf('');
    expect(outcome.events[1]).toMatchObject({
      type: 'CounterRaised',
      version: 2,
      revision: 1,
      data: { by: 2 },
      metadata: { actor, reason, basis, division, correlationId, causationId, commandId: `${stream}-a` },
    });
    expect(outcome.events[1]?.metadata.commandDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a fact of another day than the command’s keeps its day', async () => {
    const command: CounterCommand = { type: 'RaiseCounter', by: 1, effectiveAt: '2027-07-01' };
    const stream = newStream();
    const outcome = accepted(
      await handleCommand({ store, cache: newCache() }, counter, stream, command, {
        ...contextOf(`${stream}-a`),
        onBehalfOf: 'organ:x',
      }),
    );
    expect(outcome.state.trace).toEqual(['u-1 2027-07-01']);
    expect(outcome.events[0]?.metadata).toMatchObject({ effectiveAt: '2027-07-01', onBehalfOf: 'organ:x' });
    expect((await load({ store }, counter, stream)).state.trace).toEqual(['u-1 2027-07-01']);
  });

  test('a repeated command is answered as the first time and records nothing', async () => {
    const deps = { store, cache: newCache() };
    const stream = newStream();
    const first = accepted(await run(deps, stream, raise(1, 2), `${stream}-a`));
    accepted(await run(deps, stream, raise(5), `${stream}-b`));
    const again = accepted(await run(deps, stream, raise(1, 2), `${stream}-a`));
    expect(again).toEqual({ ok: true, repeated: true, events: first.events, state: expect.anything() });
    expect(again.state.total).toBe(7);
    accepted(await run(deps, stream, { type: 'CloseCounter' }, `${stream}-c`));
    // Now it would be refused, had it not been accepted before.
    expect(accepted(await run(deps, stream, raise(1, 2), `${stream}-a`)).events).toEqual(first.events);
  });

  test('the same id with other content is refused; on another stream it is another command', async () => {
    const deps = { store, cache: newCache() };
    const [stream, other] = [newStream(), newStream()];
    const first = accepted(await run(deps, stream, raise(1), `${stream}-a`));
    const conflict = { ok: false, refusal: { code: 'CONFLICT', field: 'idempotencyKey' } };
    expect(await run(deps, stream, raise(2), `${stream}-a`)).toMatchObject(conflict);
    const second = accepted(await run(deps, other, raise(1), `${stream}-a`));
    expect(second.repeated).toBe(false);
    expect(second.events[0]?.id).not.toBe(first.events[0]?.id);
  });

  test('the same command sent twice at once is recorded once', async () => {
    const deps = { store, cache: newCache() };
    const stream = newStream();
    const outcomes = await Promise.all([1, 2, 3].map(() => run(deps, stream, raise(1, 2), `${stream}-a`)));
    expect(outcomes.map((outcome) => accepted(outcome).repeated).sort()).toEqual([false, true, true]);
    expect(await flatten(store.readStream(stream))).toHaveLength(2);
  });

  test('the same id with different contents sent at once: one is recorded, one refused', async () => {
    const deps = { store, cache: newCache() };
    const stream = newStream();
    const outcomes = await Promise.all([1, 2].map((by) => run(deps, stream, raise(by, by), `${stream}-a`)));
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
  });

  test('a refusal and a command that changes nothing record nothing', async () => {
    const deps = { store, cache: newCache() };
    const stream = newStream();
    accepted(await run(deps, stream, { type: 'CloseCounter' }, `${stream}-a`));
    const nothing = accepted(await run(deps, stream, { type: 'CloseCounter' }, `${stream}-b`));
    expect(nothing).toMatchObject({ repeated: false, events: [], state: { closed: true } });
    expect(await run(deps, stream, raise(1), `${stream}-c`)).toMatchObject({
      ok: false,
      refusal: { rule: 'T-1' },
    });
    expect(await flatten(store.readStream(stream))).toHaveLength(1);
  });

  test('concurrent commands from several processes and callers all count, whatever is cached', async () => {
    const script = fc.array(fc.record({ process: fc.nat(2), stream: fc.nat(1), by: fc.nat(9) }), {
      maxLength: 24,
    });
    await fc.assert(
      fc.asyncProperty(script, async (commands) => {
        const processes = [0, 1, 2].map((): CommandDeps => ({ store, cache: newCache(), attempts: 100 }));
        const names = [newStream(), newStream()];
        const outcomes = await Promise.all(
          commands.map(({ process, stream, by }, i) =>
            run(processes[process] as CommandDeps, names[stream] as string, raise(by), `${names[0]}-${i}`),
          ),
        );
        outcomes.forEach(accepted);
        for (const [i, name] of names.entries()) {
          const total = commands.filter(({ stream }) => stream === i).reduce((sum, { by }) => sum + by, 0);
          for (const deps of processes) expect((await load(deps, counter, name)).state.total).toBe(total);
        }
      }),
      { numRuns: 15 },
    );
  });
});

test('contention with others is refused after the given number of attempts', async () => {
  const stream = newStream();
  const others: EventStore = {
    ...delegate(store),
    append: async () => ({ status: 'conflict', actual: 1 }),
  };
  let folds = 0;
  others.readStream = (name, options) => {
    folds++;
    return store.readStream(name, options);
  };
  const outcome = await run({ store: others, attempts: 4 }, stream, raise(1), `${stream}-a`);
  expect(outcome).toMatchObject({ ok: false, refusal: { code: 'CONFLICT' } });
  expect(folds).toBe(4);
});

test('100 commands at once on one stream take turns instead of refusing each other', async () => {
  const deps = { store, cache: new StateCache() };
  const stream = newStream();
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, i) => run(deps, stream, raise(1), `${stream}-${i}`)),
  );
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  expect((await load(deps, counter, stream)).state.total).toBe(100);
});

test('with a cache, a stream is read once; afterwards only what is new', async () => {
  const stream = newStream();
  const read: number[] = [];
  const counted: EventStore = {
    ...delegate(store),
    readStream: (name, options) => {
      read.push(options?.from ?? 0);
      return store.readStream(name, options);
    },
  };
  const deps = { store: counted, cache: new StateCache() };
  accepted(await run(deps, stream, raise(1, 30), `${stream}-a`));
  accepted(await run(deps, stream, raise(1), `${stream}-b`));
  await load(deps, counter, stream);
  expect(read).toEqual([0, 30, 31]);
});

test('a failing store fails the command, and the retry is safe', async () => {
  const stream = newStream();
  const flaky: EventStore = {
    ...delegate(store),
    append: async (...args) => {
      await store.append(...args);
      throw new Error('the line broke after writing');
    },
  };
  const cache = new StateCache();
  await expect(run({ store: flaky, cache }, stream, raise(3), `${stream}-a`)).rejects.toThrow('line broke');
  const outcome = accepted(await run({ store, cache }, stream, raise(3), `${stream}-a`));
  expect(outcome).toMatchObject({ repeated: true, state: { total: 3 } });
});

test('a retry is told by what the caller sent, not by what was looked up for it', async () => {
  const stream = newStream();
  const send = (by: number, content: unknown) =>
    handleCommand({ store }, counter, stream, raise(by, by), { ...contextOf(`${stream}-a`), content });
  const first = accepted(await send(1, { asked: 1 }));
  expect(accepted(await send(2, { asked: 1 }))).toMatchObject({ repeated: true, events: first.events });
  expect(await send(1, { asked: 2 })).toMatchObject({ ok: false, refusal: { code: 'CONFLICT' } });
});

test('command ids are UUIDs, the same for the same request and for no other', () => {
  const id = commandIdOf('u-1', 'publishEdition', 'k-1');
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(commandIdOf('u-1', 'publishEdition', 'k-1')).toBe(id);
  const others = [
    commandIdOf('u-2', 'publishEdition', 'k-1'),
    commandIdOf('u-1', 'correctEdition', 'k-1'),
    commandIdOf('u-1', 'publishEdition', 'k-2'),
    commandIdOf('u-1publish', 'Edition', 'k-1'),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

/** The store's methods as an object whose parts can be replaced. */
function delegate(target: EventStore): EventStore {
  return {
    append: (...args) => target.append(...args),
    readStream: (...args) => target.readStream(...args),
    readAll: (...args) => target.readAll(...args),
    subscribe: (...args) => target.subscribe(...args),
    head: () => target.head(),
    close: () => target.close(),
  };
}
