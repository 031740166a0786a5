import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { provenanceOf } from '../provenance.ts';
import { type CaseEvent, caseIdOf } from './events.ts';
import { CASE_EVENT_TYPES, evolve } from './evolve.ts';
import { caseRow, caseSteps, cases, contentOf } from './rows.ts';
import { initial, type KnownCase } from './state.ts';

/** Cases as they stand, and every step of each as it was recorded. */
export const casesProjection: Projection = {
  name: 'cases',
  version: 2,
  collections: [cases, caseSteps],
  handles: CASE_EVENT_TYPES,
  prefetch: ({ stream, type }) => (type === 'CaseReported' ? [] : [{ spec: cases, id: caseIdOf(stream) }]),
  async project(stored, batch) {
    const event = stored as StoredEvent & CaseEvent;
    const id = caseIdOf(event.stream);
    const before = event.type === 'CaseReported' ? undefined : await batch.get(cases, id);
    const state = evolve(before?.state ?? initial, event) as KnownCase;
    const provenance = provenanceOf(event);
    const { position } = event;
    batch.put(cases, id, caseRow(state, before ?? { position, reported: provenance }));
    const { status, level } = state;
    const content = contentOf(event);
    const step = { id: event.id, case: id, step: event.type, content, status, level, position, provenance };
    batch.put(caseSteps, event.id, step);
  },
};
