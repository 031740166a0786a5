/** One line of the table. `ratio` is what the bar is held against; without a reference it is the value itself. */
export interface Row {
  /** Begins with the name of the benchmark and a comma. */
  name: string;
  value: number;
  unit: string;
  reference: number | null;
  ratio: number | null;
  bar: string | null;
  ok: boolean | null;
}

export type Bar = { atLeast: number } | { atMost: number };

/** A row that is held against a bar, or, without one, only tells. */
export function row(
  name: string,
  { value, unit, reference = null, ratio = null }: Partial<Row> & Pick<Row, 'value' | 'unit'>,
  bar?: Bar,
): Row {
  const held = ratio ?? value;
  if (bar === undefined) return { name, value, unit, reference, ratio, bar: null, ok: null };
  const mark = ratio === null ? ` ${unit}` : '×';
  return 'atLeast' in bar
    ? { name, value, unit, reference, ratio, bar: `≥ ${bar.atLeast}${mark}`, ok: held >= bar.atLeast }
    : { name, value, unit, reference, ratio, bar: `≤ ${bar.atMost}${mark}`, ok: held <= bar.atMost };
}

/** How much the cost of one unit of work grows when there is ten times as much; 1: not at all. */
export const growth = (name: string, small: number, large: number): Row =>
  row(`${name}, growth`, { value: large / small, unit: '×' });

export const benchmarkOf = ({ name }: Row): string => name.split(',')[0] ?? name;

const HEADINGS = ['name', 'value', 'unit', 'reference', 'ratio', 'bar', 'ok'];

/** Three significant figures, thousands grouped. */
const figure = (value: number | null): string =>
  value === null
    ? ''
    : value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) < 1_000 ? 3 : 4 });

const cellsOf = ({ name, value, unit, reference, ratio, bar, ok }: Row): string[] => [
  name,
  figure(value),
  unit,
  figure(reference),
  figure(ratio),
  bar ?? '',
  ok === null ? '' : ok ? 'yes' : 'NO',
];

/** The rows as a Markdown table, its columns in line. */
export function table(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const written = lines.map(
    (cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`,
  );
  return [
    written[0],
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...written.slice(1),
  ].join('\n');
}

const BEGIN = '<!-- figures: written by npm run bench -->';
const END = '<!-- end of figures -->';

/** The document with the table between its marks renewed. Throws when the marks are missing. */
export function withTable(document: string, rows: readonly Row[]): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the document lacks the marks ${BEGIN} and ${END}`);
  return `${document.slice(0, from)}${BEGIN}\n\n${table(rows)}\n\n${document.slice(to)}`;
}
