import { columnLetter, type Outcome, type Table, taken } from '@dutyledger/tables/table';
import { tidyName } from '@dutyledger/tables/text';

/** Which column of a table means what: by the headings that such files have, or as a given mapping says. */

/** A field and the headings it is recognised by: its own and others, parted by spaces. */
export interface FieldDefinition {
  heading: string;
  also: string;
}

export type Fields<F extends string> = Record<F, FieldDefinition>;

export interface Column<F extends string> {
  index: number;
  /** As spreadsheets name it; empty for a property of features. */
  letter: string;
  heading: string;
  /** null: not taken over. */
  field: F | null;
  given: boolean;
}

/** Heading or column letter → field, or null for a column that is not to be taken over. */
export type ColumnMapping<F extends string> = Record<string, F | null>;

/** Headings are compared without spaces, brackets and case, in half-width form. */
const keyOf = (heading: string): string =>
  tidyName(heading)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s()[\]*_-]/g, '');

function recogniser<F extends string>(fields: Fields<F>): (heading: string) => F | null {
  const byKey = new Map<string, F>();
  for (const [field, { heading, also }] of Object.entries(fields) as [F, FieldDefinition][]) {
    for (const name of [heading, field, ...also.split(' ')]) byKey.set(keyOf(name), field);
  }
  return (heading) => byKey.get(keyOf(heading)) ?? null;
}

/** Checks a mapping that was read as JSON: `{ "columns": { heading or letter: field or null } }`. */
export function readColumnMapping<F extends string>(
  json: unknown,
  fields: Fields<F>,
): Outcome<ColumnMapping<F>> {
  const { columns = {}, ...others } = (json ?? {}) as { columns?: unknown } & Record<string, unknown>;
  const [stray] = Object.keys(others);
  if (stray !== undefined || typeof columns !== 'object' || columns === null || Array.isArray(columns)) {
    return refused('mapping', {
      en: 'The mapping is { "columns": { heading or column letter: field } }.',
      'zh-CN': '对应关系应为 { "columns": { 列名或列标: 字段 } }。',
    });
  }
  for (const [heading, field] of Object.entries(columns)) {
    if (field === null || (typeof field === 'string' && Object.hasOwn(fields, field))) continue;
    const known = Object.keys(fields);
    return refused(`mapping.columns.${heading}`, {
      en: `There is no field ${JSON.stringify(field)}; there are ${known.join(', ')}, and null for none.`,
      'zh-CN': `没有字段 ${JSON.stringify(field)}；可用：${known.join('、')}，null 表示不导入。`,
    });
  }
  return taken(columns as ColumnMapping<F>);
}

const refused = (field: string, message: { en: string; 'zh-CN': string }): Outcome<never> => ({
  ok: false,
  refusal: { code: 'INVALID_INPUT', field, message },
});

/**
 * What each heading means; a field is taken from the first column that has it. Refused when the mapping names a column
 * that is not there, or a field twice.
 */
export function columnsOf<F extends string>(
  headings: readonly string[],
  fields: Fields<F>,
  mapping: ColumnMapping<F>,
  letterOf: (index: number) => string = columnLetter,
): Outcome<Column<F>[]> {
  const recognise = recogniser(fields);
  const isNamed = (key: string, heading: string, letter: string): boolean =>
    key === letter || keyOf(key) === keyOf(heading);
  const letters = headings.map((_, index) => letterOf(index));
  const stray = Object.keys(mapping).find(
    (key) => !headings.some((heading, index) => isNamed(key, heading, letters[index] ?? '')),
  );
  if (stray !== undefined) {
    return refused(`mapping.columns.${stray}`, {
      en: `The file has no column "${stray}"; it has ${headings.join(', ')}.`,
      'zh-CN': `文件中没有列“${stray}”，现有：${headings.join('、')}。`,
    });
  }
  const givenTo = new Set(Object.values(mapping));
  const used = new Set<F>();
  const columns: Column<F>[] = [];
  for (const [index, heading] of headings.entries()) {
    const letter = letters[index] ?? '';
    const key = Object.keys(mapping).find((each) => isNamed(each, heading, letter));
    const guess = recognise(heading);
    const field = key !== undefined ? (mapping[key] ?? null) : guess && givenTo.has(guess) ? null : guess;
    const own = field === null || used.has(field) ? null : field;
    if (key !== undefined && field !== null && own === null) {
      return refused(`mapping.columns.${key}`, {
        en: `Two columns are given for ${field}; it is taken from one.`,
        'zh-CN': `有两列指定为 ${field}，只能指定一列。`,
      });
    }
    if (own !== null) used.add(own);
    columns.push({ index, letter, heading, field: own, given: key !== undefined });
  }
  return taken(columns);
}

/** A heading stands within the first lines; titles may stand above it. */
const SEARCHED_LINES = 40;

/** The line, from 0, that has the most known headings, at least two; -1 without one. */
export function headingLine<F extends string>(
  { rows }: Pick<Table, 'rows'>,
  fields: Fields<F>,
  mapping: ColumnMapping<F>,
): number {
  const recognise = recogniser(fields);
  const given = new Set(Object.keys(mapping).map(keyOf));
  let best = { line: -1, score: 1 };
  for (const [line, row] of rows.slice(0, SEARCHED_LINES).entries()) {
    const known = new Set(
      row.filter((cell) => given.has(keyOf(cell)) || recognise(cell) !== null).map(keyOf),
    );
    if (known.size > best.score) best = { line, score: known.size };
  }
  return best.line;
}
