import { chinaDate } from '@dutyledger/reference-data/china-time';
import { type CaseEvent, type CaseFacts, type CaseSource, type Level, WHOLE_CASE } from '../case/events.ts';
import type { Measure } from './measures.ts';

/**
 * What a case adds to the figures, as its events make it: pure, so that a recount of the raw events gives the same. Steps
 * count on their day and stay counted; what is due and closed follows the case as it stands (a case that is reopened is
 * closed no more).
 */

export interface CaseTally {
  facts: Pick<CaseFacts, 'county' | 'division' | 'grid' | 'class'>;
  /** A case that was voided, refused, or merged into another owes nothing. */
  stands: boolean;
  closeBy: string | null;
  closed: { at: string; level: Level; onTime: boolean; reworked: boolean } | null;
  /** Whether a clock of its present phase, or of a task, has run out: by what the clock is of. */
  late: string[];
  /** Who has each task. */
  organs: Record<string, string>;
  lead: string | null;
  steps: Occurrence[];
}

/** `organ`: whose doing it is; undefined: that of the case as a whole. */
export interface Occurrence {
  measure: Measure;
  day: string;
  organ?: string;
}

type Known = CaseTally;
type DataOf<T extends CaseEvent['type']> = Extract<CaseEvent, { type: T }>['data'];
type Effects = {
  [T in CaseEvent['type']]?: (
    tally: Known,
    data: DataOf<T>,
    day: string,
  ) => [change: Partial<Known>, ...Occurrence[]];
};

const PUBLIC: readonly CaseSource[] = ['CITIZEN', 'HOTLINE'];

const once = (measure: Measure, day: string): Occurrence => ({ measure, day });
const timely = ({ late }: Known, of: string, measure: Measure, day: string): Occurrence[] =>
  late.includes(of) ? [] : [once(measure, day)];

/** A step of the whole case: done, and done in time; the clock of its phase has ended. */
const phaseDone = (tally: Known, done: Measure, inTime: Measure, day: string) =>
  [
    { late: tally.late.filter((of) => of !== WHOLE_CASE) },
    once(done, day),
    ...timely(tally, WHOLE_CASE, inTime, day),
  ] satisfies [Partial<Known>, ...Occurrence[]];

const EFFECTS: Effects = {
  CaseAccepted: (tally, _, day) => phaseDone(tally, 'ACCEPTED', 'ACCEPTED_ON_TIME', day),
  CaseRefused: (_, __, day) => [{ stands: false }, once('REFUSED', day)],
  CaseFiled(tally, { closeBy }, day) {
    const [change, ...steps] = phaseDone(tally, 'FILED', 'FILED_ON_TIME', day);
    return [{ ...change, closeBy }, ...steps];
  },
  CaseEscalated: (_, __, day) => [{}, once('ESCALATIONS', day)],
  CaseDispatched(tally, { tasks }, day) {
    const organs = { ...tally.organs, ...Object.fromEntries(tasks.map(({ id, organ }) => [id, organ])) };
    const lead = tasks.find(({ role }) => role === 'LEAD')?.organ ?? tally.lead;
    const first = Object.keys(tally.organs).length === 0;
    const [change, ...steps] = phaseDone(tally, 'DISPATCHED', 'DISPATCHED_ON_TIME', day);
    return first ? [{ ...change, organs, lead }, ...steps] : [{ organs, lead }];
  },
  CaseTaskDone(tally, { task, organ, last }, day) {
    const inTime = !tally.late.includes(task);
    const handled = last ? phaseDone(tally, 'HANDLED', 'HANDLED_ON_TIME', day).slice(1) : [];
    const late = tally.late.filter((of) => of !== task && !(last && of === WHOLE_CASE));
    return [
      { late },
      { measure: 'TASKS_DONE', day, organ },
      ...(inTime ? [{ measure: 'TASKS_ON_TIME', day, organ } as const] : []),
      ...(handled as Occurrence[]),
    ];
  },
  CaseTaskReturned: (_, { organ }, day) => [{}, { measure: 'TASKS_RETURNED', day, organ }],
  CaseDutySettled: (tally, { task, handler, moved }) => [moved ? handedOn(tally, task, handler.organ) : {}],
  CaseTaskTransferred: (tally, { task, to }, day) => [
    handedOn(tally, task, to.organ),
    once('TRANSFERS', day),
  ],
  CaseSettled: (tally, _, day) => phaseDone(tally, 'HANDLED', 'HANDLED_ON_TIME', day),
  CaseVerified: (tally) => [{ late: tally.late.filter((of) => of !== WHOLE_CASE) }],
  CaseReworked: (_, __, day) => [{}, once('REWORKS', day)],
  CaseMadeProblemOrder: (_, __, day) => [{}, once('PROBLEM_ORDERS', day)],
  CaseSuspended: (_, __, day) => [{}, once('SUSPENSIONS', day)],
  CaseResumed: (_, { closeBy }) => [{ closeBy }],
  CaseExtended: (_, { closeBy }, day) => [{ closeBy }, once('EXTENSIONS', day)],
  /** One that closes with another was a further report of the same thing: it is counted as merged. */
  CaseClosed: (_, { at, level, onTime, reworks, with: other }) =>
    other === null ? [{ closed: { at, level, onTime, reworked: reworks > 0 }, late: [] }] : [{ late: [] }],
  CaseEvaluated: (_, { responded, resolved, satisfied }, day) => [
    {},
    once('EVALUATED', day),
    ...(responded ? [once('RESPONDED', day)] : []),
    ...(resolved ? [once('RESOLVED', day)] : []),
    ...(satisfied ? [once('SATISFIED', day)] : []),
  ],
  CaseVoided: (_, __, day) => [{ stands: false }, once('VOIDED', day)],
  CaseReopened: (_, { closeBy }, day) => [
    { stands: true, closed: null, closeBy, late: [] },
    once('REOPENED', day),
  ],
  CaseMerged: (_, __, day) => [{ stands: false }, once('MERGED', day)],
  CaseUnmerged: () => [{ stands: true }],
  CaseSupervised: (_, __, day) => [{}, once('SUPERVISIONS', day)],
  ClockOverdue: (tally, { of, organ }, day) => [
    { late: [...tally.late, of] },
    { measure: 'OVERDUE', day, ...(organ && { organ }) },
  ],
};

function handedOn(tally: Known, task: string, organ: string): Partial<Known> {
  const leads = tally.organs[task] === tally.lead;
  return { organs: { ...tally.organs, [task]: organ }, ...(leads && { lead: organ }) };
}

/** `day`: on which it happened, in China. */
export function tallied(before: CaseTally | undefined, event: CaseEvent, day: string): CaseTally {
  if (event.type === 'CaseReported') return reported(event.data);
  if (before === undefined) throw new Error(`${event.type} of a case that was not reported`);
  const effect = EFFECTS[event.type] as
    | ((tally: Known, data: unknown, day: string) => [Partial<Known>, ...Occurrence[]])
    | undefined;
  if (effect === undefined) return before;
  const [change, ...steps] = effect(before, event.data, day);
  return { ...before, ...change, steps: [...before.steps, ...steps] };
}

function reported({ county, division, grid, class: of, source, reportedAt }: DataOf<'CaseReported'>) {
  const day = chinaDate(reportedAt);
  return {
    facts: { county, division, grid, class: of },
    stands: true,
    closeBy: null,
    closed: null,
    late: [],
    organs: {},
    lead: null,
    steps: [
      once('REPORTED', day),
      ...(source === 'GRID_PATROL' ? [once('REPORTED_BY_PATROL', day)] : []),
      ...(PUBLIC.includes(source) ? [once('REPORTED_BY_PUBLIC', day)] : []),
    ],
  } satisfies CaseTally;
}

/** Types of events that change a tally. */
export const TALLIED = ['CaseReported', ...Object.keys(EFFECTS)] as CaseEvent['type'][];

/** Everything that the case adds to the figures as it stands. */
export function occurrences({ stands, closeBy, closed, steps }: CaseTally): Occurrence[] {
  if (!stands) return steps;
  const due = closeBy === null ? undefined : chinaDate(closeBy);
  return [
    ...steps,
    ...(due === undefined ? [] : [once('DUE', due)]),
    ...(due !== undefined && closed ? [once('DUE_CLOSED', due)] : []),
    ...(due !== undefined && closed?.onTime ? [once('DUE_ON_TIME', due)] : []),
    ...(closed ? closings(closed) : []),
  ];
}

function closings({ at, level, reworked }: NonNullable<CaseTally['closed']>): Occurrence[] {
  const day = chinaDate(at);
  return [
    once('CLOSED', day),
    once(`CLOSED_BY_${level}`, day),
    ...(reworked ? [once('CLOSED_AFTER_REWORK', day)] : []),
  ];
}
