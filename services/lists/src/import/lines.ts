import type { Table } from '@dutyledger/tables/table';
import { isBlank } from '@dutyledger/tables/text';
import { FORMAT_HEADING, FORMAT_MARK } from '../export/layout.ts';
import type { ColumnField, MappedField } from './fields.ts';
import type { BodyLine } from './header.ts';
import type { MappedColumn } from './mapping.ts';

/** The lines that make up one item: one mostly; several where cells are merged beside an item of many organs. */
export interface ItemLines {
  /** Line number that people see, from 1. */
  row: number;
  lines: string[][];
  section: string | null;
  /** Written by an export of this system. */
  canonical: boolean;
}

export interface GroupedLines {
  items: ItemLines[];
  /** Rows whose blank cells in the columns of domains were filled from above. */
  filled: number[];
  /** Rows that were joined to the item above them. */
  joined: number[];
}

/** Columns by field; a field of several columns lists them in order. */
export type ColumnsByField = ReadonlyMap<MappedField, MappedColumn[]>;

export function columnsByField(columns: readonly MappedColumn[]): ColumnsByField {
  const byField = new Map<MappedField, MappedColumn[]>();
  for (const column of columns) {
    byField.set(column.field, [...(byField.get(column.field) ?? []), column]);
  }
  return byField;
}

/** The first column of a field, by index into the row; undefined when it is not mapped. */
export const indexOf = (columns: ColumnsByField, field: ColumnField): number | undefined =>
  columns.get(field)?.[0]?.index;

/**
 * Joins lines to items and fills cells that a merge left blank: the domain from above; the name where only the sub-item
 * changes; lines of one merged name, or without number, name and lead, belong to the item above them.
 */
export function groupLines(table: Table, body: readonly BodyLine[], columns: ColumnsByField): GroupedLines {
  const formatColumn = [...columns.values()].flat().find(({ heading }) => heading === FORMAT_HEADING)?.index;
  const at = (field: ColumnField) => indexOf(columns, field);
  const [name, domain, subName] = [at('name'), at('domain'), at('subName')];
  const identity = ['sequence', 'code', 'name', 'subName', 'lead', 'leadAndDuty'] as const;
  const identityColumns = identity.map(at).filter((index) => index !== undefined);
  const continuing = [
    'cooperator',
    'cooperatorAndDuty',
    'cooperatorDuty',
    'basis',
    'leadDuty',
    'article',
  ] as const;
  const continuingColumns = continuing.map(at).filter((index) => index !== undefined);
  const numbered = at('sequence') !== undefined || at('code') !== undefined;
  const mergedName = mergedSpans(table, name);
  const result: GroupedLines = { items: [], filled: [], joined: [] };
  let above: string[] | undefined;
  for (const { index, section } of body) {
    const line = table.rows[index] ?? [];
    const blank = (column: number | undefined) => column === undefined || (line[column] ?? '') === '';
    const canonical = formatColumn !== undefined && line[formatColumn] === FORMAT_MARK;
    const last = result.items.at(-1);
    const sameMerge =
      mergedName.get(index) !== undefined && mergedName.get(index) === mergedName.get(index - 1);
    const sameSub = subName === undefined || line[subName] === above?.[subName];
    const continues =
      numbered && identityColumns.every(blank) && continuingColumns.some((column) => !blank(column));
    if (last && !canonical && ((sameMerge && sameSub) || continues)) {
      last.lines.push(line);
      result.joined.push(index + 1);
      above = line.map((cell, c) => cell || (above?.[c] ?? ''));
      continue;
    }
    if (!canonical && above) {
      if (domain !== undefined && blank(domain) && !isBlank(above[domain] ?? '')) {
        line[domain] = above[domain] ?? '';
        result.filled.push(index + 1);
      }
      if (name !== undefined && blank(name) && !blank(subName)) line[name] = above[name] ?? '';
    }
    result.items.push({ row: index + 1, lines: [line], section, canonical });
    above = line;
  }
  return result;
}

/** Line index → number of the vertical merge that covers the column there. */
function mergedSpans(table: Table, column: number | undefined): ReadonlyMap<number, number> {
  const spans = new Map<number, number>();
  for (const [number, { top, bottom, left, right }] of table.merges.entries()) {
    if (column === undefined || column < left || column > right || top === bottom) continue;
    for (let line = top; line <= bottom; line++) spans.set(line, number);
  }
  return spans;
}

/** The different texts of a field in the lines of an item, blanks left out. */
export function textsOf(item: ItemLines, column: number | undefined): string[] {
  if (column === undefined) return [];
  const [only] = item.lines;
  if (only && item.lines.length === 1) return isBlank(only[column] ?? '') ? [] : [only[column] ?? ''];
  return [...new Set(item.lines.map((line) => line[column] ?? ''))].filter((text) => !isBlank(text));
}
