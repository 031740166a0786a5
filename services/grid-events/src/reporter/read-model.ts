import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { type AttachmentEvent, digestOf } from '../attachment/attachment.ts';
import type { CaseEvent } from '../case/events.ts';
import { type Provenance, provenanceOf } from '../provenance.ts';
import {
  type ErasedPerson,
  evolve,
  initial,
  type KnownPerson,
  type PersonEvent,
  personIdOf,
} from './person.ts';

/** Reporters, sealed; which cases they reported; and who looked at their data (G-4). */

export type PersonRow = (KnownPerson | ErasedPerson) & { recorded: Provenance; erased: Provenance | null };

export const persons = documents<PersonRow>()('persons', { byStatus: ['status'] });

/** By the id of the case. */
export interface ReportedCaseRow {
  person: string;
  county: string;
  division: string;
  position: number;
}

export const reportedCases = documents<ReportedCaseRow>()('reportedCases', {
  byPerson: ['person', 'position'],
});

/** One act on personal data, by the id of its event. */
export interface PersonalDataAct {
  act: 'READ' | 'EXPORTED' | 'ERASED';
  /** Null: of a personal file that came without a reporter. */
  person: string | null;
  case: string | null;
  /** Digest of the one file that it was about. */
  file: string | null;
  purpose: string;
  county: string;
  provenance: Provenance;
  position: number;
}

export const personalDataActs = documents<PersonalDataAct>()('personalDataActs', {
  byCounty: ['county', 'position'],
  byPerson: ['person', 'position'],
  byCase: ['case', 'position'],
});

type Recorded = StoredEvent &
  (
    | PersonEvent
    | Extract<CaseEvent, { type: 'CaseReported' }>
    | Extract<AttachmentEvent, { type: 'AttachmentRead' | 'AttachmentErased' }>
  );

export const reporterProjection: Projection = {
  name: 'reporters',
  version: 2,
  collections: [persons, reportedCases, personalDataActs],
  handles: [
    'PersonRecorded',
    'PersonFileAdded',
    'PersonalDataRead',
    'PersonErased',
    'PersonKeysDestroyed',
    'CaseReported',
    'AttachmentRead',
    'AttachmentErased',
  ],
  async project(stored, batch) {
    const event = stored as Recorded;
    const { position } = stored;
    if (event.type === 'CaseReported') {
      const { id, reporter: person, county, division } = event.data;
      if (person !== null) batch.put(reportedCases, id, { person, county, division, position });
      return;
    }
    if (event.type === 'AttachmentRead' || event.type === 'AttachmentErased') {
      const { case: of, county, person } = event.data;
      const provenance = provenanceOf(stored);
      const done =
        event.type === 'AttachmentRead'
          ? { act: 'READ' as const, purpose: event.data.purpose }
          : { act: 'ERASED' as const, purpose: provenance.reason };
      const file = digestOf(stored.stream);
      batch.put(personalDataActs, stored.id, {
        ...done,
        person,
        case: of,
        file,
        county,
        provenance,
        position,
      });
      return;
    }
    const id = personIdOf(stored.stream);
    const row = await batch.get(persons, id);
    const state = evolve(row ?? initial, event);
    if (state.status === 'ABSENT') throw new Error(`${stored.type} leaves nobody`);
    const provenance = provenanceOf(stored);
    const { county } = state;
    const act = { person: id, file: null, county, provenance, position };
    if (event.type === 'PersonalDataRead') {
      const { case: of, purpose } = event.data;
      batch.put(personalDataActs, stored.id, { ...act, act: of ? 'READ' : 'EXPORTED', case: of, purpose });
      return;
    }
    const erased = event.type === 'PersonErased' ? provenance : (row?.erased ?? null);
    batch.put(persons, id, { ...state, recorded: row?.recorded ?? provenance, erased });
    if (event.type === 'PersonErased') {
      batch.put(personalDataActs, stored.id, {
        ...act,
        act: 'ERASED',
        case: null,
        purpose: provenance.reason,
      });
    }
  },
};
