import { contracts } from './catalogue.ts';
import { envelopeSchema } from './envelope.ts';
import type { EventContract } from './event-contract.ts';

type Json = Record<string, unknown>;

const text = (description: { 'zh-CN': string; en: string }) => `${description['zh-CN']} / ${description.en}`;

/** Name of an event within the documents: `staffing.OrganRegistered.v1`. */
const shortName = ({ service, event, version }: EventContract) => `${service}.${event}.v${version}`;

/** Envelope and data of one event as one schema: what a foreign consumer validates a message with. */
function eventSchema(contract: EventContract): Json {
  return {
    ...envelopeSchema,
    title: shortName(contract),
    description: text(contract.description),
    properties: {
      ...envelopeSchema.properties,
      source: { type: 'string', const: `/dutyledger/${contract.service}` },
      type: { type: 'string', const: contract.type },
      subject: { ...envelopeSchema.properties.subject, description: text(contract.subject) },
      data: contract.data,
    },
  };
}

/** The AsyncAPI 3.0 description of every topic. Its schemas use the vocabulary that draft-07 and 2020-12 share. */
function asyncApi(): Json {
  const topics = Map.groupBy(contracts as readonly EventContract[], ({ topic }) => topic);
  const channels: Json = {};
  const operations: Json = {};
  for (const [topic, events] of topics) {
    const channel = `#/channels/${topic}`;
    const names = events.map(shortName);
    channels[topic] = {
      address: topic,
      description: `${text((events[0] as EventContract).subject)} (key)`,
      messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    };
    operations[`publish.${topic}`] = {
      action: 'send',
      channel: { $ref: channel },
      messages: names.map((name) => ({ $ref: `${channel}/messages/${name}` })),
    };
  }
  const messages = contracts.map((contract) => [
    shortName(contract),
    {
      name: contract.type,
      summary: text(contract.description),
      contentType: 'application/cloudevents+json',
      bindings: { kafka: { key: { type: 'string', description: text(contract.subject) } } },
      payload: eventSchema(contract),
    },
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'DutyLedger integration events / 责任账本集成事件',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 in JSON, at least once, in order per key; repeats carry the same id. / CloudEvents 1.0（JSON），至少投递一次，同一键内有序；重复消息的 id 相同。',
    },
    defaultContentType: 'application/cloudevents+json',
    channels,
    operations,
    components: { messages: Object.fromEntries(messages) },
  };
}

/** Every generated document by file name, as plain JSON values. */
export function documents(): Map<string, Json> {
  const files = new Map<string, Json>();
  for (const contract of contracts) {
    const id = `urn:dutyledger:event:${contract.service}:${contract.event}:v${contract.version}`;
    const dialect = 'https://json-schema.org/draft/2020-12/schema';
    files.set(`${shortName(contract)}.schema.json`, { $schema: dialect, $id: id, ...eventSchema(contract) });
  }
  files.set('asyncapi.json', asyncApi());
  return new Map([...files].map(([name, document]) => [name, JSON.parse(JSON.stringify(document))]));
}
