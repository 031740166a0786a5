import * as XLSX from '@e965/xlsx';

export interface SheetOptions {
  /** Areas as "A1:C1". */
  merges?: string[];
  bookType?: XLSX.BookType;
  sheets?: Record<string, unknown[][]>;
}

/** A workbook of one sheet, with more before it if given. */
export function workbook(
  rows: unknown[][],
  { merges = [], bookType = 'xlsx', sheets = {} }: SheetOptions = {},
): Buffer {
  const book = XLSX.utils.book_new();
  for (const [name, content] of Object.entries(sheets)) {
    XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(content), name);
  }
  const sheet = XLSX.utils.aoa_to_sheet(rows);
  sheet['!merges'] = merges.map((area) => XLSX.utils.decode_range(area));
  XLSX.utils.book_append_sheet(book, sheet, '清单');
  return XLSX.write(book, { type: 'buffer', bookType });
}
