import { openBus } from '@dutyledger/bus/open';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { internalTokens } from './internal-tokens.ts';
import { stopOnSignals } from './lifecycle.ts';
import { createLogger } from './logging.ts';
import { oidcVerifier } from './oidc.ts';
import type { RunningService, ServiceDependencies } from './service.ts';
import { readSettings, type Settings } from './settings.ts';
import { startTracing } from './tracing-export.ts';

type Start = (deps: ServiceDependencies) => Promise<RunningService>;

async function serve(name: string, start: Start, settings: Settings): Promise<void> {
  const { tokens, host, port, production } = settings;
  const logger = createLogger({ name, level: settings.logLevel });
  const endTracing = await startTracing(`dutyledger-${name}`, logger);
  const events = await openEventStore(settings.eventStore);
  const readStore = await openReadStore(settings.readStore);
  const bus = await openBus(settings.bus);
  const verifier = 'secret' in tokens ? internalTokens(tokens.secret).verifier : oidcVerifier(tokens);
  const service = await start({ events, readStore, bus, verifier, logger, production });
  stopOnSignals(async () => {
    await service.stop();
    await Promise.all([bus.close(), readStore.close(), events.close()]);
    await endTracing();
  }, logger);
  logger.info({ url: await service.subgraph.listen({ host, port }) }, 'serving');
}

function end(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Runs a service as a process of its own, told by its environment (settings.ts) what it runs on. */
export function runAsProcess(name: string, start: Start, defaultPort: number): void {
  const settings = readSettings(process.env, defaultPort);
  if ('mistakes' in settings) end(settings.mistakes);
  else {
    serve(name, start, settings).catch((error) =>
      end([error instanceof Error ? error.message : String(error)]),
    );
  }
}
