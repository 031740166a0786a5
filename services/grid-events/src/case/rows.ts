import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { documents } from '@dutyledger/read-store/read-store';
import { ancestors, division } from '@dutyledger/reference-data/divisions';
import type { Provenance } from '../provenance.ts';
import type { CaseEvent, CaseSource, Level } from './events.ts';
import { isOpen, isRunning, type KnownCase, type Status } from './state.ts';

/** Rows of the read model of cases: what a query finds them by, and the case as its events made it. */

export interface CaseRow {
  id: string;
  county: string;
  town: string;
  division: string;
  grid: string | null;
  class: string;
  source: CaseSource;
  status: Status;
  level: Level;
  problemOrder: boolean;
  /** County and town, while one of its clocks has run out. */
  overdueIn: string[];
  /** Organs that have a task to do now. */
  busy: string[];
  /** All that ever had one. */
  parties: string[];
  /** Cases that it was merged into, follows up or is linked to. */
  related: string[];
  /** When the first of its clocks runs out, or has run out; null where none runs. */
  due: string | null;
  /** Of the report: cases come in this order. */
  position: number;
  reported: Provenance;
  state: KnownCase;
}

export interface CaseStepRow {
  id: string;
  case: string;
  step: CaseEvent['type'];
  content: unknown;
  /** How the case stood afterwards. */
  status: Status;
  level: Level;
  position: number;
  provenance: Provenance;
}

export const cases = documents<CaseRow>()('cases', {
  byCounty: ['county', 'status', 'position'],
  byTown: ['town', 'status', 'position'],
  byGrid: ['grid', 'status', 'position'],
  byClass: ['county', 'class', 'status', 'position'],
  byBusy: ['busy', 'due'],
  byParty: ['parties', 'position'],
  byOverdue: ['overdueIn', 'due'],
  byRelated: ['related', 'position'],
});
export const caseSteps = documents<CaseStepRow>()('caseSteps', { byCase: ['case', 'position'] });

const above = (code: string, level: 'county' | 'town'): string =>
  ancestors(code, { self: true }).find((each) => division(each)?.level === level) ?? code;

/** The county that a division lies in, or that it is. */
export const countyOf = (code: string): string => above(code, 'county');
export const townOf = (code: string): string => above(code, 'town');

/** The row of a case in this state; `first`: of its report. */
export function caseRow(state: KnownCase, first: { position: number; reported: Provenance }): CaseRow {
  const { facts, status, level, problemOrder, tasks, clocks, mergedInto, links } = state;
  const { id, county, division: place, grid, class: of, source, followUpOf } = facts;
  const town = townOf(place);
  const handling = status === 'HANDLING' || status === 'SUSPENDED';
  const working = handling ? tasks.filter(isRunning).map(({ organ }) => organ) : [];
  const late = isOpen(state) && clocks.some(({ overdue }) => overdue);
  const dues = clocks.flatMap(({ due }) => due ?? []).sort();
  const related = [mergedInto, followUpOf, ...links.map(({ to }) => to)].flatMap((other) => other ?? []);
  return {
    id,
    county,
    town,
    division: place,
    grid,
    class: of,
    source,
    status,
    level,
    problemOrder,
    overdueIn: late ? [county, town] : [],
    busy: [...new Set(working)],
    parties: [...new Set(tasks.map(({ organ }) => organ))],
    related: [...new Set(related)],
    due: dues[0] ?? null,
    position: first.position,
    reported: first.reported,
    state,
  };
}

/** What an auditor reads of a step. The route and the limits of a report are on the case itself. */
export function contentOf(event: StoredEvent & CaseEvent): unknown {
  if (event.type !== 'CaseReported') return event.data;
  const { route: _route, policy: _policy, reporter: _reporter, ...rest } = event.data;
  return rest;
}
