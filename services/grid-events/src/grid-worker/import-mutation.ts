import { hash } from 'node:crypto';
import type { Refusal } from '@dutyledger/event-store/decider';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { RefusedError, refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { readColumnMapping } from '../file-import/columns.ts';
import { haveDone, type Telling, wouldDo } from '../file-import/outcomes.ts';
import { type FileRecord, readRecords } from '../file-import/read-records.ts';
import { type RowProblem, refusedRow, reportOf } from '../file-import/report.ts';
import { countyOf } from '../grid-network/grid.ts';
import { gridIdsByCode } from '../grid-network/read-model.ts';
import { type Change, carryOut, dayOf, loadRoster } from './carry-out.ts';
import { gridWorkers, type ImportedWorker, type RosterCommand, type RowRefusal } from './grid-worker.ts';
import { fieldChanges, workerHistoryByEvent } from './read-model.ts';
import type { Roster, WorkerEvent } from './state.ts';
import type { Worker } from './worker.ts';
import {
  gridCodes,
  isWorkerColumn,
  readWorkerRows,
  WORKER_COLUMNS,
  type WorkerColumn,
  type WorkerRows,
} from './worker-rows.ts';

/** G-2: a file of grid workers is read whole, compared with the roster, and taken over as one command, or not at all. */

interface ImportInput extends Change {
  division: string;
  fileName: string;
  content: Uint8Array;
  sheet?: string | null;
  mapping?: unknown;
  dryRun?: boolean | null;
}

export async function importGridWorkers(
  _: unknown,
  { input }: { input: ImportInput },
  context: GridEventsContext,
) {
  const { division, fileName, sheet = null } = input;
  requireDivision(context, division, 'division');
  const { locale } = context;
  const mapping = unwrap(readColumnMapping(input.mapping, WORKER_COLUMNS), locale).value;
  const options = {
    fileName,
    sheet,
    mapping,
    fields: WORKER_COLUMNS,
    key: 'number',
    rule: 'G-2',
    features: false,
  } as const;
  const file = unwrap(readRecords<WorkerColumn>(input.content, options), locale).value;
  const county = countyOf(division);
  const effectiveFrom = dayOf(context, input);
  const state = await loadRoster(context, county);
  const grids = await gridsNamed(context.grid.projections, file.records, { county, on: effectiveFrom });
  const read = readWorkerRows(file.records, { county, state, grids });
  const problems = [...read.problems, ...strays(read, division, state)];
  if (problems.length > 0) return reportOf(file, problems, locale);
  const command: RosterCommand = {
    type: 'ImportWorkers',
    county,
    effectiveFrom,
    rows: read.rows,
    grids: new Set(grids.values()),
  };
  const telling = tellingOf(state);
  if (input.dryRun) {
    const decided = gridWorkers.decide(command, state);
    if (!decided.ok) return reportOf(file, problemsOf(decided.refusal, read), locale);
    return reportOf(file, [], locale, wouldDo(decided.events, read.unchanged, telling));
  }
  try {
    const asked = { operation: 'importGridWorkers', input, division, content: contentOf(input) };
    const done = await carryOut(context, asked, command);
    const recorded = (events: readonly string[]) => workerHistoryByEvent(context.grid.projections, events);
    return reportOf(file, [], locale, await haveDone(done, read, telling, recorded));
  } catch (error) {
    // What the rules refuse is told row by row, not as one error.
    if (!(error instanceof RefusedError) || error.refusal.details?.['rows'] === undefined) throw error;
    return reportOf(file, problemsOf(error.refusal, read), locale);
  }
}

/** What tells a retry from another import: the file by its digest. */
const contentOf = ({ content, change, ...input }: ImportInput) => ({
  ...input,
  file: hash('sha256', content),
});

function gridsNamed(
  view: ReadView,
  records: readonly FileRecord<WorkerColumn>[],
  { county, on }: { county: string; on: string },
): Promise<Map<string, string>> {
  const codes = new Set(records.flatMap(({ values }) => gridCodes(values.grids ?? '')));
  return gridIdsByCode(view, county, codes, { effectiveAt: on });
}

/** Rows about people outside the division that the import is for. */
function strays(read: WorkerRows, division: string, state: Roster): RowProblem<WorkerColumn>[] {
  const towns = (row: ImportedWorker): string[] => {
    if (row.change === 'CREATE') return [row.worker.town];
    return [state.workers.get(row.worker)?.town, row.changes.town].filter((town) => town !== undefined);
  };
  return read.rows.flatMap((row, at) => {
    const record = read.records[at];
    if (!record || towns(row).every((town) => isWithin(town, division))) return [];
    const cause = {
      en: `The person is not of ${division}, whose roster is imported here.`,
      'zh-CN': `该人员不属于本次导入的行政区划 ${division}。`,
    };
    return [
      { row: record.row, field: 'town' as const, value: record.values.town ?? null, cause, rule: 'G-2' },
    ];
  });
}

function problemsOf(refusal: Refusal, { records }: WorkerRows): RowProblem<WorkerColumn>[] {
  const rows = refusal.details?.['rows'] as RowRefusal[] | undefined;
  if (!rows) throw refusalError(refusal);
  return rows.map(({ at, refusal: each }) => refusedRow(each, records[at], isWorkerColumn, 'G-2'));
}

const tellingOf = (state: Roster): Telling<WorkerEvent, Worker> => ({
  of: ({ data }) => data.worker,
  creates: ({ type }) => type === 'WorkerRegistered',
  id: ({ id }) => id,
  named: ({ number: code, name }) => ({ code, name }),
  before: (id) => state.workers.get(id),
  changes: fieldChanges,
});
