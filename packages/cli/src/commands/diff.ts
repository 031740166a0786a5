import type { Command } from 'commander';
import { changedFields, type FieldChange } from '../field-changes.ts';
import { label } from '../labels.ts';
import { findList } from '../lists.ts';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseDay, parseInstant } from '../values.ts';

interface Difference {
  code: string;
  name: string;
  kind: 'ADDED' | 'REMOVED' | 'CHANGED';
  changes: FieldChange[];
}

type Differences = Connection<Difference> & {
  added: number;
  removed: number;
  changed: number;
  unchanged: number;
};

const QUERY = `query ($list: ID!, $from: AsOf!, $to: AsOf!, $first: Int!, $after: String) {
  difference(list: $list, from: $from, to: $to, first: $first, after: $after) {
    edges { node { code name kind changes { field before after } } }
    pageInfo { hasNextPage endCursor } added removed changed unchanged } }`;

interface Options {
  list: string;
  from: string;
  to: string;
  knownFrom?: string;
  knownTo?: string;
}

/** `diff`: what differs between two days of a list, each as known at some instant (L-10). */
export function registerDiff(program: Command, cli: Cli): void {
  const { t } = cli;
  const day = (value: string): string => parseDay(value, t);
  const instant = (value: string): string => parseInstant(value, t);
  const command = program
    .command('diff')
    .description(
      t(
        '比较清单在任意两天的差异，可分别指定按哪一时刻所知。',
        'Compare a list on any two days, each as known at some time.',
      ),
    )
    .requiredOption('--list <id>', t('清单编号', 'id of the list'))
    .requiredOption('--from <day>', t('起始日', 'first day'), day)
    .requiredOption('--to <day>', t('对比日', 'second day'), day)
    .option(
      '--known-from <time>',
      t('起始日按此时刻所知（默认现在）', 'first day as known at (default: now)'),
      instant,
    )
    .option(
      '--known-to <time>',
      t('对比日按此时刻所知（默认现在）', 'second day as known at (default: now)'),
      instant,
    )
    .action(async ({ list, from, to, knownFrom, knownTo }: Options, self: Command) => {
      const session = await openSession(cli, self, ['AUDITOR']);
      const { client, out } = session;
      await findList(session, list);
      const { nodes, first } = await allPages(
        client,
        QUERY,
        { list, from: asOf(from, knownFrom), to: asOf(to, knownTo) },
        (answer: { difference: Differences }) => answer.difference,
      );
      const { added, removed, changed, unchanged } = first.difference;
      if (nodes.length > 0) {
        out.table(
          [t('差异', 'Kind'), t('编码', 'Code'), t('事项', 'Item'), t('逐字段变化', 'Field by field')],
          nodes.map(({ kind, code, name, changes }) => [label(kind, t), code, name, changedFields(changes)]),
        );
      }
      out.line(
        t(
          `${from} → ${to}：新增 ${added}，移除 ${removed}，修改 ${changed}，未变 ${unchanged}`,
          `${from} → ${to}: ${added} added, ${removed} removed, ${changed} changed, ${unchanged} unchanged`,
        ),
      );
      out.data({ list, from, to, added, removed, changed, unchanged, differences: nodes });
    });
  addExamples(
    command,
    t,
    'dutyledger diff --list <id> --from 2024-01-01 --to 2025-01-01',
    'dutyledger diff --list <id> --from 2024-07-01 --to 2024-07-01 --known-from 2024-07-01 --json',
  );
}
