import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Answers as tests read them: whatever the query asked for. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is that of its query.
export type Data = any;

const ROOT = join(import.meta.dirname, '..', '..');
/** Whoever gets no answer for so long asks again, with the same key. */
const PATIENCE_MS = 8_000;

export interface Client {
  /** The data; throws on any error. */
  ask(query: string, variables?: object, patienceMs?: number): Promise<Data>;
  /** The command line; its JSON answer. */
  cli(...args: string[]): Promise<Data>;
}

/** Asks one of the gateways, and the next one when it does not answer, as a balancer before them does. */
export function client(gateways: readonly string[], token: string): Client {
  let turn = 0;
  const url = (): string => `${gateways[turn % gateways.length]}/graphql`;
  return {
    async ask(query, variables = {}, patienceMs = PATIENCE_MS) {
      const asked = turn;
      const response = await fetch(url(), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'accept-language': 'en',
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(patienceMs),
      }).catch((error) => {
        if (turn === asked) turn += 1;
        throw error;
      });
      const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
      if (errors?.length) throw new Error(errors.map(({ message }) => message).join('; '));
      return data;
    },
    async cli(...args) {
      const child = spawn(process.execPath, ['packages/cli/src/main.ts', ...args, '--json'], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], DUTYLEDGER_URL: url(), DUTYLEDGER_TOKEN: token },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const closed = once(child, 'close');
      const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await closed;
      if (code !== 0) throw new Error(`dutyledger ${args.join(' ')} ended with ${code}: ${complaint}${out}`);
      return JSON.parse(out);
    },
  };
}
