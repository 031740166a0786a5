import type { Refusal, Text } from '@dutyledger/event-store/decider';

/** What is taken at most from one file; beyond it the file is refused with the limit and the value. */
export const FILE_LIMITS = {
  bytes: 20 * 1024 * 1024,
  rows: 20_000,
  columns: 200,
  cellCharacters: 20_000,
} as const;

/** A rectangle of merged cells, all four ends inclusive, counted from 0. */
export interface Merge {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export type FileFormat = 'csv' | 'xlsx' | 'xls' | 'ods';

/** A sheet as people see it: texts only, merged cells filled, `rows[0]` is line 1 of the sheet. */
export interface Table {
  fileName: string;
  format: FileFormat;
  /** Null for text files. */
  sheet: string | null;
  /** All sheets of the workbook, in its order. */
  sheets: string[];
  /** Encoding that a text file was read with, null for workbooks. */
  encoding: 'utf-8' | 'utf-16' | 'gb18030' | null;
  rows: string[][];
  merges: Merge[];
}

export type FileProblem =
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'TOO_MANY_ROWS'
  | 'TOO_MANY_COLUMNS'
  | 'CELL_TOO_LONG'
  | 'WRONG_TYPE'
  | 'ENCODING'
  | 'CORRUPT'
  | 'ENCRYPTED'
  | 'ZIP_BOMB'
  | 'FORMULAS'
  | 'CELL_ERRORS'
  | 'CONTROL_CHARACTERS'
  | 'NO_SUCH_SHEET'
  | 'NO_HEADER';

export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export const taken = <T>(value: T): Outcome<T> => ({ ok: true, value });

const LIMITS = new Set<FileProblem>(['TOO_LARGE', 'TOO_MANY_ROWS', 'TOO_MANY_COLUMNS', 'CELL_TOO_LONG']);

/** A file that cannot be taken at all; `details.problem` tells programs why, `details.cells` where. */
export function fileRefused(
  problem: FileProblem,
  message: Text,
  details: Record<string, unknown> = {},
): { ok: false; refusal: Refusal } {
  const code = LIMITS.has(problem) ? 'LIMIT_EXCEEDED' : 'INVALID_INPUT';
  return {
    ok: false,
    refusal: { code, field: 'content', message, details: { problem, ...details } },
  };
}

/** `AB` for 27: the column as spreadsheets name it, counted from 0. */
export function columnLetter(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

export const cellName = (row: number, column: number): string => `${columnLetter(column)}${row + 1}`;

/** The first few of many addresses, for a message; the rest is a number. */
export function someCells(cells: readonly string[]): string {
  const shown = cells.slice(0, 10).join(', ');
  return cells.length > 10 ? `${shown} … (${cells.length})` : shown;
}

const NEEDS_CLEANING = /[^\n\x20-\x7e\u2010-\u2027\u3001-\ufefe\uff00-\ufff0]|\ufffd|^\s|\s$/;
const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const SPACES = /[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const FORBIDDEN = /[^\P{Cc}\n]|\p{Cs}/u;

/** Line breaks become `\n`, odd spaces plain ones, invisible characters go, the ends are trimmed. */
export function cleanCell(text: string): string {
  if (!NEEDS_CLEANING.test(text)) return text;
  return text.replace(LINE_BREAKS, '\n').replace(SPACES, ' ').replace(INVISIBLE, '').trim();
}

/** Cleans every cell, drops empty rows and columns at the ends, and refuses what is beyond the limits. */
export function finishTable(table: Table): Outcome<Table> {
  const bad: string[] = [];
  let width = 0;
  let height = 0;
  for (const [r, row] of table.rows.entries()) {
    for (let c = 0; c < row.length; c++) {
      const text = cleanCell(row[c] ?? '');
      row[c] = text;
      if (text === '') continue;
      if (text.length > FILE_LIMITS.cellCharacters) return tooLong(cellName(r, c), text.length);
      if (NEEDS_CLEANING.test(text) && FORBIDDEN.test(text)) bad.push(cellName(r, c));
      height = r + 1;
      if (c >= width) width = c + 1;
    }
  }
  if (bad.length > 0) return controlCharacters(bad);
  if (height === 0) return emptyFile();
  if (height > FILE_LIMITS.rows) return tooMany('TOO_MANY_ROWS', FILE_LIMITS.rows, height);
  if (width > FILE_LIMITS.columns) return tooMany('TOO_MANY_COLUMNS', FILE_LIMITS.columns, width);
  const rows = table.rows.slice(0, height).map((row) => {
    while (row.length < width) row.push('');
    row.length = width;
    return row;
  });
  return taken({ ...table, rows });
}

export const emptyFile = () =>
  fileRefused('EMPTY', {
    en: 'The file has no rows.',
    'zh-CN': '文件中没有数据行。',
  });

export function tooMany(problem: 'TOO_MANY_ROWS' | 'TOO_MANY_COLUMNS', limit: number, actual: number) {
  const rows = problem === 'TOO_MANY_ROWS';
  return fileRefused(
    problem,
    {
      en: `The sheet has ${actual} ${rows ? 'rows' : 'columns'}; at most ${limit} are taken. Split it.`,
      'zh-CN': `工作表有 ${actual} ${rows ? '行' : '列'}，上限为 ${limit} ${rows ? '行' : '列'}，请拆分后导入。`,
    },
    { limit, actual },
  );
}

function tooLong(cell: string, actual: number) {
  const limit = FILE_LIMITS.cellCharacters;
  return fileRefused(
    'CELL_TOO_LONG',
    {
      en: `Cell ${cell} has ${actual} characters; at most ${limit} are taken.`,
      'zh-CN': `单元格 ${cell} 有 ${actual} 个字符，上限为 ${limit} 个。`,
    },
    { limit, actual, cells: [cell] },
  );
}

function controlCharacters(cells: string[]) {
  return fileRefused(
    'CONTROL_CHARACTERS',
    {
      en: `Control characters or broken characters stand in ${someCells(cells)}; remove them.`,
      'zh-CN': `单元格 ${someCells(cells)} 含控制字符或残缺字符，请清除后重新导入。`,
    },
    { cells: cells.slice(0, 100) },
  );
}
