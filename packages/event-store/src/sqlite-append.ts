import type { AppendRequest } from './append-request.ts';
import type { StoredEvent } from './event-store.ts';
import type { WriteOutcome } from './sqlite-commit.ts';
import { toInstant } from './sqlite-reader.ts';

/** The events as any later reader will see them: not what the caller may still change. */
export function toStored(
  { stream, rows }: AppendRequest,
  written: WriteOutcome & { status: 'appended' },
): StoredEvent[] {
  const recordedAt = toInstant(written.recordedAt);
  return rows.map(([id, type, version, metadata, data], i) => ({
    stream,
    revision: written.revision + i,
    position: written.position + i,
    recordedAt,
    id,
    type,
    version,
    data: JSON.parse(data),
    metadata: JSON.parse(metadata),
  }));
}
