import { flushCompileCache } from 'node:module';
import { stopOnSignals } from '@dutyledger/subgraph-kit/lifecycle';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { startTracing } from '@dutyledger/subgraph-kit/tracing-export';
import { HELP, readConfig, type StandaloneConfig } from './config.ts';
import { startStandalone } from './standalone.ts';
import { StartError } from './start-error.ts';
import { welcome } from './welcome.ts';

const tell = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

async function serve(config: StandaloneConfig): Promise<void> {
  const logger = createLogger({ name: 'standalone', level: config.logLevel, destination: process.stderr });
  try {
    const endTracing = await startTracing('dutyledger-standalone', logger);
    const standalone = await startStandalone(config, logger);
    stopOnSignals(async () => {
      await standalone.stop();
      await endTracing();
    }, logger);
    process.stdout.write(welcome(config, standalone.url));
    // Now rather than at the end, which a node that is killed does not have.
    flushCompileCache();
  } catch (error) {
    tell(error instanceof StartError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exit(1);
  }
}

/** `npm start`: reads the configuration, starts, tells where it serves; ends with code 1 when it cannot. */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const read = readConfig(args, env);
  if ('help' in read) {
    process.stdout.write(HELP);
    return;
  }
  if ('config' in read) return serve(read.config);
  for (const { 'zh-CN': zh, en } of read.mistakes) tell(`${zh}\n${en}`);
  process.exitCode = 1;
}
