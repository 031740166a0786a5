import type { Command } from 'commander';
import { CliFailure, EXIT } from '../failure.ts';
import { changedFields, type FieldChange } from '../field-changes.ts';
import { clock, label } from '../labels.ts';
import { noSuchList } from '../lists.ts';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseCount } from '../values.ts';

interface Entry {
  id: string;
  change: string;
  code: string | null;
  itemName: string | null;
  changes: FieldChange[];
  edition: number | null;
  author: { name: string; role: string };
  reason: string;
  basis: { title: string; article: string | null; documentNumber: string | null }[];
  recordedAt: string;
  effectiveFrom: string | null;
}

const ENTRIES = `history(first: $first, after: $after) {
  edges { node { id change code itemName changes { field before after } edition
    author { subject name organId role onBehalfOf } reason basis { title article documentNumber }
    recordedAt effectiveFrom documentNumber correlationId } }
  pageInfo { hasNextPage endCursor } }`;

const OF_LIST = `query ($list: ID!, $first: Int!, $after: String) { owner: dutyList(id: $list) { ${ENTRIES} } }`;
const OF_ITEM = `query ($list: ID!, $code: String!, $asOf: AsOf, $first: Int!, $after: String) {
  owner: dutyItem(list: $list, code: $code, asOf: $asOf) { ${ENTRIES} } }`;

interface Answer {
  owner: { history: Connection<Entry> } | null;
}

interface Options {
  list: string;
  item?: string;
  limit: number;
}

const DEFAULT_LIMIT = 50;

/** `history`: who changed what, when, why and on what ground (L-10). */
export function registerHistory(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('history')
    .description(
      t(
        '清单或事项的全部变更，最新在前：何人、何时、为何、依据、逐字段变化。',
        'Every change of a list or an item, newest first: who, when, why, on what ground, field by field.',
      ),
    )
    .requiredOption('--list <id>', t('清单编号', 'id of the list'))
    .option('--item <code>', t('只看这一事项', 'only this item'))
    .option(
      '--limit <n>',
      t(`最多条数，0 为全部（默认 ${DEFAULT_LIMIT}）`, `most entries, 0 for all (default ${DEFAULT_LIMIT})`),
      (value) => parseCount(value, t),
      DEFAULT_LIMIT,
    )
    .action(async ({ list, item, limit }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const connectionOf = ({ owner }: Answer): Connection<Entry> => {
        if (owner) return owner.history;
        if (item === undefined) throw noSuchList(list, t);
        const message = t(`清单 ${list} 中没有事项 ${item}。`, `The list ${list} holds no item ${item}.`);
        throw new CliFailure(EXIT.failed, { code: 'NOT_FOUND', field: 'item', message });
      };
      const { nodes, more } = await allPages(
        client,
        item === undefined ? OF_LIST : OF_ITEM,
        { list, ...(item === undefined ? {} : { code: item }) },
        connectionOf,
        limit === 0 ? undefined : limit,
      );
      out.table(
        [
          t('记录时间', 'Recorded'),
          t('生效日', 'In force'),
          t('变更', 'Change'),
          t('事项', 'Item'),
          t('何人', 'Who'),
          t('原因与依据', 'Reason and ground'),
          t('逐字段变化', 'Field by field'),
        ],
        nodes.map((entry) => [
          clock(entry.recordedAt),
          entry.effectiveFrom,
          label(entry.change, t),
          [entry.code, entry.itemName].filter(Boolean).join(' '),
          `${entry.author.name} ${entry.author.role}`,
          [
            entry.reason,
            ...entry.basis.map(({ title, article, documentNumber }) =>
              ['《', title, '》', article, documentNumber].filter(Boolean).join(''),
            ),
          ].join(' '),
          changedFields(entry.changes),
        ]),
      );
      if (more) out.note(t('还有更早的记录：用 --limit 0 全部显示。', 'There is more: --limit 0 shows all.'));
      out.data(nodes);
    });
  addExamples(
    command,
    t,
    'dutyledger history --list <id>',
    'dutyledger history --list <id> --item 12 --limit 0',
  );
}
