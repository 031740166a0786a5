import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { engine } from '../../../infra/test-servers/engines.ts';
import { type KafkaServer, startKafka } from '../../../infra/test-servers/kafka.ts';
import type { Bus } from './bus.ts';
import { drain, failsWith, Record } from './contract-kit.ts';
import { note, toTopic } from './contract-note.ts';
import { openBus } from './open.ts';

// Its broker has users and certificates of its own. Where Java or Maven is missing, the contract says why.
describe.skipIf('missing' in engine('kafka'))('what a Kafka bus says of its broker', () => {
  let server: KafkaServer;
  let admin: Admin;
  let topic: string;
  const buses: Bus[] = [];
  const warnings: string[] = [];

  beforeAll(async () => {
    server = await startKafka({ secure: true });
    const { host } = new URL(server.url);
    const options = { brokers: [host], logLevel: kafkajs.logLevel.NOTHING };
    admin = new kafkajs.Kafka(options).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await server.stop();
  });
  beforeEach(() => {
    topic = `topic-${randomUUID()}`;
    warnings.length = 0;
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  async function open(url: string): Promise<Bus> {
    const bus = await openBus(url, { warn: (message) => warnings.push(message) });
    buses.push(bus);
    return bus;
  }

  const withOption = (url: string, option: string) => `${url}${url.includes('?') ? '&' : '?'}${option}`;

  /** Both who publishes and who subscribes are told so. */
  async function expectRefusal(
    url: string,
    code: 'DENIED' | 'UNAVAILABLE' | 'MISCONFIGURED',
    message: RegExp,
  ) {
    const bus = await open(url);
    const publishing = bus
      .publisher(`publisher-${topic}`)
      .then((publisher) => publisher.publish(toTopic(topic, 'k', [note('k', 1)])));
    await expect(publishing).rejects.toEqual(failsWith(code));
    await expect(publishing).rejects.toThrow(message);
    const subscription = bus.subscribe({ group: topic, topics: [topic] }, async () => undefined);
    await vi.waitFor(() => expect(subscription.failure()).toEqual(failsWith(code)), { timeout: 30_000 });
    expect(subscription.failure()?.message).toMatch(message);
  }

  const create = (topicConfig: Omit<ITopicConfig, 'topic'>) =>
    admin.createTopics({ topics: [{ topic, ...topicConfig }], waitForLeaders: true });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('works with TLS and %s', async (mechanism) => {
    const bus = await open(withOption(server.secureUrl, `partitions=2&mechanism=${mechanism}`));
    await (await bus.publisher(topic)).publish(toTopic(topic, 'k', [note('k', 1)]));
    const record = new Record();
    await drain(bus, { group: topic, topics: [topic] }, record.handler);
    expect(record.of('k')).toEqual([1]);
    expect(warnings).toEqual([]);
  });

  test.each(['plain', 'scram-sha-512'])(
    'a wrong password is refused (%s), and not repeated',
    async (mechanism) => {
      const url = server.secureUrl.replace('for-tests-only', 'my-secret');
      await expectRefusal(
        withOption(url, `mechanism=${mechanism}`),
        'DENIED',
        /^(?!.*my-secret).*refused user and password/,
      );
    },
  );

  test('a certificate that is not trusted', async () => {
    await expectRefusal(server.secureUrl.replace(/\?.*/, ''), 'UNAVAILABLE', /certificate/);
  });

  test('more copies than there are brokers', async () => {
    await expectRefusal(
      withOption(server.url, 'replication=3'),
      'MISCONFIGURED',
      /cannot be created.*[Rr]eplication/,
    );
  });

  test('a topic that is compacted would lose events', async () => {
    await create({ numPartitions: 2, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] });
    await expectRefusal(server.url, 'MISCONFIGURED', new RegExp(`${topic}.*compact.*lose events`));
  });

  test('a topic that forgets, or has other partitions, is used and warned of once', async () => {
    await create({ numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '1000000' }] });
    const bus = await open(withOption(server.url, 'partitions=5'));
    const publisher = await bus.publisher(topic);
    await publisher.publish(toTopic(topic, 'k', [note('k', 1)]));
    await drain(bus, { group: topic, topics: [topic] }, async () => undefined);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(new RegExp(`${topic}: it has 3 partitions, not 5.*retention.ms is 1000000`));
    expect(warnings[0]).toMatch(/max.message.bytes/);
  });
});
