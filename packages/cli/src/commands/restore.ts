import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, copyFile, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EventStoreError } from '@dutyledger/event-store/event-store';
import { openSqliteEventStore } from '@dutyledger/event-store/sqlite';
import type { Command } from 'commander';
import { ArchiveError, type Manifest, readArchive } from '../archive.ts';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, dataDirOf, outputOf } from '../session.ts';
import { addExamples } from '../values.ts';

const EVENTS = 'events.db';
const KEYS = 'keys.db';
/** What a node that runs, or ran, leaves in its data directory. */
const STORE_FILE = /^(events|read|bus|keys)\.db/;

function refused(code: string, message: string, cause?: unknown): CliFailure {
  return new CliFailure(EXIT.failed, { code, message }, { cause });
}

async function checkTarget(dataDir: string, t: Cli['t']): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const taken = (await readdir(dataDir)).find((name) => STORE_FILE.test(name));
  if (taken === undefined) return;
  throw refused(
    'TARGET_HAS_DATA',
    t(
      `${dataDir} 中已有数据（${taken}），可能正被某个节点使用。请恢复到空目录。`,
      `${dataDir} has data (${taken}), maybe of a node that runs. Restore into an empty directory.`,
    ),
  );
}

/** The restored store must tell the history that was backed up. */
async function verify(file: string, manifest: Manifest, t: Cli['t']): Promise<void> {
  const store = await openSqliteEventStore(file);
  try {
    const { events, sha256 } = await store.digest();
    if (events === manifest.events && sha256 === manifest.sha256) return;
    throw refused(
      'DIGEST_DIFFERS',
      t(
        `备份内容与清单不符：应有 ${manifest.events} 个事件（${manifest.sha256}），实有 ${events} 个（${sha256}）。`,
        `The backup is not what its manifest says: ${manifest.events} events (${manifest.sha256}) expected, ${events} found (${sha256}).`,
      ),
    );
  } finally {
    await store.close();
  }
}

async function restore(
  archive: string,
  keys: string | undefined,
  dataDir: string,
  t: Cli['t'],
): Promise<Manifest> {
  await checkTarget(dataDir, t);
  const folder = await mkdtemp(join(dataDir, '.restore-'));
  const file = join(folder, EVENTS);
  try {
    const manifest = await readArchive(createReadStream(archive), (content) =>
      pipeline(content, createWriteStream(file, { mode: 0o600, flush: true })),
    );
    await verify(file, manifest, t);
    if (keys !== undefined) {
      await copyFile(keys, join(dataDir, KEYS), constants.COPYFILE_EXCL);
      await chmod(join(dataDir, KEYS), 0o600);
    }
    // Linked, not renamed: a store that came into being meanwhile is not overwritten.
    await link(file, join(dataDir, EVENTS));
    return manifest;
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof EventStoreError) {
      throw refused(
        error.code,
        t(`${archive} 不能恢复：${error.message}`, `${archive} cannot be restored: ${error.message}`),
        error,
      );
    }
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `restore`: a backup into the data directory of a node that does not run; the node rebuilds everything else. */
export function registerRestore(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('restore')
    .description(
      t(
        '把备份恢复到空的数据目录（--data）：核对数量和摘要；之后启动节点，读模型和总线自动重建。',
        'Restore a backup into an empty data directory (--data): number and digest are verified; the node that starts on it rebuilds read models and bus.',
      ),
    )
    .argument('<file>', t('backup 写出的文件', 'file that backup wrote'))
    .option(
      '-k, --keys <file>',
      t(
        '个人信息密钥的最新备份（backup --keys 写出）',
        'newest back-up of the keys of personal data (backup --keys)',
      ),
    )
    .action(async (archive: string, { keys }: { keys?: string }, self: Command) => {
      for (const file of keys === undefined ? [archive] : [archive, keys]) {
        await access(file).catch((error: Error) => {
          throw usageError(t(`无法读取 ${file}：${error.message}`, `Cannot read ${file}: ${error.message}`));
        });
      }
      const out = outputOf(cli, self);
      const dataDir = dataDirOf(cli, self);
      const manifest = await out.during(t('正在恢复', 'Restoring'), restore(archive, keys, dataDir, t));
      out.line(
        t(
          `已恢复 ${manifest.events} 个事件到 ${dataDir}（备份于 ${manifest.createdAt}）。用 npm start -- --data ${dataDir} 启动。`,
          `Restored ${manifest.events} events into ${dataDir} (backed up at ${manifest.createdAt}). Start it with npm start -- --data ${dataDir}.`,
        ),
      );
      if (keys === undefined) {
        out.line(
          t(
            '未恢复个人信息密钥（--keys）：备份中反映人的姓名和电话将无法读取。',
            'Keys of personal data were not restored (--keys): names and numbers of reporters in it cannot be read.',
          ),
        );
      }
      out.data({ dataDir, ...manifest });
    });
  addExamples(command, t, 'dutyledger restore backup.tar.gz --data ./restored');
}
