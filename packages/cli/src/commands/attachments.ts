import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, openSession } from '../session.ts';
import { addExamples } from '../values.ts';

/** `attachments`: files of cases (G-4). */

const MEDIA_TYPES: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.mp4': 'video/mp4',
  '.mp3': 'audio/mpeg',
};

interface Stored {
  sha256: string;
  mediaType: string;
  bytes: number;
  personal: boolean;
}

async function add(cli: Cli, path: string, personal: boolean, self: Command): Promise<void> {
  const { t } = cli;
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()];
  if (mediaType === undefined) {
    const known = Object.keys(MEDIA_TYPES).join(' ');
    throw usageError(
      t(`不是可上传的文件类型（${known}）：${path}`, `Not a file that is taken (${known}): ${path}`),
    );
  }
  const content = await readFile(path).catch((error: Error) => {
    throw usageError(t(`无法读取 ${path}：${error.message}`, `Cannot read ${path}: ${error.message}`));
  });
  const { client, out } = await openSession(cli, self, ['COUNTY_OPERATOR']);
  const stored = await out.during(
    t('正在上传', 'Uploading'),
    client.upload<Stored>(`/attachments${personal ? '?personal=true' : ''}`, content, mediaType),
  );
  out.line(t(`已上传，24 小时内须用于案件。`, `Uploaded; a case must name it within 24 hours.`));
  out.line(`--attachment ${stored.sha256}=${basename(path)}`);
  out.data({ ...stored, name: basename(path) });
}

interface GetOptions {
  out: string;
  purpose?: string;
}

async function get(cli: Cli, sha256: string, options: GetOptions, self: Command): Promise<void> {
  const { client, out, t } = await openSession(cli, self, [
    options.purpose === undefined ? 'AUDITOR' : 'PERSONAL_DATA_READER',
  ]);
  const query = options.purpose === undefined ? '' : `?purpose=${encodeURIComponent(options.purpose)}`;
  const response = await client.get(`/attachments/${encodeURIComponent(sha256)}${query}`);
  const partial = `${options.out}.partial`;
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, options.out);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    const message = t(`文件没有保存：${told}`, `The file was not saved: ${told}`);
    throw new CliFailure(EXIT.failed, { code: 'INCOMPLETE', message }, { cause: error });
  } finally {
    await rm(partial, { force: true });
  }
  out.line(t(`已保存到 ${options.out}`, `Saved as ${options.out}`));
  out.data({ sha256, mediaType: response.headers.get('content-type'), file: options.out });
}

export function registerAttachments(program: Command, cli: Cli): void {
  const { t } = cli;
  const parent = program
    .command('attachments')
    .description(t('案件的附件：上传、下载。', 'Files of cases: upload and download.'));
  parent
    .command('add')
    .description(t('上传一个文件，供案件引用。', 'Upload a file that cases may name.'))
    .argument('<file>', t('文件', 'file'))
    .option(
      '--personal',
      t(
        '含个人信息：加密保存，阅看须说明用途',
        'holds personal data: kept sealed, read for a stated purpose',
      ),
    )
    .action((path: string, { personal = false }: { personal?: boolean }, self: Command) =>
      add(cli, path, personal, self),
    );
  parent
    .command('get')
    .description(t('下载一个文件。', 'Download a file.'))
    .argument('<sha256>', t('摘要', 'digest'))
    .requiredOption('--out <file>', t('保存为', 'where it is saved'))
    .option(
      '--purpose <text>',
      t('阅看个人信息的用途，记录在案', 'what personal data are needed for; it is recorded'),
    )
    .action((sha256: string, options: GetOptions, self: Command) => get(cli, sha256, options, self));
  addExamples(
    parent,
    t,
    'dutyledger attachments add 现场.jpg',
    'dutyledger attachments add 身份证.png --personal',
    'dutyledger attachments get <sha256> --out 现场.jpg',
  );
}
