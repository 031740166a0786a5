import type { Refusals } from './api.ts';
import type { Result } from './simulate.ts';

/** The end of a run in words, Chinese and English side by side. */

const number = (value: number): string => value.toLocaleString('en');
const percent = (value: number | null): string => (value === null ? '—' : `${value.toFixed(2)} %`);

const RATES: readonly [string, string, string][] = [
  ['closing', '结案率', 'closing rate'],
  ['onTime', '按期结案率', 'on-time rate'],
  ['settledInTowns', '镇村办结率', 'settled in grids and towns'],
  ['rework', '返工率', 'rework rate'],
  ['acceptedOnTime', '按时受理率', 'accepted on time'],
  ['handledOnTime', '按时处置率', 'handled on time'],
  ['tasksOnTime', '任务按时率', 'tasks on time'],
  ['response', '响应率', 'response rate'],
  ['resolution', '解决率', 'resolution rate'],
  ['satisfaction', '满意率', 'satisfaction rate'],
];
const LEVELS: readonly [string, string, string][] = [
  ['CLOSED_BY_WORKER', '网格办结', 'closed by grid workers'],
  ['CLOSED_BY_TOWN', '镇街办结', 'closed by towns'],
  ['CLOSED_BY_COUNTY', '区县办结', 'closed by the county'],
  ['CLOSED_BY_JOINT', '联席办结', 'closed by joint meetings'],
];
const COUNTS: readonly [string, string, string][] = [
  ['REPORTED', '上报', 'reported'],
  ['FILED', '立案', 'filed'],
  ['DUE', '应结案', 'due'],
  ['DUE_CLOSED', '其中结案', 'of those, closed'],
  ['DUE_ON_TIME', '其中按期', 'of those, on time'],
  ['CLOSED', '结案', 'closed'],
  ['MERGED', '并案', 'merged'],
  ['REWORKS', '返工', 'reworks'],
  ['TRANSFERS', '转办', 'transfers'],
  ['ESCALATIONS', '提级', 'escalations'],
  ['OVERDUE', '超时', 'clocks run out'],
  ['SUPERVISIONS', '督办', 'supervisions'],
  ['SUSPENSIONS', '中止', 'suspensions'],
  ['EXTENSIONS', '延期', 'extensions'],
  ['REOPENED', '重新办理', 'reopened'],
  ['PROBLEM_ORDERS', '疑难工单', 'problem orders'],
];

const line = (zh: string, en: string, value: string): string => `  ${zh} ${en}：${value}`;

function refusalLines(title: string, refusals: Refusals): string[] {
  const entries = Object.entries(refusals).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = entries.reduce((sum, [, { count }]) => sum + count, 0);
  return [
    `${title}：${number(all)}`,
    ...entries.map(([what, { count, first }]) => `  ${what}：${count}（${first}）`),
  ];
}

export function summaryOf(result: Result): string {
  const { outcome, told, from, to, seconds, used, events, differences, digest } = result;
  const closed = told.total['CLOSED'] ?? 0;
  const { commands, calls, disputes, retried } = outcome;
  const mostTold = 20;
  return [
    outcome.interrupted ? '已中断：以下为中断前的结果。 Interrupted: what there was until then.' : '',
    `经过 What happened（${from} – ${to}）`,
    line('案件', 'cases', number(outcome.reported)),
    line('指令', 'commands', number(commands)),
    line('吹哨', 'calls', number(calls)),
    line('职责争议', 'duty disputes', number(disputes)),
    line('重复上报识别', 'retried reports recognised', number(retried)),
    line('案件事件', 'events of cases', number(events)),
    line('历时', 'took', `${number(Math.round(seconds))} s, ${(commands / seconds).toFixed(1)} /s`),
    ...(used
      ? [
          line(
            '节点处理器时间',
            'processor time of the node',
            `${used.cpuSeconds.toFixed(0)} s, ${((used.cpuSeconds * 1_000) / commands).toFixed(1)} ms/指令 command`,
          ),
          line('节点内存峰值', 'most memory of the node', `${used.peakMb.toFixed(0)} MB`),
        ]
      : []),
    ...refusalLines('有意触发的拒绝 Refusals provoked on purpose', outcome.provoked),
    ...refusalLines('意外的拒绝 Unexpected refusals', outcome.unexpected),
    '四级处置 Four levels',
    ...LEVELS.map(([measure, zh, en]) => {
      const count = told.total[measure] ?? 0;
      return line(zh, en, `${number(count)}，${percent(closed === 0 ? null : (count / closed) * 100)}`);
    }),
    '指标 Indicators',
    ...COUNTS.map(([measure, zh, en]) => line(zh, en, number(told.total[measure] ?? 0))),
    ...RATES.map(([name, zh, en]) => {
      const { numerator = 0, denominator = 0, percent: rate = null } = told.rates[name] ?? {};
      return line(zh, en, `${number(numerator)} ÷ ${number(denominator)} = ${percent(rate)}`);
    }),
    line('指令摘要', 'digest of commands', outcome.digest),
    ...(digest === null ? [] : [line('事件摘要', 'digest of events', digest)]),
    ...differences
      .slice(0, mostTold)
      .map(
        ({ by, where, measure, told: one, counted }) =>
          `  不一致 differs [${by}] ${where} ${measure}：${one} ≠ ${counted}`,
      ),
    differences.length === 0
      ? '核对一致：指标查询 = 模拟自计 = 原始事件重算。 The queries, the simulation and the raw events count the same.'
      : `核对不一致：${differences.length} 处。 Figures differ in ${differences.length} places.`,
  ]
    .filter((text) => text !== '')
    .join('\n');
}
