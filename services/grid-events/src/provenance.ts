import type { EventMetadata, StoredEvent } from '@dutyledger/event-store/event-store';

/** Who recorded something, why, on what ground, and when: as read models keep it and answers tell it. */

export interface Provenance extends Pick<EventMetadata, 'reason' | 'basis' | 'correlationId'> {
  author: EventMetadata['actor'] & { onBehalfOf: string | null };
  recordedAt: string;
}

export function provenanceOf({ metadata, recordedAt }: StoredEvent): Provenance {
  const { actor, onBehalfOf, reason, basis, correlationId } = metadata;
  return { author: { ...actor, onBehalfOf: onBehalfOf ?? null }, reason, basis, correlationId, recordedAt };
}

/** The `Author` of common.graphql. */
export const authorOf = ({ author: { subject, name, organ: organId, role, onBehalfOf } }: Provenance) => ({
  subject,
  name,
  organId,
  role,
  onBehalfOf,
});
