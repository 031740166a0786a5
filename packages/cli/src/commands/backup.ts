import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { ArchiveError, type Manifest, readArchive } from '../archive.ts';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import { addExamples } from '../values.ts';

async function download({ client, t }: Session, path: string, file: string): Promise<void> {
  const response = await client.get(path);
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    const message = t(`备份没有完整传到：${told}`, `The backup did not arrive whole: ${told}`);
    throw new CliFailure(EXIT.failed, { code: 'INCOMPLETE', message }, { cause: error });
  }
}

/** Reads the archive back: a backup that cannot be read is worth nothing. */
async function verify(file: string, t: Cli['t']): Promise<Manifest> {
  try {
    return await readArchive(createReadStream(file), async (content) => {
      for await (const _ of content);
    });
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const message = t(
      `备份没有完整传到：${error.message}`,
      `The backup did not arrive whole: ${error.message}`,
    );
    throw new CliFailure(EXIT.failed, { code: 'INCOMPLETE', message }, { cause: error });
  }
}

/** The newest keys alone are of use: an older file would bring back keys that were destroyed since. */
async function backupKeys(session: Session, file: string): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await download(session, '/admin/backup/keys', partial);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** `backup`: the events of a running standalone node as one file. */
export function registerBackup(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('backup')
    .description(
      t(
        '备份运行中的单机节点：全部事件，附数量和摘要；服务不中断。',
        'Back up a running standalone node: all events with their number and digest, while it serves.',
      ),
    )
    .option(
      '-o, --output <file>',
      t('写入的文件（默认 dutyledger-<时间>.tar.gz）', 'file to write (default dutyledger-<time>.tar.gz)'),
    )
    .option(
      '-k, --keys <file>',
      t(
        '另将个人信息密钥（已由主密钥加密）写入该文件，替换上一份；与事件备份分开保管。',
        'also write the keys of personal data (wrapped by the master key) to this file in place of the last; keep it apart from the events',
      ),
    )
    .action(async ({ output, keys }: { output?: string; keys?: string }, self: Command) => {
      const file = output ?? `dutyledger-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}.tar.gz`;
      if (existsSync(file)) {
        throw usageError(t(`${file} 已存在，不会覆盖。`, `${file} exists and is not overwritten.`));
      }
      const session = await openSession(cli, self, ['SYSTEM_ADMIN']);
      const { out } = session;
      const partial = `${file}.partial`;
      try {
        await out.during(t('正在备份', 'Backing up'), download(session, '/admin/backup', partial));
        const manifest = await verify(partial, t);
        await rename(partial, file);
        if (keys !== undefined) await backupKeys(session, keys);
        const { size } = await stat(file);
        out.line(
          t(
            `已备份 ${manifest.events} 个事件到 ${file}（${size} 字节）。`,
            `Backed up ${manifest.events} events to ${file} (${size} bytes).`,
          ),
        );
        out.line(`sha256: ${manifest.sha256}`);
        out.data({ file, bytes: size, ...manifest });
      } finally {
        await rm(partial, { force: true });
      }
    });
  addExamples(command, t, 'dutyledger backup', 'dutyledger backup -o /var/backups/dutyledger.tar.gz --json');
}
