import type { Command } from 'commander';
import { kindLabel } from '../labels.ts';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseDivision } from '../values.ts';

interface Row {
  id: string;
  kind: string;
  division: string;
  title: string;
  maintainerName: string;
  edition: { number: number; effectiveFrom: string; itemCount: number } | null;
  draft: { number: number; added: number; revised: number; retired: number };
}

const QUERY = `query ($division: DivisionCode!, $below: Boolean!, $first: Int!, $after: String) {
  dutyLists(division: $division, includeBelow: $below, first: $first, after: $after) {
    edges { node { id kind division title maintainerName
      edition { number effectiveFrom itemCount }
      draft { number added revised retired } } }
    pageInfo { hasNextPage endCursor } } }`;

/** `lists`: the lists of a division. */
export function registerLists(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('lists')
    .description(
      t('列出某地的清单、生效版次和草稿。', 'Show the lists of a division, their editions and drafts.'),
    )
    .requiredOption('--division <code>', t('行政区划代码', 'division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--below', t('包括下级行政区划', 'with the divisions inside it'))
    .action(async ({ division, below = false }: { division: string; below?: boolean }, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const { nodes } = await allPages(
        client,
        QUERY,
        { division, below },
        (answer: { dutyLists: Connection<Row> }) => answer.dutyLists,
      );
      if (nodes.length === 0) out.line(t('没有清单。', 'There are no lists.'));
      else {
        out.table(
          [
            t('编号', 'Id'),
            t('类型', 'Kind'),
            t('名称', 'Title'),
            t('版次', 'Edition'),
            t('生效日', 'In force'),
            t('事项', 'Items'),
            t('草稿（增/改/减）', 'Draft (+/~/-)'),
          ],
          nodes.map(({ id, kind, title, edition, draft }) => [
            id,
            kindLabel(kind, t),
            title,
            edition?.number ?? t('未公布', 'none'),
            edition?.effectiveFrom,
            edition?.itemCount,
            `${draft.number}: +${draft.added} ~${draft.revised} -${draft.retired}`,
          ]),
        );
      }
      out.data(nodes);
    });
  addExamples(command, t, 'dutyledger lists --division 370114', 'dutyledger lists --division 3701 --below');
}
