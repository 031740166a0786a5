import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import type { ItemContent } from './item.ts';
import { editionAsOf } from './queries.ts';
import { type FiguresRow, type LeadLevels, type ListRow, listFigures, type Tally } from './rows.ts';

/**
 * L-12: counts of the items in force. The read model keeps them per list with both clocks, so that they cost the same as
 * of any day and can be added up over many lists.
 */
export interface Figures {
  total: number;
  byLeadLevel: LeadLevels;
  byDomain: Count[];
  byHandlingClass: Count[];
  byTownRole: Count[];
}

export interface Count {
  key: string | null;
  count: number;
}

/** Of one list, with the edition that they are of. */
export async function figuresOf(
  view: ReadView,
  list: string,
  asOf: AsOf,
): Promise<Figures & { edition: number | null }> {
  const [edition, version] = await Promise.all([
    editionAsOf(view, list, asOf),
    view.temporal(listFigures).get(list, asOf),
  ]);
  return { edition: edition?.number ?? null, ...addedUp(version ? [version.doc] : []) };
}

/** Over all these lists. */
export function addedUp(rows: readonly FiguresRow[]): Figures {
  const byLeadLevel = noLeads();
  for (const { leads } of rows) {
    for (const level of Object.keys(byLeadLevel) as (keyof LeadLevels)[]) byLeadLevel[level] += leads[level];
  }
  return {
    total: rows.reduce((sum, { total }) => sum + total, 0),
    byLeadLevel,
    byDomain: counts(rows.map(({ domains }) => domains)),
    byHandlingClass: counts(rows.map(({ classes }) => classes)),
    byTownRole: counts(rows.map(({ roles }) => roles)),
  };
}

const NONE = '';

/** The most frequent first. */
export function counts(tallies: readonly Tally[]): Count[] {
  const sums: Tally = {};
  for (const tally of tallies) {
    for (const [key, count] of Object.entries(tally)) sums[key] = (sums[key] ?? 0) + count;
  }
  return Object.entries(sums)
    .map(([key, count]) => ({ key: key === NONE ? null : key, count }))
    .sort((a, b) => b.count - a.count || (a.key ?? '').localeCompare(b.key ?? ''));
}

export function tell(tally: Tally, key: string | null, by = 1): void {
  const count = (tally[key ?? NONE] ?? 0) + by;
  if (count === 0) delete tally[key ?? NONE];
  else tally[key ?? NONE] = count;
}

const noLeads = (): LeadLevels => ({ departments: 0, towns: 0, villages: 0, joint: 0, none: 0 });

/** Figures to be counted on: those of the row, or none. The row itself stays as it is. */
export const figuresToCount = (
  { id, kind, division }: Pick<ListRow, 'id' | 'kind' | 'division'>,
  row: FiguresRow | undefined,
): FiguresRow =>
  row
    ? structuredClone(row)
    : { list: id, kind, division, total: 0, leads: noLeads(), domains: {}, classes: {}, roles: {} };

/** Takes an item in (`by` 1) or out (-1). */
export function count(figures: FiguresRow, content: ItemContent, by: 1 | -1): void {
  figures.total += by;
  figures.leads[leadLevel(content)] += by;
  tell(figures.domains, content.domain, by);
  tell(figures.classes, content.handlingClass, by);
  tell(figures.roles, content.townRole?.role ?? null, by);
}

/** Of a list as it would be. */
export function countItems(
  list: Pick<ListRow, 'id' | 'kind' | 'division'>,
  contents: Iterable<ItemContent>,
  edition: number | null,
): Figures & { edition: number | null } {
  const row = figuresToCount(list, undefined);
  for (const content of contents) count(row, content, 1);
  return { edition, ...addedUp([row]) };
}

/** Whether departments, towns or villages lead an item: the 78 and 3 of Zhangqiu. */
export function leadLevel({ leads }: ItemContent): keyof LeadLevels {
  const levels = new Set(
    leads.map(({ level }) => (level === 'town' ? 'towns' : level === 'village' ? 'villages' : 'departments')),
  );
  if (levels.size > 1) return 'joint';
  return [...levels][0] ?? 'none';
}
