import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { type AttachmentEvent, attachment, digestOf, type KnownFile } from './attachment.ts';

/** Files by digest: what they are, which cases name them, and from which they were erased (G-4). */
export const attachments = documents<KnownFile>()('attachments', { byStatus: ['status'] });

export const attachmentProjection: Projection = {
  name: 'attachments',
  version: 2,
  collections: [attachments],
  handles: [
    'AttachmentStored',
    'AttachmentNamed',
    'AttachmentErased',
    'AttachmentSwept',
    'AttachmentDeleted',
  ],
  async project(stored, batch) {
    const id = digestOf(stored.stream);
    const row = await batch.get(attachments, id);
    const state = attachment.evolve(row ?? attachment.initial, stored as StoredEvent & AttachmentEvent, {
      ...stored.metadata,
      recordedAt: stored.recordedAt,
    });
    if (state.status === 'ABSENT') throw new Error(`${stored.type} leaves no file`);
    batch.put(attachments, id, state);
  },
};
