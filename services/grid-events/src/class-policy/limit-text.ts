import { bracketed, plain } from '@dutyledger/tables/text';
import type { Stage } from './class-policy.ts';
import type { Limit, LimitUnit } from './policy.ts';

/** Time limits as catalogues of case classes write them: 4 with 工作时 beside it, 7个工作日, 停工4工作时;处罚7工作日. */

const UNITS: readonly (readonly [RegExp, LimitUnit])[] = [
  [/^个?(?:工作时|工作小时)$/, 'WORKING_HOURS'],
  [/^个?工作[日天]$/, 'WORKING_DAYS'],
  [/^(?:个?(?:自然日|日历日)|[日天])$/, 'CALENDAR_DAYS'],
  [/^个?(?:小时|时)$/, 'HOURS'],
  [/^(?:分钟|分)$/, 'MINUTES'],
];

const unitOf = (text: string): LimitUnit | undefined => UNITS.find(([pattern]) => pattern.test(text))?.[1];

/** How the limits of stages are announced where a unit stands for one limit. */
const STAGED = '分段';

export interface LimitRead {
  /** The one that ends the handling; null where the text gives none. */
  limit: Limit | null;
  stages: Stage[];
  /** The text, where it says more than the limit can. */
  text: string | null;
}

export type LimitProblem = 'LIMIT' | 'UNIT';

/** What a cell with a limit says, `unit` standing beside it; why not, when it cannot be read. */
export function readLimit(cell: string, unit: string): LimitRead | LimitProblem {
  const text = plain(cell).replace(/\s+/g, '');
  const beside = plain(unit).replace(/\s+/g, '');
  if (text === '' || bracketed(text) !== null) return { limit: null, stages: [], text: null };
  const parts = text.split(/[;,、]/).filter((part) => part !== '');
  const single = parts.length === 1 ? /^(\d+)(\D*)$/.exec(text) : null;
  if (single) {
    const limit = limitOf(single[1], single[2] || beside);
    return limit ? { limit, stages: [], text: null } : 'UNIT';
  }
  // 6(受限36): six, and thirty-six where something stands in the way: the ordinary one counts.
  const hindered = /^(\d+)\(\D+\d+\D*\)$/.exec(text);
  if (hindered) {
    const limit = limitOf(hindered[1], beside);
    return limit ? { limit, stages: [], text: `${text}${beside}` } : 'UNIT';
  }
  const stages = parts.map((part) => stageOf(part, beside === STAGED ? '' : beside));
  if (stages.some((stage) => stage === undefined)) return 'LIMIT';
  const known = stages.filter((stage) => stage !== undefined);
  return { limit: longest(known), stages: known, text };
}

function stageOf(part: string, unit: string): Stage | undefined {
  const [, name = '', amount, own = ''] = /^(\p{L}\D*)(\d+)(\D*)$/u.exec(part) ?? [];
  const limit = limitOf(amount, own || unit);
  return limit && { name, limit };
}

function limitOf(amount: string | undefined, unitText: string): Limit | undefined {
  const unit = unitOf(unitText);
  return unit && amount !== undefined ? { amount: Number(amount), unit } : undefined;
}

/** Minutes that pass, on the whole, with one of the unit: eight working hours on five days of the week. */
const LASTS: Record<LimitUnit, number> = {
  MINUTES: 1,
  HOURS: 60,
  WORKING_HOURS: (60 * 24 * 7) / (8 * 5),
  WORKING_DAYS: (60 * 24 * 7) / 5,
  CALENDAR_DAYS: 60 * 24,
};

/** Stages run from the beginning on: the longest ends the handling. */
function longest(stages: readonly Stage[]): Limit | null {
  const lasts = ({ amount, unit }: Limit): number => amount * LASTS[unit];
  const limits = stages.map(({ limit }) => limit);
  return limits.reduce<Limit | null>(
    (most, next) => (most && lasts(most) >= lasts(next) ? most : next),
    null,
  );
}
