import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, BusError } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { Text } from '@dutyledger/event-store/decider';
import { EventStoreError } from '@dutyledger/event-store/event-store';
import { openSqliteEventStore, type SqliteEventStore } from '@dutyledger/event-store/sqlite';
import { type OwnStores, openOwnStores } from '@dutyledger/grid-events/own-stores';
import { KeyStoreError } from '@dutyledger/personal-data/key-store';
import type { ReadStore } from '@dutyledger/read-store/adapter';
import { openReadStore } from '@dutyledger/read-store/open';
import { ReadStoreError } from '@dutyledger/read-store/read-store';
import type { StandaloneConfig } from './config.ts';
import { StartError } from './start-error.ts';

/** The stores of a node, in its data directory. */
export interface Stores {
  events: SqliteEventStore;
  readStore: ReadStore;
  bus: Bus;
  own: OwnStores;
}

/** Only events.db and keys.db cannot be had again. */
const FILES = { events: 'events.db', readStore: 'read.db', bus: 'bus.db', keys: 'keys.db' } as const;
/** What a backup or restore that was killed leaves behind. */
const LEFTOVER = /^\.(backup|restore)-/;

function explain(code: string, file: string, dataDir: string, told: string): Text {
  const path = join(dataDir, file);
  const derived = file !== FILES.events && file !== FILES.keys;
  switch (code) {
    case 'BUSY':
      return {
        'zh-CN': `另一个实例正在使用数据目录 ${dataDir}。请先停止它，或用 --data 指定别的目录。`,
        en: `Another instance is running on the data directory ${dataDir}. Stop it first, or choose another one with --data.`,
      };
    case 'READ_ONLY':
      return {
        'zh-CN': `${path} 不可写：请检查文件和目录的权限。`,
        en: `${path} cannot be written: check the permissions of the file and its directory.`,
      };
    case 'DISK_FULL':
      return {
        'zh-CN': `${dataDir} 所在磁盘已满：请腾出空间后再启动，已确认的数据都在。`,
        en: `The disk of ${dataDir} is full: make room and start again; everything acknowledged is there.`,
      };
    case 'WRONG_MASTER_KEY':
      return {
        'zh-CN': `${path} 不是用给出的个人信息主密钥建立的：请给出原来的主密钥（PERSONAL_DATA_KEYS；更换时新旧并列，新的在前）。`,
        en: `${path} was not made with the master keys that were given: give the former one (PERSONAL_DATA_KEYS; while it is changed both, the new one first).`,
      };
    case 'NEWER_SCHEMA':
      return derived
        ? {
            'zh-CN': `${path} 由更新版本的程序写入。请使用新版本，或停机后删除该文件：它会由事件重建。`,
            en: `${path} was written by a newer version of the program. Use that version, or delete the file while nothing runs: it is rebuilt from the events.`,
          }
        : {
            'zh-CN': `${path} 由更新版本的程序写入，请使用新版本启动。`,
            en: `${path} was written by a newer version of the program; start that version.`,
          };
    case 'CORRUPT':
      return derived
        ? {
            'zh-CN': `${path} 已损坏。可以直接删除该文件（连同 -wal、-shm）：它会由事件重建。`,
            en: `${path} is damaged. It may be deleted (with its -wal and -shm): it is rebuilt from the events.`,
          }
        : {
            'zh-CN': `${path} 已损坏：请把它移开，并用 npx dutyledger restore 从备份恢复。`,
            en: `${path} is damaged: move it away and restore a backup with npx dutyledger restore.`,
          };
    default:
      return { 'zh-CN': `无法打开 ${path}：${told}`, en: `${path} cannot be opened: ${told}` };
  }
}

async function opened<T>(file: string, dataDir: string, open: (path: string) => Promise<T>): Promise<T> {
  try {
    return await open(join(dataDir, file));
  } catch (error) {
    const known =
      error instanceof EventStoreError ||
      error instanceof ReadStoreError ||
      error instanceof BusError ||
      error instanceof KeyStoreError;
    if (!known) throw error;
    throw new StartError(explain(error.code, file, dataDir, error.message), { cause: error });
  }
}

/**
 * Opens or creates the stores; events first, whose lock stands for the whole directory. What is opened is closed when
 * the stack is. Throws StartError with one message that says what is wrong and what to do.
 */
export async function openStores(
  { dataDir, masterKeys, blobs }: Pick<StandaloneConfig, 'dataDir' | 'masterKeys' | 'blobs'>,
  stack: AsyncDisposableStack,
): Promise<Stores> {
  const events = await opened(FILES.events, dataDir, (path) => openSqliteEventStore(path));
  stack.defer(() => events.close());
  for (const name of await readdir(dataDir)) {
    if (LEFTOVER.test(name)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  const readStore = await opened(FILES.readStore, dataDir, (path) => openReadStore(`sqlite:${path}`));
  stack.defer(() => readStore.close());
  const bus = await opened(FILES.bus, dataDir, (path) => openBus(`sqlite:${path}`));
  stack.defer(() => bus.close());
  const own = await opened(FILES.keys, dataDir, (path) =>
    openOwnStores({
      keys: `sqlite:${path}`,
      blobs: blobs ?? `file:${join(dataDir, 'blobs')}`,
      masterKeys:
        masterKeys === undefined
          ? { developmentFile: join(dataDir, 'development-master.key') }
          : { text: masterKeys },
    }),
  );
  stack.defer(() => own.close());
  return { events, readStore, bus, own };
}
