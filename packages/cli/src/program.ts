import { Command, CommanderError } from 'commander';
import { registerAdjustments } from './commands/adjustments.ts';
import { registerAttachments } from './commands/attachments.ts';
import { registerBackup } from './commands/backup.ts';
import { registerBurden } from './commands/burden.ts';
import { registerCalls } from './commands/calls.ts';
import { registerCaseClasses } from './commands/case-classes.ts';
import { registerCases } from './commands/cases.ts';
import { registerDiff } from './commands/diff.ts';
import { registerExport } from './commands/export.ts';
import { registerFigures } from './commands/figures.ts';
import { registerGrids, registerGridWorkers } from './commands/grids.ts';
import { registerHistory } from './commands/history.ts';
import { registerImport } from './commands/import.ts';
import { registerIndicators } from './commands/indicators.ts';
import { registerLists } from './commands/lists.ts';
import { registerMayExercise } from './commands/may-exercise.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerOrgans } from './commands/organs.ts';
import { registerParked } from './commands/parked.ts';
import { registerProposals } from './commands/proposals.ts';
import { registerPublish } from './commands/publish.ts';
import { registerRebuild } from './commands/rebuild.ts';
import { registerResponsible } from './commands/responsible.ts';
import { registerRestore } from './commands/restore.ts';
import { registerSearch } from './commands/search.ts';
import { registerToken } from './commands/token.ts';
import { CliFailure, EXIT, type ExitCode, usageError } from './failure.ts';
import { languageOf, translator } from './language.ts';
import { type Cli, DEFAULT_DATA, DEFAULT_URL } from './session.ts';
import { displayWidth, printable, wrap } from './table.ts';

const HELP_WIDTH = 100;

const exitCodes = (t: Cli['t']): string =>
  t(
    `
退出码：
  0  成功
  1  服务器拒绝或失败（给出代码、规则、字段、依据）
  2  用法有误
  3  无法连接服务器
  4  未授权
  5  导入文件有问题`,
    `
Exit codes:
  0  done
  1  refused or failed by the server (code, rule, field and citation are printed)
  2  wrong usage
  3  server not reachable
  4  not authorised
  5  the file to be imported has problems`,
  );

function addGlobalOptions(program: Command, t: Cli['t']): void {
  program
    .option(
      '--url <url>',
      t(
        `GraphQL 地址（环境变量 DUTYLEDGER_URL，默认 ${DEFAULT_URL}）`,
        `GraphQL endpoint (DUTYLEDGER_URL, default ${DEFAULT_URL})`,
      ),
    )
    .option(
      '--token <token>',
      t(
        '访问令牌（环境变量 DUTYLEDGER_TOKEN；开发环境下可省略）',
        'access token (DUTYLEDGER_TOKEN; not needed beside a development node)',
      ),
    )
    .option(
      '--data <dir>',
      t(
        `本机节点的数据目录（环境变量 DATA_DIR，默认 ${DEFAULT_DATA}）`,
        `data directory of the node on this machine (DATA_DIR, default ${DEFAULT_DATA})`,
      ),
    )
    .option('--json', t('以 JSON 输出结果', 'print the answer as JSON'))
    .option('--progress', t('显示进度（终端中默认显示）', 'show progress (in a terminal it is shown anyway)'))
    .option(
      '--lang <lang>',
      t('语言：zh-CN 或 en（默认取自 LANG，否则 zh-CN）', 'language: zh-CN or en (from LANG, else zh-CN)'),
    );
}

const titles: Record<string, string> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Global Options:': '通用选项：',
  'Commands:': '命令：',
};

/** The command line, in one language. Nothing is read or asked before `parseAsync`. */
export function createProgram(cli: Cli): Command {
  const { t, language } = cli;
  const program = new Command('dutyledger')
    .description(
      t(
        '责任账本：导入、发布、查询县镇权责清单，每一项变更都有作者、原因和依据。',
        'DutyLedger: import, publish and question duty lists; every change has an author, a reason and a ground.',
      ),
    )
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      outputError: () => undefined,
    })
    .configureHelp({
      showGlobalOptions: true,
      displayWidth,
      // Texts without spaces are wrapped too.
      boxWrap: (text, width) => wrap(text, width).join('\n'),
      optionDescription: ({ description }) => description,
      styleTitle: (title) => (language === 'en' ? title : (titles[title] ?? title)),
    })
    .helpOption('-h, --help', t('显示帮助', 'show help'))
    .helpCommand('help [command]', t('显示某个命令的帮助', 'show help of a command'))
    .addHelpText('after', () => exitCodes(t));
  addGlobalOptions(program, t);
  registerToken(program, cli);
  registerOrgans(program, cli);
  registerImport(program, cli);
  registerGrids(program, cli);
  registerGridWorkers(program, cli);
  registerCaseClasses(program, cli);
  registerCases(program, cli);
  registerCalls(program, cli);
  registerIndicators(program, cli);
  registerAttachments(program, cli);
  registerPublish(program, cli);
  registerResponsible(program, cli);
  registerMayExercise(program, cli);
  registerSearch(program, cli);
  registerLists(program, cli);
  registerFigures(program, cli);
  registerBurden(program, cli);
  registerAdjustments(program, cli);
  registerProposals(program, cli);
  registerDiff(program, cli);
  registerHistory(program, cli);
  registerExport(program, cli);
  registerBackup(program, cli);
  registerRestore(program, cli);
  registerRebuild(program, cli);
  registerMigrate(program, cli);
  registerParked(program, cli);
  return program;
}

const complaints: Record<string, (about: string) => string> = {
  'commander.unknownCommand': (name) => `没有命令 ${name}。`,
  'commander.unknownOption': (name) => `没有选项 ${name}。`,
  'commander.missingArgument': (name) => `缺少参数 <${name}>。`,
  'commander.missingMandatoryOptionValue': (name) => `缺少选项 ${name}。`,
  'commander.optionMissingArgument': (name) => `选项 ${name} 缺少值。`,
};

/** What commander says of a wrong command line; undefined when help was asked for and shown. */
function usageOf(error: CommanderError, t: Cli['t']): CliFailure | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return usageError(t('请给出命令。', 'Name a command.'));
  const told = error.message.replace(/^error: /, '');
  const about = /'([^']*)'/.exec(told)?.[1] ?? '';
  const zh = complaints[error.code]?.(about) ?? `用法有误：${told}`;
  const seeHelp = t('用 --help 查看用法。', '--help shows the usage.');
  return usageError(`${t(zh, `Wrong usage: ${told}`)}\n${seeHelp}`);
}

function report({ fault, exitCode, answer }: CliFailure, json: boolean, t: Cli['t']): ExitCode {
  const { code, message, rule, field, citation } = fault;
  const ground = [citation?.title, citation?.article, citation?.documentNumber].filter(Boolean).join(' ');
  const lines = [
    ...message.split('\n').map(printable),
    ...(exitCode === EXIT.usage ? [] : [`${t('代码：', 'code:     ')}${code}`]),
    ...(rule ? [`${t('规则：', 'rule:     ')}${rule}`] : []),
    ...(field ? [`${t('字段：', 'field:    ')}${field}`] : []),
    ...(ground ? [`${t('依据：', 'citation: ')}${printable(ground)}`] : []),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error: fault, ...answer }, null, 2)}\n`);
  return exitCode;
}

/** Runs one command line to its exit code. */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const given = languageOf(args, env);
  const language = given ?? 'zh-CN';
  const t = translator(language);
  const json = args.includes('--json');
  if (given === undefined) {
    return report(usageError('--lang：zh-CN | en'), json, t);
  }
  try {
    const program = createProgram({ language, t, env });
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CliFailure) return report(error, json, t);
    if (!(error instanceof CommanderError)) throw error;
    const wrong = usageOf(error, t);
    return wrong ? report(wrong, json, t) : EXIT.ok;
  }
}
