import { randomUUID } from 'node:crypto';
import { openBus } from '@dutyledger/bus/open';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import kafkajs, { type Consumer } from 'kafkajs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeOn } from '../../infra/test-servers/engines.ts';
import { textOf } from '../infra/files.ts';

/** The Kafka program of the guide for command platforms, as it is written, on a real broker. */

const PROGRAM =
  /```ts\nimport kafkajs from 'kafkajs';\n([\s\S]+?)```/.exec(
    textOf('docs/guides/command-platforms.md'),
  )?.[1] ?? '';
const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
const program = new AsyncFunction('kafkajs', 'brokers', 'take', `${PROGRAM}; return consumer;`) as (
  client: typeof kafkajs,
  brokers: string[],
  take: (event: CloudEvent) => Promise<void>,
) => Promise<Consumer>;

const CASES = ['a', 'b', 'c'].map((name) => `case:370114-${name}-${randomUUID()}`);
const EACH = 20;

const eventOf = (of: string, n: number): CloudEvent => ({
  specversion: '1.0',
  id: `${of}-${n}`,
  source: '/dutyledger/grid-events',
  type: 'cn.dutyledger.grid-events.CaseRated.v1',
  subject: of,
  time: '2026-03-01T00:00:00+08:00',
  datacontenttype: 'application/json',
  correlationid: 'guide',
  causationid: 'guide',
  sequence: String(n),
  recordedtime: '2026-03-01T00:00:00.000Z',
  data: { case: of, n },
});

describeOn('kafka', 'the guide for command platforms', ({ url }) => {
  // The client would print what the test breaks on purpose.
  beforeAll(() => void vi.stubEnv('KAFKAJS_LOG_LEVEL', 'NOTHING'));
  afterAll(() => void vi.unstubAllEnvs());

  test('a consumer that breaks off in the middle goes on by its offset: nothing is missed, in order per case', async () => {
    const bus = await openBus(url);
    const publisher = await bus.publisher(`guide-${randomUUID()}`);
    const publish = (from: number) =>
      publisher.publish(
        Array.from({ length: EACH }, (_, at) => from + at).flatMap((n) =>
          CASES.map((key) => ({ topic: GRID_EVENTS_TOPIC, key, event: eventOf(key, n) })),
        ),
      );
    await publish(1);
    const brokers = new URL(url).host.split(',');
    const taken: CloudEvent[] = [];
    const until = async (count: number, broken: boolean) => {
      const enough = Promise.withResolvers<void>();
      const consumer = await program(kafkajs, brokers, async (event) => {
        if (!CASES.includes(event.subject)) return;
        taken.push(event);
        if (new Set(taken.map(({ id }) => id)).size < count) return;
        enough.resolve();
        // The offset of this one is not committed: it comes again.
        if (broken) throw new Error('the platform broke off');
      });
      await enough.promise;
      await consumer.disconnect();
    };
    await until(25, true);
    await publish(EACH + 1);
    await until(CASES.length * EACH * 2, false);
    const first = [...new Map(taken.map((event) => [event.id, event])).values()];
    for (const of of CASES) {
      const seen = first.filter(({ subject }) => subject === of).map(({ sequence }) => Number(sequence));
      expect(seen).toEqual(Array.from({ length: EACH * 2 }, (_, at) => at + 1));
    }
    expect(taken.length).toBeLessThan(first.length + CASES.length * EACH);
    await publisher.close();
    await bus.close();
  });
});
