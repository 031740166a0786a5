import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { IMPORT, type ImportReport, showColumns, showDifferences, showProblems } from '../import-report.ts';
import { openList } from '../open-list.ts';
import { registerAll } from '../register-organs.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import {
  addChangeOptions,
  addExamples,
  type ChangeInput,
  type ChangeOptions,
  idempotencyKey,
  parseDivision,
} from '../values.ts';

interface Options extends ChangeOptions {
  list?: string;
  division?: string;
  kind?: string;
  title?: string;
  maintainer?: string;
  sheet?: string;
  mapping?: string;
  registerUnknown?: boolean;
  retireMissing?: boolean;
  dryRun?: boolean;
}

/** A file to be imported, as the contract takes it, but for what changes from call to call. */
interface Upload {
  list: string;
  fileName: string;
  content: string;
  sheet?: string;
  mapping?: unknown;
  retireMissing: boolean;
}

type Change = Omit<ChangeInput, 'idempotencyKey'>;

const MOST_BYTES = 20 * 1024 * 1024;

async function readGiven(path: string, t: Cli['t']): Promise<Buffer> {
  const content = await readFile(path).catch((error: Error) => {
    throw usageError(t(`无法读取 ${path}：${error.message}`, `Cannot read ${path}: ${error.message}`));
  });
  if (content.length <= MOST_BYTES) return content;
  throw usageError(
    t(
      `${path} 有 ${content.length} 字节，最多 ${MOST_BYTES}。`,
      `${path} has ${content.length} bytes; at most ${MOST_BYTES} are taken.`,
    ),
  );
}

async function readMapping(path: string, t: Cli['t']): Promise<unknown> {
  try {
    return JSON.parse((await readGiven(path, t)).toString('utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw usageError(t(`${path} 不是 JSON：${String(error)}`, `${path} is not JSON: ${String(error)}`));
  }
}

/** Without a reason and a ground of the caller's own, the file is both: named and fixed by its digest. */
function changeOf(options: ChangeOptions, fileName: string, content: Buffer, t: Cli['t']): Change {
  const digest = createHash('sha256').update(content).digest('hex');
  return {
    reason: options.reason ?? t(`导入文件 ${fileName}`, `Import of ${fileName}`),
    basis: options.basis ?? [{ title: fileName, documentNumber: `sha256:${digest}` }],
  };
}

const importFile = async ({ client }: Session, input: Record<string, unknown>): Promise<ImportReport> =>
  (await client.ask<{ importDutyItems: ImportReport }>(IMPORT, { input })).importDutyItems;

const dryRun = (session: Session, upload: Upload, change: Change): Promise<ImportReport> =>
  session.out.during(
    session.t('正在检查文件', 'Checking the file'),
    importFile(session, { ...upload, dryRun: true, change }),
  );

/** How long the lists service may take to learn of an organ; a name that fits several stays unresolved for good. */
const PATIENCE_MS = [100, 200, 400, 800, 1_600];

/** Registers what the server suggests, then looks at the file again once the lists service has learnt of it. */
async function registerUnknown(
  session: Session,
  upload: Upload,
  change: Change,
  report: ImportReport,
): Promise<ImportReport> {
  const { out, t } = session;
  const suggestions = report.unresolvedOrgans.flatMap(({ suggestion }) => (suggestion ? [suggestion] : []));
  if (suggestions.length === 0) return report;
  const { division, draft } = report.list;
  const organs = await registerAll(session, division, suggestions, change, {
    known: [upload.list, draft.number],
  });
  out.note(
    t(
      `已登记 ${organs.length} 个机构（待核实）：${organs.map(({ name }) => name).join('、')}`,
      `Registered ${organs.length} organs as to be confirmed: ${organs.map(({ name }) => name).join(', ')}`,
    ),
  );
  const names = new Set(report.unresolvedOrgans.map(({ name }) => name));
  let again = await dryRun(session, upload, change);
  for (const wait of PATIENCE_MS) {
    if (!again.unresolvedOrgans.some(({ name }) => names.has(name))) break;
    await pause(wait);
    again = await dryRun(session, upload, change);
  }
  return again;
}

function refuse(report: ImportReport, t: Cli['t']): never {
  const message = t(
    `文件未导入：${report.problemCount} 处问题，${report.unresolvedOrgans.length} 个机构未识别。草稿没有改变。`,
    `The file is not imported: ${report.problemCount} problems, ${report.unresolvedOrgans.length} organs not known. The draft is unchanged.`,
  );
  throw new CliFailure(EXIT.importProblems, { code: 'IMPORT_PROBLEMS', message }, { answer: { report } });
}

/** Each try waits some seconds at the server. */
const MOST_TRIES = 12;

/** The same command is answered as the first time: asked again until queries show it, for the next step looks there. */
async function untilShown(send: () => Promise<ImportReport>): Promise<ImportReport> {
  let report = await send();
  for (let tries = 1; report.pending && tries < MOST_TRIES; tries += 1) report = await send();
  return report;
}

/** Applies what the dry run showed: another draft since then is a CONFLICT, not a surprise. */
async function apply(
  session: Session,
  upload: Upload,
  change: Change,
  shown: ImportReport,
): Promise<ImportReport> {
  const { out, t } = session;
  const input = { ...upload, basedOn: shown.list.draft.number };
  const keyed = { ...change, idempotencyKey: idempotencyKey('importDutyItems', input, change) };
  const report = await out.during(
    t('正在导入', 'Importing'),
    untilShown(() => importFile(session, { ...input, change: keyed })),
  );
  if (!report.accepted) {
    showProblems(session, report);
    refuse(report, t);
  }
  return report;
}

function tellResult({ out, t }: Session, report: ImportReport): void {
  const { id, title, draft } = report.list;
  out.line();
  out.line(
    report.applied
      ? t(
          `已导入到“${title}”的草稿（草稿号 ${draft.number}）。`,
          `Imported into the draft of "${title}" (draft number ${draft.number}).`,
        )
      : t('文件与草稿一致，没有变更。', 'The file equals the draft; nothing changed.'),
  );
  if (report.pending) {
    out.note(t('已记录，查询稍后可见。', 'Recorded; queries will show it in a moment.'));
  }
  if (!report.applied) return;
  const next = `dutyledger publish --list ${id} --effective <YYYY-MM-DD> --document <文号> --review-organ <审核机构> --opinions-document <复函文号> --approved-by <审批机关>`;
  out.line(t(`下一步：${next}`, `Next: ${next}`));
}

async function importCommand(cli: Cli, path: string, options: Options, self: Command): Promise<void> {
  const { t } = cli;
  const { list, dryRun: dry = false, retireMissing = false, sheet } = options;
  const content = await readGiven(path, t);
  const fileName = basename(path);
  const change = changeOf(options, fileName, content, t);
  const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping, t);
  const session = await openSession(cli, self, [
    'LIST_EDITOR',
    ...(options.registerUnknown ? (['ORGAN_REGISTRAR'] as const) : []),
  ]);
  const upload: Upload = {
    list: list ?? (await openList(session, options, dry, change)),
    fileName,
    content: content.toString('base64'),
    ...(sheet === undefined ? {} : { sheet }),
    ...(mapping === undefined ? {} : { mapping }),
    retireMissing,
  };
  let report = await dryRun(session, upload, change);
  // Problems of another kind would keep the file out all the same: nothing is registered for it.
  if (options.registerUnknown && !dry && report.problemCount === 0 && report.unresolvedOrgans.length > 0) {
    report = await registerUnknown(session, upload, change, report);
  }
  showColumns(session, report);
  showProblems(session, report);
  if (!report.accepted) refuse(report, t);
  showDifferences(session, report);
  if (dry) {
    session.out.line(t('试运行：没有记录任何内容。', 'Dry run: nothing was recorded.'));
    session.out.data(report);
    return;
  }
  const equal = report.added + report.revised + report.retired === 0;
  const applied = equal ? report : await apply(session, upload, change, report);
  tellResult(session, applied);
  session.out.data(applied);
}

/** `import`: a spreadsheet into the draft of a list (L-11). */
export function registerImport(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('import')
    .description(
      t(
        '把 CSV、XLSX、XLS 或 ODS 文件导入清单草稿：先检查并显示差异，全部无误才导入；同一文件再次导入不产生变更。',
        'Import a CSV, XLSX, XLS or ODS file into the draft of a list: it is checked and the differences are shown first, and it enters only if all of it is good. The same file again changes nothing.',
      ),
    )
    .argument('<file>', t('清单文件，最大 20 MiB', 'file of the list, at most 20 MiB'))
    .option('--list <id>', t('导入到这个清单', 'into this list'))
    .option('--division <code>', t('新建清单：行政区划代码', 'for a new list: division code'), (value) =>
      parseDivision(value, t),
    )
    .option('--kind <kind>', t('新建清单：类型，如 TERRITORIAL', 'for a new list: kind, such as TERRITORIAL'))
    .option('--title <title>', t('新建清单：名称', 'for a new list: title'))
    .option(
      '--maintainer <organ>',
      t('新建清单：维护机构的编号或名称', 'for a new list: id or name of the organ that maintains it'),
    )
    .option('--sheet <name>', t('工作表', 'sheet of a workbook'))
    .option(
      '--mapping <file>',
      t('列、取值、机构对应关系（JSON）', 'what columns, values and organs mean (JSON)'),
    )
    .option(
      '--register-unknown',
      t('把未识别的机构登记为待核实，然后继续', 'register unknown organs as to be confirmed, and go on'),
    )
    .option('--retire-missing', t('移除文件中没有的事项', 'retire items that the file does not hold'))
    .option('--dry-run', t('只检查并显示差异', 'check and show the differences only'));
  addChangeOptions(command, t).action((path: string, options: Options, self: Command) =>
    importCommand(cli, path, options, self),
  );
  addExamples(
    command,
    t,
    'dutyledger import list.xlsx --list <id> --dry-run',
    'dutyledger import list.xlsx --list <id> --reason 年度修订 --basis "年度动态调整方案;;章编发〔2026〕2号"',
    'dutyledger import list.csv --division 370114 --kind TERRITORIAL --title 属地管理事项责任清单 --maintainer 区委编办 --register-unknown',
  );
}
