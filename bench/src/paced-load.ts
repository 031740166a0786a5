/** A thread that sends requests at a fixed rate, whether or not the earlier ones were answered, and takes their times. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { thread } from './thread.ts';

export interface Paced {
  url: string;
  token: string;
  /** Sent in turn, from the first again. */
  bodies: readonly string[];
  perSecond: number;
  seconds: number;
}

export interface PacedLoad {
  /** Milliseconds of each answer from when it was due to be sent. Rejects when one is not 200 or holds errors. */
  send(load: Paced): Promise<number[]>;
  end(): Promise<void>;
}

export const pacedLoad = (): PacedLoad => thread(import.meta.url);

async function one({ url, token }: Paced, body: string, due: number): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (response.status !== 200 || text.includes('"errors"')) throw new Error(text.slice(0, 500));
  return performance.now() - due;
}

async function all(load: Paced): Promise<number[]> {
  const { bodies, perSecond, seconds } = load;
  const from = performance.now();
  const sent: Promise<number>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = from + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    sent.push(one(load, bodies[n % bodies.length] ?? '', due));
  }
  return Promise.all(sent);
}

parentPort?.on('message', (load: Paced) => {
  all(load).then(
    (times) => parentPort?.postMessage(times),
    (error: Error) => parentPort?.postMessage(error.message),
  );
});
