import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type Batch, documents } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { type Provenance, provenanceOf } from '../provenance.ts';
import {
  type CallEvent,
  callIdOf,
  evolve,
  initial,
  isOverdue,
  isRunning,
  type KnownCall,
  type Part,
} from './state.ts';

/** Calls with their steps, the part of every called organ, and the figures of organs by the day of the call (G-9). */

export interface CallRow {
  id: string;
  /** The divisions that the town lies in, and its own: one look-up finds the calls of a whole county. */
  within: string[];
  status: KnownCall['status'];
  case: string | null;
  follows: string | null;
  position: number;
  issued: Provenance;
  state: KnownCall;
}

/** One organ in one call. */
export interface PartRow {
  call: string;
  no: number;
  organ: string;
  county: string;
  status: Part['status'];
  /** Of the call: the day, in China, that figures are counted by. */
  day: string;
  measures: Measure[];
  position: number;
}

export interface CallStepRow {
  id: string;
  call: string;
  step: CallEvent['type'];
  content: unknown;
  position: number;
  provenance: Provenance;
}

/** What is counted of an organ; each is a property of its part in a call. */
export const MEASURES = [
  'CALLED',
  'ACCEPTED',
  'ACCEPTED_IN_TIME',
  'ON_SITE',
  'ON_SITE_IN_TIME',
  'DONE',
  'DONE_IN_TIME',
  'OVERDUE',
  'REFUSED',
  'REFUSAL_STANDS',
  'REWORKED',
  'RATED',
] as const;
export type Measure = (typeof MEASURES)[number];

/** What one organ was called for in one county on one day. */
export interface FigureRow {
  organ: string;
  organName: string;
  county: string;
  day: string;
  counts: Partial<Record<Measure, number>>;
  /** Sum of the points of its ratings. */
  points: number;
}

export const calls = documents<CallRow>()('calls', {
  byDivision: ['within', 'status', 'position'],
  byCase: ['case', 'position'],
  byFollowed: ['follows', 'position'],
});
export const callParts = documents<PartRow>()('callParts', {
  byOrgan: ['organ', 'status', 'position'],
  byMeasure: ['organ', 'measures', 'day', 'position'],
});
export const callSteps = documents<CallStepRow>()('callSteps', { byCall: ['call', 'position'] });
export const callFigures = documents<FigureRow>()('callFigures', { byCounty: ['county', 'day', 'organ'] });

export const CALL_EVENTS: readonly CallEvent['type'][] = [
  'CallIssued',
  'CallAccepted',
  'CalledOrganArrived',
  'CalledOrganDone',
  'CallRefused',
  'CallRefusalDecided',
  'CalledOrganSubstituted',
  'CallReworkAsked',
  'CallFeedbackGiven',
  'CallRated',
  'CallWithdrawn',
  'CallOverdue',
  'CallRaised',
];

export const callsProjection: Projection = {
  name: 'calls',
  version: 1,
  collections: [calls, callParts, callSteps, callFigures],
  handles: CALL_EVENTS,
  prefetch: ({ stream }) => [{ spec: calls, id: callIdOf(stream) }],
  async project(stored, batch) {
    const event = stored as StoredEvent & CallEvent;
    const id = callIdOf(event.stream);
    const row = await batch.get(calls, id);
    const state = evolve(row?.state ?? initial, event) as KnownCall;
    const first = row ?? { position: event.position, issued: provenanceOf(event) };
    batch.put(calls, id, callRow(state, first));
    batch.put(callSteps, event.id, {
      id: event.id,
      call: id,
      step: event.type,
      content: event.data,
      position: event.position,
      provenance: provenanceOf(event),
    });
    for (const [i, part] of state.parts.entries()) {
      const before = row?.state.parts[i];
      if (before !== part) await projectPart(state, before, part, event, batch);
    }
  },
};

/** The row of a call in this state; `first`: of its issue. */
export function callRow(state: KnownCall, first: Pick<CallRow, 'position' | 'issued'>): CallRow {
  const { id, division, status, case: of, follows } = state;
  const within = [2, 4, 6, 9].map((digits) => division.slice(0, digits).padEnd(12, '0'));
  return {
    id,
    within: [...new Set(within)],
    status,
    case: of,
    follows,
    position: first.position,
    issued: first.issued,
    state,
  };
}

async function projectPart(
  { id: call, county, issuedAt }: KnownCall,
  before: Part | undefined,
  part: Part,
  { position }: StoredEvent,
  batch: Batch,
): Promise<void> {
  const { no, organ, organName, status } = part;
  const id = `${call}/${no}`;
  const day = chinaDate(issuedAt);
  const measures = measuresOf(part);
  const known = await batch.get(callParts, id);
  batch.put(callParts, id, {
    call,
    no,
    organ,
    county,
    status,
    day,
    measures,
    position: known?.position ?? position,
  });
  const figures = `${county}/${organ}/${day}`;
  const row = (await batch.get(callFigures, figures)) ?? {
    organ,
    organName,
    county,
    day,
    counts: {},
    points: 0,
  };
  const counts = { ...row.counts };
  for (const measure of measures) counts[measure] = (counts[measure] ?? 0) + 1;
  for (const measure of before ? measuresOf(before) : []) counts[measure] = (counts[measure] ?? 0) - 1;
  const points = row.points + pointsOf(part) - (before ? pointsOf(before) : 0);
  batch.put(callFigures, figures, { ...row, organName, counts, points });
}

const pointsOf = (part: Part): number => (part.status === 'RATED' ? part.rating.points : 0);

/** What of the part counts. The county's own delay in deciding on a refusal is none of the organ's. */
function measuresOf(part: Part): Measure[] {
  const { taken, overdue, refusal, reworks, status } = part;
  const step = (name: 'ACCEPT' | 'ON_SITE') => taken.filter((one) => one.step === name);
  const [accepts, arrivals] = [step('ACCEPT'), step('ON_SITE')];
  const late = (name: string): boolean => overdue.some((one) => one.step === name);
  const done = !isRunning(part) && taken.at(-1)?.step === 'DONE';
  const found: Record<Measure, boolean> = {
    CALLED: true,
    ACCEPTED: accepts.length > 0,
    ACCEPTED_IN_TIME: accepts.length > 0 && !late('ACCEPT'),
    ON_SITE: arrivals.length > 0,
    ON_SITE_IN_TIME: arrivals.length > 0 && !late('ON_SITE'),
    DONE: done,
    DONE_IN_TIME: done && !late('DONE'),
    OVERDUE: overdue.some((one) => one.step !== 'DECISION'),
    REFUSED: refusal !== null,
    REFUSAL_STANDS: refusal?.stands === true,
    REWORKED: reworks > 0,
    RATED: status === 'RATED',
  };
  return MEASURES.filter((measure) => found[measure]);
}

/** Whether an organ of the call is over the limit of the step that it owes. */
export const callIsOverdue = ({ state }: CallRow): boolean => state.parts.some(isOverdue);
