import type { StoredEvent } from '@dutyledger/event-store/event-store';
import Type from 'typebox';
import { type ContractProblem, problemOf } from './check.ts';

/**
 * CloudEvents 1.0 (JSON) with the extensions of the CloudEvents repository: the envelope of every integration event.
 */
export interface CloudEvent<Type extends string = string, Data = unknown> {
  specversion: '1.0';
  /** The stored event's id, or one derived from it: consumers recognise repeats by it. */
  id: string;
  /** `/dutyledger/<service>`. */
  source: string;
  /** `cn.dutyledger.<service>.<Event>.v<N>`. */
  type: Type;
  /** The aggregate: the key that messages are ordered by. */
  subject: string;
  /** Day from which the fact holds, as an instant: midnight China Standard Time. */
  time: string;
  datacontenttype: 'application/json';
  correlationid: string;
  causationid: string;
  /** Grows per subject; the position of the stored event, in decimal. */
  sequence: string;
  /** When the event was recorded. */
  recordedtime: string;
  /** The trace in which it was recorded (W3C Trace Context), where traces are kept. */
  traceparent?: string;
  data: Data;
}

/** The envelope as a schema. Further attributes are accepted: CloudEvents lets brokers add their own. */
export const envelopeSchema = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, description: 'Id of the message; repeats carry the same one.' }),
  source: Type.String({ pattern: '^/dutyledger/[a-z][a-z-]*$' }),
  type: Type.String({ pattern: '^cn\\.dutyledger\\.[a-z][a-z-]*\\.[A-Z][A-Za-z0-9]*\\.v[1-9][0-9]*$' }),
  subject: Type.String({ minLength: 1, description: 'The aggregate; messages are ordered by it.' }),
  time: Type.String({
    format: 'date-time',
    description: 'Midnight, +08:00, of the day the fact holds from.',
  }),
  datacontenttype: Type.Literal('application/json'),
  correlationid: Type.String({ minLength: 1, description: 'The chain of work.' }),
  causationid: Type.String({ minLength: 1, description: 'The command or event right before this one.' }),
  sequence: Type.String({ pattern: '^(0|[1-9][0-9]*)$', description: 'Grows per subject.' }),
  recordedtime: Type.String({ format: 'date-time', description: 'When the event was recorded.' }),
  traceparent: Type.Optional(
    Type.String({ description: 'The trace in which it was recorded (W3C Trace Context).' }),
  ),
  data: Type.Unknown(),
});

export interface CloudEventParts<Service extends string, Event extends string, Version extends number, Data> {
  service: Service;
  event: Event;
  version: Version;
  /** The recorded fact that this event tells other services about: gives id, times, chain of work and sequence. */
  stored: StoredEvent;
  /** The stored event's unless given: where it is told of in several messages, each has an id derived from that. */
  id?: string;
  /** The aggregate's stream unless given. */
  subject?: string;
  data: Data;
}

/** Wraps `data` into the envelope. The same stored event always gives the same envelope. */
export function cloudEvent<Service extends string, Event extends string, Version extends number, Data>(
  parts: CloudEventParts<Service, Event, Version, Data>,
): CloudEvent<`cn.dutyledger.${Service}.${Event}.v${Version}`, Data> {
  const { service, event, version, stored, id = stored.id, subject = stored.stream, data } = parts;
  return {
    specversion: '1.0',
    id,
    source: `/dutyledger/${service}`,
    type: `cn.dutyledger.${service}.${event}.v${version}`,
    subject,
    time: `${stored.metadata.effectiveAt}T00:00:00+08:00`,
    datacontenttype: 'application/json',
    correlationid: stored.metadata.correlationId,
    causationid: stored.metadata.causationId,
    sequence: String(stored.position),
    recordedtime: stored.recordedAt,
    ...(stored.metadata.traceparent === undefined ? {} : { traceparent: stored.metadata.traceparent }),
    data,
  };
}

/** `event` is the very value that was checked: nothing is copied, defaulted or removed. */
export type Checked<Event extends CloudEvent> =
  | { ok: true; event: Event }
  | { ok: false; problem: ContractProblem };

/** Checks the envelope alone; `validate` of `catalogue.ts` checks the data as well. */
export function parseCloudEvent(value: unknown): Checked<CloudEvent> {
  const problem = problemOf(envelopeSchema, value, 'NOT_A_CLOUD_EVENT');
  return problem ? { ok: false, problem } : { ok: true, event: value as CloudEvent };
}
