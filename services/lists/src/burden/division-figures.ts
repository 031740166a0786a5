import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { addedUp, type Figures } from '../duty-list/figures.ts';
import type { ListKind } from '../duty-list/item.ts';
import { type FiguresRow, listFigures } from '../duty-list/rows.ts';
import { significantPart } from '../organs.ts';

/** L-12: counts over the lists of a division, and of those below it. */

export interface DivisionFigures extends Figures {
  lists: number;
  byKind: KindFigures[];
  byDivision: PlaceFigures[];
}

interface KindFigures {
  kind: ListKind;
  lists: number;
  total: number;
}

interface PlaceFigures {
  division: string;
  divisionName: string;
  lists: number;
  total: number;
}

export async function divisionFigures(
  view: ReadView,
  division: string,
  { includeBelow, kind }: { includeBelow: boolean; kind: ListKind | null },
  asOf: AsOf,
): Promise<DivisionFigures> {
  const rows: FiguresRow[] = [];
  let after: string | undefined;
  do {
    const page = await view.temporal(listFigures).find({
      index: 'byDivision',
      ...(includeBelow ? { prefix: significantPart(division) } : { where: { division } }),
      filter: (row) => kind === null || row.kind === kind,
      asOf,
      limit: 1_000,
      ...(after && { after }),
    });
    rows.push(...page.rows.map(({ doc }) => doc));
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after);
  const place = placeBelow(division);
  const share = (some: FiguresRow[]) => ({
    lists: some.length,
    total: some.reduce((sum, { total }) => sum + total, 0),
  });
  return {
    lists: rows.length,
    ...addedUp(rows),
    byKind: [...Map.groupBy(rows, (row) => row.kind)]
      .map(([each, some]) => ({ kind: each, ...share(some) }))
      .sort((a, b) => b.total - a.total || (a.kind < b.kind ? -1 : 1)),
    byDivision: [...Map.groupBy(rows, (row) => place(row.division))]
      .map(([code, some]) => ({
        division: code,
        divisionName: divisionOf(code)?.fullName ?? code,
        ...share(some),
      }))
      .sort((a, b) => (a.division < b.division ? -1 : 1)),
  };
}

const WIDTHS = [2, 4, 6, 9, 12];

/** The division right below the one asked about that a code belongs to; the one asked about for its own lists. */
function placeBelow(division: string): (code: string) => string {
  const width = significantPart(division).length;
  const next = WIDTHS.find((each) => each > width) ?? 12;
  return (code) => code.slice(0, next).padEnd(12, '0');
}
