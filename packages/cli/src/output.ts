import type { Translate } from './language.ts';
import { type Cell, table } from './table.ts';

/** Where a command writes: answers to standard output, everything else to standard error. */
export interface Output {
  readonly json: boolean;
  /** A line of the answer for people; nothing with --json. */
  line(text?: string): void;
  table(headings: readonly string[], rows: readonly (readonly Cell[])[]): void;
  /** The answer for machines: with --json the only thing on standard output. */
  data(value: unknown): void;
  /** Something worth knowing beside the answer, on standard error. */
  note(text: string): void;
  /**
   * Shows that work goes on for as long as it does: when standard error is a terminal, or with --progress. A label that
   * is a function is asked again every second, and tells how far the work is.
   */
  during<T>(label: string | (() => string), work: Promise<T>): Promise<T>;
}

export interface OutputOptions {
  json: boolean;
  progress: boolean;
  t: Translate;
}

const TICK_MS = 1_000;
const CLEAR_LINE = '\r\u001b[2K';

export function createOutput({ json, progress, t }: OutputOptions): Output {
  const terminal = process.stderr.isTTY === true;
  const line = (text = ''): void => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  return {
    json,
    line,
    table(headings, rows) {
      line(table(headings, rows, { width: process.stdout.columns ?? 120 }));
    },
    data(value) {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
    async during(label, work) {
      if (!terminal && !progress) return work;
      const started = performance.now();
      const text = (): string => (typeof label === 'string' ? label : label());
      let shown = text();
      const show = (): void => {
        const seconds = Math.round((performance.now() - started) / 1_000);
        if (terminal) process.stderr.write(`${CLEAR_LINE}${text()} … ${t(`${seconds} 秒`, `${seconds} s`)}`);
        else if (shown !== text()) process.stderr.write(`${text()} …\n`);
        shown = text();
      };
      if (!terminal) process.stderr.write(`${shown} …\n`);
      const ticking = setInterval(show, TICK_MS);
      try {
        return await work;
      } finally {
        clearInterval(ticking);
        if (terminal) process.stderr.write(CLEAR_LINE);
      }
    },
  };
}
