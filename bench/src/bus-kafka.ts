import type { Bus, Publisher } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import kafkajs, { type Kafka } from 'kafkajs';
import { startKafka } from '../../infra/test-servers/kafka.ts';
import type { Benchmark } from './benchmarks.ts';
import { alternate } from './measure.ts';
import { growth, type Row, row } from './report.ts';

/** As many as the relay publishes at once. */
const PAGE = 500;
const PARTITIONS = 4;
const KEYS = 64;

/** One message after the other from the first that is published to the last that is handled. */
interface Side {
  run(messages: readonly OutgoingMessage[]): Promise<void>;
}

function messagesOf(topic: string, count: number): OutgoingMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const key = `organ:370114-${String(index % KEYS).padStart(4, '0')}`;
    return {
      topic,
      key,
      event: {
        specversion: '1.0',
        id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        source: '/dutyledger/staffing',
        type: 'cn.dutyledger.staffing.OrganRegistered.v1',
        subject: key,
        time: '2026-03-01T00:00:00+08:00',
        datacontenttype: 'application/json',
        correlationid: `work-${index}`,
        causationid: `command-${index}`,
        sequence: String(index),
        recordedtime: '2026-03-01T00:00:00.000Z',
        data: { organ: { id: key, names: [{ text: `济南市章丘区第${index}办公室`, kind: 'FULL' }] } },
      },
    };
  });
}

function* pagesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += PAGE) yield items.slice(from, from + PAGE);
}

/** Counts what arrives; `all` resolves when it is as much as `expect` said. */
class Arrivals {
  #left = 0;
  #all = Promise.withResolvers<void>();

  expect(count: number): Promise<void> {
    this.#left = count;
    this.#all = Promise.withResolvers();
    return this.#all.promise;
  }

  arrived(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#all.resolve();
  }
}

async function throughBus(bus: Bus, publisher: Publisher, topic: string): Promise<Side> {
  const arrivals = new Arrivals();
  const subscription = bus.subscribe({ group: `bench-${topic}`, topics: [topic] }, async () =>
    arrivals.arrived(),
  );
  await subscription.caughtUp;
  let checkpoint = 0;
  return {
    run: async (messages) => {
      const all = arrivals.expect(messages.length);
      for (const page of pagesOf(messages)) {
        checkpoint += page.length;
        await publisher.publish(page, checkpoint);
      }
      await all;
    },
  };
}

async function throughKafkaJs(kafka: Kafka, stack: AsyncDisposableStack, topic: string): Promise<Side> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
  await admin.disconnect();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  stack.defer(() => producer.disconnect());
  const arrivals = new Arrivals();
  const consumer = kafka.consumer({ groupId: `bench-${topic}` });
  stack.defer(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        JSON.parse(value?.toString() ?? '');
        arrivals.arrived();
      }
    },
  });
  await joined;
  return {
    run: async (messages) => {
      const all = arrivals.expect(messages.length);
      for (const page of pagesOf(messages)) {
        const values = page.map(({ key, event }) => ({ key, value: JSON.stringify(event) }));
        await producer.send({ topic, acks: -1, messages: values });
      }
      await all;
    },
  };
}

/** From publishing to handling: the bus on Kafka, in transactions with checkpoints, by a bare producer and consumer of kafkajs. */
export const run: Benchmark = async ({ quick }) => {
  await using stack = new AsyncDisposableStack();
  const url = process.env['KAFKA_URL'] ?? (await started(stack));
  const bus = await openBus(`${url}?partitions=${PARTITIONS}`);
  stack.defer(() => bus.close());
  const publisher = await bus.publisher('bench');
  const brokers = [new URL(url).host];
  const kafka = new kafkajs.Kafka({ clientId: 'bench', brokers, logLevel: kafkajs.logLevel.NOTHING });
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const events of quick ? [500, 5_000] : [5_000, 50_000]) {
    const topic = `bench-${events}-${Date.now()}`;
    const messages = messagesOf(topic, events);
    const measured = await throughBus(bus, publisher, topic);
    const reference = await throughKafkaJs(kafka, stack, `${topic}-bare`);
    const taken = await alternate(quick ? 1 : 3, 1, {
      measured: () => measured.run(messages),
      reference: () => reference.run(messages),
    });
    const rate = (milliseconds: number) => (1000 * events) / milliseconds;
    rows.push(
      row(
        `bus-kafka, ${events.toLocaleString('en')} events`,
        {
          value: rate(taken.measured),
          unit: 'events/s',
          reference: rate(taken.reference),
          ratio: 1 / taken.ratio,
        },
        { atLeast: 0.5 },
      ),
    );
    costs.push(taken.measured / events);
  }
  const [small = 0, large = 0] = costs;
  return [...rows, growth('bus-kafka', small, large)];
};

async function started(stack: AsyncDisposableStack): Promise<string> {
  const server = await startKafka();
  stack.defer(() => server.stop());
  return server.url;
}
