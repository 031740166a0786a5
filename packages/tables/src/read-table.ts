import { fileKind } from './file-kind.ts';
import { readText } from './read-text.ts';
import { openArchive, openWorkbook, type Workbook } from './read-workbook.ts';
import { emptyFile, FILE_LIMITS, fileRefused, type Outcome, type Table } from './table.ts';

export interface ReadOptions {
  fileName: string;
  /** A sheet by its name; otherwise the first visible one that is wanted, or the first of all. */
  sheet?: string;
  /** Whether a sheet is what is looked for. */
  isWanted: (table: Table) => boolean;
  /** The rule that refusals name: `L-11`. */
  rule: string;
}

/**
 * Reads a file with a table: CSV or TSV in UTF-8, UTF-16 or GB18030; XLSX, XLS, ODS. What the file is, is told by its
 * content. Refused with one clear error: empty, too large, damaged or encrypted files, other types, formulas and error
 * values, control characters, archives that unpack to too much.
 */
export function readTable(bytes: Uint8Array, options: ReadOptions): Outcome<Table> {
  const read = readAny(bytes, options);
  return read.ok ? read : { ok: false, refusal: { ...read.refusal, rule: options.rule } };
}

function readAny(bytes: Uint8Array, options: ReadOptions): Outcome<Table> {
  const { fileName } = options;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) return emptyFile();
  if (buffer.length > FILE_LIMITS.bytes) return tooLarge(buffer.length);
  const kind = fileKind(buffer);
  if (!kind.ok) return kind;
  switch (kind.value.kind) {
    case 'text':
      return readText(buffer, fileName);
    case 'xls':
      return chooseSheet(openWorkbook(buffer, fileName, 'xls'), options);
    default:
      return chooseSheet(openArchive(buffer, fileName, kind.value.kind, kind.value.entries), options);
  }
}

function chooseSheet(opened: Outcome<Workbook>, options: ReadOptions): Outcome<Table> {
  if (!opened.ok) return opened;
  const workbook = opened.value;
  if (options.sheet !== undefined) {
    if (!workbook.sheets.includes(options.sheet)) return noSuchSheet(options.sheet, workbook.sheets);
    return workbook.readSheet(options.sheet);
  }
  let first: Outcome<Table> | undefined;
  for (const name of workbook.visible) {
    const table = workbook.readSheet(name);
    if (table.ok && options.isWanted(table.value)) return table;
    if (!first || (!first.ok && isEmpty(first))) first = table;
  }
  return first ?? emptyFile();
}

const isEmpty = (outcome: Outcome<Table>): boolean =>
  !outcome.ok && outcome.refusal.details?.['problem'] === 'EMPTY';

const noSuchSheet = (sheet: string, sheets: string[]) =>
  fileRefused(
    'NO_SUCH_SHEET',
    {
      en: `The workbook has no sheet "${sheet}"; it has ${sheets.join(', ')}.`,
      'zh-CN': `工作簿中没有工作表“${sheet}”，现有：${sheets.join('、')}。`,
    },
    { sheets },
  );

const tooLarge = (actual: number) =>
  fileRefused(
    'TOO_LARGE',
    {
      en: `The file has ${Math.ceil(actual / 1024 / 1024)} MiB; at most 20 MiB are taken. Split it.`,
      'zh-CN': `文件大小为 ${Math.ceil(actual / 1024 / 1024)} MiB，上限为 20 MiB，请拆分后导入。`,
    },
    { limit: FILE_LIMITS.bytes, actual },
  );
