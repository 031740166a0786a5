import { CsvError, parse } from 'csv-parse/sync';
import { restoreCell } from './injection.ts';
import {
  cellName,
  emptyFile,
  FILE_LIMITS,
  fileRefused,
  finishTable,
  type Outcome,
  someCells,
  type Table,
  taken,
  tooMany,
} from './table.ts';

type Encoding = NonNullable<Table['encoding']>;

/** CSV or TSV: encoding and delimiter are recognised, texts that office programs wrapped are unwrapped. */
export function readText(bytes: Buffer, fileName: string): Outcome<Table> {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return decoded;
  const { text, encoding } = decoded.value;
  if (text.trim() === '') return emptyFile();
  const parsed = parseRows(text, guessDelimiter(text));
  if (!parsed.ok) return parsed;
  const rows = parsed.value;
  if (rows.length > FILE_LIMITS.rows) {
    const filled = rows.findLastIndex((row) => row.some((cell) => cell.trim() !== '')) + 1;
    if (filled > FILE_LIMITS.rows) return tooMany('TOO_MANY_ROWS', FILE_LIMITS.rows, filled);
  }
  const formulas: string[] = [];
  for (const [r, row] of rows.entries()) {
    for (const [c, cell] of row.entries()) {
      if (!/^['="=\s]/.test(cell)) continue;
      const text = unwrap(cell);
      if (FORMULA.test(text)) formulas.push(cellName(r, c));
      row[c] = restoreCell(text);
    }
  }
  if (formulas.length > 0) return formulasRefused(formulas);
  return finishTable({ fileName, format: 'csv', sheet: null, sheets: [], encoding, rows, merges: [] });
}

/** `="007"` is how programs keep leading zeros when a text file is opened in a spreadsheet. */
const unwrap = (cell: string): string => /^="([^"]*)"$/.exec(cell.trim())?.[1] ?? cell;

const FORMULA = /^\s*=\s*[\w(+\-'"$@.]/;

const formulasRefused = (cells: string[]) =>
  fileRefused(
    'FORMULAS',
    {
      en: `Formulas stand in ${someCells(cells)}. Only values are taken.`,
      'zh-CN': `单元格 ${someCells(cells)} 含公式，只接受数值和文字。`,
    },
    { cells: cells.slice(0, 100), count: cells.length },
  );

/** UTF-8 strictly, else UTF-16 by its mark, else GB18030 strictly; anything else is named as the problem it is. */
function decodeText(bytes: Buffer): Outcome<{ text: string; encoding: Encoding }> {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const text = strictly(first === 0xff ? 'utf-16le' : 'utf-16be', bytes);
    return text === null ? unreadable(null) : taken({ text, encoding: 'utf-16' });
  }
  if (bytes.subarray(0, 65_536).includes(0)) return unreadable(null);
  const utf8 = strictly('utf-8', bytes);
  if (utf8 !== null) return taken({ text: utf8, encoding: 'utf-8' });
  const line = brokenUtf8Line(bytes);
  if (line !== null) return unreadable(line);
  const gb18030 = strictly('gb18030', bytes);
  return gb18030 === null ? unreadable(null) : taken({ text: gb18030, encoding: 'gb18030' });
}

function strictly(encoding: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * The line of the first broken character of a text that is UTF-8 but for a few bytes. Read as GB18030 such a text would
 * often pass, as a wall of wrong characters.
 */
function brokenUtf8Line(bytes: Buffer): number | null {
  const text = bytes.toString('utf8');
  const broken = text.match(/\ufffd+/g)?.length ?? 0;
  const whole = text.match(/[\u2010-\ufffc]/g)?.length ?? 0;
  return whole > 20 * broken ? text.slice(0, text.indexOf('\ufffd')).split('\n').length : null;
}

function unreadable(line: number | null) {
  const hint = { en: 'Save it as CSV UTF-8 or XLSX.', 'zh-CN': '请另存为“CSV UTF-8”或 XLSX。' };
  if (line !== null) {
    return fileRefused(
      'ENCODING',
      {
        en: `The text is UTF-8 but for broken bytes in line ${line}. ${hint.en}`,
        'zh-CN': `文件为 UTF-8 编码，但第 ${line} 行含无效字节。${hint['zh-CN']}`,
      },
      { line },
    );
  }
  return fileRefused('ENCODING', {
    en: `The file is neither UTF-8 nor GB18030 text. ${hint.en}`,
    'zh-CN': `文件既不是 UTF-8 也不是 GB18030 编码的文本。${hint['zh-CN']}`,
  });
}

/**
 * The delimiter that cuts all of the first rows into the same number of columns, else most of them; into the more columns
 * the better. What counts is the share of the rows: a wrong delimiter takes each line of a quoted cell for a row.
 */
function guessDelimiter(text: string): string {
  const scored = [',', '\t', ';'].map((delimiter) => {
    const rows = firstRows(text, delimiter);
    const widths = new Map<number, number>();
    for (const row of rows) {
      if (row.length > 1) widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
    }
    const [width, times] = [...widths].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0];
    const score = (times / Math.max(rows.length, 1)) * Math.log2(width + 1);
    return { delimiter, score: times > 0 && times === rows.length ? score + ALL_ALIKE : score };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

/** More than any number of columns can score. */
const ALL_ALIKE = 1_000;

/** Whole rows: a sample that ends within a quoted cell could not be cut at all. */
function firstRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { ...CSV, delimiter, to: 50 });
  } catch {
    return [];
  }
}

const CSV = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: false,
  max_record_size: 2 * 1024 * 1024,
} as const;

function parseRows(text: string, delimiter: string): Outcome<string[][]> {
  try {
    return taken(parse(text, { ...CSV, delimiter, to: FILE_LIMITS.rows * 2 }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error['lines'] ?? 0);
    return fileRefused(
      'CORRUPT',
      {
        en: `The text cannot be cut into cells at line ${line}: a quotation mark is not closed.`,
        'zh-CN': `第 ${line} 行附近无法拆分为单元格：引号未闭合。`,
      },
      { line, cause: error.code },
    );
  }
}
