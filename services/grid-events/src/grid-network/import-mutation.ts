import { hash } from 'node:crypto';
import type { Refusal } from '@dutyledger/event-store/decider';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { RefusedError, refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { readColumnMapping } from '../file-import/columns.ts';
import { haveDone, type Telling, wouldDo } from '../file-import/outcomes.ts';
import { readRecords } from '../file-import/read-records.ts';
import { type RowProblem, refusedRow, reportOf } from '../file-import/report.ts';
import { carryOutDrawn, comparedNow, dayOf, loadNetwork } from './carry-out.ts';
import type { CommandOf, ImportedGrid } from './commands.ts';
import { countyOf, type Grid } from './grid.ts';
import { gridNetwork, type RowRefusal } from './grid-network.ts';
import { GRID_COLUMNS, type GridColumn, type GridRows, isGridColumn, readGridRows } from './grid-rows.ts';
import { fieldChanges, historyByEvent } from './history.ts';
import type { Change } from './inputs.ts';
import { shapesOf } from './shapes.ts';
import type { GridEvent, GridNetwork } from './state.ts';

/** G-1: a file of grids is read whole, compared with the network, and taken over as one command, or not at all. */

interface ImportGridsInput extends Change {
  division: string;
  fileName: string;
  content: Uint8Array;
  sheet?: string | null;
  mapping?: unknown;
  sizeReason?: string | null;
  dryRun?: boolean | null;
}

export async function importGrids(
  _: unknown,
  { input }: { input: ImportGridsInput },
  context: GridEventsContext,
) {
  const { division } = input;
  requireDivision(context, division, 'division');
  const { locale } = context;
  const mapping = unwrap(readColumnMapping(input.mapping, GRID_COLUMNS), locale).value;
  const { fileName, sheet = null } = input;
  const options = {
    fileName,
    sheet,
    mapping,
    fields: GRID_COLUMNS,
    key: 'code',
    rule: 'G-1',
    features: true,
  } as const;
  const file = unwrap(readRecords<GridColumn>(input.content, options), locale).value;
  const county = countyOf(division);
  const effectiveFrom = dayOf(context, input);
  const state = await loadNetwork(context, county);
  const shapes = await shapesOf(context.grid.projections, county);
  const read = readGridRows(file.records, {
    county,
    state,
    sizeReason: input.sizeReason?.trim() || null,
    boundaryOf: (grid) => shapes.boundaryOf(grid, effectiveFrom),
  });
  const problems = [...read.problems, ...strays(read, division, state)];
  if (problems.length > 0) return reportOf(file, problems, locale);
  const commandOf = (compared: CommandOf<'ImportGrids'>['compared']): CommandOf<'ImportGrids'> => ({
    type: 'ImportGrids',
    county,
    effectiveFrom,
    rows: read.rows,
    compared,
  });
  const comparison = { drawn: read.drawn, leaving: read.leaving };
  const telling = tellingOf(state);
  if (input.dryRun) {
    const compared = await comparedNow(context, { county, from: effectiveFrom, ...comparison });
    const decided = gridNetwork.decide(commandOf({ ...compared, seen: state.shapes }), state);
    if (!decided.ok) return reportOf(file, problemsOf(decided.refusal, read), locale);
    return reportOf(file, [], locale, wouldDo(decided.events, read.unchanged, telling));
  }
  const asked = { operation: 'importGrids', input, division, content: contentOf(input) };
  try {
    const done = await carryOutDrawn(context, asked, comparison, commandOf);
    const recorded = (events: readonly string[]) => historyByEvent(context.grid.projections, events);
    return reportOf(file, [], locale, await haveDone(done, read, telling, recorded));
  } catch (error) {
    // What the rules refuse is told row by row, not as one error.
    if (!(error instanceof RefusedError) || error.refusal.details?.['rows'] === undefined) throw error;
    return reportOf(file, problemsOf(error.refusal, read), locale);
  }
}

/** What tells a retry from another import: the file by its digest. */
const contentOf = ({ content, change, ...input }: ImportGridsInput) => ({
  ...input,
  file: hash('sha256', content),
});

/** Rows about grids outside the division that the import is for. */
function strays(read: GridRows, division: string, state: GridNetwork): RowProblem<GridColumn>[] {
  const towns = (row: ImportedGrid): string[] => {
    if (row.change === 'CREATE') return [row.grid.town];
    const known = state.grids.get(row.grid)?.grid.town;
    return [known, row.changes.town].filter((town) => town !== undefined);
  };
  return read.rows.flatMap((row, at) => {
    const record = read.records[at];
    if (!record || towns(row).every((town) => isWithin(town, division))) return [];
    const cause = {
      en: `The grid is not within ${division}, whose grids are imported here.`,
      'zh-CN': `该网格不在本次导入的行政区划 ${division} 之内。`,
    };
    return [
      { row: record.row, field: 'town' as const, value: record.values.town ?? null, cause, rule: 'G-1' },
    ];
  });
}

function problemsOf(refusal: Refusal, { records }: GridRows): RowProblem<GridColumn>[] {
  const rows = refusal.details?.['rows'] as RowRefusal[] | undefined;
  if (!rows) throw refusalError(refusal);
  return rows.map(({ at, refusal: each }) => refusedRow(each, records[at], isGridColumn, 'G-1'));
}

const tellingOf = (state: GridNetwork): Telling<GridEvent, Grid> => ({
  of: ({ data }) => data.grid,
  creates: ({ type }) => type === 'GridCreated',
  id: ({ id }) => id,
  named: ({ code, name }) => ({ code, name }),
  before: (id) => state.grids.get(id)?.grid,
  changes: fieldChanges,
});
