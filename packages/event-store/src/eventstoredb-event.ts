import type { EventData } from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Row } from './append-request.ts';
import type { EventMetadata, StoredEvent } from './event-store.ts';
import { EventStoreError } from './event-store.ts';

type Recorded = ReadResp.ReadEvent.RecordedEvent;

/** Raised with every change of what stands in an event's metadata on the server. */
const FORMAT = 1;

/** The server counts in .NET's ticks. */
const TICKS_PER_MILLISECOND = 10_000n;

/** What the server keeps as an event's metadata; `metadata` is the event's own. */
interface Envelope {
  format: number;
  version: number;
  /** Differs for every call of `append`: tells one that wrote from one that the server knew already. */
  append: string;
  /** When it was recorded, where the server's own instant is that of a migration. */
  recordedAt?: string;
  /** The latest instant that the writer had read: a leader whose clock is behind must not date this event before it. */
  notBefore?: string;
  metadata: EventMetadata;
}

export interface ReadEvent {
  event: StoredEvent;
  append: string;
  /** Of data and metadata. */
  bytes: number;
}

/** What all events of one append have in common. */
export type Origin = Pick<Envelope, 'append' | 'recordedAt' | 'notBefore'>;

export function toEventData([id, type, version, metadata, data]: Row, origin: Origin): EventData {
  const envelope: Envelope = { format: FORMAT, version, ...origin, metadata: JSON.parse(metadata) };
  return jsonEvent({ id, type, data: JSON.parse(data), metadata: { ...envelope } });
}

/** The server's own records, and the marks of deleted streams, are nobody's business. */
export const isSystem = (recorded: Recorded): boolean =>
  streamOf(recorded).startsWith('$') || (recorded.getMetadataMap().get('type') ?? '$').startsWith('$');

const streamOf = (recorded: Recorded): string =>
  Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

/**
 * Throws EventStoreError: CORRUPT for an event that this program has not written, NEWER_SCHEMA for one that a newer
 * version has, UNAVAILABLE when its place is not told or is beyond what a number can say.
 */
export function toReadEvent(recorded: Recorded): ReadEvent {
  const stream = streamOf(recorded);
  const id = recorded.getId()?.getString() ?? '';
  const data = recorded.getData_asU8();
  const custom = recorded.getCustomMetadata_asU8();
  const place = `event ${id} of stream ${stream}`;
  const envelope = parse(custom, place) as Partial<Envelope> | null;
  if (typeof envelope?.format !== 'number' || envelope.metadata === undefined) {
    throw new EventStoreError('CORRUPT', `${place} was not written by this program`);
  }
  if (envelope.format > FORMAT) {
    throw new EventStoreError('NEWER_SCHEMA', `${place} was written by a newer version of the program`);
  }
  const ticks = BigInt(recorded.getMetadataMap().get('created') ?? '0');
  const created = new Date(Number(ticks / TICKS_PER_MILLISECOND)).toISOString();
  const { notBefore = created } = envelope;
  const event: StoredEvent = {
    stream,
    revision: numberOf(recorded.getStreamRevision(), place),
    position: numberOf(recorded.getCommitPosition(), place),
    recordedAt: envelope.recordedAt ?? (created < notBefore ? notBefore : created),
    id,
    type: recorded.getMetadataMap().get('type') ?? '',
    version: envelope.version ?? 1,
    data: parse(data, place),
    metadata: envelope.metadata,
  };
  return { event, append: envelope.append ?? '', bytes: data.length + custom.length };
}

function parse(bytes: Uint8Array, place: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw new EventStoreError('CORRUPT', `${place} was not written by this program: it is not JSON`, {
      cause,
    });
  }
}

/** Places are 64-bit numbers on the wire, all ones where the server does not tell. */
export function numberOf(text: string, of: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const reason =
    BigInt(text) === 2n ** 64n - 1n ? 'is not told: EventStoreDB 22.6 or newer is needed' : 'is too high';
  throw new EventStoreError('UNAVAILABLE', `the position of ${of} ${reason}`);
}
