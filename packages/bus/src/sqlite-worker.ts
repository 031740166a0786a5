import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { BusErrorCode } from './bus.ts';
import { busErrorOf } from './sqlite-errors.ts';
import { SqliteLog } from './sqlite-log.ts';

/**
 * The thread that owns the bus file: flushes to disk never block the event loop. All requests that have arrived share
 * one transaction, and so one flush (group commit); an answer is sent only after it.
 */

export type Operation = Exclude<keyof SqliteLog, 'transaction' | 'close'>;

export interface Request {
  id: number;
  op: Operation | 'close';
  args: unknown[];
}

export type Answer = { id: number } & (
  | { ok: true; value: unknown }
  | { ok: false; error: { code: BusErrorCode; message: string } }
);

function run(log: SqliteLog, { id, op, args }: Request): Answer {
  if (op === 'close') return { id, ok: true, value: undefined };
  const operation = log[op] as (...args: unknown[]) => unknown;
  return { id, ok: true, value: operation.apply(log, args) };
}

/** When the common transaction fails, each request is tried by itself, so that only the culprit is refused. */
function answersTo(log: SqliteLog, requests: readonly Request[]): Answer[] {
  try {
    return log.transaction(() => requests.map((request) => run(log, request)));
  } catch (error) {
    if (requests.length > 1) return requests.flatMap((request) => answersTo(log, [request]));
    return requests.map(({ id }) => ({ id, ok: false, error: busErrorOf(error) }));
  }
}

const port = parentPort;
if (port) {
  try {
    const log = new SqliteLog((workerData as { path: string }).path);
    port.postMessage({ id: 0, ok: true, value: undefined } satisfies Answer);
    port.on('message', (first: Request) => {
      const requests = [first];
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        requests.push(next.message as Request);
      }
      const answers = answersTo(log, requests);
      const closing = requests.some(({ op }) => op === 'close');
      if (closing) log.close();
      for (const answer of answers) port.postMessage(answer);
      if (closing) port.close();
    });
  } catch (error) {
    port.postMessage({ id: 0, ok: false, error: busErrorOf(error) } satisfies Answer);
  }
}
