import * as XLSX from '@e965/xlsx';
import { encrypted } from './file-kind.ts';
import {
  cellName,
  FILE_LIMITS,
  fileRefused,
  finishTable,
  type Merge,
  type Outcome,
  someCells,
  type Table,
  taken,
  tooMany,
} from './table.ts';
import { packStored, unpackZip, type ZipEntry } from './zip.ts';

/** A workbook that was checked and whose sheets are read one by one, on demand. */
export interface Workbook {
  sheets: string[];
  /** Sheets that people see, in order: the ones to search for a table. */
  visible: string[];
  readSheet(name: string): Outcome<Table>;
}

/** The parts that carry texts and their formats; macros, links to other files, pictures and comments stay packed. */
const NEEDED =
  /^(\[Content_Types\]\.xml|_rels\/\.rels|xl\/(_rels\/)?(workbook|sharedStrings|styles|metadata)[^/]*|xl\/(worksheets|persons)\/[^/]+)$/i;
const NEEDED_ODS = /^(mimetype|content\.xml|styles\.xml|META-INF\/manifest\.xml)$/;

export function openArchive(
  bytes: Buffer,
  fileName: string,
  kind: 'xlsx' | 'ods',
  entries: ZipEntry[],
): Outcome<Workbook> {
  const needed = kind === 'xlsx' ? NEEDED : NEEDED_ODS;
  const parts = unpackZip(bytes, entries, (name) => needed.test(name));
  if (!parts.ok) return parts;
  if (kind === 'ods') {
    const { value } = parts;
    if (value.get('META-INF/manifest.xml')?.includes('encryption-data')) return encrypted();
    if (repeatedCells(value.get('content.xml')?.toString('utf8') ?? '') > MAX_CELLS) return hugeSheet();
  }
  return openWorkbook(packStored(parts.value), fileName, kind);
}

export function openWorkbook(
  bytes: Buffer,
  fileName: string,
  format: 'xlsx' | 'xls' | 'ods',
): Outcome<Workbook> {
  const listed = parse(bytes, { bookSheets: true, bookProps: false });
  if (!listed.ok) return listed;
  const sheets = listed.value.SheetNames;
  const hidden = listed.value.Workbook?.Sheets ?? [];
  return taken({
    sheets,
    visible: sheets.filter((_, i) => !hidden[i]?.Hidden),
    readSheet(name) {
      const parsed = parse(bytes, {
        sheets: sheets.indexOf(name),
        sheetRows: FILE_LIMITS.rows + 1,
        cellHTML: false,
        cellNF: true,
        dense: true,
      });
      if (!parsed.ok) return parsed;
      const sheet = parsed.value.Sheets[name];
      const date1904 = parsed.value.Workbook?.WBProps?.date1904 ?? false;
      return sheetTable(sheet, { fileName, format, sheet: name, sheets, encoding: null, date1904 });
    },
  });
}

function parse(bytes: Buffer, options: XLSX.ParsingOptions): Outcome<XLSX.WorkBook> {
  try {
    return taken(XLSX.read(bytes, { type: 'buffer', ...options }));
  } catch (error) {
    if (/password|encrypt/i.test(String(error))) return encrypted();
    return fileRefused('CORRUPT', {
      en: 'The workbook is damaged and cannot be read. Open it in the office program and save it again.',
      'zh-CN': '工作簿已损坏、无法读取，请用办公软件打开并重新保存。',
    });
  }
}

type DenseSheet = XLSX.WorkSheet & { '!data'?: (XLSX.CellObject | undefined)[][] };

function sheetTable(
  sheet: DenseSheet | undefined,
  about: Omit<Table, 'rows' | 'merges'> & { date1904: boolean },
): Outcome<Table> {
  const rows: string[][] = [];
  const formulas: string[] = [];
  const errors: string[] = [];
  const { date1904, ...table } = about;
  const data = sheet?.['!data'] ?? [];
  if (data.length > FILE_LIMITS.rows && data.slice(FILE_LIMITS.rows).some((row) => row?.some(hasText))) {
    const total = sheet?.['!fullref'] ? XLSX.utils.decode_range(sheet['!fullref']).e.r + 1 : data.length;
    return tooMany('TOO_MANY_ROWS', FILE_LIMITS.rows, Math.max(total, data.length));
  }
  for (let r = 0; r < Math.min(data.length, FILE_LIMITS.rows); r++) {
    const row: string[] = [];
    data[r]?.forEach((cell, c) => {
      if (!cell) return;
      if (cell.f !== undefined || cell.F !== undefined) formulas.push(cellName(r, c));
      if (cell.t === 'e') errors.push(cellName(r, c));
      while (row.length < Math.min(c, FILE_LIMITS.columns + 1)) row.push('');
      row[c] = cellText(cell, date1904);
    });
    rows.push(row);
  }
  if (formulas.length > 0) return formulasRefused(formulas);
  if (errors.length > 0) return errorsRefused(errors);
  const merges = (sheet?.['!merges'] ?? []).map(
    ({ s, e }): Merge => ({ top: s.r, left: s.c, bottom: e.r, right: e.c }),
  );
  const finished = finishTable({ ...table, rows, merges: [] });
  return finished.ok ? spreadMerges(finished.value, merges) : finished;
}

const hasText = (cell: XLSX.CellObject | undefined): boolean => cell !== undefined && cell.v !== undefined;

/**
 * The text that people see, but dates as YYYY-MM-DD and whole numbers with all their digits: a 12-digit code in a
 * cell of the general format is shown by office programs as 3.70114E+11.
 */
function cellText(cell: XLSX.CellObject, date1904: boolean): string {
  if (cell.t === 's') return String(cell.v ?? '');
  if (cell.v instanceof Date) return cell.v.toISOString().slice(0, 10);
  if (cell.t !== 'n' || typeof cell.v !== 'number') return cell.w ?? String(cell.v ?? '');
  const format = cell.z === undefined ? 'General' : String(cell.z);
  if (isDateFormat(format)) return dateText(cell.v, date1904) ?? cell.w ?? String(cell.v);
  if (format === 'General' && Number.isSafeInteger(cell.v)) return String(cell.v);
  return cell.w ?? String(cell.v);
}

const dateFormats = new Map<string, boolean>();

function isDateFormat(format: string): boolean {
  const known = dateFormats.get(format);
  if (known !== undefined) return known;
  const is = format !== 'General' && XLSX.SSF.is_date(format);
  if (dateFormats.size < 1_000) dateFormats.set(format, is);
  return is;
}

function dateText(value: number, date1904: boolean): string | null {
  const date = XLSX.SSF.parse_date_code(value, { date1904 });
  if (!date || value < 1) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.y}-${two(date.m)}-${two(date.d)}`;
  return value % 1 === 0 ? day : `${day} ${two(date.H)}:${two(date.M)}`;
}

const MAX_CELLS = FILE_LIMITS.rows * FILE_LIMITS.columns;

/** Every cell of a merged area shows its text; areas are clipped to the table, so that a merge of whole columns is cheap. */
function spreadMerges(table: Table, merges: Merge[]): Outcome<Table> {
  const { rows } = table;
  const last = (rows[0]?.length ?? 0) - 1;
  const clipped = merges
    .map((m) => ({ ...m, bottom: Math.min(m.bottom, rows.length - 1), right: Math.min(m.right, last) }))
    .filter((m) => m.top <= m.bottom && m.left <= m.right);
  const area = clipped.reduce((sum, m) => sum + (m.bottom - m.top + 1) * (m.right - m.left + 1), 0);
  if (area > 2 * MAX_CELLS) return hugeSheet();
  for (const { top, left, bottom, right } of clipped) {
    const text = rows[top]?.[left] ?? '';
    for (let r = top; r <= bottom; r++) rows[r]?.fill(text, left, right + 1);
  }
  return taken({ ...table, merges: clipped });
}

/** Cells that an OpenDocument sheet holds once its repeated rows and columns are written out. */
function repeatedCells(content: string): number {
  const times = (attributes: string, name: string) =>
    Number(new RegExp(`${name}-repeated="(\\d+)"`).exec(attributes)?.[1] ?? 1);
  let cells = 0;
  let rowTimes = 1;
  for (const [, tag, attributes = ''] of content.matchAll(/<(?:[\w-]+:)?(table-row|table-cell)\b([^>]*)>/g)) {
    if (tag === 'table-row') rowTimes = times(attributes, 'number-rows');
    else if (!attributes.endsWith('/')) cells += rowTimes * times(attributes, 'number-columns');
  }
  return cells;
}

const hugeSheet = () =>
  fileRefused(
    'ZIP_BOMB',
    {
      en: 'The sheet repeats or merges cells far beyond what a list holds and was not opened.',
      'zh-CN': '工作表的重复或合并单元格数量异常，已拒绝打开。',
    },
    { limit: MAX_CELLS },
  );

const formulasRefused = (cells: string[]) =>
  fileRefused(
    'FORMULAS',
    {
      en: `Formulas stand in ${someCells(cells)}. Only values are taken: copy, then paste as values.`,
      'zh-CN': `单元格 ${someCells(cells)} 含公式。只接受数值和文字：请复制后“选择性粘贴—数值”。`,
    },
    { cells: cells.slice(0, 100), count: cells.length },
  );

const errorsRefused = (cells: string[]) =>
  fileRefused(
    'CELL_ERRORS',
    {
      en: `Error values (such as #REF!) stand in ${someCells(cells)}; correct them.`,
      'zh-CN': `单元格 ${someCells(cells)} 为错误值（如 #REF!），请更正。`,
    },
    { cells: cells.slice(0, 100), count: cells.length },
  );
