import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A thread that takes one load after the other and answers with what it measured, or with a text that says what failed. */
export function thread<Load, Answer>(module: string) {
  const worker = new Worker(fileURLToPath(module));
  return {
    /** Rejects with the thread's text. */
    async send(load: Load): Promise<Answer> {
      worker.postMessage(load);
      const [answer] = await once(worker, 'message');
      if (typeof answer === 'string') throw new Error(answer);
      return answer;
    },
    async end(): Promise<void> {
      await worker.terminate();
    },
  };
}
