import type { Text } from '@dutyledger/event-store/decider';
import type { ColumnField } from './fields.ts';
import type { Header } from './header.ts';
import type { ColumnsByField } from './lines.ts';
import type { Findings, NoticeKind, ReadingContext } from './reading.ts';
import type { FileItem, RowProblem, UnresolvedOrgan } from './to-items.ts';

/** Gathers what is wrong with which row. */
export class Report {
  readonly problems: RowProblem[] = [];
  readonly notices = new Map<NoticeKind, number[]>();
  /** Rows with a name that was not resolved: what follows from that is not reported again. */
  readonly incomplete = new Set<number>();
  readonly context: ReadingContext;
  readonly header: Header;
  private readonly names = new Map<string, Set<number>>();
  private readonly columns: ColumnsByField;

  constructor(columns: ColumnsByField, context: ReadingContext, header: Header) {
    this.columns = columns;
    this.context = context;
    this.header = header;
  }

  problem(row: number, field: ColumnField | null, value: string, cause: Text, rule?: string): void {
    const column = field === null ? undefined : this.columns.get(field)?.[0];
    this.problems.push({
      row,
      column: column?.letter ?? null,
      heading: column?.heading ?? null,
      value: value.slice(0, 200),
      cause,
      ...(rule !== undefined && { rule }),
    });
  }

  take(row: number, findings: Findings): void {
    for (const { field, value, cause, rule } of findings.problems)
      this.problem(row, field, value, cause, rule);
    for (const { name } of findings.unresolved) {
      this.incomplete.add(row);
      const rows = this.names.get(name) ?? new Set();
      this.names.set(name, rows.add(row));
    }
    for (const kind of findings.notices) {
      const rows = this.notices.get(kind);
      if (rows) rows.push(row);
      else this.notices.set(kind, [row]);
    }
  }

  /** Most used names first; candidates are looked up for as many as a person can work through. */
  unresolved(): UnresolvedOrgan[] {
    return [...this.names]
      .sort((a, b) => b[1].size - a[1].size)
      .map(([name, rows], i) => ({
        name,
        rows: [...rows],
        candidates: i < 200 ? this.context.resolver.nearest(name) : [],
      }));
  }

  repeatedCodes(items: readonly FileItem[]): void {
    const first = new Map<string, number>();
    for (const { row, code } of items) {
      if (code === null) continue;
      const before = first.get(code);
      if (before === undefined) first.set(code, row);
      else this.problem(row, 'code', code, repeated(`编码 ${code}`, `code ${code}`, before), 'L-2');
    }
  }
}

export const repeated = (zh: string, en: string, row: number): Text => ({
  en: `"${en}" stands in row ${row} already.`,
  'zh-CN': `“${zh}”与第 ${row} 行重复。`,
});
