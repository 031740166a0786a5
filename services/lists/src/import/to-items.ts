import type { Text } from '@dutyledger/event-store/decider';
import type { Table } from '@dutyledger/tables/table';
import { isBlank, nameKey, tidyCode, tidyName } from '@dutyledger/tables/text';
import {
  BASIS_OPTIONAL,
  type HandlingClass,
  type ItemContent,
  LEAD_OPTIONAL,
  type ListKind,
} from '../duty-list/item.ts';
import { itemProblems } from '../duty-list/item-rules.ts';
import { readCanonical } from '../export/layout.ts';
import { type ColumnField, fieldText } from './fields.ts';
import { bodyOf, type Header, type SkippedLine } from './header.ts';
import { type ColumnsByField, columnsByField, groupLines, type ItemLines, indexOf } from './lines.ts';
import type { MappedColumn } from './mapping.ts';
import type { MappingFile } from './mapping-file.ts';
import { type Notice, noticesOf } from './notices.ts';
import type { NearCandidate, OrganResolver } from './organ-resolver.ts';
import { resolveCanonical } from './read-canonical.ts';
import { readItem } from './read-item.ts';
import { noFindings, type ReadingContext } from './reading.ts';
import { Report, repeated } from './report.ts';
import { isTicked } from './values.ts';

/** An item of the file. `row` is the line that people see. */
export interface FileItem {
  row: number;
  code: string | null;
  content: ItemContent;
}

/** Why a row cannot be taken. `column` is the letter; both it and `heading` are null where no column is at fault. */
export interface RowProblem {
  row: number;
  column: string | null;
  heading: string | null;
  value: string;
  cause: Text;
  /** Rule of domain.md, where one is broken. */
  rule?: string;
}

/** A name that fits no organ, once, with all rows that use it and the organs that come nearest. */
export interface UnresolvedOrgan {
  name: string;
  rows: number[];
  candidates: NearCandidate[];
}

export interface FileItems {
  items: FileItem[];
  problems: RowProblem[];
  unresolved: UnresolvedOrgan[];
  notices: Notice[];
  skipped: SkippedLine[];
  /** Codes are running numbers: they tell the order, an item keeps its code when they change. */
  codesAreNumbers: boolean;
}

export interface ItemsRequest {
  table: Table;
  header: Header;
  columns: MappedColumn[];
  kind: ListKind;
  mapping: MappingFile;
  resolver: OrganResolver;
}

/**
 * Reads all rows into items and checks each by the rules of L-2. Every bad row is reported with row, column, value and
 * cause; nothing may enter a draft unless `problems` and `unresolved` are empty (L-11). A name may occur twice only with
 * different codes, or in another domain or category.
 */
export function readItems({ table, header, columns, kind, mapping, resolver }: ItemsRequest): FileItems {
  const byField = columnsByField(columns);
  const body = bodyOf(table, header, indexOf(byField, 'sequence') ?? null);
  const grouped = groupLines(table, body.lines, byField);
  const context: ReadingContext = { kind, columns: byField, mapping, resolver };
  const report = new Report(byField, context, header);
  const listed = !byField.has('name') && TICKS.some(([field]) => byField.has(field));
  const missing = missingColumns(context, listed);
  for (const problem of missing)
    report.problem(header.bottom + 1, problem.field, '', problem.cause, problem.rule);
  const items: FileItem[] = [];
  if (!missing.some(({ field }) => field === 'name')) {
    for (const lines of grouped.items) {
      if (listed) items.push(...readListed(lines, report));
      else items.push(readLines(lines, header, report));
    }
    checkTogether(
      items,
      report,
      missing.map(({ field }) => field),
    );
  }
  if (items.length === 0 && report.problems.length === 0)
    report.problem(header.bottom + 2, null, '', NO_ITEMS);
  const numbers = numberCodes(items, byField);
  if (!numbers.used) for (const item of items) item.code = null;
  else report.repeatedCodes(items);
  return {
    items,
    problems: report.problems.sort((a, b) => a.row - b.row),
    unresolved: report.unresolved(),
    notices: noticesOf(report.notices, grouped, numbers.restarted),
    skipped: body.skipped,
    codesAreNumbers: numbers.areNumbers,
  };
}

const TICKS: [ColumnField, HandlingClass][] = [
  ['mayHandle', 'MAY_HANDLE'],
  ['assist', 'ASSIST'],
  ['mustNotHandle', 'MUST_NOT_HANDLE'],
];

function codeOf(item: ItemLines, columns: ColumnsByField): string | null {
  const column = indexOf(columns, 'code') ?? indexOf(columns, 'sequence');
  const code = column === undefined ? '' : tidyCode(item.lines[0]?.[column] ?? '');
  return isBlank(code) ? null : code;
}

function readLines(lines: ItemLines, header: Header, report: Report): FileItem {
  const findings = noFindings();
  const { columns } = report.context;
  if (lines.canonical) {
    const [line = []] = lines.lines;
    const at = new Map(header.headings.map((heading, c) => [heading, line[c] ?? '']));
    const { code, item } = readCanonical(header.headings, (heading) => at.get(heading) ?? '');
    const content = resolveCanonical(item, report.context, findings);
    report.take(lines.row, findings);
    return { row: lines.row, code: code || null, content };
  }
  const content = readItem(lines, report.context, findings);
  report.take(lines.row, findings);
  return { row: lines.row, code: codeOf(lines, columns), content };
}

/** A table of three columns that list the names themselves: each filled cell is an item of that class. */
function readListed(lines: ItemLines, report: Report): FileItem[] {
  return TICKS.flatMap(([field, handlingClass]) => {
    const column = indexOf(report.context.columns, field);
    const name = column === undefined ? '' : tidyName(lines.lines[0]?.[column] ?? '');
    if (isBlank(name) || isTicked(name) !== null) return [];
    const findings = noFindings();
    const content = readItem(lines, report.context, findings, { name, handlingClass });
    report.take(lines.row, findings);
    return [{ row: lines.row, code: null, content }];
  });
}

interface MissingColumn {
  field: ColumnField;
  cause: Text;
  rule?: string;
}

/** What no row can have, because the table has no column for it: said once, with the remedy. */
function missingColumns({ columns, kind, mapping }: ReadingContext, listed: boolean): MissingColumn[] {
  const missing: MissingColumn[] = [];
  const has = (...fields: ColumnField[]) => fields.some((field) => columns.has(field));
  if (!listed && !has('name', 'subName')) missing.push({ field: 'name', cause: noColumn('name', 'columns') });
  if (!BASIS_OPTIONAL.includes(kind) && !has('basis') && !mapping.defaults.basis) {
    missing.push({ field: 'basis', cause: noColumn('basis', 'defaults.basis'), rule: 'L-2' });
  }
  const townsLead = kind === 'BASIC' || kind === 'DELEGATED';
  const hasLead = has('lead', 'leadAndDuty') || mapping.defaults.lead !== undefined;
  if (!LEAD_OPTIONAL.includes(kind) && !townsLead && !hasLead) {
    missing.push({ field: 'lead', cause: noColumn('lead', 'defaults.lead'), rule: 'L-2' });
  }
  return missing;
}

function noColumn(field: ColumnField, remedy: string): Text {
  const text = fieldText(field);
  return {
    en: `No column was recognised as ${text.en} (${text['zh-CN']}); name it in the mapping (${remedy}).`,
    'zh-CN': `未识别出“${text['zh-CN']}”列，请在对应关系（${remedy}）中指定。`,
  };
}

const NO_ITEMS: Text = { en: 'The table has a heading but no items.', 'zh-CN': '表中只有表头，没有事项。' };

const FIELD_OF: Partial<Record<string, ColumnField[]>> = {
  leads: ['lead', 'leadAndDuty'],
  jointlyLed: ['lead', 'leadAndDuty'],
  cooperators: ['cooperator', 'cooperatorAndDuty'],
  name: ['name', 'subName'],
};

/** The rules of an item, and names that stand twice. Rules of a column that is missing altogether were reported once. */
function checkTogether(items: readonly FileItem[], report: Report, missing: readonly ColumnField[]): void {
  const { kind, columns } = report.context;
  const first = new Map<string, FileItem>();
  const byCode = columns.has('code');
  for (const item of items) {
    const { content, row } = item;
    for (const { field = '', message, rule } of itemProblems(kind, content)) {
      const root = /^\w+/.exec(field)?.[0] ?? '';
      const candidates = FIELD_OF[root] ?? [root as ColumnField];
      if (candidates.some((each) => missing.includes(each))) continue;
      if (/^(leads|cooperators|jointlyLed|fiscalShares)$/.test(root) && report.incomplete.has(row)) continue;
      const at = candidates.find((each) => columns.has(each)) ?? candidates[0] ?? null;
      report.problem(row, at, valueAt(content, root), message, rule);
    }
    const key = [content.name, content.domain, content.category]
      .map((text) => nameKey(text ?? ''))
      .join('\n');
    const before = first.get(key);
    if (before === undefined) first.set(key, item);
    else if (content.name !== '' && !(byCode && before.code !== item.code)) {
      report.problem(row, 'name', content.name, repeated(content.name, content.name, before.row));
    }
  }
}

function valueAt(content: ItemContent, root: string): string {
  switch (root) {
    case 'leads':
    case 'jointlyLed':
      return content.leads.map((organ) => organ.name).join('、');
    case 'cooperators':
      return content.cooperators.map((organ) => organ.name).join('、');
    case 'name':
      return content.name;
    default:
      return '';
  }
}

/** Running numbers that start again in each part of a list are no codes. */
function numberCodes(items: readonly FileItem[], columns: ColumnsByField) {
  const areNumbers = !columns.has('code');
  const codes = items.map(({ code }) => code).filter((code) => code !== null);
  const restarted = areNumbers && new Set(codes).size < codes.length;
  return { areNumbers, restarted, used: !restarted };
}
