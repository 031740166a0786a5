import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';

export type Note = CloudEvent<string, { key: string; n: number; text?: string }>;

/** An event of `key` with a running number; the same pair is the same event. */
export function note(key: string, n: number, text?: string): Note {
  return {
    specversion: '1.0',
    id: `${key}-${n}`,
    source: '/dutyledger/test',
    type: 'cn.dutyledger.test.Noted.v1',
    subject: key,
    time: '2026-03-01T00:00:00+08:00',
    datacontenttype: 'application/json',
    correlationid: 'work',
    causationid: 'command',
    sequence: String(n),
    recordedtime: '2026-03-01T00:00:00.000Z',
    data: { key, n, ...(text === undefined ? {} : { text }) },
  };
}

export const notes = (key: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => note(key, from + index));

/** Events of one key as a publisher takes them. */
export const toTopic = (topic: string, key: string, events: readonly CloudEvent[]): OutgoingMessage[] =>
  events.map((event) => ({ topic, key, event }));
