import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../failure.ts';
import {
  type GridImportReport,
  REPORT_FIELDS,
  requireAccepted,
  showChanges,
  showReading,
} from '../grid-import-report.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import {
  addChangeOptions,
  addExamples,
  type ChangeOptions,
  idempotencyKey,
  parseDay,
  parseDivision,
} from '../values.ts';

/** `grids` and `grid-workers`: files of grids and of their people into a county's network and roster (G-1, G-2). */

interface Options extends ChangeOptions {
  division: string;
  effective?: string;
  sheet?: string;
  mapping?: string;
  sizeReason?: string;
  dryRun?: boolean;
}

type Operation = 'importGrids' | 'importGridWorkers';

const documentOf = (operation: Operation, input: string): string =>
  `mutation ($input: ${input}!) { ${operation}(input: $input) { ${REPORT_FIELDS} } }`;

const DOCUMENTS: Record<Operation, string> = {
  importGrids: documentOf('importGrids', 'ImportGridsInput'),
  importGridWorkers: documentOf('importGridWorkers', 'ImportGridWorkersInput'),
};

async function readGiven(path: string, t: Cli['t']): Promise<Buffer> {
  return readFile(path).catch((error: Error) => {
    throw usageError(t(`无法读取 ${path}：${error.message}`, `Cannot read ${path}: ${error.message}`));
  });
}

async function readMapping(path: string, t: Cli['t']): Promise<unknown> {
  const text = (await readGiven(path, t)).toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(t(`${path} 不是 JSON：${String(error)}`, `${path} is not JSON: ${String(error)}`));
  }
}

/** Each try waits some seconds at the server for its queries to show what was recorded. */
const MOST_TRIES = 12;

async function send(
  { client }: Session,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<GridImportReport> {
  const ask = async () =>
    (await client.ask<Record<Operation, GridImportReport>>(DOCUMENTS[operation], { input }))[operation];
  let report = await ask();
  for (let tries = 1; report.pending && tries < MOST_TRIES; tries += 1) report = await ask();
  return report;
}

async function importFile(
  cli: Cli,
  operation: Operation,
  path: string,
  options: Options,
  self: Command,
): Promise<void> {
  const { t } = cli;
  const content = await readGiven(path, t);
  const fileName = basename(path);
  const digest = createHash('sha256').update(content).digest('hex');
  const change = {
    reason: options.reason ?? t(`导入文件 ${fileName}`, `Import of ${fileName}`),
    basis: options.basis ?? [{ title: fileName, documentNumber: `sha256:${digest}` }],
  };
  const { division, effective, sheet, sizeReason, dryRun = false } = options;
  const upload = {
    division,
    fileName,
    content: content.toString('base64'),
    ...(effective === undefined ? {} : { effectiveFrom: effective }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(sizeReason === undefined ? {} : { sizeReason }),
    ...(options.mapping === undefined ? {} : { mapping: await readMapping(options.mapping, t) }),
  };
  const session = await openSession(cli, self, ['GRID_MANAGER']);
  const { out } = session;
  const checked = await out.during(
    t('正在检查文件', 'Checking the file'),
    send(session, operation, { ...upload, dryRun: true, change }),
  );
  showReading(session, checked);
  requireAccepted(checked, t);
  if (dryRun || checked.created + checked.revised === 0) {
    showChanges(session, checked);
    out.line(
      dryRun
        ? t('试运行：没有记录任何内容。', 'Dry run: nothing was recorded.')
        : t('文件与登记一致，没有变更。', 'The file equals what is on record; nothing changed.'),
    );
    out.data(checked);
    return;
  }
  // What is on record by now tells one import of a file from another one of the same file.
  const { created, revised, unchanged } = checked;
  const keyed = {
    ...change,
    idempotencyKey: idempotencyKey(operation, { ...upload, created, revised, unchanged }, change),
  };
  const report = await out.during(
    t('正在导入', 'Importing'),
    send(session, operation, { ...upload, change: keyed }),
  );
  showChanges(session, report);
  requireAccepted(report, t);
  out.line(t('已导入。', 'Imported.'));
  out.data(report);
}

function addOptions(command: Command, t: Cli['t']): Command {
  command
    .argument('<file>', t('文件', 'file'))
    .requiredOption('--division <code>', t('区县（或其中的镇街）', 'county, or a town in it'), (value) =>
      parseDivision(value, t),
    )
    .option(
      '--effective <day>',
      t('自哪天起生效（默认今天）', 'day from which the rows hold (default: today)'),
      (value) => parseDay(value, t),
    )
    .option('--sheet <name>', t('工作表', 'sheet of a workbook'))
    .option('--mapping <file>', t('列对应关系（JSON）', 'what columns mean (JSON)'))
    .option('--dry-run', t('只检查并显示差异', 'check and show the differences only'));
  return addChangeOptions(command, t);
}

/** `grids`: a table or a GeoJSON FeatureCollection into the grid network of a county (G-1). */
export function registerGrids(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('grids')
    .description(
      t(
        '从 CSV、XLSX、XLS、ODS 或 GeoJSON 导入网格：全部无误才导入，按网格编码对应，同一文件再次导入不产生变更。',
        'Import grids from CSV, XLSX, XLS, ODS or GeoJSON: all rows or none, known by their codes; the same file again changes nothing.',
      ),
    )
    .option(
      '--size-reason <text>',
      t(
        '规模超出300—500户或1000人左右的网格的理由',
        'reason for grids outside 300 to 500 households or about 1,000 people',
      ),
    );
  addOptions(command, t).action((path: string, options: Options, self: Command) =>
    importFile(cli, 'importGrids', path, options, self),
  );
  addExamples(
    command,
    t,
    'dutyledger grids grids.xlsx --division 370114 --dry-run',
    'dutyledger grids grids.geojson --division 370114 --effective 2026-01-01 --size-reason 以村民小组为单位',
  );
}

/** `grid-workers`: a table of people into the roster of a county (G-2). */
export function registerGridWorkers(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('grid-workers')
    .description(
      t(
        '从 CSV、XLSX、XLS 或 ODS 导入网格员：全部无误才导入，按工号对应，手机号码等列不导入。',
        'Import grid workers from CSV, XLSX, XLS or ODS: all rows or none, known by their numbers; columns such as telephone numbers are left out.',
      ),
    );
  addOptions(command, t).action((path: string, options: Options, self: Command) =>
    importFile(cli, 'importGridWorkers', path, options, self),
  );
  addExamples(
    command,
    t,
    'dutyledger grid-workers workers.xlsx --division 370114 --dry-run',
    'dutyledger grid-workers workers.csv --division 370114 --basis "章丘区网格员管理办法;;章网格办〔2026〕1号"',
  );
}
