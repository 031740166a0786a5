import { assertNever, type Fact } from '@dutyledger/event-store/decider';
import type { OrganName } from '../organs.ts';
import type { CallKind, Step, Terms } from './terms.ts';

/**
 * The call (吹哨报到、乡呼县应, G-9): its events (a storage format), its state, and how the one makes the other. The rules
 * are in call.ts. The read model keeps the state as it is.
 */

/** LEAD: answers for the whole (at most one). */
export type CallRole = 'LEAD' | 'COOPERATE';

export interface Called extends OrganName {
  role: CallRole;
}

export interface Place {
  address: string;
  /** WGS 84, in degrees. */
  point: { lon: number; lat: number } | null;
}

export interface CallContent {
  id: string;
  /** 12-digit codes of the town that calls and of its county. */
  division: string;
  county: string;
  town: OrganName;
  kind: CallKind;
  title: string;
  /** What is asked of the called organs. */
  asked: string;
  place: Place;
  /** When they are wanted on site, as an instant; null: as soon as the limit says. */
  appointedAt: string | null;
  /** The case that it is for. */
  case: string | null;
  /** The earlier call that it follows up. */
  follows: string | null;
}

/** What a refusal rests on: an item of an edition of a duty list, or an article. */
export type DutyCitation =
  | { kind: 'ITEM'; list: string; edition: number; code: string }
  | { kind: 'ARTICLE'; title: string; article: string };

export interface Rating {
  /** 1 to 5; of three grades 5, 3 and 1. */
  points: number;
  scale: Terms['scale'];
  text: string | null;
}

/** How high the call has been raised: the county supervises (督办), or the city. */
export type Level = 'TOWN' | 'COUNTY' | 'CITY';
export type RaiseCause = 'OVERDUE' | 'REWORKS' | 'TRANSFERS';

/**
 * `organ`: which of the called organs it is about. `due`: when the step that the event begins is overdue. `at`: when it
 * was said to happen, by the service's clock.
 */
export type CallEvent =
  | Fact<'CallIssued', CallContent & { at: string; organs: Called[]; due: string; terms: Terms }>
  | Fact<'CallAccepted', OrganName & { at: string; text: string | null; due: string }>
  | Fact<'CalledOrganArrived', OrganName & { at: string; text: string | null; due: string }>
  | Fact<'CalledOrganDone', OrganName & { at: string; text: string }>
  | Fact<'CallRefused', OrganName & { at: string; text: string; citation: DutyCitation; due: string }>
  /** `due`: of the acceptance that is owed again, when the refusal does not stand. */
  | Fact<
      'CallRefusalDecided',
      OrganName & { at: string; stands: boolean; reasons: string; due: string | null }
    >
  | Fact<'CalledOrganSubstituted', OrganName & { at: string; by: OrganName; reasons: string; due: string }>
  | Fact<'CallReworkAsked', OrganName & { at: string; text: string; due: string }>
  | Fact<'CallFeedbackGiven', OrganName & { at: string; text: string }>
  | Fact<'CallRated', OrganName & { at: string; rating: Rating }>
  | Fact<'CallWithdrawn', { at: string; organs: OrganName[] }>
  | Fact<'CallOverdue', OrganName & { step: Step; due: string }>
  | Fact<'CallRaised', OrganName & { cause: RaiseCause; from: Level; to: Level }>;

/** A step that was taken: by when it was to be, and when it was. */
export interface StepTaken {
  step: Exclude<Step, 'DECISION'>;
  due: string;
  at: string;
}

interface PartBase extends Called {
  /** 1, 2 …: the order in which organs came into the call. */
  no: number;
  taken: StepTaken[];
  overdue: { step: Step; due: string }[];
  reworks: number;
  /** How often the part changed hands before. */
  transfers: number;
  /** Why the organ refused, and whether the county let it stand; null while undecided. */
  refusal: { citation: DutyCitation; text: string; stands: boolean | null; reasons: string | null } | null;
  /** Newest words of the organ. */
  feedback: string | null;
}

/** The part of one called organ. */
export type Part =
  | (PartBase & { status: 'CALLED' | 'ACCEPTED' | 'ON_SITE' | 'REWORK' | 'REFUSED'; due: string })
  | (PartBase & { status: 'DONE' | 'RELEASED' | 'SUBSTITUTED' | 'WITHDRAWN' })
  | (PartBase & { status: 'RATED'; rating: Rating });

export type RunningPart = Extract<Part, { due: string }>;

export interface OpenCall extends CallContent {
  status: 'OPEN';
  terms: Terms;
  issuedAt: string;
  parts: Part[];
  level: Level;
  /** 问题工单: three reworks or three transfers of a part. */
  problem: Exclude<RaiseCause, 'OVERDUE'> | null;
}

export type KnownCall = OpenCall | (Omit<OpenCall, 'status'> & { status: 'CLOSED'; closedAt: string });
export type Call = { status: 'ABSENT' } | KnownCall;

export const initial: Call = { status: 'ABSENT' };

/** The step that an organ owes in each state of its part. */
export const STEP_OF: Readonly<Record<RunningPart['status'], Step>> = {
  CALLED: 'ACCEPT',
  ACCEPTED: 'ON_SITE',
  ON_SITE: 'DONE',
  REWORK: 'DONE',
  REFUSED: 'DECISION',
};

export const isRunning = (part: Part): part is RunningPart => part.status in STEP_OF;
const isOpen = (part: Part): boolean => isRunning(part) || part.status === 'DONE';

/** The part of an organ; of one that was called twice, the later. */
export const partOf = ({ parts }: Pick<OpenCall, 'parts'>, organ: string): Part | undefined =>
  parts.findLast((part) => part.organ === organ);

/** Whether the step that the organ owes has gone on record as overdue. */
export const isOverdue = (part: Part): boolean =>
  isRunning(part) && part.overdue.some(({ step, due }) => step === STEP_OF[part.status] && due === part.due);

export function evolve(state: Call, event: CallEvent): Call {
  if (event.type === 'CallIssued') return issued(event.data);
  if (state.status !== 'OPEN') throw new Error(`${event.type} of a call that is ${state.status}`);
  if (event.type === 'CallRaised') {
    const { cause, to } = event.data;
    return { ...state, level: to, problem: cause === 'OVERDUE' ? state.problem : cause };
  }
  const at = event.type === 'CallOverdue' ? state.issuedAt : event.data.at;
  const next = { ...state, parts: partsAfter(state.parts, event) };
  return next.parts.some(isOpen) ? next : { ...next, status: 'CLOSED', closedAt: at };
}

function issued({
  at,
  organs,
  due,
  terms,
  ...content
}: Extract<CallEvent, { type: 'CallIssued' }>['data']): Call {
  const parts = organs.map((organ, i) => newPart(organ, i + 1, due));
  return { ...content, status: 'OPEN', terms, issuedAt: at, parts, level: 'TOWN', problem: null };
}

const newPart = (called: Called, no: number, due: string, transfers = 0): Part => ({
  ...called,
  no,
  status: 'CALLED',
  due,
  taken: [],
  overdue: [],
  reworks: 0,
  transfers,
  refusal: null,
  feedback: null,
});

type PartEvent = Exclude<CallEvent, { type: 'CallIssued' | 'CallRaised' }>;

function partsAfter(parts: Part[], event: PartEvent): Part[] {
  if (event.type === 'CallWithdrawn') {
    const organs = new Set(event.data.organs.map(({ organ }) => organ));
    return parts.map((part) =>
      isRunning(part) && organs.has(part.organ) ? { ...ended(part), status: 'WITHDRAWN' } : part,
    );
  }
  const part = partOf({ parts }, event.data.organ);
  if (!part) throw new Error(`${event.type} of ${event.data.organ}, which was not called`);
  const next = partAfter(part, event);
  const others = parts.map((other) => (other === part ? next : other));
  if (event.type !== 'CalledOrganSubstituted') return others;
  const { by, due } = event.data;
  return [...others, newPart({ ...by, role: part.role }, parts.length + 1, due, part.transfers + 1)];
}

function partAfter(part: Part, event: Exclude<PartEvent, { type: 'CallWithdrawn' }>): Part {
  const base = ended(part);
  switch (event.type) {
    case 'CallAccepted':
    case 'CalledOrganArrived': {
      const { due, text } = event.data;
      const status = event.type === 'CallAccepted' ? 'ACCEPTED' : 'ON_SITE';
      return { ...withTaken(part, event.data.at), feedback: text ?? part.feedback, status, due };
    }
    case 'CalledOrganDone':
      return { ...withTaken(part, event.data.at), feedback: event.data.text, status: 'DONE' };
    case 'CallRefused': {
      const { citation, text, due } = event.data;
      return { ...base, refusal: { citation, text, stands: null, reasons: null }, status: 'REFUSED', due };
    }
    case 'CallRefusalDecided': {
      const { stands, reasons, due } = event.data;
      const refusal = part.refusal && { ...part.refusal, stands, reasons };
      return due === null
        ? { ...base, refusal, status: 'RELEASED' }
        : { ...base, refusal, status: 'CALLED', due };
    }
    case 'CalledOrganSubstituted': {
      // Who puts another organ in the place of one that refuses lets the refusal stand.
      const { reasons } = event.data;
      const refusal =
        part.status === 'REFUSED' && part.refusal ? { ...part.refusal, stands: true, reasons } : part.refusal;
      return { ...base, refusal, status: 'SUBSTITUTED' };
    }
    case 'CallReworkAsked':
      return { ...base, reworks: part.reworks + 1, status: 'REWORK', due: event.data.due };
    case 'CallFeedbackGiven':
      return { ...part, feedback: event.data.text };
    case 'CallRated':
      return { ...base, status: 'RATED', rating: event.data.rating };
    case 'CallOverdue':
      return { ...part, overdue: [...part.overdue, { step: event.data.step, due: event.data.due }] };
    default:
      return assertNever(event);
  }
}

/** What stays of a part when its state ends. */
function ended({
  no,
  organ,
  organName,
  role,
  taken,
  overdue,
  reworks,
  transfers,
  refusal,
  feedback,
}: Part): PartBase {
  return { no, organ, organName, role, taken, overdue, reworks, transfers, refusal, feedback };
}

function withTaken(part: Part, at: string): PartBase {
  const base = ended(part);
  if (!isRunning(part)) throw new Error(`a step of a part that is ${part.status}`);
  const step = STEP_OF[part.status];
  if (step === 'DECISION') throw new Error('a refusal is decided, not taken as a step');
  return { ...base, taken: [...base.taken, { step, due: part.due, at }] };
}

const PREFIX = 'gridEvents.call-';
const ID = 'call:';

export const callStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const callIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
