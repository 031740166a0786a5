import type { Text } from '@dutyledger/event-store/decider';
import { readTable } from '@dutyledger/tables/read-table';
import { FILE_LIMITS, fileRefused, type Outcome, type Table, taken } from '@dutyledger/tables/table';
import { isBlank } from '@dutyledger/tables/text';
import { type Column, type ColumnMapping, columnsOf, type Fields, headingLine } from './columns.ts';

/** Files of grids and grid workers, row by row: CSV, XLSX, XLS, ODS, or a GeoJSON FeatureCollection. */

export interface FileRecord<F extends string> {
  /** As the spreadsheet counts, from 1; the number of a feature. */
  row: number;
  /** What the row says; blank cells say nothing. */
  values: Partial<Record<F, string>>;
  /** Of a feature: its geometry. */
  geometry?: unknown;
}

export interface FileRecords<F extends string> {
  sheet: string | null;
  encoding: Table['encoding'];
  columns: Column<F>[];
  records: FileRecord<F>[];
}

export interface ReadRecordsOptions<F extends string> {
  fileName: string;
  sheet?: string | null;
  mapping: ColumnMapping<F>;
  fields: Fields<F>;
  /** The field that every row is known by. */
  key: F;
  /** The rule that refusals name. */
  rule: string;
  /** Whether features with geometries are taken. */
  features: boolean;
}

/**
 * Reads a file whole. Refused: what `readTable` refuses, a table without a heading line that has the key, JSON that is
 * no FeatureCollection.
 */
export function readRecords<F extends string>(
  bytes: Uint8Array,
  options: ReadRecordsOptions<F>,
): Outcome<FileRecords<F>> {
  const outcome = isJson(bytes) && options.features ? readFeatures(bytes, options) : readRows(bytes, options);
  if (outcome.ok) return outcome;
  return { ok: false, refusal: { ...outcome.refusal, rule: options.rule } };
}

/** A table never begins with a brace. */
const isJson = (bytes: Uint8Array): boolean =>
  /^\ufeff?\s*\{/.test(Buffer.from(bytes.subarray(0, 256)).toString('utf8'));

function readRows<F extends string>(
  bytes: Uint8Array,
  { fileName, sheet, mapping, fields, key, rule }: ReadRecordsOptions<F>,
): Outcome<FileRecords<F>> {
  const read = readTable(bytes, {
    fileName,
    rule,
    isWanted: (table) => headingLine(table, fields, mapping) >= 0,
    ...(sheet != null && { sheet }),
  });
  if (!read.ok) return read;
  const table = read.value;
  const line = headingLine(table, fields, mapping);
  const headings = table.rows[line];
  if (!headings) return noHeading(fields[key].heading);
  const columns = columnsOf(headings, fields, mapping);
  if (!columns.ok) return columns;
  if (!columns.value.some(({ field }) => field === key)) return noHeading(fields[key].heading);
  const records: FileRecord<F>[] = [];
  for (let at = line + 1; at < table.rows.length; at++) {
    const values = valuesOf(columns.value, table.rows[at] ?? []);
    if (Object.keys(values).length === 0 || isRemark(table.rows[at] ?? [])) continue;
    records.push({ row: at + 1, values });
  }
  return taken({ sheet: table.sheet, encoding: table.encoding, columns: columns.value, records });
}

/** 合计, 备注：… below a table. */
const isRemark = (row: readonly string[]): boolean =>
  /^((合计|总计|小计|共计)$|(备注|注|说明|填表人|制表人|填报单位|联系人)[:：])/.test(
    row.find((cell) => cell !== '')?.replace(/\s/g, '') ?? '',
  );

function valuesOf<F extends string>(
  columns: readonly Column<F>[],
  row: readonly string[],
): FileRecord<F>['values'] {
  const values: FileRecord<F>['values'] = {};
  for (const { field, index } of columns) {
    const cell = row[index] ?? '';
    if (field !== null && !isBlank(cell)) values[field] = cell;
  }
  return values;
}

interface Feature {
  properties?: Record<string, unknown> | null;
  geometry?: unknown;
}

function readFeatures<F extends string>(
  bytes: Uint8Array,
  { mapping, fields, key }: ReadRecordsOptions<F>,
): Outcome<FileRecords<F>> {
  if (bytes.length > FILE_LIMITS.bytes) return tooLarge(bytes.length);
  const parsed = parseFeatures(bytes);
  if (!parsed.ok) return parsed;
  const features = parsed.value;
  if (features.length > FILE_LIMITS.rows) return tooManyFeatures(features.length);
  const headings = [...new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  const columns = columnsOf(headings, fields, mapping, () => '');
  if (!columns.ok) return columns;
  if (!columns.value.some(({ field }) => field === key)) return noHeading(fields[key].heading);
  const records = features.map(({ properties, geometry }, i): FileRecord<F> => {
    const row = headings.map((heading) => textOf(properties?.[heading]));
    return { row: i + 1, values: valuesOf(columns.value, row), ...(geometry != null && { geometry }) };
  });
  return taken({ sheet: null, encoding: 'utf-8', columns: columns.value, records });
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

const MOST_PROPERTIES = FILE_LIMITS.columns;

function parseFeatures(bytes: Uint8Array): Outcome<Feature[]> {
  let json: { type?: unknown; features?: unknown };
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fileRefused('CORRUPT', texts.notJson);
  }
  const { type, features } = json;
  if (type !== 'FeatureCollection' || !Array.isArray(features))
    return fileRefused('WRONG_TYPE', texts.noFeatures);
  if (features.length === 0) return fileRefused('EMPTY', texts.empty);
  const bad = features.findIndex((feature) => !isFeature(feature));
  if (bad >= 0) return fileRefused('CORRUPT', texts.noFeature(bad + 1), { row: bad + 1 });
  return taken(features);
}

function isFeature(feature: unknown): feature is Feature {
  if (typeof feature !== 'object' || feature === null) return false;
  const { type, properties } = feature as { type?: unknown; properties?: unknown };
  if (
    type !== 'Feature' ||
    (properties != null && (typeof properties !== 'object' || Array.isArray(properties)))
  ) {
    return false;
  }
  return Object.keys(properties ?? {}).length <= MOST_PROPERTIES;
}

const noHeading = (heading: string) =>
  fileRefused('NO_HEADER', {
    en: `No line of the file looks like the headings of such a table: it needs ${heading}.`,
    'zh-CN': `文件中没有找到表头，至少应有“${heading}”一列。`,
  });

const tooLarge = (actual: number) =>
  fileRefused('TOO_LARGE', texts.tooLarge(actual), { limit: FILE_LIMITS.bytes, actual });

const tooManyFeatures = (actual: number) =>
  fileRefused('TOO_MANY_ROWS', texts.tooMany(actual), { limit: FILE_LIMITS.rows, actual });

const texts = {
  notJson: { en: 'The file is not JSON in UTF-8.', 'zh-CN': '文件不是 UTF-8 编码的 JSON。' },
  noFeatures: {
    en: 'This is JSON, but no GeoJSON FeatureCollection.',
    'zh-CN': '文件是 JSON，但不是 GeoJSON 的 FeatureCollection。',
  },
  empty: { en: 'The file has no features.', 'zh-CN': '文件中没有要素。' },
  noFeature: (row: number): Text => ({
    en: `Entry ${row} is no GeoJSON feature with at most ${MOST_PROPERTIES} properties.`,
    'zh-CN': `第 ${row} 项不是 GeoJSON 要素，或属性超过 ${MOST_PROPERTIES} 个。`,
  }),
  tooLarge: (actual: number): Text => ({
    en: `The file has ${Math.ceil(actual / 1024 / 1024)} MiB; at most 20 MiB are taken. Split it.`,
    'zh-CN': `文件大小为 ${Math.ceil(actual / 1024 / 1024)} MiB，上限为 20 MiB，请拆分后导入。`,
  }),
  tooMany: (actual: number): Text => ({
    en: `The file has ${actual} features; at most ${FILE_LIMITS.rows} are taken. Split it.`,
    'zh-CN': `文件有 ${actual} 个要素，上限为 ${FILE_LIMITS.rows} 个，请拆分后导入。`,
  }),
};
