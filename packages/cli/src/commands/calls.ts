import { type Command, Option } from 'commander';
import { registerActs } from '../acts.ts';
import { CALL_ACTS } from '../call-acts.ts';
import { KINDS, registerIssue } from '../call-issue.ts';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { clock, label } from '../labels.ts';
import { organId } from '../lists.ts';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseCount, parseDivision } from '../values.ts';

/** `calls`: a town calls, departments answer, the town rates (G-9). */

const STATUSES = ['OPEN', 'CLOSED'];

interface Part {
  organName: string;
  role: string;
  status: string;
  owes: string | null;
  due: string | null;
  overdue: boolean;
  rating: { points: number } | null;
}

interface Row {
  id: string;
  townName: string;
  kind: string;
  title: string;
  status: string;
  level: string;
  overdue: boolean;
  issuedAt: string;
  parts: Part[];
}

const ROW = `id townName division kind title status level problem overdue issuedAt closedAt
  parts { number organName role status owes due overdue rating { points } }`;
const PAGES = `{ edges { node { ${ROW} } } pageInfo { hasNextPage endCursor } }`;
const CALLS = `query ($division: DivisionCode!, $status: CallStatus, $kind: CallKind, $overdue: Boolean, $problem: Boolean,
  $first: Int!, $after: String) { found: calls(division: $division, status: $status, kind: $kind, overdue: $overdue,
  problem: $problem, first: $first, after: $after) ${PAGES} }`;
const CALLS_FOR = `query ($organ: ID!, $first: Int!, $after: String) {
  found: callsFor(organ: $organ, first: $first, after: $after) ${PAGES} }`;

interface ListOptions {
  division: string;
  organ?: string;
  status?: string;
  kind?: string;
  overdue?: boolean;
  problem?: boolean;
  limit: number;
}

const DEFAULT_LIMIT = 50;

async function list(cli: Cli, options: ListOptions, self: Command): Promise<void> {
  const session = await openSession(cli, self, ['AUDITOR']);
  const { client, out, t } = session;
  const { division, organ, limit, status, kind, overdue, problem } = options;
  const filters = { status, kind, overdue, problem };
  if (organ && Object.values(filters).some((value) => value !== undefined)) {
    throw usageError(
      t('--organ 只与 --division、--limit 合用。', '--organ is used with --division and --limit alone.'),
    );
  }
  const { nodes, more } = await allPages(
    client,
    organ ? CALLS_FOR : CALLS,
    organ ? { organ: await organId(session, division, organ) } : { division, ...filters },
    (answer: { found: Connection<Row> }) => answer.found,
    limit,
  );
  if (nodes.length === 0) out.line(t('没有吹哨。', 'There are no calls.'));
  else {
    out.table(
      [
        t('编号', 'Id'),
        t('镇街', 'Town'),
        t('情形', 'Kind'),
        t('事由', 'Title'),
        t('状态', 'Status'),
        t('单位', 'Organs'),
        t('发出', 'Issued'),
      ],
      nodes.map((row) => [
        row.id,
        row.townName,
        label(row.kind, t),
        row.title,
        `${label(row.status, t)}${row.overdue ? t('（超时）', ' (overdue)') : ''}`,
        row.parts.map((part) => `${part.organName}：${label(part.status, t)}`).join('、'),
        clock(row.issuedAt),
      ]),
    );
  }
  if (more)
    out.note(
      t(`只列出前 ${limit} 次；用 --limit 列出更多。`, `The first ${limit} only; --limit shows more.`),
    );
  out.data(nodes);
}

function registerList(parent: Command, cli: Cli): void {
  const { t } = cli;
  const among = (flags: string, zh: string, en: string, choices: string[]) =>
    new Option(flags, t(`${zh}：${choices.join('、')}`, `${en}: ${choices.join(', ')}`)).choices(choices);
  parent
    .command('list')
    .description(t('列出吹哨，最新在前。', 'Show calls, the newest first.'))
    .requiredOption('--division <code>', t('镇街、区县、市或省', 'town, county, city or province'), (value) =>
      parseDivision(value, t),
    )
    .option('--organ <organ>', t('该机构（名称或编号）要答复的', 'what this organ has to answer'))
    .addOption(among('--status <status>', '状态', 'status', STATUSES))
    .addOption(among('--kind <kind>', '情形', 'kind', KINDS))
    .option('--overdue', t('只列超时的', 'only those over a limit'))
    .option('--problem', t('只列问题工单', 'problem orders only'))
    .option(
      '--limit <n>',
      t(`最多列出几次（默认 ${DEFAULT_LIMIT}）`, `at most so many (default ${DEFAULT_LIMIT})`),
      (value) => parseCount(value, t),
      DEFAULT_LIMIT,
    )
    .action((options: ListOptions, self: Command) => list(cli, options, self));
}

interface Step {
  step: string;
  by: { name: string };
  reason: string;
  recordedAt: string;
}

interface Shown extends Row {
  asked: string;
  place: { address: string };
  history: Connection<Step>;
}

const CALL = `query ($id: ID!, $first: Int!, $after: String) { call(id: $id) { ${ROW} county asked caseId appointedAt
  scale place { address lon lat } terms { step limit { amount unit } }
  history(first: $first, after: $after) { edges { node { step content by { name role } reason recordedAt } }
    pageInfo { hasNextPage endCursor } } } }`;

async function show(cli: Cli, id: string, self: Command): Promise<void> {
  const { client, out, t } = await openSession(cli, self, ['AUDITOR']);
  const { nodes, first } = await allPages(
    client,
    CALL,
    { id },
    (answer: { call: Shown | null }): Connection<Step> => {
      if (answer.call) return answer.call.history;
      const message = t(
        `没有编号为 ${id} 的吹哨，或您无权查看。`,
        `There is no call ${id}, or none that you may see.`,
      );
      throw new CliFailure(EXIT.failed, { code: 'NOT_FOUND', field: 'id', message });
    },
  );
  const { title, townName, kind, status, level, asked, place, parts, ...call } = first.call as Shown;
  out.line(`${id}  ${townName} · ${label(kind, t)} · ${label(status, t)} · ${label(level, t)}`);
  out.line(title);
  out.line(`${asked}（${place.address}）`);
  out.line();
  out.table(
    [
      t('单位', 'Organ'),
      t('角色', 'Part'),
      t('状态', 'Status'),
      t('应做', 'Owes'),
      t('到期', 'Due'),
      t('评分', 'Points'),
    ],
    parts.map((part) => [
      part.organName,
      label(part.role, t),
      label(part.status, t),
      part.owes && label(part.owes, t),
      `${part.due ? clock(part.due) : ''}${part.overdue ? t('（超时）', ' (overdue)') : ''}`,
      part.rating?.points,
    ]),
  );
  out.line();
  out.table(
    [t('时间', 'When'), t('步骤', 'Step'), t('谁', 'Who'), t('原因', 'Why')],
    nodes.map((step) => [clock(step.recordedAt), step.step, step.by.name, step.reason]),
  );
  out.data({ ...call, title, townName, kind, status, level, asked, place, parts, history: nodes });
}

export function registerCalls(program: Command, cli: Cli): void {
  const { t } = cli;
  const parent = program
    .command('calls')
    .description(
      t(
        '吹哨报到：镇街吹哨、部门响应、逐家评价。',
        'Calls: a town calls, departments answer, each is rated.',
      ),
    );
  registerList(parent, cli);
  parent
    .command('show')
    .description(t('一次吹哨：各单位、时限、经过。', 'One call: its organs, limits and history.'))
    .argument('<id>', t('编号', 'id'))
    .action((id: string, _options: object, self: Command) => show(cli, id, self));
  registerIssue(parent, cli);
  registerActs(parent, cli, {
    node: 'call',
    selection: ROW,
    article: 'G-9',
    acts: CALL_ACTS,
    done: ({ out }, node) => {
      const { id, parts } = node as unknown as Row;
      const each = parts.map((part) => `${part.organName}：${label(part.status, t)}`);
      out.line(`${id}  ${each.join('、')}`);
    },
  });
  addExamples(
    parent,
    t,
    'dutyledger calls list --division 370114101 --status OPEN',
    'dutyledger calls issue --division 370114101 --kind EMERGENCY --title 夜间采砂 --asked 到场查处 --address 河边 --lead 区水利局',
    'dutyledger calls accept <id> --reason 已派员',
    'dutyledger calls refuse <id> --law 中华人民共和国水法 --article 第三十九条 --reason 不属本单位职责',
    'dutyledger calls rate <id> --organ 区水利局 --points 5 --reason 一次评价',
  );
}
