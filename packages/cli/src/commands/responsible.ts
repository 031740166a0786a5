import type { Command } from 'commander';
import { usageError } from '../failure.ts';
import { clock } from '../labels.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseCount, parseDay, parseDivision, parseInstant } from '../values.ts';

interface Responsible {
  name: string;
  listedAs: string | null;
  particular: boolean;
  duty: string | null;
}

interface Answer {
  divisionName: string;
  effectiveAt: string;
  recordedAt: string;
  integratedMatters: {
    matter: { name: string };
    lead: Responsible;
    participants: Responsible[];
    because: string;
    score: number;
  }[];
  matches: {
    item: { code: string; name: string };
    lead: Responsible[];
    cooperators: Responsible[];
    because: string;
    score: number;
  }[];
  searched: { list: { id: string; title: string }; edition: number }[];
}

const QUERY = `query ($division: DivisionCode!, $caseClass: String, $text: String, $asOf: AsOf, $first: Int!) {
  responsible(division: $division, caseClass: $caseClass, text: $text, asOf: $asOf, first: $first) {
    division divisionName effectiveAt recordedAt
    integratedMatters {
      matter { id name version }
      lead { name listedAs particular duty } participants { name listedAs particular duty } because score
    }
    matches {
      item { id code name domain }
      lead { name listedAs particular duty } cooperators { name listedAs particular duty }
      edition { number effectiveFrom documentNumber } because score
    }
    searched { list { id title } edition } } }`;

interface Options {
  division: string;
  caseClass?: string;
  on?: string;
  knownAt?: string;
  limit: number;
}

const DEFAULT_LIMIT = 3;

/** `济南市章丘区明水街道办事处（各镇街）：组织…；…`, or the same in Latin marks. */
function told(organs: readonly Responsible[], t: Cli['t']): string {
  const open = t('未具体到单位', 'which one is left open');
  return organs
    .map(({ name, listedAs, particular, duty }) => {
      const remarks = [...(listedAs && listedAs !== name ? [listedAs] : []), ...(particular ? [] : [open])];
      const remark = remarks.join(t('，', ', '));
      return `${name}${remark && t(`（${remark}）`, ` (${remark})`)}${duty ? t(`：${duty}`, `: ${duty}`) : ''}`;
    })
    .join(t('；', '; '));
}

/** `responsible`: who answers for something, on a day, as known on another (L-9). */
export function registerResponsible(program: Command, cli: Cli): void {
  const { t } = cli;
  const show = (answer: Answer, line: (text?: string) => void): void => {
    const { divisionName, effectiveAt, recordedAt, integratedMatters, matches, searched } = answer;
    line(
      t(
        `${divisionName}，${effectiveAt}（按 ${clock(recordedAt)} 所知）`,
        `${divisionName}, ${effectiveAt} (as known at ${clock(recordedAt)} CST)`,
      ),
    );
    for (const { matter, lead, participants, because, score } of integratedMatters) {
      line();
      line(`${matter.name} (${Math.round(score * 100)}%)`);
      line(`  ${t('牵头单位', 'Lead      ')}  ${told([lead], t)}`);
      line(`  ${t('协同单位', 'Takes part')}  ${told(participants, t) || '—'}`);
      line(`  ${t('依　　据', 'Because   ')}  ${because}`);
    }
    for (const { item, lead, cooperators, because, score } of matches) {
      line();
      line(`${item.code} ${item.name} (${Math.round(score * 100)}%)`);
      line(`  ${t('主体责任', 'Lead      ')}  ${told(lead, t) || '—'}`);
      line(`  ${t('配合责任', 'Cooperates')}  ${told(cooperators, t) || '—'}`);
      line(`  ${t('依　　据', 'Because   ')}  ${because}`);
    }
    if (matches.length + integratedMatters.length > 0) return;
    const lists = searched.map(({ list, edition }) =>
      t(`${list.title}（第 ${edition} 版）`, `${list.title} (edition ${edition})`),
    );
    line(t('没有清单载明这一事项。', 'No list carries it.'));
    line(t(`已查找：${lists.join('、') || '无'}`, `Looked through: ${lists.join(', ') || 'none'}`));
  };
  const command = program
    .command('responsible')
    .description(
      t(
        '谁负责？按行政区划、文字或案件类别查询，可指定日期和所知时刻。',
        'Who is responsible? Ask by division and by text or case class, for any day, as known on any other.',
      ),
    )
    .argument('[text]', t('事项、关键词', 'what it is about'))
    .requiredOption('--division <code>', t('行政区划代码', 'division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--case-class <code>', t('案件类别代码', 'code of a case class'))
    .option('--on <day>', t('哪一天（默认今天）', 'on which day (default: today)'), (value) =>
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
    .action(async (text: string | undefined, options: Options, self: Command) => {
      const { division, caseClass, on, knownAt, limit } = options;
      if (text === undefined && caseClass === undefined) {
        throw usageError(t('请给出文字或 --case-class。', 'Give a text or --case-class.'));
      }
      const { client, out } = await openSession(cli, self, ['INTEGRATOR']);
      const { responsible } = await client.ask<{ responsible: Answer }>(QUERY, {
        division,
        caseClass,
        text,
        asOf: asOf(on, knownAt),
        first: limit,
      });
      show(responsible, (line) => out.line(line));
      out.data(responsible);
    });
  addExamples(
    command,
    t,
    'dutyledger responsible --division 370114 流浪犬',
    'dutyledger responsible --division 370114001 秸秆焚烧 --on 2024-07-01 --known-at 2024-08-01',
  );
}
