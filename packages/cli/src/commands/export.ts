import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { usageError } from '../failure.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples, asOf, parseDay, parseInstant } from '../values.ts';

interface ExportedFile {
  fileName: string;
  mediaType: string;
  content: string;
  itemCount: number;
}

const QUERY = `query ($list: ID!, $format: ExportFormat!, $encoding: TextEncoding!, $asOf: AsOf, $draft: Boolean!) {
  exportDutyList(list: $list, format: $format, encoding: $encoding, asOf: $asOf, draft: $draft) {
    fileName mediaType content itemCount } }`;

interface Options {
  list: string;
  format: 'csv' | 'xlsx' | 'json' | 'svg';
  encoding: 'utf-8' | 'gb18030';
  asOf?: string;
  knownAt?: string;
  draft?: boolean;
  output?: string;
}

/** `export`: a list as a file that `import` reads back without loss (L-11), or the pictures of its procedures (L-2). */
export function registerExport(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('export')
    .description(
      t(
        '导出清单为 CSV、XLSX 或 JSON，可再导入而不丢失内容；或导出各事项流程图（SVG，ZIP 压缩包）。',
        'Export a list as CSV, XLSX or JSON, to be imported again without loss; or pictures of its procedures (SVG in a ZIP).',
      ),
    )
    .requiredOption('--list <id>', t('清单编号', 'id of the list'))
    .addOption(
      new Option(
        '--format <format>',
        t('格式：csv、xlsx（默认）、json、svg', 'csv, xlsx (default), json or svg'),
      )
        .choices(['csv', 'xlsx', 'json', 'svg'])
        .default('xlsx'),
    )
    .addOption(
      new Option(
        '--encoding <encoding>',
        t('CSV 编码：utf-8（默认）、gb18030', 'of a CSV: utf-8 (default) or gb18030'),
      )
        .choices(['utf-8', 'gb18030'])
        .default('utf-8'),
    )
    .option(
      '--as-of <day>',
      t('哪一天有效的（默认今天）', 'in force on this day (default: today)'),
      (value) => parseDay(value, t),
    )
    .option('--known-at <time>', t('按哪一时刻所知（默认现在）', 'as known at (default: now)'), (value) =>
      parseInstant(value, t),
    )
    .option('--draft', t('导出草稿而不是已公布的版次', 'the working draft instead of what is published'))
    .option('-o, --output <file>', t('写入的文件；- 为标准输出', 'file to write; - for standard output'))
    .action(async (options: Options, self: Command) => {
      const { list, format, encoding, asOf: on, knownAt, draft = false } = options;
      const { client, out } = await openSession(cli, self, ['LIST_EDITOR']);
      const { exportDutyList: file } = await out.during(
        t('正在导出', 'Exporting'),
        client.ask<{ exportDutyList: ExportedFile }>(QUERY, {
          list,
          format: format.toUpperCase(),
          encoding: encoding === 'utf-8' ? 'UTF_8' : 'GB18030',
          asOf: asOf(on, knownAt),
          draft,
        }),
      );
      const content = Buffer.from(file.content, 'base64');
      if (options.output === '-') {
        process.stdout.write(content);
        return;
      }
      const path = options.output ?? file.fileName;
      await writeFile(path, content).catch((error: Error) => {
        throw usageError(t(`无法写入 ${path}：${error.message}`, `Cannot write ${path}: ${error.message}`));
      });
      out.line(
        t(
          `已导出 ${file.itemCount} 项到 ${path}（${content.length} 字节）。`,
          `Exported ${file.itemCount} items to ${path} (${content.length} bytes).`,
        ),
      );
      out.data({ file: path, mediaType: file.mediaType, bytes: content.length, itemCount: file.itemCount });
    });
  addExamples(
    command,
    t,
    'dutyledger export --list <id> -o list.xlsx',
    'dutyledger export --list <id> --format csv --encoding gb18030 --as-of 2024-07-01 -o list.csv',
    'dutyledger export --list <id> --format json -o - | jq .',
    'dutyledger export --list <id> --format svg -o procedures.zip',
  );
}
