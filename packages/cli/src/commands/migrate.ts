import { existsSync } from 'node:fs';
import { EventStoreError, type ImportingEventStore } from '@dutyledger/event-store/event-store';
import { type MigrationOutcome, type MigrationProgress, migrate } from '@dutyledger/event-store/migrate';
import { openEventStore } from '@dutyledger/event-store/open';
import type { Command } from 'commander';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, outputOf } from '../session.ts';
import { addExamples } from '../values.ts';

/** For messages: without user and password. */
const shown = (url: string): string => url.replace(/\/\/[^@/?#]*@/, '//');

function failureOf(error: unknown, url: string, t: Cli['t']): unknown {
  if (!(error instanceof EventStoreError)) return error;
  const { code, message } = error;
  const known: Partial<Record<typeof code, string>> = {
    BUSY: t(
      `${shown(url)} 正被使用。请先停止该节点，再执行迁移。`,
      `${shown(url)} is in use. Stop the node that runs on it, then migrate.`,
    ),
    TOO_LARGE: t(
      `目标服务器不接受这么大的事件：${message}`,
      `The server does not take an event of that size: ${message}`,
    ),
  };
  const exit = code === 'UNAVAILABLE' ? EXIT.unreachable : EXIT.failed;
  return new CliFailure(exit, { code, message: known[code] ?? message }, { cause: error });
}

async function opened(url: string, t: Cli['t']): Promise<ImportingEventStore> {
  try {
    return await openEventStore(url);
  } catch (error) {
    if (error instanceof EventStoreError) throw failureOf(error, url, t);
    throw usageError(t(`不能使用 ${shown(url)}：${(error as Error).message}`, (error as Error).message));
  }
}

/** Opening a file that is not there would make one, and an empty history be moved. */
function checkUrls(from: string, to: string, t: Cli['t']): void {
  if (from === to) throw usageError(t('来源和目标相同。', 'Source and target are the same.'));
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/i.exec(from)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw usageError(t(`没有文件 ${path}。`, `There is no file ${path}.`));
  }
}

const progressText = ({ already, copied, verified }: MigrationProgress, t: Cli['t']): string =>
  verified > 0
    ? t(`正在核对：已读 ${verified} 个事件`, `Verifying: ${verified} events read`)
    : t(
        `正在迁移：已有 ${already} 个，复制 ${copied} 个`,
        `Migrating: ${already} were there, ${copied} copied`,
      );

/** The failure that an outcome tells; undefined when all is well. */
function refusalOf(outcome: MigrationOutcome, to: string, t: Cli['t']): CliFailure | undefined {
  if (outcome.status === 'moved') return undefined;
  if (outcome.status === 'differs') {
    const { event, stream, revision } = outcome;
    const message = t(
      `${shown(to)} 中已有其他事件：第 ${event} 个（流 ${stream}，修订号 ${revision}）与来源不同。没有写入任何内容；请迁移到空的事件库。`,
      `${shown(to)} holds other events: number ${event} (stream ${stream}, revision ${revision}) differs from the source. Nothing was written; migrate into an empty store.`,
    );
    return new CliFailure(EXIT.failed, {
      code: 'TARGET_HAS_DATA',
      message,
      details: { event, stream, revision },
    });
  }
  const [source, target] = outcome.events;
  const streams = outcome.streams.join(', ');
  const message = t(
    `核对不一致：来源 ${source} 个事件，目标 ${target} 个${streams && `（${streams}）`}。迁移期间有程序写入；请停止所有服务后重新执行。`,
    `The stores differ in the end: ${source} events in the source, ${target} in the target${streams && ` (${streams})`}. Something wrote meanwhile; stop all services and run it again.`,
  );
  const details = { events: { source, target }, streams: outcome.streams };
  return new CliFailure(EXIT.failed, { code: 'DIGEST_DIFFERS', message, details });
}

/** `migrate`: moves the history of one event store into another, with no server running on either. */
export function registerMigrate(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('migrate')
    .description(
      t(
        '把全部事件从一个事件库迁移到另一个，核对摘要；节点和服务须先停止，中断后重新执行即继续。',
        'Move all events from one event store to another and compare digests. Nodes and services are stopped first; after a break the same command goes on.',
      ),
    )
    .requiredOption(
      '--from <store>',
      t('来源：sqlite:<文件> 或 esdb://…', 'source: sqlite:<file> or esdb://…'),
    )
    .requiredOption(
      '--to <store>',
      t('目标：同上；须为空，或是中断的迁移', 'target: likewise; empty, or of a migration that broke off'),
    )
    .action(async ({ from, to }: { from: string; to: string }, self: Command) => {
      checkUrls(from, to, t);
      const out = outputOf(cli, self);
      await using stores = new AsyncDisposableStack();
      const source = stores.adopt(await opened(from, t), (store) => store.close());
      const target = stores.adopt(await opened(to, t), (store) => store.close());
      let progress: MigrationProgress = { already: 0, copied: 0, verified: 0 };
      const work = migrate(source, target, (now) => {
        progress = { ...now };
      }).catch((error) => {
        throw failureOf(error, to, t);
      });
      const outcome = await out.during(() => progressText(progress, t), work);
      const refusal = refusalOf(outcome, to, t);
      if (refusal) throw refusal;
      const { status: _, ...moved } = outcome as MigrationOutcome & { status: 'moved' };
      out.line(
        t(
          `${shown(to)} 现有 ${moved.already + moved.copied} 个事件（复制 ${moved.copied} 个），${moved.streams} 个流，摘要 ${moved.sha256}，与来源一致。启动时读模型和总线须为空。`,
          `${shown(to)} holds ${moved.already + moved.copied} events (${moved.copied} copied) in ${moved.streams} streams, digest ${moved.sha256}, the same as the source. Start on it with empty read models and bus.`,
        ),
      );
      out.data({ from: shown(from), to: shown(to), events: moved.already + moved.copied, ...moved });
    });
  addExamples(
    command,
    t,
    'dutyledger migrate --from sqlite:./data/events.db --to "esdb://user:password@node1:2113,node2:2113,node3:2113?tls=true"',
    'dutyledger migrate --from "esdb://user:password@node1:2113" --to sqlite:./restored/events.db --json',
  );
}
