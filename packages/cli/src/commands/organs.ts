import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../failure.ts';
import { type OrganRow, readOrganTable } from '../organ-table.ts';
import { allPages, type Connection } from '../pages.ts';
import { type RegisteredOrgan, registerAll } from '../register-organs.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import { addChangeOptions, addExamples, type ChangeOptions, parseDay, parseDivision } from '../values.ts';

interface Known {
  id: string;
  name: string;
  status: string;
  division: { code: string };
}

interface Options extends ChangeOptions {
  division: string;
  effective?: string;
}

const ORGANS = `query ($division: DivisionCode!, $first: Int!, $after: String) {
  organs(division: $division, includeBelow: true, first: $first, after: $after)
  { edges { node { id name status division { code } } } pageInfo { hasNextPage endCursor } } }`;

const keyOf = (name: string, division: string): string => `${division} ${name}`;

/** Organs on record by division and name; ended ones left out. */
async function onRecord({ client, out, t }: Session, division: string): Promise<Map<string, string>> {
  const work = allPages(
    client,
    ORGANS,
    { division },
    (answer: { organs: Connection<Known> }) => answer.organs,
  );
  const { nodes } = await out.during(t('正在读取机构登记', 'Reading the register'), work);
  return new Map(
    nodes
      .filter(({ status }) => status === 'ACTIVE' || status === 'PROVISIONAL')
      .map(({ id, name, division: { code } }) => [keyOf(name, code), id]),
  );
}

/** Id of a superior: given as such, or by name, in the organ's own division first. */
function superiorId(
  row: OrganRow,
  ids: ReadonlyMap<string, string>,
  register: string,
): string | null | undefined {
  const { superior, organ } = row;
  if (superior === null) return null;
  if (superior.startsWith('organ:')) return superior;
  return ids.get(keyOf(superior, organ.division)) ?? ids.get(keyOf(superior, register));
}

/** Superiors first: those whose superior is on record are registered, then those below them. */
async function registerRows(
  session: Session,
  rows: readonly OrganRow[],
  {
    division,
    effective,
    change,
  }: { division: string; effective?: string; change: ReturnType<typeof changeOf> },
): Promise<{ registered: RegisteredOrgan[]; skipped: OrganRow[] }> {
  const { t } = session;
  const ids = await onRecord(session, division);
  const isKnown = ({ organ }: OrganRow): boolean => ids.has(keyOf(organ.name, organ.division));
  const skipped = rows.filter(isKnown);
  const registered: RegisteredOrgan[] = [];
  for (let waiting = rows.filter((row) => !isKnown(row)); waiting.length > 0; ) {
    const ready = waiting.filter((row) => superiorId(row, ids, division) !== undefined);
    const [stuck] = waiting;
    if (ready.length === 0 && stuck) {
      throw usageError(
        t(
          `第 ${stuck.line} 行：上级机构“${stuck.superior}”既不在文件中，也未登记`,
          `Line ${stuck.line}: the superior "${stuck.superior}" is neither in the file nor registered`,
        ),
      );
    }
    const organs = ready.map((row) => ({ ...row.organ, superior: superiorId(row, ids, division) ?? null }));
    const answer = await registerAll(session, division, organs, change, {
      known: [...ids.values()].sort(),
      ...(effective === undefined ? {} : { effectiveFrom: effective }),
    });
    answer.forEach(({ id }, i) => {
      const { name, division: code } = (ready[i] as OrganRow).organ;
      ids.set(keyOf(name, code), id);
    });
    registered.push(...answer);
    waiting = waiting.filter((row) => !ready.includes(row));
  }
  return { registered, skipped };
}

function changeOf(options: ChangeOptions, fileName: string, content: Uint8Array, t: Cli['t']) {
  const digest = createHash('sha256').update(content).digest('hex');
  return {
    reason: options.reason ?? t(`登记机构：${fileName}`, `Registration of organs: ${fileName}`),
    basis: options.basis ?? [{ title: fileName, documentNumber: `sha256:${digest}` }],
  };
}

/** `organs`: registers the organs of a county from a CSV; those on record are skipped (S-1). */
export function registerOrgans(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('organs')
    .description(
      t(
        '从 CSV 登记机构；已登记的跳过，可重复执行。标题：名称、简称、别名、类型、层级、行政区划、上级、统一社会信用代码。',
        'Register organs from a CSV; those on record are skipped, so it may be run again. Headings: name, shortName, aliases, kind, level, division, superior, creditCode.',
      ),
    )
    .argument('<file>', t('机构登记文件（CSV）', 'register of organs (CSV)'))
    .requiredOption('--division <code>', t('登记在哪个区县', 'county whose register they enter'), (value) =>
      parseDivision(value, t),
    )
    .option(
      '--effective <day>',
      t('自哪天起设立（默认今天）', 'day from which they exist (default: today)'),
      (value) => parseDay(value, t),
    );
  addChangeOptions(command, t).action(async (path: string, options: Options, self: Command) => {
    const content = await readFile(path).catch((error: Error) => {
      throw usageError(t(`无法读取 ${path}：${error.message}`, `Cannot read ${path}: ${error.message}`));
    });
    const rows = readOrganTable(content, options.division, t);
    const session = await openSession(cli, self, ['ORGAN_REGISTRAR']);
    const { out } = session;
    const { registered, skipped } = await registerRows(session, rows, {
      division: options.division,
      ...(options.effective === undefined ? {} : { effective: options.effective }),
      change: changeOf(options, basename(path), content, t),
    });
    if (registered.length > 0) {
      out.table(
        [t('编号', 'Id'), t('名称', 'Name')],
        registered.map(({ id, name }) => [id, name]),
      );
    }
    out.line(
      t(
        `登记 ${registered.length} 个机构，跳过已登记的 ${skipped.length} 个。`,
        `Registered ${registered.length} organs, skipped ${skipped.length} that are on record.`,
      ),
    );
    out.data({ registered, skipped: skipped.map(({ organ }) => organ.name) });
  });
  addExamples(
    command,
    t,
    'dutyledger organs packages/cli/samples/organs-370114.csv --division 370114',
    'dutyledger organs organs.csv --division 370114 --effective 2020-01-01 --basis "章丘区机构改革方案;;章发〔2019〕1号"',
  );
}
