import { openBus } from '@dutyledger/bus/open';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { stopOnSignals } from '@dutyledger/subgraph-kit/lifecycle';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { oidcVerifier } from '@dutyledger/subgraph-kit/oidc';
import { startStaffing } from './service.ts';
import { readSettings, type Settings } from './settings.ts';

/** The staffing service as a process of its own, told by its environment (settings.ts) what it runs on. */
async function start(settings: Settings): Promise<void> {
  const { tokens, host, port, production } = settings;
  const logger = createLogger({ name: 'staffing', level: settings.logLevel });
  const events = await openEventStore(settings.eventStore);
  const readStore = await openReadStore(settings.readStore);
  const bus = await openBus(settings.bus);
  const verifier = 'secret' in tokens ? internalTokens(tokens.secret).verifier : oidcVerifier(tokens);
  const service = await startStaffing({ events, readStore, bus, verifier, logger, production });
  stopOnSignals(async () => {
    await service.stop();
    await Promise.all([bus.close(), readStore.close(), events.close()]);
  }, logger);
  logger.info({ url: await service.subgraph.listen({ host, port }) }, 'serving');
}

function end(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(1);
}

const settings = readSettings(process.env);
if ('mistakes' in settings) end(settings.mistakes);
else start(settings).catch((error) => end([error instanceof Error ? error.message : String(error)]));
