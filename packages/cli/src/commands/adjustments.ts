import type { Command } from 'commander';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseDivision } from '../values.ts';

type Status =
  | 'REVIEW'
  | 'LEGALITY_REVIEW'
  | 'OPINIONS'
  | 'DECISION'
  | 'APPLICATION'
  | 'APPLIED'
  | 'REJECTED'
  | 'WITHDRAWN';

interface Row {
  id: string;
  title: string;
  applicantName: string;
  changeCount: number;
  status: Status;
  due: string | null;
  overdue: boolean;
}

const QUERY = `query ($division: DivisionCode!, $below: Boolean!, $overdue: Boolean, $first: Int!, $after: String) {
  adjustments(division: $division, includeBelow: $below, overdue: $overdue, first: $first, after: $after) {
    edges { node { id title applicantName documentNumber changeCount status due overdue submittedAt
      applications { list { id } status edition refusal } } }
    pageInfo { hasNextPage endCursor } } }`;

interface Options {
  division: string;
  below?: boolean;
  overdue?: boolean;
}

/** `adjustments`: where the adjustments of lists stand (L-4). */
export function registerAdjustments(program: Command, cli: Cli): void {
  const { t } = cli;
  const stages: Record<Status, string> = {
    REVIEW: t('编办审核', 'review'),
    LEGALITY_REVIEW: t('合法性审核', 'legality review'),
    OPINIONS: t('征求意见', 'opinions'),
    DECISION: t('待决定', 'decision'),
    APPLICATION: t('正在进入清单', 'on its way to the lists'),
    APPLIED: t('已进入清单', 'applied'),
    REJECTED: t('未批准', 'rejected'),
    WITHDRAWN: t('已撤回', 'withdrawn'),
  };
  const command = program
    .command('adjustments')
    .description(
      t(
        '清单动态调整：申请单位、所处环节、期限，最新在前。',
        'Adjustments of lists: who applied, where each stands, until when; newest first.',
      ),
    )
    .requiredOption('--division <code>', t('行政区划代码', 'division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--below', t('包括下级行政区划', 'with the divisions inside it'))
    .option('--overdue', t('只列超过期限的', 'only those over their limit'))
    .action(async ({ division, below = false, overdue }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const { nodes } = await allPages(
        client,
        QUERY,
        { division, below, overdue },
        (answer: { adjustments: Connection<Row> }) => answer.adjustments,
      );
      if (nodes.length === 0) out.line(t('没有调整。', 'There are no adjustments.'));
      else {
        out.table(
          [
            t('编号', 'Id'),
            t('内容', 'Title'),
            t('申请单位', 'Applicant'),
            t('变更', 'Changes'),
            t('环节', 'Stage'),
            t('期限', 'Due'),
          ],
          nodes.map((row) => [
            row.id,
            row.title,
            row.applicantName,
            row.changeCount,
            stages[row.status],
            row.overdue ? t(`${row.due}（超期）`, `${row.due} (overdue)`) : row.due,
          ]),
        );
      }
      out.data(nodes);
    });
  addExamples(
    command,
    t,
    'dutyledger adjustments --division 370114',
    'dutyledger adjustments --division 3701 --below --overdue --json',
  );
}
