import { neutraliseCell } from '@dutyledger/tables/injection';
import { type Outcome, taken } from '@dutyledger/tables/table';
import * as XLSX from '@e965/xlsx';
import { stringify } from 'csv-stringify/sync';
import iconv from 'iconv-lite';
import {
  type CanonicalRow,
  COLUMNS,
  extraHeading,
  FORMAT_HEADING,
  FORMAT_MARK,
  ORGANS_HEADING,
  organDirectory,
} from './layout.ts';

export type ExportFormat = 'csv' | 'xlsx' | 'json';

export interface ExportOptions {
  format: ExportFormat;
  /** For CSV; UTF-8 is written with a mark at the start, so that office programs read it as such. */
  encoding?: 'utf-8' | 'gb18030';
  /** Name of the sheet, 事项清单 if not given. */
  title?: string;
}

export interface ExportedFile {
  bytes: Uint8Array;
  mediaType: string;
  extension: string;
}

/** Excel's own limit for a cell, in UTF-16 units. */
const MAX_XLSX_CELL = 32_767;

/**
 * Writes items in the canonical layout (L-11): the import reads the file back without any difference. Cells of a CSV
 * that an office program would run as formulas are neutralised. Refused only where a cell is too long for XLSX.
 */
export function exportItems(items: readonly CanonicalRow[], options: ExportOptions): Outcome<ExportedFile> {
  if (options.format === 'json') return taken(json(items));
  const rows = layOut(items);
  if (options.format === 'csv') return taken(csv(rows, options.encoding ?? 'utf-8'));
  return xlsx(rows, options.title ?? '事项清单');
}

/** Heading and rows as texts. */
function layOut(items: readonly CanonicalRow[]): string[][] {
  const extras = new Set(items.flatMap(({ content }) => Object.keys(content.extras)));
  const keys = [...extras];
  const headings = [
    ...COLUMNS.map((column) => column.heading),
    ...keys.map(extraHeading),
    ORGANS_HEADING,
    FORMAT_HEADING,
  ];
  const rows = items.map((row) => [
    ...COLUMNS.map((column) => column.write(row)),
    ...keys.map((key) => row.content.extras[key] ?? ''),
    organDirectory(row),
    FORMAT_MARK,
  ]);
  return [headings, ...rows];
}

function csv(rows: string[][], encoding: 'utf-8' | 'gb18030'): ExportedFile {
  const text = stringify(
    rows.map((row) => row.map(neutraliseCell)),
    { record_delimiter: '\r\n' },
  );
  const bytes = iconv.encode(text, encoding, { addBOM: encoding === 'utf-8' });
  return { bytes, mediaType: `text/csv; charset=${encoding}`, extension: 'csv' };
}

function xlsx(rows: string[][], title: string): Outcome<ExportedFile> {
  for (const row of rows) {
    const long = row.findIndex((cell) => cell.length > MAX_XLSX_CELL);
    if (long >= 0) return tooLongForXlsx(row[0] ?? '', rows[0]?.[long] ?? '', row[long]?.length ?? 0);
  }
  const sheet = XLSX.utils.aoa_to_sheet(rows, { dense: true });
  sheet['!cols'] = (rows[0] ?? []).map((heading) => ({ wch: heading === '事项名称' ? 40 : 16 }));
  sheet['!autofilter'] = { ref: sheet['!ref'] ?? 'A1' };
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, sheetName(title));
  const bytes: Uint8Array = XLSX.write(book, {
    type: 'buffer',
    bookType: 'xlsx',
    compression: true,
    bookSST: true,
  });
  return taken({
    bytes,
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extension: 'xlsx',
  });
}

/** Sheet names have at most 31 characters and none of []:*?/\. */
const sheetName = (title: string): string =>
  title
    .replace(/[[\]:*?/\\']/g, ' ')
    .trim()
    .slice(0, 31) || '事项清单';

function json(items: readonly CanonicalRow[]): ExportedFile {
  const rows = items.map(({ code, content }) => ({ code, ...content }));
  const text = JSON.stringify({ format: `dutyledger-items/${FORMAT_MARK}`, items: rows }, null, 2);
  return { bytes: Buffer.from(text), mediaType: 'application/json', extension: 'json' };
}

const tooLongForXlsx = (code: string, heading: string, actual: number): Outcome<never> => ({
  ok: false,
  refusal: {
    code: 'LIMIT_EXCEEDED',
    rule: 'L-11',
    field: 'content',
    message: {
      en: `"${heading}" of item ${code} has ${actual} characters, more than a sheet's cell holds; export CSV or JSON.`,
      'zh-CN': `事项 ${code} 的“${heading}”有 ${actual} 个字符，超出工作表单元格上限，请导出为 CSV 或 JSON。`,
    },
    details: { problem: 'CELL_TOO_LONG', limit: MAX_XLSX_CELL, actual, code },
  },
});
