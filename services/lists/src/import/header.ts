import { columnLetter, type Merge, type Table } from '@dutyledger/tables/table';
import { plain, tidyName } from '@dutyledger/tables/text';
import { headingKey, recogniseHeading } from './fields.ts';

/** The heading lines of a table, counted from 0, and one heading per column. */
export interface Header {
  top: number;
  bottom: number;
  /** Two-line headings joined as "主体责任单位及责任 / 单位"; unique; a column without one is named by its letter. */
  headings: string[];
}

const SEARCHED_LINES = 40;
const MAX_HEADER_LINES = 3;

/**
 * Finds the heading lines: those whose cells are known headings, else the first line of several short texts.
 * `known` adds the headings of a given mapping. Null when nothing looks like a heading.
 */
export function findHeader(table: Table, known: (heading: string) => boolean = () => false): Header | null {
  let best: { header: Header; score: number } | null = null;
  for (let top = 0; top < Math.min(table.rows.length, SEARCHED_LINES); top++) {
    const bottom = lastHeaderLine(table, top);
    const combined = combine(table, top, bottom);
    const score = scoreOf(combined, known);
    if (score > (best?.score ?? 0)) best = { header: { top, bottom, headings: unique(combined) }, score };
  }
  if (best) return best.header;
  const top = table.rows.findIndex(looksLikeHeadings);
  if (top < 0) return null;
  const bottom = lastHeaderLine(table, top);
  return { top, bottom, headings: unique(combine(table, top, bottom)) };
}

/** Different fields count more than repeated ones; two are needed unless the name is among them. */
function scoreOf(headings: readonly string[], known: (heading: string) => boolean): number {
  const fields = new Set<string>();
  let score = 0;
  let previous = '';
  for (const heading of headings) {
    if (heading === '' || heading === previous) continue;
    previous = heading;
    const found = recogniseHeading(heading);
    if (known(heading)) score += 4;
    else if (found && !fields.has(found.field)) score += found.exact ? 3 : 2;
    if (found) fields.add(found.field);
  }
  if (score < 4 && fields.size < 2 && !fields.has('name')) return 0;
  return fields.has('name') ? score + 2 : score;
}

/** Without a single known heading: several different short texts that are no numbers. */
function looksLikeHeadings(row: readonly string[]): boolean {
  const texts = row.filter((cell) => cell !== '');
  const short = texts.every((cell) => cell.length <= 20 && !/^[\d.,%/-]+$/.test(cell));
  return new Set(texts).size >= 2 && short;
}

function lastHeaderLine(table: Table, top: number): number {
  let bottom = top;
  while (bottom - top + 1 < MAX_HEADER_LINES && continues(table, top, bottom)) bottom += 1;
  return bottom;
}

/** Whether the line below belongs to the heading as well. */
function continues(table: Table, top: number, line: number): boolean {
  const next = table.rows[line + 1];
  const row = table.rows[line];
  if (!next || !row) return false;
  const around = table.merges.filter((m) => m.top >= top && m.top <= line && m.bottom >= line);
  if (around.length > 0) {
    return around.some((merge) => merge.bottom > line || splitsBelow(merge, row, next));
  }
  return blankGroups(row, next);
}

/** A heading over several columns with different short texts below it. */
function splitsBelow(merge: Merge, row: readonly string[], next: readonly string[]): boolean {
  if (
    merge.right === merge.left ||
    merge.right - merge.left + 1 >= row.filter((cell) => cell !== '').length
  ) {
    return false;
  }
  const below = next.slice(merge.left, merge.right + 1).filter((cell) => cell !== '');
  return new Set(below).size >= 2 && below.every(isSubHeading);
}

const isSubHeading = (cell: string): boolean => cell.length <= 14 && !/^\d+$/.test(cell);

/**
 * The same in a text file, where merged cells are blank: below each blank of the upper line stands a short text, and
 * the columns with a heading of their own are blank below.
 */
function blankGroups(row: readonly string[], next: readonly string[]): boolean {
  const filled = next.flatMap((cell, c) => (cell === '' ? [] : [c]));
  if (filled.length < 2 || !filled.every((c) => isSubHeading(next[c] ?? ''))) return false;
  const underBlank = filled.some((c) => row[c] === '' && row.slice(0, c).some((cell) => cell !== ''));
  const ownHeading = row.some((cell, c) => cell !== '' && next[c] === '');
  return underBlank && ownHeading && filled.every((c) => row[c] === '' || row[c + 1] === '');
}

/** One text per column: the different lines of its heading, top down. */
function combine(table: Table, top: number, bottom: number): string[] {
  const lines = table.rows.slice(top, bottom + 1).map((row) => row.map(tidyName));
  const width = lines[0]?.length ?? 0;
  for (const [i, line] of lines.slice(0, -1).entries()) {
    for (let c = 1; c < width; c++) {
      if (line[c] === '' && lines[i + 1]?.[c] !== '') line[c] = line[c - 1] ?? '';
    }
  }
  return Array.from({ length: width }, (_, c) => {
    const parts = lines.map((line) => line[c] ?? '').filter((part) => part !== '');
    return parts.filter((part, i) => part !== parts[i - 1]).join(' / ');
  });
}

function unique(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading, c) => {
    const name = heading === '' ? `${columnLetter(c)}列` : heading;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

export type SkippedKind = 'title' | 'note' | 'total' | 'section' | 'repeated-heading' | 'numbered-blank';

/** A line that is no item and why it was left out. `row` is the line number that people see, from 1. */
export interface SkippedLine {
  row: number;
  kind: SkippedKind;
  text: string;
}

export interface BodyLine {
  /** Index into `table.rows`. */
  index: number;
  /** Text of the section line it stands under ("一、党的建设"), null without one. */
  section: string | null;
}

export interface Body {
  lines: BodyLine[];
  skipped: SkippedLine[];
}

const TOTAL = /^(合计|总计|小计|共计|总数)([:\d共(]|$)/;
const NOTE =
  /^(备注|附注|注|说明|填表说明|填报说明|注释|附件\d*)(\d*[:、.]|$)|^(填表人|填报人|审核人|制表人?|联系人|联系电话|填报单位|填报时间|制表日期|单位\(?盖章\)?)(:|$)/;
const STARRED = /^[*※]/;
const SECTION =
  /^([一二三四五六七八九十百]+[、.]|\([一二三四五六七八九十百]+\)|第[一二三四五六七八九十百]+[类部章])/;

/** The lines below the heading: items, and everything that is none, with its kind. */
export function bodyOf(table: Table, header: Header, sequenceColumn: number | null): Body {
  const lines: BodyLine[] = [];
  const skipped: SkippedLine[] = [];
  for (let i = 0; i < header.top; i++) {
    const text = firstText(table.rows[i] ?? []);
    if (text !== '') skipped.push({ row: i + 1, kind: 'title', text });
  }
  const headingLines = table.rows.slice(header.top, header.bottom + 1);
  let section: string | null = null;
  for (let i = header.bottom + 1; i < table.rows.length; i++) {
    const row = table.rows[i] ?? [];
    const text = firstText(row);
    if (text === '') continue;
    const kind = kindOf(row, headingLines, sequenceColumn);
    if (kind === null) {
      lines.push({ index: i, section });
      continue;
    }
    if (kind === 'section') section = sectionName(text);
    skipped.push({ row: i + 1, kind, text: text.slice(0, 200) });
  }
  return { lines, skipped };
}

const firstText = (row: readonly string[]): string => row.find((cell) => cell !== '') ?? '';

/** "一、党的建设(28项)" is the domain 党的建设. */
const sectionName = (text: string): string =>
  plain(text)
    .replace(SECTION, '')
    .replace(/\(?共?\d+[项条个]\)?:?$/, '')
    .trim();

function kindOf(
  row: readonly string[],
  headingLines: readonly string[][],
  sequenceColumn: number | null,
): SkippedKind | null {
  const filled = row.filter((cell) => cell !== '');
  const different = new Set(filled);
  const text = filled[0] ?? '';
  const compact = plain(text).replace(/\s+/g, '');
  if (TOTAL.test(compact) && different.size <= 4) return 'total';
  if (NOTE.test(compact) && (different.size <= 2 || compact.includes(':'))) return 'note';
  if (STARRED.test(compact) && different.size === 1) return 'note';
  if (headingLines.some((line) => isRepeated(row, line))) return 'repeated-heading';
  if (different.size !== 1) return null;
  if (SECTION.test(compact) && compact.length <= 60) return 'section';
  if (filled.length * 2 > row.length && row.length > 2) return text.length <= 30 ? 'section' : 'note';
  const only = row.findIndex((cell) => cell !== '');
  return only === sequenceColumn && /^\d+$/.test(compact) ? 'numbered-blank' : null;
}

/** Print layouts repeat the heading on every page. */
function isRepeated(row: readonly string[], heading: readonly string[]): boolean {
  const filled = row.flatMap((cell, c) => (cell === '' ? [] : [c]));
  if (filled.length < 2) return false;
  const same = filled.filter((c) => headingKey(row[c] ?? '') === headingKey(heading[c] ?? ''));
  return same.length === filled.length;
}
