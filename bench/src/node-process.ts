import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Client, client } from './client.ts';

const MAIN = fileURLToPath(import.meta.resolve('@dutyledger/standalone/main'));

/** A standalone node in a process of its own, as operators start it. */
export interface NodeProcess extends Client {
  /** Samples of /metrics, by name and labels as they stand there. */
  metrics(): Promise<Map<string, number>>;
  stop(): Promise<void>;
}

/** Starts one; resolves when it takes requests, which are asked with the token. Throws when it ends instead. */
export async function nodeProcess(dataDir: string, token: string): Promise<NodeProcess> {
  const node = spawn(process.execPath, [...process.execArgv, MAIN, '--data', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOG_LEVEL: 'error' },
  });
  // Whoever ends this process ends the node as well.
  const kill = () => node.kill('SIGKILL');
  const leave = () => process.exit(1);
  process.once('exit', kill).once('SIGTERM', leave);
  const exit = once(node, 'exit').finally(() => process.off('exit', kill).off('SIGTERM', leave));
  let told = '';
  for await (const part of node.stdout.setEncoding('utf8')) {
    told += part;
    if (/http:\S+\/graphql/.test(told)) break;
  }
  const base = /(http:\S+)\/graphql/.exec(told)?.[1];
  if (base === undefined) throw new Error(`the node did not start: ${told}`);
  return {
    ...client(base, token),
    async metrics() {
      const text = await (await fetch(`${base}/metrics`)).text();
      const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(
        samples.map((line) => {
          const space = line.lastIndexOf(' ');
          return [line.slice(0, space), Number(line.slice(space + 1))];
        }),
      );
    },
    async stop() {
      node.kill('SIGTERM');
      await exit;
    },
  };
}
