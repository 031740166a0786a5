import { type Bus, BusError, type DiscardedMessage, type ParkedMessage } from '@dutyledger/bus/bus';
import type { Command } from 'commander';
import { CliFailure, EXIT, usageError } from '../failure.ts';
import { type Cli, outputOf } from '../session.ts';
import { addExamples } from '../values.ts';

interface Options {
  bus?: string;
  group?: string;
  discarded?: boolean;
  replay?: string;
  discard?: string;
  reason?: string;
}

function failureOf(error: unknown, t: Cli['t']): unknown {
  if (!(error instanceof BusError)) return error;
  const { code, message } = error;
  const busy = t(
    '总线文件正被使用：请先停止该节点。',
    'The file of the bus is in use: stop the node that runs on it first.',
  );
  const exit = code === 'INVALID' ? EXIT.usage : code === 'UNAVAILABLE' ? EXIT.unreachable : EXIT.failed;
  return new CliFailure(exit, { code, message: code === 'BUSY' ? busy : message }, { cause: error });
}

/** One thing is done at a time; listing needs a group, discarding a reason. */
function checkOptions({ group, replay, discard, reason }: Options, t: Cli['t']): void {
  if ([group, replay, discard].filter((option) => option !== undefined).length !== 1) {
    throw usageError(
      t('请给出 --group、--replay、--discard 之一。', 'Give one of --group, --replay and --discard.'),
    );
  }
  if (discard !== undefined && !reason?.trim()) {
    throw usageError(t('放弃消息须用 --reason 说明理由。', 'To discard a message, say why: --reason.'));
  }
}

function headingsOf(t: Cli['t'], discarded: boolean): string[] {
  const last = discarded ? t('放弃理由', 'Discarded because') : t('尝试次数', 'Attempts');
  return [
    t('编号', 'Id'),
    t('事件', 'Event'),
    t('键', 'Key'),
    t('搁置时间', 'Parked at'),
    t('原因', 'Cause'),
    last,
  ];
}

async function work(bus: Bus, options: Options, { t }: Cli, out: ReturnType<typeof outputOf>): Promise<void> {
  const { group = '', discarded = false, replay, discard, reason = '' } = options;
  if (replay !== undefined) {
    await bus.replayParked(replay);
    out.line(
      t(
        `${replay} 已交还其消费组，再处理一次：成功则不再列出，否则留在列表中。`,
        `${replay} was handed to its group for one more try: it leaves the list when it was handled.`,
      ),
    );
    return out.data({ replayed: replay });
  }
  if (discard !== undefined) {
    await bus.discardParked(discard, reason);
    out.line(t(`${discard} 已放弃，理由已记录。`, `${discard} was discarded; the reason is kept.`));
    return out.data({ discarded: discard, reason });
  }
  const messages: (ParkedMessage | DiscardedMessage)[] = discarded
    ? await bus.discarded(group)
    : await bus.parked(group);
  const rows = messages.map((message) => {
    const { id, event, key, parkedAt, cause, attempts } = message;
    return [id, event.type, key, parkedAt, cause, 'reason' in message ? message.reason : attempts];
  });
  if (rows.length > 0) out.table(headingsOf(t, discarded), rows);
  else out.line(t(`${group} 没有这样的消息。`, `${group} has no such messages.`));
  out.data(messages);
}

/** `parked`: the messages that a consumer group could not handle, on the bus itself. */
export function registerParked(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('parked')
    .description(
      t(
        '列出某消费组搁置的消息，交还处理或放弃。直接读写总线；消费组名见指标 dutyledger_parked_messages。',
        'Show the messages that a consumer group could not handle; hand one to it again, or discard it. Works on the bus itself; groups are named by the metric dutyledger_parked_messages.',
      ),
    )
    .option(
      '--bus <url>',
      t(
        '总线地址（环境变量 BUS_URL）：kafka://… 或 sqlite:<文件>（节点须先停止）',
        'the bus (BUS_URL): kafka://… or sqlite:<file> (of a node that is stopped)',
      ),
    )
    .option('--group <name>', t('列出该消费组的消息', 'show the messages of this consumer group'))
    .option('--discarded', t('列出已放弃的消息', 'show those that were discarded instead'))
    .option('--replay <id>', t('交还消费组，再处理一次', 'hand this message to its group for one more try'))
    .option('--discard <id>', t('放弃该消息', 'discard this message for good'))
    .option('--reason <text>', t('放弃的理由', 'why it is discarded'))
    .action(async (options: Options, self: Command) => {
      const url = options.bus ?? cli.env['BUS_URL'];
      if (!url)
        throw usageError(t('请用 --bus 或 BUS_URL 给出总线地址。', 'Name the bus: --bus or BUS_URL.'));
      checkOptions(options, t);
      try {
        // The other commands need not load what a bus takes.
        const { openBus } = await import('@dutyledger/bus/open');
        await using stack = new AsyncDisposableStack();
        const bus = stack.adopt(await openBus(url), (opened) => opened.close());
        await work(bus, options, cli, outputOf(cli, self));
      } catch (error) {
        throw failureOf(error, t);
      }
    });
  addExamples(
    command,
    t,
    'dutyledger parked --bus kafka://kafka:9092 --group lists.organs.1f0c',
    'dutyledger parked --bus kafka://kafka:9092 --replay <id>',
    'dutyledger parked --bus sqlite:./data/bus.db --discard <id> --reason "sent twice by hand"',
  );
}
