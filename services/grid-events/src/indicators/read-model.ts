import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type Batch, documents } from '@dutyledger/read-store/read-store';
import { type CaseEvent, caseIdOf } from '../case/events.ts';
import { townOf } from '../case/rows.ts';
import { addedTo, type Counts, type Measure } from './measures.ts';
import { type CaseTally, type Occurrence, occurrences, TALLIED, tallied } from './tally.ts';

/** Figures by place, grid, organ, class and day, kept up with every event, and the cases that are behind each (G-10). */

/** What a case adds, and by which figure of which day and place it is found. */
export interface TallyRow extends CaseTally {
  id: string;
  /** `<measure> <day> <division>` of all that it adds. */
  marks: string[];
}

export const caseTallies = documents<TallyRow>()('caseTallies', { byMark: ['marks'] });

/** One day's figures of one scope. */
export interface FigureRow {
  scope: string;
  /** The scope that it is a part of, by kind: the towns of a county, the grids of a town. */
  parent: string | null;
  /** Code of the class; EVERY_CLASS: of all together. */
  class: string;
  day: string;
  counts: Counts;
}

export const EVERY_CLASS = '';

export const caseFigures = documents<FigureRow>()('caseFigures', {
  byScope: ['scope', 'class', 'day'],
  byScopeDay: ['scope', 'day'],
  byParent: ['parent', 'class', 'day'],
});

export const KINDS = ['division', 'grid', 'organ'] as const;
export type Kind = (typeof KINDS)[number];

export const scopeOf = (kind: Kind, id: string): string => `${kind} ${id}`;
/** An organ above the county handles cases of several. */
export const organScope = (county: string, organ: string): string => scopeOf('organ', `${county} ${organ}`);
/** The id of an organ, a grid or a division out of its scope. */
export const idIn = (scope: string): string => scope.slice(scope.lastIndexOf(' ') + 1);
/** Of the grids of a town, or the organs of a county, as opposed to its divisions. */
export const parentOf = (kind: Kind, division: string): string => `${kind} of ${division}`;

/** Ends with the code of the place, so that the cases of a place are found by its first digits. */
export const markOf = (measure: Measure, day: string, code: string): string => `${measure} ${day} ${code}`;

interface Scope {
  scope: string;
  parent: string | null;
}

/** Of what the case is for, whoever handles it. */
function places({ facts: { county, division, grid } }: CaseTally): Scope[] {
  const town = townOf(division);
  return [
    { scope: scopeOf('division', county), parent: null },
    ...(town === county ? [] : [{ scope: scopeOf('division', town), parent: parentOf('division', county) }]),
    ...(division === town || division === county
      ? []
      : [{ scope: scopeOf('division', division), parent: parentOf('division', town) }]),
    ...(grid === null ? [] : [{ scope: scopeOf('grid', grid), parent: parentOf('grid', town) }]),
  ];
}

/** Of a case as a whole its lead answers for how it ends, and for nothing that was before it was dispatched. */
const OF_LEAD: readonly Measure[] = [
  ...(['DUE', 'DUE_CLOSED', 'DUE_ON_TIME', 'CLOSED', 'CLOSED_AFTER_REWORK', 'REWORKS'] as const),
  ...(['HANDLED', 'HANDLED_ON_TIME', 'EVALUATED', 'RESPONDED', 'RESOLVED', 'SATISFIED'] as const),
];

const doer = (tally: CaseTally, { measure, organ }: Occurrence): string | null =>
  organ ?? (OF_LEAD.includes(measure) ? tally.lead : null);

interface Difference {
  measure: Measure;
  day: string;
  /** Whose figures it counts in, beside those of the places. */
  organ: string | null;
  count: number;
}

/** What the case adds now and did not before, and what it adds no more. */
function differences(before: CaseTally | undefined, after: CaseTally): Difference[] {
  const found = new Map<string, Difference>();
  const add = (tally: CaseTally, sign: 1 | -1): void => {
    for (const occurrence of occurrences(tally)) {
      const { measure, day } = occurrence;
      const organ = doer(tally, occurrence);
      const key = `${measure} ${day} ${organ}`;
      const count = (found.get(key)?.count ?? 0) + sign;
      found.set(key, { measure, day, organ, count });
    }
  };
  if (before) add(before, -1);
  add(after, 1);
  return [...found.values()].filter(({ count }) => count !== 0);
}

/** The figures that change, each once. */
async function change(batch: Batch, before: CaseTally | undefined, after: CaseTally): Promise<void> {
  const rows = new Map<string, FigureRow>();
  const around = places(after);
  const { county, class: of } = after.facts;
  for (const { measure, day, organ, count } of differences(before, after)) {
    const own = organ && { scope: organScope(county, organ), parent: parentOf('organ', county) };
    for (const scope of own ? [...around, own] : around) {
      for (const each of [EVERY_CLASS, of]) {
        const id = `${scope.scope} ${each} ${day}`;
        const counts = addedTo(rows.get(id)?.counts ?? {}, { [measure]: count });
        rows.set(id, { ...scope, class: each, day, counts });
      }
    }
  }
  for (const [id, row] of rows) await add(batch, id, row);
}

async function add(batch: Batch, id: string, row: FigureRow): Promise<void> {
  if (Object.keys(row.counts).length === 0) return;
  const known = await batch.get(caseFigures, id);
  const counts = addedTo(known?.counts ?? {}, row.counts);
  if (Object.keys(counts).length === 0) batch.delete(caseFigures, id);
  else batch.put(caseFigures, id, { ...row, counts });
}

export const indicatorsProjection: Projection = {
  name: 'caseIndicators',
  version: 1,
  collections: [caseTallies, caseFigures],
  handles: TALLIED,
  prefetch: ({ stream, type }) =>
    type === 'CaseReported' ? [] : [{ spec: caseTallies, id: caseIdOf(stream) }],
  async project(stored, batch) {
    const event = stored as StoredEvent & CaseEvent;
    const id = caseIdOf(event.stream);
    const before = await batch.get(caseTallies, id);
    const after = tallied(before, event, event.metadata.effectiveAt);
    await change(batch, before, after);
    const { division } = after.facts;
    const marks = new Set(occurrences(after).map(({ measure, day }) => markOf(measure, day, division)));
    batch.put(caseTallies, id, { ...after, id, marks: [...marks] });
  },
};
