import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import {
  addChangeOptions,
  addExamples,
  type ChangeOptions,
  idempotencyKey,
  parseDay,
  parseDivision,
} from '../values.ts';

/** `case-classes`: a catalogue of case classes with their limits into the configuration of a division (G-8). */

interface Options extends ChangeOptions {
  division: string;
  standard?: string;
  effective?: string;
  dryRun?: boolean;
}

interface Report {
  accepted: boolean;
  applied: boolean;
  rows: number;
  problems: { row: number; column: string | null; heading: string | null; value: string; cause: string }[];
  problemCount: number;
  added: number;
  changed: number;
  unchanged: number;
  pending: boolean;
}

const IMPORT = `mutation ($input: ImportCaseClassesInput!) { importCaseClasses(input: $input) {
  accepted applied rows problems { row column heading value cause } problemCount added changed unchanged
  repeated pending } }`;

/** Each try waits some seconds at the server for its queries to show what was recorded. */
const MOST_TRIES = 12;

async function send({ client }: Session, input: Record<string, unknown>): Promise<Report> {
  const ask = async () =>
    (await client.ask<{ importCaseClasses: Report }>(IMPORT, { input })).importCaseClasses;
  let report = await ask();
  for (let tries = 1; report.pending && tries < MOST_TRIES; tries += 1) report = await ask();
  return report;
}

const MOST_SHOWN = 20;

/** Ends the command when something stands against the file. */
function requireAccepted({ out, t }: Session, report: Report): void {
  if (report.accepted) return;
  out.table(
    [t('行', 'Row'), t('列', 'Column'), t('值', 'Value'), t('原因', 'Cause')],
    report.problems
      .slice(0, MOST_SHOWN)
      .map(({ row, column, heading, value, cause }) => [
        row,
        [column, heading].filter(Boolean).join(' '),
        value,
        cause,
      ]),
  );
  const message = t(
    `文件未导入：${report.problemCount} 处问题，没有记录任何内容。`,
    `The file is not imported: ${report.problemCount} problems; nothing was recorded.`,
  );
  throw new CliFailure(EXIT.importProblems, { code: 'IMPORT_PROBLEMS', message }, { answer: { report } });
}

async function importClasses(cli: Cli, path: string, options: Options, self: Command): Promise<void> {
  const { t } = cli;
  const content = await readFile(path).catch((error: Error) => {
    throw usageError(t(`无法读取 ${path}：${error.message}`, `Cannot read ${path}: ${error.message}`));
  });
  const fileName = basename(path);
  const digest = createHash('sha256').update(content).digest('hex');
  const change = {
    reason: options.reason ?? t(`导入文件 ${fileName}`, `Import of ${fileName}`),
    basis: options.basis ?? [{ title: fileName, documentNumber: `sha256:${digest}` }],
  };
  const { division, standard, effective, dryRun = false } = options;
  const upload = {
    division,
    fileName,
    content: content.toString('base64'),
    ...(standard === undefined ? {} : { standard }),
    ...(effective === undefined ? {} : { effectiveFrom: effective }),
  };
  const session = await openSession(cli, self, ['GRID_MANAGER']);
  const { out } = session;
  const checked = await out.during(
    t('正在检查文件', 'Checking the file'),
    send(session, { ...upload, dryRun: true, change }),
  );
  requireAccepted(session, checked);
  const { rows, added, changed, unchanged } = checked;
  out.line(
    t(
      `${rows} 个类别：新增 ${added}，变更 ${changed}，未变 ${unchanged}`,
      `${rows} classes: ${added} new, ${changed} changed, ${unchanged} unchanged`,
    ),
  );
  if (dryRun || added + changed === 0) {
    out.line(
      dryRun
        ? t('试运行：没有记录任何内容。', 'Dry run: nothing was recorded.')
        : t('文件与现行设定一致，没有变更。', 'The file equals what is set; nothing changed.'),
    );
    out.data(checked);
    return;
  }
  // What is set by now tells one import of a file from another one of the same file.
  const counted = { ...upload, added, changed, unchanged };
  const keyed = { ...change, idempotencyKey: idempotencyKey('importCaseClasses', counted, change) };
  const report = await out.during(t('正在导入', 'Importing'), send(session, { ...upload, change: keyed }));
  requireAccepted(session, report);
  out.line(t('已导入。', 'Imported.'));
  out.data(report);
}

export function registerCaseClasses(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('case-classes')
    .description(
      t(
        '导入案件类别目录及处置时限（CSV、XLSX、XLS、ODS）：全部无误才导入，同一文件再次导入不产生变更。',
        'Import a catalogue of case classes with their limits (CSV, XLSX, XLS, ODS): all rows or none; the same file again changes nothing.',
      ),
    )
    .argument('<file>', t('文件', 'file'))
    .requiredOption(
      '--division <code>',
      t('区县（或镇街、市、省）', 'county, town, city or province'),
      (value) => parseDivision(value, t),
    )
    .option('--standard <name>', t('只导入“地区/标准”为此的行', 'only rows of this 地区/标准'))
    .option(
      '--effective <day>',
      t('自哪天起施行（默认今天）', 'day from which the limits hold (default: today)'),
      (value) => parseDay(value, t),
    )
    .option('--dry-run', t('只检查并计数', 'check and count only'));
  addChangeOptions(command, t).action((path: string, options: Options, self: Command) =>
    importClasses(cli, path, options, self),
  );
  addExamples(
    command,
    t,
    'dutyledger case-classes event_types.csv --division 370114 --standard 济源市 --dry-run',
    'dutyledger case-classes classes.xlsx --division 370114 --effective 2026-01-01',
  );
}
