/**
 * Holds a lease and writes batch after batch in its name, each saying how far it is; ends when it is fenced off, with the
 * code of the error.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { write } from '../src/contract-tools.ts';
import { openReadStore } from '../src/open.ts';
import { ReadStoreError } from '../src/read-store.ts';
import { LEASE, putBatch, TTL_MS } from './batches.ts';

const [url = ''] = process.argv.slice(2);
const store = await openReadStore(url);
const [generation] = await store.generations('batches');
let lease = await store.tryLease(LEASE, `process ${process.pid}`, TTL_MS);
while (lease === undefined) {
  await sleep(20);
  lease = await store.tryLease(LEASE, `process ${process.pid}`, TTL_MS);
}
if (generation === undefined) throw new Error('nothing to write to');
const { token } = lease;
await generation.claim(token);
try {
  for (let n = generation.checkpoint + 1; ; n++) {
    await lease.renew();
    await write(generation, (batch) => putBatch(batch, n), { checkpoint: n, token });
    process.stdout.write(`${n}\n`);
  }
} catch (error) {
  process.stdout.write(`${error instanceof ReadStoreError ? error.code : error}\n`);
  await store.close();
}
