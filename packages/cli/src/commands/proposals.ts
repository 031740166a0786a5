import { type Command, Option } from 'commander';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseDivision } from '../values.ts';

const STATUSES = ['OPEN', 'ANSWERED', 'WITHDRAWN'] as const;
type Status = (typeof STATUSES)[number];

interface Row {
  id: string;
  title: string;
  proposerName: string;
  addresseeName: string;
  items: { answer: { outcome: string } | null }[];
  status: Status;
  due: string | null;
  overdue: boolean;
}

const QUERY = `query ($division: DivisionCode!, $below: Boolean!, $status: UpwardProposalStatus, $first: Int!, $after: String) {
  upwardProposals(division: $division, includeBelow: $below, status: $status, first: $first, after: $after) {
    edges { node { id title division proposerName addresseeName documentNumber status due overdue at
      items { number name content list code answer { outcome text documentNumber answeredOn } } } }
    pageInfo { hasNextPage endCursor } } }`;

interface Options {
  division: string;
  below?: boolean;
  status?: Status;
}

/** `proposals`: what was proposed to higher levels, and what they answered (L-4). */
export function registerProposals(program: Command, cli: Cli): void {
  const { t } = cli;
  const statuses: Record<Status, string> = {
    OPEN: t('待答复', 'open'),
    ANSWERED: t('已答复', 'answered'),
    WITHDRAWN: t('已撤回', 'withdrawn'),
  };
  const command = program
    .command('proposals')
    .description(
      t(
        '向上级提出的清单建议：向谁提出、逐项答复、期限，最新在前。',
        'Proposals to higher levels: to whom, what was answered, until when; newest first.',
      ),
    )
    .requiredOption('--division <code>', t('行政区划代码', 'division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--below', t('包括下级行政区划', 'with the divisions inside it'))
    .addOption(
      new Option(
        '--status <status>',
        t(`只列：${STATUSES.join('、')}`, `only: ${STATUSES.join(', ')}`),
      ).choices(STATUSES),
    )
    .action(async ({ division, below = false, status }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const { nodes } = await allPages(
        client,
        QUERY,
        { division, below, status },
        (answer: { upwardProposals: Connection<Row> }) => answer.upwardProposals,
      );
      if (nodes.length === 0) out.line(t('没有向上建议。', 'There are no proposals.'));
      else {
        out.table(
          [
            t('编号', 'Id'),
            t('内容', 'Title'),
            t('提出单位', 'Proposer'),
            t('上级单位', 'Addressee'),
            t('已答复', 'Answered'),
            t('状态', 'Status'),
            t('期限', 'Due'),
          ],
          nodes.map((row) => [
            row.id,
            row.title,
            row.proposerName,
            row.addresseeName,
            `${row.items.filter(({ answer }) => answer).length}/${row.items.length}`,
            statuses[row.status],
            row.overdue ? t(`${row.due}（超期）`, `${row.due} (overdue)`) : row.due,
          ]),
        );
      }
      out.data(nodes);
    });
  addExamples(
    command,
    t,
    'dutyledger proposals --division 370114',
    'dutyledger proposals --division 3701 --below --status OPEN --json',
  );
}
