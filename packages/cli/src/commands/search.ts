import type { Command } from 'commander';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseCount, parseDay, parseDivision, parseInstant } from '../values.ts';

interface Found {
  found: number;
  complete: boolean;
  edges: {
    score: number;
    node: { code: string; name: string; leads: { name: string }[]; list: { title: string } };
  }[];
}

const QUERY = `query ($text: String!, $division: DivisionCode!, $asOf: AsOf, $first: Int!) {
  searchItems(text: $text, division: $division, asOf: $asOf, first: $first) { found complete
    edges { score node { id code name domain leads { name } list { id title } }
      highlights { field parts { text matched } } } } }`;

interface Options {
  division: string;
  on?: string;
  knownAt?: string;
  limit: number;
}

const DEFAULT_LIMIT = 20;

/** `search`: items of all lists of a division and those inside it, by words. */
export function registerSearch(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('search')
    .description(
      t(
        '按文字查找事项：名称、关键词、情形、编码、单位，也找同义词；最匹配的在前。',
        'Find items by words in names, keywords, situations, codes and organs, synonyms too; best first.',
      ),
    )
    .argument('<text>', t('要找的文字，空格分开多个词', 'words, parted by blanks'))
    .requiredOption('--division <code>', t('行政区划代码', 'division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--on <day>', t('哪一天有效的（默认今天）', 'in force on this day (default: today)'), (value) =>
      parseDay(value, t),
    )
    .option('--known-at <time>', t('按哪一时刻所知（默认现在）', 'as known at (default: now)'), (value) =>
      parseInstant(value, t),
    )
    .option(
      '--limit <n>',
      t(`最多答案数（默认 ${DEFAULT_LIMIT}）`, `most answers (default ${DEFAULT_LIMIT})`),
      (value) => parseCount(value, t),
      DEFAULT_LIMIT,
    )
    .action(async (text: string, { division, on, knownAt, limit }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['INTEGRATOR']);
      const { searchItems } = await client.ask<{ searchItems: Found }>(QUERY, {
        text,
        division,
        asOf: asOf(on, knownAt),
        first: limit,
      });
      const { found, complete, edges } = searchItems;
      out.line(t(`找到 ${found} 项`, `${found} found`));
      if (!complete) {
        out.line(
          t('文字过于常见，只看了一部分；请多给几个词。', 'Too common: not all were looked at. Say more.'),
        );
      }
      if (edges.length > 0) {
        out.table(
          [
            t('编码', 'Code'),
            t('事项', 'Item'),
            t('主体责任单位', 'Lead'),
            t('清单', 'List'),
            t('匹配', 'Score'),
          ],
          edges.map(({ score, node: { code, name, leads, list } }) => [
            code,
            name,
            leads.map((lead) => lead.name).join(t('、', ', ')),
            list.title,
            `${Math.round(score * 100)}%`,
          ]),
        );
      }
      out.data(searchItems);
    });
  addExamples(
    command,
    t,
    'dutyledger search --division 370114 秸秆',
    'dutyledger search --division 37 "犬 登记" --on 2024-07-01',
  );
}
