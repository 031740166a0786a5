import type { Command } from 'commander';
import { kindLabel, label } from '../labels.ts';
import { allPages, type Connection } from '../pages.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseDay, parseDivision, parseInstant } from '../values.ts';

interface Count {
  key: string | null;
  count: number;
}

interface Figures {
  total: number;
  byRole: Count[];
  byKind: Count[];
  byDomain: Count[];
}

interface Listed {
  role: string;
  named: boolean;
  node: {
    code: string;
    name: string;
    domain: string | null;
    list: { id: string; title: string; kind: string };
  };
}

interface Burden {
  town: string;
  townName: string;
  effectiveAt: string;
  recordedAt: string;
  all: Figures;
  named: Figures;
  since?: { slimmedBy: number; enteredCount: number; leftCount: number; before: { total: number } };
  items?: { edges: Listed[]; pageInfo: Connection<Listed>['pageInfo'] };
}

const FIGURES = '{ total byRole { key count } byKind { key count } byDomain { key count } }';
const QUERY = `query ($town: DivisionCode!, $asOf: AsOf, $since: AsOf! = {}, $compared: Boolean!, $listed: Boolean!,
  $first: Int!, $after: String) {
  townBurden(town: $town, asOf: $asOf) { town townName effectiveAt recordedAt all ${FIGURES} named ${FIGURES}
    since(asOf: $since) @include(if: $compared) { before { total } slimmedBy enteredCount leftCount
      entered { id code name } left { id code name } }
    items(first: $first, after: $after) @include(if: $listed) { edges { role named
      node { id code name domain list { id title kind } } } pageInfo { hasNextPage endCursor } } } }`;

interface Options {
  town: string;
  on?: string;
  knownAt?: string;
  since?: string;
  items?: boolean;
}

const NO_ITEMS: Connection<Listed> = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

/** What stands beside a node in its edge belongs to it here. */
const listedOf = ({ items }: Burden): Connection<Listed> =>
  items ? { ...items, edges: items.edges.map((edge) => ({ node: edge })) } : NO_ITEMS;

/** `burden`: all that a town carries, over every list that names it (L-12). */
export function registerBurden(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('burden')
    .description(
      t(
        '一个镇街的全部负担：各级清单中写到该镇街（或“各镇街”）的事项，主体和配合；与过去某天比较。',
        'All that a town carries: items of lists of any level that name it or its class, leading and cooperating; compared with an earlier day.',
      ),
    )
    .requiredOption('--town <code>', t('镇街的行政区划代码', 'division code of the town'), (value) =>
      parseDivision(value, t),
    )
    .option('--on <day>', t('哪一天有效的（默认今天）', 'in force on this day (default: today)'), (value) =>
      parseDay(value, t),
    )
    .option('--known-at <time>', t('按哪一时刻所知（默认现在）', 'as known at (default: now)'), (value) =>
      parseInstant(value, t),
    )
    .option('--since <day>', t('与这一天比较', 'compare with this day'), (value) => parseDay(value, t))
    .option('--items', t('列出全部事项', 'list every item'))
    .action(async ({ town, on, knownAt, since, items = false }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const { nodes, first } = await allPages(
        client,
        QUERY,
        { town, asOf: asOf(on, knownAt), since: asOf(since), compared: since !== undefined, listed: items },
        (answer: { townBurden: Burden }) => listedOf(answer.townBurden),
      );
      const burden = first.townBurden;
      const { townName, effectiveAt, all, named } = burden;
      out.line(
        t(
          `${townName}：${effectiveAt} 有效的事项共 ${all.total} 项，点名 ${named.total} 项，因“各镇街”承担 ${all.total - named.total} 项`,
          `${townName}: ${all.total} items in force on ${effectiveAt}, ${named.total} by name, ${all.total - named.total} as one of all towns`,
        ),
      );
      if (burden.since) {
        const { before, slimmedBy, enteredCount, leftCount } = burden.since;
        out.line(
          t(
            `与 ${since} 的 ${before.total} 项相比：增加 ${enteredCount} 项，减少 ${leftCount} 项，净减 ${slimmedBy} 项`,
            `compared with ${before.total} on ${since}: ${enteredCount} came, ${leftCount} went, ${slimmedBy} fewer`,
          ),
        );
      }
      const rows = (by: string, counts: (figures: Figures) => Count[], name: (key: string) => string) =>
        counts(all).map(({ key, count }) => [
          by,
          key === null ? t('（无）', '(none)') : name(key),
          count,
          counts(named).find((other) => other.key === key)?.count ?? 0,
        ]);
      if (all.total === 0) {
        out.data(burden);
        return;
      }
      out.table(
        [t('按', 'By'), t('分类', 'Class'), t('项数', 'Items'), t('点名', 'By name')],
        [
          ...rows(
            t('责任', 'part'),
            ({ byRole }) => byRole,
            (key) => label(key, t),
          ),
          ...rows(
            t('清单', 'kind of list'),
            ({ byKind }) => byKind,
            (key) => kindLabel(key, t),
          ),
          ...rows(
            t('领域', 'domain'),
            ({ byDomain }) => byDomain,
            (key) => key,
          ),
        ],
      );
      if (items) {
        out.line();
        out.table(
          [t('编码', 'Code'), t('事项', 'Item'), t('责任', 'Part'), t('清单', 'List'), t('点名', 'By name')],
          nodes.map(({ role, named: byName, node }) => [
            node.code,
            node.name,
            label(role, t),
            node.list.title,
            byName ? t('是', 'yes') : t('否', 'no'),
          ]),
        );
      }
      out.data({
        ...burden,
        ...(items && { items: nodes.map(({ node, ...part }) => ({ ...node, ...part })) }),
      });
    });
  addExamples(
    command,
    t,
    'dutyledger burden --town 370114101',
    'dutyledger burden --town 370114101 --since 2024-01-01 --items --json',
  );
}
