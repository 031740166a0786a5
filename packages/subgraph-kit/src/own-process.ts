import { setTimeout as sleep } from 'node:timers/promises';
import { openBus } from '@dutyledger/bus/open';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import type { Logger } from 'pino';
import type { Readiness } from './http.ts';
import { internalTokens } from './internal-tokens.ts';
import { stopOnSignals } from './lifecycle.ts';
import { createLogger } from './logging.ts';
import { oidcVerifier } from './oidc.ts';
import type { RunningService, ServiceDependencies } from './service.ts';
import { type ProcessSettings, readSettings, type Settings } from './settings.ts';
import { startTracing } from './tracing-export.ts';
import { openWaitingRoom } from './waiting-room.ts';

type Start = (deps: ServiceDependencies) => Promise<RunningService>;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Why the process cannot start, as its operator is told: plain lines, exit code 1. */
class StartError extends Error {}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isAway = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'UNAVAILABLE';

/** What the process waits for, by name of the setting. */
type Reasons = Map<string, string>;

/** Tries until nothing of it is UNAVAILABLE any more, ever more seldom; other errors are passed on. */
async function patiently<T>(
  attempt: () => Promise<T>,
  waiting: (err: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error;
      waiting(error);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Opens each store that is not open yet, all at once. Throws UNAVAILABLE, or the mistakes of all that have one. */
function storeOpener(settings: Settings, reasons: Reasons, logger: Logger, stack: AsyncDisposableStack) {
  const opening = <S extends { close(): Promise<void> }>(setting: string, open: () => Promise<S>) => {
    let opened: S | undefined;
    reasons.set(setting, 'not opened yet');
    return async (): Promise<S> => {
      if (opened) return opened;
      try {
        const store = await open();
        stack.defer(() => store.close());
        reasons.delete(setting);
        opened = store;
        return store;
      } catch (error) {
        reasons.set(setting, messageOf(error));
        if (isAway(error)) throw error;
        throw new StartError(
          `${setting} 无法使用：${messageOf(error)} / ${setting} cannot be used: ${messageOf(error)}`,
        );
      }
    };
  };
  const warn = (message: string) => logger.warn(message);
  const events = opening('EVENTSTORE_URL', () => openEventStore(settings.eventStore));
  const readStore = opening('READSTORE_URL', () => openReadStore(settings.readStore));
  const bus = opening('BUS_URL', () => openBus(settings.bus, { warn }));
  return async (): Promise<Pick<ServiceDependencies, 'events' | 'readStore' | 'bus'>> => {
    const attempts = [events(), readStore(), bus()] as const;
    const failures = (await Promise.allSettled(attempts)).flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    );
    const mistakes = failures.filter((each) => !isAway(each));
    if (mistakes.length > 0) throw new StartError(mistakes.map(messageOf).join('\n'));
    return { events: await attempts[0], readStore: await attempts[1], bus: await attempts[2] };
  };
}

async function serve(
  name: string,
  start: Start,
  settings: Settings,
  logger: Logger,
  { signal }: AbortController,
  stack: AsyncDisposableStack,
): Promise<void> {
  const { tokens, host, production } = settings;
  stack.defer(await startTracing(`dutyledger-${name}`, logger));
  const reasons: Reasons = new Map();
  const checks = (): Readiness[] => Array.from(reasons, ([of, detail]) => ({ name: of, ok: false, detail }));
  const room = await openWaitingRoom(settings, checks);
  stack.defer(() => room.close());
  const url = `http://${host}:${room.port}`;
  const waiting = (err: unknown) => logger.warn({ err, url }, 'waiting for what it needs');
  const stores = await patiently(storeOpener(settings, reasons, logger, stack), waiting, signal);
  const verifier = 'secret' in tokens ? internalTokens(tokens.secret).verifier : oidcVerifier(tokens);
  const attempt = () => start({ ...stores, verifier, logger, production });
  reasons.set(name, 'being started');
  const service = await patiently(attempt, waiting, signal);
  stack.defer(() => service.stop());
  await room.close();
  logger.info({ url: await service.subgraph.listen({ host, port: room.port }) }, 'serving');
}

function end(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(1);
}

const LISTENING = new Map([
  ['EADDRINUSE', ['已被占用', 'is taken']],
  ['EACCES', ['没有权限使用', 'may not be used']],
  ['EADDRNOTAVAIL', ['不是本机地址', 'is no address of this machine']],
  ['ENOTFOUND', ['找不到', 'cannot be found']],
]);

/** Plain words for what keeps a process from starting. */
function explain(error: unknown, { host, port }: ProcessSettings): string {
  const [zh, en] = LISTENING.get(String((error as { code?: unknown } | null)?.code)) ?? [];
  if (zh === undefined) return messageOf(error);
  return `HOST ${host}、PORT ${port} ${zh}。 / HOST ${host}, PORT ${port} ${en}.`;
}

/**
 * Runs a server as a process of its own until it is told to stop: whatever is put on the stack is stopped then, the last
 * first, within 10 seconds. Ends with code 1 and plain lines when it cannot start.
 */
export function runProcess<S extends ProcessSettings>(
  name: string,
  settings: S | { mistakes: readonly string[] },
  run: (settings: S, logger: Logger, stopping: AbortController, stack: AsyncDisposableStack) => Promise<void>,
): void {
  if ('mistakes' in settings) end(settings.mistakes);
  const logger = createLogger({ name, level: settings.logLevel });
  const stack = new AsyncDisposableStack();
  const stopping = new AbortController();
  stopOnSignals(async () => {
    stopping.abort();
    await stack.disposeAsync();
  }, logger);
  run(settings, logger, stopping, stack).catch((error) => {
    if (!stopping.signal.aborted) end(explain(error, settings).split('\n'));
  });
}

/** Runs a domain service, told by its environment (settings.ts) what it runs on. Stores that are away are waited for. */
export function runAsProcess(name: string, start: Start, defaultPort: number): void {
  runProcess<Settings>(name, readSettings(process.env, defaultPort), (settings, logger, stopping, stack) =>
    serve(name, start, settings, logger, stopping, stack),
  );
}
