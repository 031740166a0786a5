import type { Command } from 'commander';
import { caseStep } from './case-steps.ts';
import { CliFailure, EXIT } from './failure.ts';
import { clock, label } from './labels.ts';
import { allPages, type Connection } from './pages.ts';
import { type Cli, openSession, type Session } from './session.ts';
import { pad, printable } from './table.ts';

/** Cases as people read them. */

export interface CaseRow {
  id: string;
  className: string;
  description: string;
  status: string;
  level: string;
  overdue: boolean;
  reportedAt: string;
  closeBy: string | null;
  route: { lead: { name: string } | null };
}

export function caseTable({ out, t }: Session, rows: readonly CaseRow[]): void {
  out.table(
    [
      t('编号', 'Id'),
      t('类别', 'Class'),
      t('内容', 'What'),
      t('状态', 'Status'),
      t('层级', 'Level'),
      t('主责', 'Lead'),
      t('上报', 'Reported'),
      t('应结', 'Due'),
    ],
    rows.map((row) => [
      row.id,
      row.className,
      row.description,
      label(row.status, t),
      label(row.level, t),
      row.route.lead?.name,
      clock(row.reportedAt),
      [row.closeBy ? clock(row.closeBy) : '', row.overdue ? t('（超时）', '(overdue)') : '']
        .filter(Boolean)
        .join(' '),
    ]),
  );
}

interface Clock {
  task: string | null;
  phase: string;
  due: string | null;
  amber: boolean;
  overdue: boolean;
  paused: boolean;
}

interface Task {
  id: string;
  name: string;
  organName: string;
  role: string;
  status: string;
  disputed: boolean;
  result: { text: string } | null;
}

interface Step {
  step: string;
  status: string;
  level: string;
  by: { name: string; role: string };
  reason: string;
  recordedAt: string;
}

interface Shown extends CaseRow {
  address: string | null;
  urgency: string;
  source: string;
  problemOrder: boolean;
  clocks: Clock[];
  tasks: Task[];
  history: Connection<Step>;
}

const CASE = `query ($id: ID!, $first: Int!, $after: String) { case(id: $id) {
  id county division gridId source class className subclass description address urgency place { lon lat }
  attachments { sha256 mediaType bytes name } level status reportedAt reportedBy { name role } closeBy closedAt onTime
  overdue problemOrder reworks transfers reopenings extensions
  route { kind name edition lead { name } cooperators { name duty } }
  tasks { id name organName role status after disputed result { text } returnReason }
  clocks { task phase limit { amount unit } startedAt due amberAt amber overdue paused }
  supervisions { cause text } suspension { cause until } suspensionAsked { cause until reason }
  extensionAsked { amount reason } result { text } feedback verification { text } refusal
  evaluations { by responded resolved satisfied comment } mergedInto { id } followUpOf { id } links { caseId note }
  history(first: $first, after: $after) {
    edges { node { step status level by { name role } reason basis { title article } recordedAt } }
    pageInfo { hasNextPage endCursor } } } }`;

const noSuchCase = (id: string, t: Cli['t']): CliFailure =>
  new CliFailure(EXIT.failed, {
    code: 'NOT_FOUND',
    field: 'id',
    message: t(
      `没有编号为 ${id} 的案件，或您无权查看。用 dutyledger cases list 查看现有案件。`,
      `There is no case ${id}, or none that you may see. dutyledger cases list shows those there are.`,
    ),
  });

function stateOf({ amber, overdue, paused }: Clock, t: Cli['t']): string {
  if (paused) return t('中止', 'paused');
  if (overdue) return t('超时', 'overdue');
  return amber ? t('预警', 'amber') : t('正常', 'in time');
}

function printParts({ out, t }: Session, { tasks, clocks }: Shown): void {
  if (tasks.length > 0) {
    out.line();
    out.table(
      [
        t('任务', 'Task'),
        t('内容', 'What'),
        t('单位', 'Organ'),
        t('角色', 'Part'),
        t('状态', 'Status'),
        t('结果', 'Result'),
      ],
      tasks.map((task) => [
        task.id,
        task.name,
        task.organName,
        label(task.role, t),
        `${label(task.status, t)}${task.disputed ? t('（有争议）', ' (disputed)') : ''}`,
        task.result?.text,
      ]),
    );
  }
  if (clocks.length === 0) return;
  out.line();
  out.table(
    [t('时限', 'Clock'), t('任务', 'Task'), t('到期', 'Due'), t('状态', 'State')],
    clocks.map((each) => [
      label(each.phase, t),
      each.task,
      each.due ? clock(each.due) : '',
      stateOf(each, t),
    ]),
  );
}

/** `cases show`: its facts, tasks, running clocks and whole history. */
export async function showCase(cli: Cli, id: string, self: Command): Promise<void> {
  const session = await openSession(cli, self, ['AUDITOR']);
  const { client, out, t } = session;
  const { nodes, first } = await allPages(
    client,
    CASE,
    { id },
    (answer: { case: Shown | null }): Connection<Step> => {
      if (answer.case) return answer.case.history;
      throw noSuchCase(id, t);
    },
  );
  const shown = first.case as Shown;
  const { className, description, status, level, source, urgency, address, closeBy, route } = shown;
  const facts = [
    [t('状态', 'Status'), `${label(status, t)} · ${label(level, t)}`],
    [t('类别', 'Class'), className],
    [t('内容', 'What'), description],
    [t('来源', 'Source'), `${label(source, t)} · ${label(urgency, t)}`],
    [t('地址', 'Where'), address],
    [t('主责', 'Lead'), route.lead?.name],
    [t('上报', 'Reported'), clock(shown.reportedAt)],
    [t('应结', 'Due'), closeBy && clock(closeBy)],
    [t('疑难工单', 'Problem order'), shown.problemOrder ? t('是', 'yes') : ''],
  ] as const;
  out.line(shown.id);
  for (const [name, value] of facts) if (value) out.line(`${pad(name, 16)}${printable(value)}`);
  printParts(session, shown);
  out.line();
  out.table(
    [t('时间', 'When'), t('步骤', 'Step'), t('此后', 'Then'), t('谁', 'Who'), t('原因', 'Why')],
    nodes.map(({ recordedAt, step, by, reason, ...after }) => [
      clock(recordedAt),
      caseStep(step, t),
      `${label(after.status, t)} · ${label(after.level, t)}`,
      `${by.name}（${by.role}）`,
      reason,
    ]),
  );
  out.data({ ...shown, history: nodes });
}
