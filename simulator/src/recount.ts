import { chinaDate } from '@dutyledger/reference-data/china-time';
import { ancestors, division as divisionOf } from '@dutyledger/reference-data/divisions';
import type { Counts } from './own-count.ts';

/**
 * The indicators counted anew from the raw events of cases, by the definitions of G-10 alone: written without a look at
 * how the service keeps its sums, so that one mistake is not made twice.
 */

export interface RawEvent {
  /** Of its case. */
  case: string;
  type: string;
  /** Day in China. */
  day: string;
  // biome-ignore lint/suspicious/noExplicitAny: raw events are of every shape
  data: any;
}

export interface Figures {
  total: Counts;
  byDay: Map<string, Counts>;
  /** By code of the town. */
  byTown: Map<string, Counts>;
}

/** What was counted of one case so far. */
class Ledger {
  readonly town: string;
  /** Steps, which stay counted: measure and day. */
  readonly steps: [string, string][] = [];
  owes = true;
  closeBy: string | null = null;
  closing: { day: string; level: string; onTime: boolean; again: boolean } | null = null;
  /** Clocks that ran out and were not followed by the end of what they were for. */
  late = new Set<string>();
  given = 0;

  constructor(place: string) {
    const above = ancestors(place, { self: true });
    this.town = above.find((code) => divisionOf(code)?.level === 'town') ?? place;
  }

  count(day: string, ...measures: string[]): void {
    for (const measure of measures) this.steps.push([measure, day]);
  }

  /** A phase of the whole case has ended, in time or not. */
  phase(day: string, measure: string): void {
    this.count(day, measure, ...(this.late.delete('case') ? [] : [`${measure}_ON_TIME`]));
  }

  *all(): Generator<[string, string]> {
    yield* this.steps;
    if (!this.owes) return;
    const { closing } = this;
    if (this.closeBy !== null) {
      const due = chinaDate(this.closeBy);
      yield ['DUE', due];
      if (closing) yield ['DUE_CLOSED', due];
      if (closing?.onTime) yield ['DUE_ON_TIME', due];
    }
    if (!closing) return;
    yield ['CLOSED', closing.day];
    yield [`CLOSED_BY_${closing.level}`, closing.day];
    if (closing.again) yield ['CLOSED_AFTER_REWORK', closing.day];
  }
}

const ONCE: Readonly<Record<string, string>> = {
  ...{ CaseEscalated: 'ESCALATIONS', CaseReworked: 'REWORKS', CaseTaskTransferred: 'TRANSFERS' },
  ...{ CaseTaskReturned: 'TASKS_RETURNED', CaseMadeProblemOrder: 'PROBLEM_ORDERS' },
  ...{ CaseSuspended: 'SUSPENSIONS', CaseExtended: 'EXTENSIONS', CaseSupervised: 'SUPERVISIONS' },
  ...{ CaseRefused: 'REFUSED', CaseVoided: 'VOIDED', CaseMerged: 'MERGED', CaseReopened: 'REOPENED' },
  ...{ ClockOverdue: 'OVERDUE' },
};
const PHASES: Readonly<Record<string, string>> = {
  ...{ CaseAccepted: 'ACCEPTED', CaseFiled: 'FILED', CaseSettled: 'HANDLED' },
};
const ENDS = ['CaseRefused', 'CaseVoided', 'CaseMerged'];

function take(ledger: Ledger, { type, day, data }: RawEvent): void {
  const once = ONCE[type];
  if (once) ledger.count(day, once);
  const phase = PHASES[type];
  if (phase) ledger.phase(day, phase);
  if (typeof data.closeBy === 'string' && type !== 'CaseClosed') ledger.closeBy = data.closeBy;
  if (ENDS.includes(type)) ledger.owes = false;
  switch (type) {
    case 'CaseDispatched':
      if (ledger.given === 0) ledger.phase(day, 'DISPATCHED');
      ledger.given += data.tasks.length;
      return;
    case 'CaseTaskDone':
      ledger.count(day, 'TASKS_DONE', ...(ledger.late.delete(data.task) ? [] : ['TASKS_ON_TIME']));
      if (data.last) ledger.phase(day, 'HANDLED');
      return;
    case 'CaseVerified':
      ledger.late.delete('case');
      return;
    case 'CaseEvaluated':
      ledger.count(day, 'EVALUATED');
      for (const said of ['responded', 'resolved', 'satisfied'])
        if (data[said]) ledger.count(day, said.toUpperCase());
      return;
    case 'CaseClosed':
      closed(ledger, data);
      return;
    case 'CaseReopened':
      ledger.owes = true;
      ledger.closing = null;
      ledger.closeBy = data.closeBy;
      ledger.late.clear();
      return;
    case 'CaseUnmerged':
      ledger.owes = true;
      return;
    case 'ClockOverdue':
      ledger.late.add(data.of);
  }
}

/** One that closes with another was a further report of the same thing. */
function closed(ledger: Ledger, data: RawEvent['data']): void {
  ledger.late.clear();
  if (data.with !== null) return;
  ledger.closing = {
    day: chinaDate(data.at),
    level: data.level,
    onTime: data.onTime,
    again: data.reworks > 0,
  };
}

function reported({ data }: RawEvent): Ledger {
  const ledger = new Ledger(data.division);
  const day = chinaDate(data.reportedAt);
  ledger.count(day, 'REPORTED');
  if (data.source === 'GRID_PATROL') ledger.count(day, 'REPORTED_BY_PATROL');
  if (data.source === 'CITIZEN' || data.source === 'HOTLINE') ledger.count(day, 'REPORTED_BY_PUBLIC');
  return ledger;
}

export class Recount {
  readonly #ledgers = new Map<string, Ledger>();
  events = 0;

  /** In the order of each case. */
  take(event: RawEvent): void {
    this.events += 1;
    if (event.type === 'CaseReported') {
      this.#ledgers.set(event.case, reported(event));
      return;
    }
    const ledger = this.#ledgers.get(event.case);
    if (!ledger) throw new Error(`${event.type} of ${event.case}, which was not reported`);
    take(ledger, event);
  }

  get cases(): number {
    return this.#ledgers.size;
  }

  /** What was counted from the one day to the other, both included. */
  figures(from: string, to: string): Figures {
    const figures: Figures = { total: {}, byDay: new Map(), byTown: new Map() };
    for (const ledger of this.#ledgers.values()) {
      for (const [measure, day] of ledger.all()) {
        if (day < from || day > to) continue;
        for (const counts of [figures.total, of(figures.byDay, day), of(figures.byTown, ledger.town)]) {
          counts[measure] = (counts[measure] ?? 0) + 1;
        }
      }
    }
    return figures;
  }
}

function of(parts: Map<string, Counts>, key: string): Counts {
  const counts = parts.get(key) ?? {};
  parts.set(key, counts);
  return counts;
}
