import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Manifest, writeArchive } from '@dutyledger/cli/archive';
import type { Refusal } from '@dutyledger/event-store/decider';
import { openSqliteEventStore, type SqliteEventStore } from '@dutyledger/event-store/sqlite';
import type { KeyStore } from '@dutyledger/personal-data/key-store';
import { refusedAnswer } from '@dutyledger/subgraph-kit/endpoint';
import { type ErrorCode, HTTP_STATUS } from '@dutyledger/subgraph-kit/errors';
import type { HttpOptions } from '@dutyledger/subgraph-kit/http';
import type { CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { correlationIdOf, header, localeOf } from '@dutyledger/subgraph-kit/request-context';

/** Makes the content of an answer in a folder that is removed afterwards. */
type Take = (folder: string) => Promise<{ type: string; content: Readable; told: object }>;

export interface BackupOptions {
  events: SqliteEventStore;
  keys: KeyStore;
  dataDir: string;
  verifier: CallerVerifier;
  logger: Logger;
}

const notPermitted: Refusal = {
  code: 'NOT_PERMITTED',
  message: {
    'zh-CN': '备份含有全部数据，只有系统管理员（SYSTEM_ADMIN）可以取走。',
    en: 'A backup holds everything; only a system administrator (SYSTEM_ADMIN) may take one.',
  },
};

const alreadyRunning: Refusal = {
  code: 'CONFLICT',
  message: {
    'zh-CN': '另一个备份正在进行，请稍后再试。',
    en: 'Another backup is under way; try again later.',
  },
};

/** A copy of the events in `file`, which must not exist, and what it holds. The digest is that of the copy itself. */
async function copyEvents(events: SqliteEventStore, file: string): Promise<Manifest> {
  await events.backupTo(file);
  const copy = await openSqliteEventStore(file);
  try {
    const { position, events: count, sha256 } = await copy.digest();
    const createdAt = new Date().toISOString();
    return { format: 'dutyledger-backup', version: 1, createdAt, position, events: count, sha256 };
  } finally {
    await copy.close();
  }
}

/**
 * `GET /admin/backup`: the node's events as one archive. `GET /admin/backup/keys`: the keys of persons, wrapped, as one
 * file; they are kept apart, so that an older back-up of events brings no key back. Taken while it serves; one at a time.
 */
export function backupRoute({
  events,
  keys,
  dataDir,
  verifier,
  logger,
}: BackupOptions): NonNullable<HttpOptions['routes']> {
  let running = false;
  const kinds: Record<string, Take> = {
    '/admin/backup': async (folder) => {
      const file = join(folder, 'events.db');
      const manifest = await copyEvents(events, file);
      return { type: 'application/gzip', content: writeArchive(manifest, file), told: manifest };
    },
    '/admin/backup/keys': async (folder) => {
      const file = join(folder, 'keys.db');
      await keys.backupTo?.(file);
      return { type: 'application/octet-stream', content: createReadStream(file), told: { of: 'keys' } };
    },
  };
  return (app) => {
    for (const [url, take] of Object.entries(kinds))
      app.get(url, async (request, reply) => {
        const refuse = (refusal: Refusal) =>
          reply.code(HTTP_STATUS[refusal.code as ErrorCode]).send(
            refusedAnswer(refusal, {
              locale: localeOf(request.headers['accept-language']),
              correlationId: correlationIdOf(header(request.headers, 'x-correlation-id')),
            }),
          );
        const verified = await verifier.verify(request.headers.authorization);
        if (!verified.ok) return refuse(verified.refusal);
        if (!verified.caller.roles.includes('SYSTEM_ADMIN')) return refuse(notPermitted);
        if (running) return refuse(alreadyRunning);
        running = true;
        const folder = await mkdtemp(join(dataDir, '.backup-'));
        const done = async (): Promise<void> => {
          running = false;
          await rm(folder, { recursive: true, force: true });
        };
        try {
          const { type, content, told } = await take(folder);
          logger.info({ subject: verified.caller.subject, ...told }, 'backup taken');
          content.once('close', () => {
            done().catch((error) => logger.error({ err: error }, 'backup not cleaned up'));
          });
          return reply.type(type).send(content);
        } catch (error) {
          await done();
          throw error;
        }
      });
  };
}
