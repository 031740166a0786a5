import type { Text } from '@dutyledger/event-store/decider';
import type { TimeLimit } from '../duty-list/item.ts';

/**
 * Time limits, added and compared (L-2, L-8). A procedure may count some steps in working days and others in hours, so
 * that a length needs one measure: the mean time that passes, in minutes. A week has seven days of which five are
 * worked, eight hours each (国务院关于职工工作时间的规定 arts. 3 and 7); public holidays stay out of account. Hence 5 working days
 * are 7 calendar days, 8 working hours are a working day, and every rate is a whole number of minutes.
 *
 * Rates say how long procedures are among each other. When a running step is due is told by the working calendar alone.
 */
const MINUTES: Record<TimeLimit['unit'], number> = {
  MINUTES: 1,
  HOURS: 60,
  CALENDAR_DAYS: 24 * 60,
  WORKING_HOURS: (24 * 60 * 7) / 5 / 8,
  WORKING_DAYS: (24 * 60 * 7) / 5,
};

type Unit = TimeLimit['unit'];

/** Units that pass day and night, the greatest first: between them conversion is exact. */
const RUNNING: readonly Unit[] = ['CALENDAR_DAYS', 'HOURS', 'MINUTES'];

const NAMES: Record<Unit, Text & { many: string }> = {
  MINUTES: { 'zh-CN': '分钟', en: 'minute', many: 'minutes' },
  HOURS: { 'zh-CN': '小时', en: 'hour', many: 'hours' },
  CALENDAR_DAYS: { 'zh-CN': '日', en: 'day', many: 'days' },
  WORKING_HOURS: { 'zh-CN': '个工作时', en: 'working hour', many: 'working hours' },
  WORKING_DAYS: { 'zh-CN': '个工作日', en: 'working day', many: 'working days' },
};

/** A length in minutes; 0 without a limit. */
export const minutesOf = (limit: TimeLimit | null): number =>
  limit ? limit.amount * MINUTES[limit.unit] : 0;

/** How the lengths of one procedure are told: the units that its limits are in, each once. */
export type Measure = readonly Unit[];

export const measureOf = (limits: readonly (TimeLimit | null)[]): Measure => [
  ...new Set(limits.flatMap((limit) => (limit ? [limit.unit] : []))),
];

/** A length as people are told it. */
export interface Span {
  amount: number;
  unit: Unit;
  /** False: units were converted by the rates above, and `amount` is rounded to a tenth. */
  exact: boolean;
}

/**
 * A length in minutes in the units that the procedure uses: in its one unit, in the smallest of several that convert
 * exactly, else in about so many working days (or hours, where it uses no days).
 */
export function spanOf(minutes: number, measure: Measure): Span {
  const running = RUNNING.filter((unit) => measure.includes(unit));
  const exact = running.length === measure.length || measure.length === 1;
  if (exact) {
    const unit = running.at(-1) ?? measure[0] ?? 'WORKING_DAYS';
    return { amount: minutes / MINUTES[unit], unit, exact };
  }
  const unit = measure.includes('WORKING_DAYS') ? 'WORKING_DAYS' : 'WORKING_HOURS';
  return { amount: Math.round((minutes / MINUTES[unit]) * 10) / 10, unit, exact };
}

export function limitText({ amount, unit }: TimeLimit, locale: keyof Text): string {
  const name = NAMES[unit];
  return locale === 'zh-CN' ? `${amount}${name['zh-CN']}` : `${amount} ${amount === 1 ? name.en : name.many}`;
}

/** Reads what `limitText` writes in Chinese: 5个工作日. Undefined for anything else. */
export function parseLimit(text: string): TimeLimit | undefined {
  const [, amount, name] = /^([1-9]\d{0,8})\s*(\S+)$/.exec(text.trim()) ?? [];
  const unit = (Object.keys(NAMES) as Unit[]).find((one) => NAMES[one]['zh-CN'] === name);
  return unit && { amount: Number(amount), unit };
}

/** The length in words: 3日4小时; 约5.2个工作日. */
export function spanText(minutes: number, measure: Measure, locale: keyof Text): string {
  const { amount, unit, exact } = spanOf(minutes, measure);
  if (!exact) return `${locale === 'zh-CN' ? '约' : 'about '}${limitText({ amount, unit }, locale)}`;
  if (!RUNNING.includes(unit)) return limitText({ amount, unit }, locale);
  const parts: string[] = [];
  let left = minutes;
  for (const part of RUNNING.filter((one) => measure.includes(one))) {
    const count = Math.trunc(left / MINUTES[part]);
    left -= count * MINUTES[part];
    if (count > 0) parts.push(limitText({ amount: count, unit: part }, locale));
  }
  return parts.length === 0 ? limitText({ amount, unit }, locale) : parts.join(locale === 'zh-CN' ? '' : ' ');
}
