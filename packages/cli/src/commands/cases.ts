import { type Command, Option } from 'commander';
import { registerActs } from '../acts.ts';
import { caseActs } from '../case-acts.ts';
import { LEVELS, registerReport, SOURCES } from '../case-report.ts';
import { type CaseRow, caseTable, showCase } from '../case-view.ts';
import { usageError } from '../failure.ts';
import { clock, label } from '../labels.ts';
import { organId } from '../lists.ts';
import { type Connection, nodesOf, PAGE } from '../pages.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import { addExamples, parseCount, parseDay, parseDivision } from '../values.ts';

/** `cases`: the list of cases, one case, a report, and every act on a case (G-4 to G-8). */

const STATUSES = [
  'REPORTED',
  'REFUSED',
  'ACCEPTED',
  'FILED',
  'HANDLING',
  'SUSPENDED',
  'HANDLED',
  'FED_BACK',
  'VERIFIED',
  'CLOSED',
  'EVALUATED',
  'VOIDED',
  'MERGED',
];

const ROW = `{ edges { node { id division class className description status level urgency overdue problemOrder
  reportedAt closeBy closedAt route { lead { name } } } } pageInfo { hasNextPage endCursor } }`;
const CASES = `query ($division: DivisionCode!, $gridId: ID, $class: String, $status: [CaseStatus!], $level: CaseLevel,
  $source: CaseSource, $problemOrder: Boolean, $first: Int!, $after: String) {
  found: cases(division: $division, gridId: $gridId, class: $class, status: $status, level: $level, source: $source,
    problemOrder: $problemOrder, first: $first, after: $after) ${ROW} }`;
const OVERDUE = `query ($division: DivisionCode!, $first: Int!, $after: String) {
  found: overdueCases(division: $division, first: $first, after: $after) ${ROW} }`;
const TASKS = `query ($organ: ID!, $first: Int!, $after: String) {
  found: myTasks(organ: $organ, first: $first, after: $after) ${ROW} }`;

interface ListOptions {
  division: string;
  grid?: string;
  class?: string;
  status?: string[];
  level?: string;
  source?: string;
  problem?: boolean;
  overdue?: boolean;
  organ?: string;
  from?: string;
  to?: string;
  limit: number;
}

const DEFAULT_LIMIT = 50;

/** Which of the three lists of cases is asked for: an organ's tasks, what is overdue, or all. */
async function questionOf(session: Session, options: ListOptions) {
  const { division, grid, level, source, status, problem, overdue, organ } = options;
  const filters = { gridId: grid, class: options.class, status, level, source, problemOrder: problem };
  if (!organ && !overdue) return { query: CASES, variables: { division, ...filters } };
  const { t } = session;
  if ((organ && overdue) || Object.values(filters).some((value) => value !== undefined)) {
    throw usageError(
      t(
        '--organ 和 --overdue 各自单独使用，只与 --division、--from、--to、--limit 合用。',
        '--organ and --overdue are used alone, with --division, --from, --to and --limit at most.',
      ),
    );
  }
  return organ
    ? { query: TASKS, variables: { organ: await organId(session, division, organ) } }
    : { query: OVERDUE, variables: { division } };
}

async function list(cli: Cli, options: ListOptions, self: Command): Promise<void> {
  const session = await openSession(cli, self, ['AUDITOR']);
  const { client, out, t } = session;
  const { query, variables } = await questionOf(session, options);
  const { from = '', to = '9999', limit } = options;
  const rows: CaseRow[] = [];
  let more = false;
  const all = nodesOf(
    client,
    query,
    variables,
    (answer: { found: Connection<CaseRow> }) => answer.found,
    Math.max(1, Math.min(PAGE, limit + 1)),
  );
  for await (const row of all) {
    const day = clock(row.reportedAt).slice(0, 10);
    // Without another order the newest come first.
    if (query === CASES && day < from) break;
    if (day < from || day > to) continue;
    more = rows.length === limit;
    if (more) break;
    rows.push(row);
  }
  if (rows.length === 0) out.line(t('没有案件。', 'There are no cases.'));
  else caseTable(session, rows);
  if (more) {
    out.note(
      t(`只列出前 ${limit} 件；用 --limit 列出更多。`, `The first ${limit} only; --limit shows more.`),
    );
  }
  out.data(rows);
}

function registerList(parent: Command, cli: Cli): void {
  const { t } = cli;
  const day = (value: string) => parseDay(value, t);
  const among = (flags: string, zh: string, en: string, choices: string[]) =>
    new Option(flags, t(`${zh}：${choices.join('、')}`, `${en}: ${choices.join(', ')}`)).choices(choices);
  parent
    .command('list')
    .description(t('列出案件，最新在前。', 'Show cases, the newest first.'))
    .requiredOption('--division <code>', t('区县、镇街或村居', 'county, town or village'), (value) =>
      parseDivision(value, t),
    )
    .option('--grid <id>', t('网格编号', 'id of a grid'))
    .option('--class <code>', t('类别', 'class'))
    .addOption(
      among('--status <status>', '状态，可多次给出', 'status, may be repeated', STATUSES).argParser(
        (value, earlier: string[] = []) => {
          if (STATUSES.includes(value)) return [...earlier, value];
          throw usageError(t(`没有状态 ${value}。`, `There is no status ${value}.`));
        },
      ),
    )
    .addOption(among('--level <level>', '所在层级', 'level', LEVELS))
    .addOption(among('--source <source>', '来源', 'source', SOURCES))
    .option('--problem', t('只列疑难工单', 'problem orders only'))
    .option('--overdue', t('只列超时的，超时最久在前', 'only those over a limit, the longest first'))
    .option(
      '--organ <organ>',
      t('该机构（名称或编号）当前待办的，最急在前', 'what this organ has to do now, the soonest due first'),
    )
    .option('--from <day>', t('自哪天起上报', 'reported on this day or later'), day)
    .option('--to <day>', t('至哪天上报', 'reported on this day or earlier'), day)
    .option(
      '--limit <n>',
      t(`最多列出几件（默认 ${DEFAULT_LIMIT}）`, `at most so many (default ${DEFAULT_LIMIT})`),
      (value) => parseCount(value, t),
      DEFAULT_LIMIT,
    )
    .action((options: ListOptions, self: Command) => list(cli, options, self));
}

export function registerCases(program: Command, cli: Cli): void {
  const { t } = cli;
  const parent = program
    .command('cases')
    .description(
      t(
        '案件：查询、上报、受理、派遣、处置、核实、结案。',
        'Cases: find, report, accept, dispatch, settle, verify, close.',
      ),
    );
  registerList(parent, cli);
  parent
    .command('show')
    .description(t('一个案件：经过、任务、时限。', 'One case: its life, its tasks, its clocks.'))
    .argument('<id>', t('案件编号', 'id of the case'))
    .action((id: string, _options: object, self: Command) => showCase(cli, id, self));
  registerReport(parent, cli);
  registerActs(parent, cli, {
    node: 'case',
    selection: 'id status level',
    article: 'G-5',
    acts: caseActs(t),
    done: ({ out }, { id, status, level }) =>
      out.line(`${String(id)}: ${label(String(status), t)} · ${label(String(level), t)}`),
  });
  addExamples(
    parent,
    t,
    'dutyledger cases list --division 370114 --overdue',
    'dutyledger cases list --division 370114101 --status REPORTED --status ACCEPTED --json',
    'dutyledger cases report --division 370114101 --source CITIZEN --class 水利.采砂 --description 夜间采砂 --at 117.53,36.71',
    'dutyledger cases show <id>',
    'dutyledger cases accept <id> --file --reason 属本级受理范围',
    'dutyledger cases dispatch <id> --reason 按清单派遣',
    'dutyledger cases escalate <id> --to COUNTY --reason 镇街无执法权',
    'dutyledger cases decide-suspension <id> --decision approve --reason 鉴定需时',
  );
}
