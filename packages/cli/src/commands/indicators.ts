import { type Command, Option } from 'commander';
import { organId } from '../lists.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseDay, parseDivision } from '../values.ts';

/** `indicators`: figures of cases of a division, grid or organ over a period (G-10). */

interface Rate {
  numerator: number;
  denominator: number;
  percent: number | null;
}

interface Part {
  key: string;
  name: string;
  counts: { measure: string; count: number }[];
  closingRate: Rate;
  onTimeRate: Rate;
}

interface Figures extends Record<RateName, Rate> {
  from: string;
  to: string;
  counts: { measure: string; count: number }[];
  parts?: Part[];
}

const RATES = {
  closingRate: ['结案率', 'closed of those due'],
  onTimeRate: ['按期结案率', 'closed in time of those due'],
  reworkRate: ['返工率', 'closed after rework'],
  responseRate: ['响应率', 'responded'],
  resolutionRate: ['解决率', 'resolved'],
  satisfactionRate: ['满意率', 'satisfied'],
  settledInTownsRate: ['镇村办结率', 'closed by workers and towns'],
  acceptedOnTimeRate: ['按时受理率', 'accepted in time'],
  filedOnTimeRate: ['按时立案率', 'filed in time'],
  dispatchedOnTimeRate: ['按时派遣率', 'dispatched in time'],
  handledOnTimeRate: ['按时处置率', 'handled in time'],
  tasksOnTimeRate: ['任务按时率', 'tasks done in time'],
} as const;
type RateName = keyof typeof RATES;

const MEASURES: Record<string, string> = {
  REPORTED: '上报数',
  REPORTED_BY_PATROL: '巡查上报数',
  REPORTED_BY_PUBLIC: '公众上报数',
  ACCEPTED: '受理数',
  ACCEPTED_ON_TIME: '按时受理数',
  REFUSED: '不予受理数',
  FILED: '立案数',
  FILED_ON_TIME: '按时立案数',
  DISPATCHED: '派遣数',
  DISPATCHED_ON_TIME: '按时派遣数',
  HANDLED: '处置数',
  HANDLED_ON_TIME: '按时处置数',
  DUE: '应结案数',
  DUE_CLOSED: '应结已结数',
  DUE_ON_TIME: '按期结案数',
  CLOSED: '结案数',
  CLOSED_BY_WORKER: '网格办结',
  CLOSED_BY_TOWN: '镇街办结',
  CLOSED_BY_COUNTY: '区县办结',
  CLOSED_BY_JOINT: '联席办结',
  CLOSED_AFTER_REWORK: '返工后结案数',
  EVALUATED: '评价数',
  RESPONDED: '有响应',
  RESOLVED: '已解决',
  SATISFIED: '满意',
  REWORKS: '返工次数',
  TRANSFERS: '转办次数',
  ESCALATIONS: '上报（提级）次数',
  EXTENSIONS: '延期数',
  SUSPENSIONS: '挂起数',
  SUPERVISIONS: '督办数',
  OVERDUE: '超时次数',
  PROBLEM_ORDERS: '疑难工单数',
  REOPENED: '重新办理数',
  MERGED: '重复上报数',
  VOIDED: '作废数',
  TASKS_DONE: '任务完成数',
  TASKS_ON_TIME: '任务按时数',
  TASKS_RETURNED: '任务退回数',
};

const BY = {
  day: 'byDay',
  division: 'byDivision',
  grid: 'byGrid',
  organ: 'byOrgan',
  class: 'byClass',
} as const;

const RATE = '{ numerator denominator percent }';
const question = (
  by: keyof typeof BY | undefined,
): string => `query ($division: DivisionCode!, $gridId: ID, $organ: ID,
  $class: String, $from: Date!, $to: Date!) {
  caseIndicators(division: $division, gridId: $gridId, organ: $organ, class: $class, from: $from, to: $to) {
    from to counts { measure count } ${Object.keys(RATES)
      .map((name) => `${name} ${RATE}`)
      .join(' ')}
    ${by ? `parts: ${BY[by]} { key name counts { measure count } closingRate ${RATE} onTimeRate ${RATE} }` : ''} } }`;

interface Options {
  division: string;
  from: string;
  to: string;
  grid?: string;
  organ?: string;
  class?: string;
  by?: keyof typeof BY;
}

const percent = ({ percent: value }: Rate): string => (value === null ? '—' : `${value.toFixed(2)} %`);

async function show(cli: Cli, options: Options, self: Command): Promise<void> {
  const session = await openSession(cli, self, ['AUDITOR']);
  const { client, out, t } = session;
  const { division, from, to, by, organ } = options;
  const county = division.slice(0, 6).padEnd(12, '0');
  const { caseIndicators: figures } = await client.ask<{ caseIndicators: Figures }>(question(by), {
    ...{ division, from, to, gridId: options.grid, class: options.class },
    organ: organ && (await organId(session, county, organ)),
  });
  out.line(t(`${division}：${from} 至 ${to}`, `${division}: ${from} to ${to}`));
  if (figures.counts.length === 0) out.line(t('没有案件。', 'There are no cases.'));
  else {
    out.table(
      [t('指标', 'Figure'), t('数', 'Count')],
      figures.counts.map(({ measure, count }) => [
        t(MEASURES[measure] ?? measure, measure.toLowerCase().replaceAll('_', ' ')),
        count,
      ]),
    );
    out.line();
    out.table(
      [t('比率', 'Rate'), '%', t('分子', 'Of'), t('分母', 'By')],
      Object.entries(RATES).map(([name, [zh, en]]) => {
        const rate = figures[name as RateName];
        return [t(zh, en), percent(rate), rate.numerator, rate.denominator];
      }),
    );
  }
  if (figures.parts) {
    out.line();
    const of = ({ counts }: Part, wanted: string): number =>
      counts.find(({ measure }) => measure === wanted)?.count ?? 0;
    out.table(
      [
        t('分组', 'Part'),
        t('上报', 'Reported'),
        t('应结', 'Due'),
        t('结案', 'Closed'),
        t('结案率', 'Closing'),
        t('按期率', 'In time'),
      ],
      figures.parts.map((part) => [
        part.name,
        of(part, 'REPORTED'),
        of(part, 'DUE'),
        of(part, 'CLOSED'),
        percent(part.closingRate),
        percent(part.onTimeRate),
      ]),
    );
  }
  out.data(figures);
}

export function registerIndicators(program: Command, cli: Cli): void {
  const { t } = cli;
  const day = (value: string) => parseDay(value, t);
  const groups = Object.keys(BY);
  const command = program
    .command('indicators')
    .description(
      t(
        '案件指标：数量、结案率、按期率等；按日、区划、网格、单位或类别分组。',
        'Figures of cases: counts and rates; by day, division, grid, organ or class.',
      ),
    )
    .requiredOption('--division <code>', t('区县、镇街或村居', 'county, town or village'), (value) =>
      parseDivision(value, t),
    )
    .requiredOption('--from <day>', t('第一天', 'first day'), day)
    .requiredOption('--to <day>', t('最后一天（合计不超过 366 天）', 'last day; at most 366 in all'), day)
    .option('--grid <id>', t('网格编号', 'id of a grid'))
    .option('--organ <organ>', t('机构（名称或编号）', 'organ (name or id)'))
    .option('--class <code>', t('类别', 'class'))
    .addOption(
      new Option('--by <group>', t(`分组：${groups.join('、')}`, `by: ${groups.join(', ')}`)).choices(groups),
    )
    .action((options: Options, self: Command) => show(cli, options, self));
  addExamples(
    command,
    t,
    'dutyledger indicators --division 370114 --from 2026-01-01 --to 2026-01-31 --by division',
    'dutyledger indicators --division 370114 --from 2026-01-01 --to 2026-12-31 --organ 区水利局 --json',
  );
}
