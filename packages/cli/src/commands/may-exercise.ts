import type { Command } from 'commander';
import { clock } from '../labels.ts';
import { organId } from '../lists.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, parseDay, parseDivision, parseInstant } from '../values.ts';

interface Basis {
  title: string;
  article: string | null;
  documentNumber: string | null;
}

interface Answer {
  allowed: boolean;
  through: 'STATUTE' | 'OWN_LIST' | 'DELEGATION' | 'TRANSITION' | null;
  power: { code: string; name: string } | null;
  holderName: string | null;
  trialUntil: string | null;
  scope: string | null;
  basis: Basis[];
  reason: string;
}

const QUERY = `query ($power: ID!, $town: DivisionCode!, $organ: ID!, $on: Date, $caseFiledOn: Date, $recordedAt: DateTime) {
  mayExercisePower(power: $power, town: $town, organ: $organ, on: $on, caseFiledOn: $caseFiledOn, recordedAt: $recordedAt) {
    allowed through power { id code name } holder { id } holderName delegation { id title }
    from trialUntil scope basis { title article documentNumber } reason } }`;

interface Options {
  town: string;
  organ: string;
  on?: string;
  filed?: string;
  knownAt?: string;
}

/** The id of a power of the town's county, from its id or its code. */
const powerId = (given: string, county: string): string =>
  given.startsWith('power:') ? given : `power:${county.slice(0, 6)}/${given}`;

const told = ({ title, article, documentNumber }: Basis): string =>
  [title, article, documentNumber].filter(Boolean).join(' ');

/** `may-exercise`: may this organ exercise this power in this town on this day (L-5)? */
export function registerMayExercise(program: Command, cli: Cli): void {
  const { t } = cli;
  const grounds: Record<NonNullable<Answer['through']>, string> = {
    STATUTE: t('法定职权', 'by statute'),
    OWN_LIST: t('本单位清单', 'by its own list'),
    DELEGATION: t('赋权', 'by delegation'),
    TRANSITION: t('过渡：职权调整前已立案', 'transition: the case was filed before the power changed hands'),
  };
  const show = ({ allowed, through, power, holderName, ...more }: Answer, line: (text: string) => void) => {
    const { trialUntil, scope, basis, reason } = more;
    const ground = through ? t(`（${grounds[through]}）`, ` (${grounds[through]})`) : '';
    line(`${allowed ? t('可以', 'Yes') : t('不可以', 'No')}${ground}${t('：', ': ')}${reason}`);
    const row = (zh: string, en: string, text: string | null | undefined): void => {
      if (text) line(`  ${t(zh, en.padEnd(11))}  ${text}`);
    };
    row('权　　力', 'Power', power && `${power.code} ${power.name}`);
    row('行使主体', 'Holder', holderName);
    row('范　　围', 'Scope', scope);
    row('试行至　', 'Trial until', trialUntil);
    row('依　　据', 'Because', basis.map(told).join(t('；', '; ')));
  };
  const command = program
    .command('may-exercise')
    .description(
      t(
        '某单位某日在某镇街可否行使某项权力，依据是什么？',
        'May an organ exercise a power in a town on a day, and on what basis?',
      ),
    )
    .argument('<power>', t('权力编号或编码', 'id or code of the power'))
    .requiredOption('--town <code>', t('镇街区划代码', 'division code of the town'), (value) =>
      parseDivision(value, t),
    )
    .requiredOption('--organ <organ>', t('拟行使单位的编号或名称', 'id or name of the organ that is to act'))
    .option('--on <day>', t('哪一天行使（默认今天）', 'day of the act (default: today)'), (value) =>
      parseDay(value, t),
    )
    .option('--filed <day>', t('案件立案日', 'day that the case was filed'), (value) => parseDay(value, t))
    .option('--known-at <time>', t('按哪一时刻所知（默认现在）', 'as known at (default: now)'), (value) =>
      parseInstant(value, t),
    )
    .action(async (power: string, { town, organ, on, filed, knownAt }: Options, self: Command) => {
      const session = await openSession(cli, self, ['INTEGRATOR']);
      const { client, out } = session;
      const county = `${town.slice(0, 6)}000000`;
      const { mayExercisePower } = await client.ask<{ mayExercisePower: Answer }>(QUERY, {
        power: powerId(power, county),
        town,
        organ: await organId(session, county, organ),
        on,
        caseFiledOn: filed,
        recordedAt: knownAt,
      });
      if (knownAt) out.line(t(`按 ${clock(knownAt)} 所知`, `As known at ${clock(knownAt)} CST`));
      show(mayExercisePower, (text) => out.line(text));
      out.data(mayExercisePower);
    });
  addExamples(
    command,
    t,
    'dutyledger may-exercise GA-015 --town 370114101 --organ 垛庄镇人民政府',
    'dutyledger may-exercise GA-015 --town 370114101 --organ 区公安局 --on 2026-07-01 --filed 2026-05-20',
  );
}
