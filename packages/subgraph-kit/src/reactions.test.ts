import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { IntegrationEvent } from '@dutyledger/contracts/catalogue';
import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { DisputeSettled } from '@dutyledger/contracts/lists-disputes';
import { accept, type Decider, type Fact, refuse } from '@dutyledger/event-store/decider';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { handleCommand } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { openEventStore } from '@dutyledger/event-store/open';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ReactionHandlers,
  type RunningReactions,
  reactionContext,
  requireDone,
  startReactions,
} from './reactions.ts';

const SETTLED = 'cn.dutyledger.lists.DisputeSettled.v1';
type Settled = Extract<IntegrationEvent, { type: typeof SETTLED }>;
const GROUP = 'notes.settled';
const PATIENCE = { timeout: 60_000, interval: 5 };

/** A log of the handlers that a case was given, in the order in which it was told. */
type Noted = Fact<'Noted', { handler: string }>;
const note: Decider<string[], { handler: string }, Noted> = {
  initial: [],
  evolve: (state, { data }) => [...state, data.handler],
  decide: ({ handler }) =>
    handler.endsWith('-9999')
      ? refuse({ code: 'NOT_FOUND', rule: 'L-7', message: { en: 'no such organ', 'zh-CN': '没有该机构' } })
      : accept<Noted>({ type: 'Noted', data: { handler } }),
};

/** Lists tells that a dispute about the case was settled; the same number is the same message. */
function settled(number: number, caseReference: string, organ = number): OutgoingMessage {
  const stream = `lists.dutyDispute-${number}`;
  const metadata = {
    actor: { subject: 's', name: 'n', organ: null, role: 'COUNTY_APPROVER' },
    reason: 'r',
    basis: [],
    commandId: 'c',
    commandDigest: 'd',
    correlationId: `work-${number}`,
    causationId: 'c',
    division: '370114000000',
    effectiveAt: '2026-03-01',
  };
  const stored: StoredEvent = {
    id: uuidFrom('test', number),
    type: 'DisputeRuled',
    version: 1,
    stream,
    revision: 0,
    position: number,
    recordedAt: '2026-03-01T00:00:00.000Z',
    data: {},
    metadata,
  };
  const handler = `organ:370114-${String(organ).padStart(4, '0')}`;
  const data = { dispute: `dispute:${number}`, outcome: 'RULED' as const, handler, caseReference };
  return outgoing(DisputeSettled, {
    stored,
    data: { ...data, caseClass: null, item: null, documentNumber: null },
  });
}

describe('reactions', () => {
  let folder: string;
  let buses = 0;
  let bus: Bus;
  let events: EventStore;
  const running: RunningReactions[] = [];

  /** A bus that begins anew: everything is published to it again. */
  const freshBus = () => {
    buses += 1;
    return openBus(`sqlite:${join(folder, `bus${buses}.db`)}`);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dutyledger-reactions-'));
    bus = await freshBus();
    events = await openEventStore('sqlite::memory:');
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
    await bus.close();
    await events.close();
    await rm(folder, { recursive: true });
  });

  const byCommand: ReactionHandlers = {
    async [SETTLED](reaction) {
      const { handler, caseReference } = reaction.event.data;
      const context = reactionContext(reaction, {
        actor: { subject: 'system', name: '系统', organ: null, role: 'SYSTEM' },
        reason: '争议已定',
        basis: [],
        division: '370114000000',
      });
      requireDone(
        await handleCommand({ store: events }, note, `notes.${caseReference}`, { handler }, context),
      );
    },
  };

  function start(handlers = byCommand): RunningReactions {
    const clock = { now: () => new Date('2026-03-05T20:00:00.000Z') };
    const one = startReactions({ bus, topics: [LISTS_TOPIC], group: GROUP, handlers, attempts: 3, clock });
    running.push(one);
    return one;
  }

  async function say(...messages: OutgoingMessage[]): Promise<void> {
    const publisher = await bus.publisher('lists');
    await publisher.publish(messages);
    await publisher.close();
  }

  async function notes(): Promise<StoredEvent[]> {
    const found: StoredEvent[] = [];
    for await (const page of events.readAll({ prefix: 'notes.' })) found.push(...page);
    return found;
  }
  const noted = async (count: number): Promise<StoredEvent[]> => {
    await vi.waitUntil(async () => (await notes()).length >= count, PATIENCE);
    return notes();
  };
  test('a message becomes a command of its chain of work, on the day of the reaction', async () => {
    const message = settled(1, 'case:1');
    start();
    await say(message);
    const [event] = await noted(1);
    expect(event).toMatchObject({
      type: 'Noted',
      data: { handler: 'organ:370114-0001' },
      metadata: {
        correlationId: 'work-1',
        causationId: message.event.id,
        actor: { subject: 'system' },
        effectiveAt: '2026-03-06',
      },
    });
  });

  test('a bus that is published anew, a restart and another process change nothing', async () => {
    const messages = [1, 2, 3].map((number) => settled(number, `case:${number % 2}`));
    const first = start();
    await say(...messages);
    const before = await noted(3);
    await first.stop();
    await bus.close();
    bus = await freshBus();
    await say(...messages);
    start();
    start();
    await say(settled(4, 'case:0'));
    expect((await noted(4)).slice(0, 3)).toEqual(before);
    expect(await notes()).toHaveLength(4);
  });

  test('one that fails is tried again until it can be done: what it needs may still be on its way', async () => {
    let tries = 0;
    start({
      async [SETTLED](reaction) {
        tries += 1;
        if (tries < 3) throw new Error('not known yet');
        await byCommand[SETTLED]?.(reaction);
      },
    });
    await say(settled(1, 'case:1'));
    await noted(1);
    expect(await bus.parked(GROUP)).toEqual([]);
  });

  test('one that cannot be done is parked with the cause; others go on, and it can be done later', async () => {
    const one = start();
    await say(settled(1, 'case:1', 9999), settled(2, 'case:1'));
    await noted(1);
    await vi.waitUntil(async () => (await bus.parked(GROUP)).length === 1, PATIENCE);
    const [parked] = await bus.parked(GROUP);
    expect(parked).toMatchObject({
      key: 'lists.dutyDispute-1',
      cause: 'NOT_FOUND L-7 no such organ',
      attempts: 3,
    });
    await one.stop();
    start({ [SETTLED]: async () => {} });
    await bus.replayParked(parked?.id ?? '');
    await vi.waitUntil(async () => (await bus.parked(GROUP)).length === 0, PATIENCE);
  });

  test('messages of other types are passed by; one that breaks its contract is parked', async () => {
    const message = settled(1, 'case:1');
    const broken = { ...message, event: { ...message.event, data: { outcome: 'LOST' } } };
    const unknown = { ...message, event: { ...message.event, id: uuidFrom('u'), type: `${SETTLED}0` } };
    const one = start();
    await say(unknown, broken, settled(2, 'case:2'));
    await noted(1);
    await vi.waitUntil(async () => (await bus.parked(GROUP)).length === 1, PATIENCE);
    expect((await bus.parked(GROUP))[0]?.cause).toContain('/data');
    expect(one.detail()).toBe('reading the bus');
  });

  test('killed between the command and its offset, it is not carried out twice', async () => {
    const done = Promise.withResolvers<void>();
    const stuck = start({
      async [SETTLED](reaction) {
        await byCommand[SETTLED]?.(reaction);
        done.resolve();
        throw new Error('the process ended here');
      },
    });
    await say(settled(1, 'case:1'));
    await done.promise;
    await stuck.stop();
    start();
    await say(settled(2, 'case:1'));
    await noted(2);
    expect(await notes()).toHaveLength(2);
  });

  test('whatever comes again, late or in another order, each message is one command', async () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(numbers, async (order) => {
        runs += 1;
        const caseReference = `case:${runs}`;
        for (const number of order) {
          const event = settled(number, caseReference).event as Settled;
          const now = new Date('2026-03-05T00:00:00.000Z');
          await byCommand[SETTLED]?.({ event, commandId: uuidFrom('reaction', GROUP, event.id), now });
        }
        const told = (await notes()).filter(({ stream }) => stream === `notes.${caseReference}`);
        const handlers = [...new Set(order)].map((number) => `organ:370114-000${number}`);
        expect(told.map(({ data }) => data)).toEqual(handlers.map((handler) => ({ handler })));
      }),
      { numRuns: 30 },
    );
  });
});
