/** A thread that sends the same GraphQL request again and again, so that the measured thread only answers. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';

export interface Load {
  url: string;
  token: string;
  body: string;
  requests: number;
  /** Requests under way at once. */
  concurrency: number;
}

export interface HttpLoad {
  /** Resolves when every request is answered with 200. */
  send(load: Load): Promise<void>;
  end(): Promise<void>;
}

export function httpLoad(): HttpLoad {
  const worker = new Worker(fileURLToPath(import.meta.url));
  return {
    async send(load) {
      worker.postMessage(load);
      const [failure] = await once(worker, 'message');
      if (failure !== null) throw new Error(failure);
    },
    async end() {
      await worker.terminate();
    },
  };
}

const agent = new Agent({ keepAlive: true });

function one({ url, token, body }: Load): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const sent = request(url, { method: 'POST', headers, agent }, (response) => {
    response.resume();
    response.once('end', () =>
      response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
    );
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

async function all(load: Load): Promise<void> {
  let left = load.requests;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await one(load);
  };
  await Promise.all(Array.from({ length: load.concurrency }, lane));
}

parentPort?.on('message', (load: Load) => {
  all(load).then(
    () => parentPort?.postMessage(null),
    (error: Error) => parentPort?.postMessage(error.message),
  );
});
