import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Column } from './columns.ts';
import type { FileRecord, FileRecords } from './read-records.ts';

/** What an import tells (GridImportReport): how the file was read, what stands against it, what it did or would do. */

type Locale = keyof Text;

export interface RowProblem<F extends string> {
  row: number | null;
  field: F | null;
  value: string | null;
  cause: Text;
  rule: string;
}

export interface Difference {
  code: string;
  name: string;
  kind: 'CREATE' | 'REVISE';
  changes: { field: string; before: unknown; after: unknown }[];
}

const MOST_LISTED = 1_000;
const MOST_SHOWN = 100;

/** A refusal of the decider, told of the row it is about. */
export function refusedRow<F extends string>(
  { message, field, rule }: Refusal,
  record: FileRecord<F> | undefined,
  isField: (name: string) => name is F,
  ruleOf: string,
): RowProblem<F> {
  const name = field ?? '';
  const at = isField(name) ? name : null;
  return {
    row: record?.row ?? null,
    field: at,
    value: at === null ? null : (record?.values[at] ?? null),
    cause: message,
    rule: rule ?? ruleOf,
  };
}

export interface Outcomes {
  created: number;
  revised: number;
  unchanged: number;
  differences: readonly Difference[];
  applied: boolean;
  repeated: boolean;
  pending: boolean;
}

const NOTHING: Outcomes = {
  created: 0,
  revised: 0,
  unchanged: 0,
  differences: [],
  applied: false,
  repeated: false,
  pending: false,
};

export function reportOf<F extends string>(
  { sheet, encoding, columns, records }: FileRecords<F>,
  problems: readonly RowProblem<F>[],
  locale: Locale,
  outcomes: Outcomes = NOTHING,
) {
  const columnOf = new Map<F, Column<F>>();
  for (const column of columns) if (column.field !== null) columnOf.set(column.field, column);
  const placeOf = ({ field }: RowProblem<F>): number => (field && columnOf.get(field)?.index) ?? -1;
  const inOrder = problems.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0) || placeOf(a) - placeOf(b));
  return {
    ...outcomes,
    accepted: problems.length === 0,
    differences: outcomes.differences.slice(0, MOST_LISTED),
    sheet,
    encoding,
    columns: columns.map(({ letter, heading, field, given }) => ({ letter, heading, field, given })),
    rows: records.length,
    problems: inOrder.slice(0, MOST_LISTED).map(({ row, field, value, cause, rule }) => {
      const column = field === null ? undefined : columnOf.get(field);
      return {
        row,
        column: column?.letter || null,
        heading: column?.heading ?? null,
        value: value === null ? null : value.slice(0, MOST_SHOWN),
        cause: cause[locale],
        rule,
      };
    }),
    problemCount: problems.length,
  };
}
