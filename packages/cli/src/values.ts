import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { usageError } from './failure.ts';
import type { Translate } from './language.ts';

/** A ground, as `BasisInput` takes it. */
export interface BasisInput {
  title: string;
  article?: string;
  documentNumber?: string;
}

/** `ChangeInput` of the contract. */
export interface ChangeInput {
  reason: string;
  basis: BasisInput[];
  idempotencyKey: string;
}

export interface ChangeOptions {
  reason?: string;
  basis?: BasisInput[];
}

/** Options that say why a change is made. */
export function addChangeOptions(command: Command, t: Translate): Command {
  return command
    .option('--reason <text>', t('变更原因', 'why the change is made'))
    .option(
      '--basis <title;article;number>',
      t(
        '依据：“名称;条款;文号”，后两项可空，可多次给出',
        'ground: "title;article;document number", the last two may be left out; may be repeated',
      ),
      (value: string, earlier: BasisInput[] = []) => [...earlier, parseBasis(value, t)],
    );
}

/** Reads "title;article;document number"; full-width semicolons separate as well. */
export function parseBasis(value: string, t: Translate): BasisInput {
  const [title = '', article, documentNumber, ...rest] = value.split(/[;；]/).map((part) => part.trim());
  if (title === '' || rest.length > 0) {
    throw usageError(
      t(
        `--basis 应为“名称;条款;文号”：${value}`,
        `--basis must be "title;article;document number": ${value}`,
      ),
    );
  }
  return { title, ...(article ? { article } : {}), ...(documentNumber ? { documentNumber } : {}) };
}

/** The same content gives the same key, so that a command run again after a broken connection is carried out once. */
export const idempotencyKey = (...content: unknown[]): string =>
  `cli-${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 40)}`;

/** Twelve digits; shorter codes are filled up, as in 370114 for 370114000000. */
export function parseDivision(value: string, t: Translate): string {
  const digits = value.trim();
  if (!/^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/.test(digits)) {
    throw usageError(
      t(
        `行政区划代码应为 2、4、6、9 或 12 位数字：${value}`,
        `A division code has 2, 4, 6, 9 or 12 digits: ${value}`,
      ),
    );
  }
  return digits.padEnd(12, '0');
}

const isDay = (value: string): boolean => {
  const date = new Date(`${value}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
  );
};

/** A calendar day, YYYY-MM-DD, that exists. */
export function parseDay(value: string, t: Translate): string {
  if (isDay(value)) return value;
  throw usageError(t(`不是日期（YYYY-MM-DD）：${value}`, `Not a day (YYYY-MM-DD): ${value}`));
}

/**
 * An instant for "as known at". A day alone means its end, and a time without offset is China Standard Time: whoever
 * types a day means what was known when it was over.
 */
export function parseInstant(value: string, t: Translate): string {
  if (isDay(value)) return `${value}T23:59:59.999+08:00`;
  const [, day = '', time = '', offset] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?$/i.exec(
      value.trim(),
    ) ?? [];
  const seconds = time.length === 5 ? `${time}:00` : time;
  const instant = `${day}T${seconds}${offset?.toUpperCase() ?? '+08:00'}`;
  if (isDay(day) && !Number.isNaN(Date.parse(instant))) return instant;
  throw usageError(
    t(
      `不是时刻（YYYY-MM-DD 或 YYYY-MM-DDThh:mm:ss+08:00）：${value}`,
      `Not an instant (YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+08:00): ${value}`,
    ),
  );
}

/** A count from 0. */
export function parseCount(value: string, t: Translate): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw usageError(t(`不是数字：${value}`, `Not a number: ${value}`));
}

/** The two clocks of a question; what is left out means now. */
export const asOf = (effectiveAt?: string, recordedAt?: string) => ({
  ...(effectiveAt === undefined ? {} : { effectiveAt }),
  ...(recordedAt === undefined ? {} : { recordedAt }),
});

/** Examples below the help of a command. */
export const addExamples = (command: Command, t: Translate, ...lines: string[]): Command =>
  command.addHelpText(
    'after',
    `\n${t('例：', 'Examples:')}\n${lines.map((line) => `  $ ${line}`).join('\n')}`,
  );
