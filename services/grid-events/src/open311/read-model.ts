import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { type CaseEvent, type CaseSource, caseIdOf } from '../case/events.ts';
import { CASE_EVENT_TYPES } from '../case/evolve.ts';
import { countyOf, townOf } from '../case/rows.ts';

/** Which cases the public may know of, and how it finds them: those that the public itself reported. */

export interface RequestRow {
  /** That of the case. */
  id: string;
  /** The county, the town and the village that it lies in. */
  places: string[];
  open: boolean;
  /** Class and status in one: both are asked for at once. */
  service: string;
  requestedAt: string;
  /** When the case last took a step. */
  updatedAt: string;
}

export const serviceRequests = documents<RequestRow>()('serviceRequests', {
  byPlace: ['places', 'open', 'requestedAt'],
  byService: ['places', 'service', 'requestedAt'],
});

export const serviceKey = (caseClass: string, open: boolean): string =>
  `${caseClass}/${open ? 'open' : 'closed'}`;

const PUBLIC: readonly CaseSource[] = ['CITIZEN', 'HOTLINE'];

/** A case that was merged stays open: it closes with the one that it was merged into. */
const CLOSES: readonly CaseEvent['type'][] = ['CaseClosed', 'CaseRefused', 'CaseVoided'];
const OPENS: readonly CaseEvent['type'][] = ['CaseReopened', 'CaseUnmerged'];

export const serviceRequestsProjection: Projection = {
  name: 'serviceRequests',
  version: 1,
  collections: [serviceRequests],
  handles: CASE_EVENT_TYPES,
  prefetch: ({ stream, type }) =>
    type === 'CaseReported' ? [] : [{ spec: serviceRequests, id: caseIdOf(stream) }],
  async project(stored, batch) {
    const event = stored as StoredEvent & CaseEvent;
    const { type, recordedAt } = event;
    const id = caseIdOf(event.stream);
    if (event.type === 'CaseReported') {
      const { county, division, class: of, source, reportedAt } = event.data;
      if (!PUBLIC.includes(source)) return;
      batch.put(serviceRequests, id, {
        id,
        places: [...new Set([countyOf(county), townOf(division), division])],
        open: true,
        service: serviceKey(of, true),
        requestedAt: reportedAt,
        updatedAt: recordedAt,
      });
      return;
    }
    const before = await batch.get(serviceRequests, id);
    if (!before) return;
    const open = OPENS.includes(type) || (before.open && !CLOSES.includes(type));
    const service = serviceKey(before.service.slice(0, before.service.lastIndexOf('/')), open);
    batch.put(serviceRequests, id, { ...before, open, service, updatedAt: recordedAt });
  },
};
