import type { Command } from 'commander';
import { label } from '../labels.ts';
import { noSuchList } from '../lists.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseDay, parseInstant } from '../values.ts';

interface Count {
  key: string | null;
  count: number;
}

interface Figures {
  edition: number | null;
  total: number;
  byLeadLevel: { departments: number; towns: number; villages: number; joint: number; none: number };
  byDomain: Count[];
  byHandlingClass: Count[];
  byTownRole: Count[];
}

const QUERY = `query ($list: ID!, $asOf: AsOf) { dutyList(id: $list) { id title figures(asOf: $asOf) {
  edition total byLeadLevel { departments towns villages joint none }
  byDomain { key count } byHandlingClass { key count } byTownRole { key count } } } }`;

interface Options {
  list: string;
  on?: string;
  knownAt?: string;
}

/** `figures`: counts of a list (L-12). */
export function registerFigures(program: Command, cli: Cli): void {
  const { t } = cli;
  const levels: Record<keyof Figures['byLeadLevel'], string> = {
    departments: t('县级部门及以上', 'departments'),
    towns: t('镇街', 'towns'),
    villages: t('村居', 'villages'),
    joint: t('跨层级共同负责', 'jointly led'),
    none: t('无主体责任单位', 'without a lead'),
  };
  const command = program
    .command('figures')
    .description(
      t(
        '清单的数字：按主体责任层级、领域、办理类别、镇街角色。',
        'Counts of a list: by lead level, domain, handling class and town role.',
      ),
    )
    .requiredOption('--list <id>', t('清单编号', 'id of the list'))
    .option('--on <day>', t('哪一天有效的（默认今天）', 'in force on this day (default: today)'), (value) =>
      parseDay(value, t),
    )
    .option(
      '--known-at <time>',
      t('按哪一时刻所知（默认现在）', 'as known at this time (default: now)'),
      (value) => parseInstant(value, t),
    )
    .action(async ({ list, on, knownAt }: Options, self: Command) => {
      const { client, out } = await openSession(cli, self, ['AUDITOR']);
      const { dutyList } = await client.ask<{
        dutyList: { id: string; title: string; figures: Figures } | null;
      }>(QUERY, { list, asOf: asOf(on, knownAt) });
      if (!dutyList) throw noSuchList(list, t);
      const { edition, total, byLeadLevel, byDomain, byHandlingClass, byTownRole } = dutyList.figures;
      const rows = (by: string, counts: Count[]) =>
        counts.map(({ key, count }) => [by, key === null ? t('（无）', '(none)') : label(key, t), count]);
      out.line(
        t(
          `${dutyList.title}：第 ${edition ?? '—'} 版，共 ${total} 项`,
          `${dutyList.title}: edition ${edition ?? '—'}, ${total} items`,
        ),
      );
      out.table(
        [t('按', 'By'), t('分类', 'Class'), t('项数', 'Items')],
        [
          ...Object.entries(levels).map(([key, label]) => [
            t('主体责任层级', 'lead level'),
            label,
            byLeadLevel[key as keyof Figures['byLeadLevel']],
          ]),
          ...rows(t('领域', 'domain'), byDomain),
          ...rows(t('办理类别', 'handling class'), byHandlingClass),
          ...rows(t('镇街角色', 'town role'), byTownRole),
        ],
      );
      out.data(dutyList);
    });
  addExamples(
    command,
    t,
    'dutyledger figures --list <id>',
    'dutyledger figures --list <id> --on 2024-07-01 --json',
  );
}
