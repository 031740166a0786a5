/** Columns that a character takes in a terminal: two for those of East Asian scripts, none for combining ones. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

const columnsOf = (char: string): number => (WIDE.test(char) ? 2 : WITHOUT_WIDTH.test(char) ? 0 : 1);

/** Terminal columns of a text without control characters. */
export const displayWidth = (text: string): number =>
  Array.from(text).reduce((sum, char) => sum + columnsOf(char), 0);

/** Data must not steer the terminal: control characters become spaces. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim();

/** Filled up with spaces to `width` columns. */
export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** What is not cut: a Latin word, or one wide character; neither begins a line with a closing mark. */
const UNIT = /\s+|[^\s\u2e80-\uffef]+[、，。；：）】」”》？！]*|.[、，。；：）】」”》？！]*/gu;

/** Cuts a text into lines of at most `width` columns, between words where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  const add = (unit: string): void => {
    if (displayWidth(line + unit) <= width) {
      line += unit;
      return;
    }
    if (line !== '') lines.push(line.trimEnd());
    line = '';
    if (unit.trim() === '') return;
    if (displayWidth(unit) <= width) line = unit;
    else for (const char of unit) add(char);
  };
  for (const [unit] of text.matchAll(UNIT)) add(unit);
  return [...lines, line];
}

export type Cell = string | number | null | undefined;

export interface TableOptions {
  /** Columns that the whole table may take; the widest columns are wrapped first. Default: 120. */
  width?: number;
}

const GAP = '  ';

/** Widths of the columns so that the table fits: what is short stays whole, the long share the rest. */
function fit(wanted: readonly number[], available: number): number[] {
  const widths = [...wanted];
  while (widths.reduce((sum, width) => sum + width, 0) > available) {
    const widest = Math.max(...widths);
    if (widest <= 12) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** Rows under headings, aligned also where Chinese and Latin text meet; a rule below the headings. No final line feed. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width = 120 }: TableOptions = {},
): string {
  const texts = rows.map((row) => row.map((cell) => printable(String(cell ?? ''))));
  const wanted = headings.map((heading, i) =>
    Math.max(displayWidth(heading), ...texts.map((row) => displayWidth(row[i] ?? ''))),
  );
  const widths = fit(wanted, width - GAP.length * (headings.length - 1));
  const line = (cells: readonly string[]): string[] => {
    const wrapped = cells.map((cell, i) => wrap(cell, widths[i] as number));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, y) =>
      wrapped
        .map((lines, i) => pad(lines[y] ?? '', widths[i] as number))
        .join(GAP)
        .trimEnd(),
    );
  };
  return [
    ...line(headings),
    widths.map((columns) => '─'.repeat(columns)).join(GAP),
    ...texts.flatMap((row) => line(row)),
  ].join('\n');
}
