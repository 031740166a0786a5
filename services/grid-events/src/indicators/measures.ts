/**
 * What is counted of cases (G-10), after the statistics fields of urban management systems and of hotlines. Each is
 * counted on a day in China: that of the step, or, of what is due and of what became of that, the day by which the case
 * had to be closed.
 */
export const MEASURES = [
  'REPORTED',
  'REPORTED_BY_PATROL',
  'REPORTED_BY_PUBLIC',
  'ACCEPTED',
  'ACCEPTED_ON_TIME',
  'REFUSED',
  'FILED',
  'FILED_ON_TIME',
  'DISPATCHED',
  'DISPATCHED_ON_TIME',
  'HANDLED',
  'HANDLED_ON_TIME',
  'DUE',
  'DUE_CLOSED',
  'DUE_ON_TIME',
  'CLOSED',
  'CLOSED_BY_WORKER',
  'CLOSED_BY_TOWN',
  'CLOSED_BY_COUNTY',
  'CLOSED_BY_JOINT',
  'CLOSED_AFTER_REWORK',
  'EVALUATED',
  'RESPONDED',
  'RESOLVED',
  'SATISFIED',
  'REWORKS',
  'TRANSFERS',
  'ESCALATIONS',
  'EXTENSIONS',
  'SUSPENSIONS',
  'SUPERVISIONS',
  'OVERDUE',
  'PROBLEM_ORDERS',
  'REOPENED',
  'MERGED',
  'VOIDED',
  'TASKS_DONE',
  'TASKS_ON_TIME',
  'TASKS_RETURNED',
] as const;
export type Measure = (typeof MEASURES)[number];

export type Counts = Partial<Record<Measure, number>>;

/** Each rate is one sum over another; where the other is 0 there is none. */
export const RATES = {
  /** 结案率＝结案数÷应结案数 */
  closing: { of: ['DUE_CLOSED'], by: 'DUE' },
  /** 按期结案率＝按期结案数÷应结案数 */
  onTime: { of: ['DUE_ON_TIME'], by: 'DUE' },
  /** 返工率＝返工后结案数÷结案数 */
  rework: { of: ['CLOSED_AFTER_REWORK'], by: 'CLOSED' },
  /** 响应率、解决率、满意率＝各项数÷评价数 */
  response: { of: ['RESPONDED'], by: 'EVALUATED' },
  resolution: { of: ['RESOLVED'], by: 'EVALUATED' },
  satisfaction: { of: ['SATISFIED'], by: 'EVALUATED' },
  /** 镇村办结率＝网格员、镇街办结数÷结案数 (ZJ: 90%) */
  settledInTowns: { of: ['CLOSED_BY_WORKER', 'CLOSED_BY_TOWN'], by: 'CLOSED' },
  acceptedOnTime: { of: ['ACCEPTED_ON_TIME'], by: 'ACCEPTED' },
  filedOnTime: { of: ['FILED_ON_TIME'], by: 'FILED' },
  dispatchedOnTime: { of: ['DISPATCHED_ON_TIME'], by: 'DISPATCHED' },
  handledOnTime: { of: ['HANDLED_ON_TIME'], by: 'HANDLED' },
  tasksOnTime: { of: ['TASKS_ON_TIME'], by: 'TASKS_DONE' },
} as const satisfies Record<string, { of: readonly Measure[]; by: Measure }>;
export type RateName = keyof typeof RATES;

export interface Rate {
  numerator: number;
  denominator: number;
  /** With two decimals, halves away from zero; null where nothing is to be divided by. */
  percent: number | null;
}

const PERCENT = 100;

export function rateOf(counts: Counts, name: RateName): Rate {
  const { of, by } = RATES[name];
  const numerator = of.reduce((sum, measure) => sum + (counts[measure] ?? 0), 0);
  const denominator = counts[by] ?? 0;
  // In whole numbers: of 0.005 no binary fraction is left to round wrongly.
  const hundredths = Math.floor((2 * numerator * PERCENT * PERCENT + denominator) / (2 * denominator));
  return { numerator, denominator, percent: denominator === 0 ? null : hundredths / PERCENT };
}

export function addedTo(sum: Counts, counts: Counts): Counts {
  const total = { ...sum };
  for (const [measure, count] of Object.entries(counts) as [Measure, number][]) {
    const next = (total[measure] ?? 0) + count;
    if (next === 0) delete total[measure];
    else total[measure] = next;
  }
  return total;
}
