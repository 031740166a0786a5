import { describe } from 'vitest';
import { copyContract } from './contract-copy.ts';
import { documentsContract } from './contract-documents.ts';
import { instancesContract } from './contract-instances.ts';
import { leasesContract } from './contract-leases.ts';
import { runnerContract } from './contract-runner.ts';
import { temporalContract } from './contract-temporal.ts';
import type { OpenStore } from './contract-tools.ts';

/**
 * What every adapter has to do, tested on a real store that `open` provides anew for each test. `share` of the random cases:
 * a server that is slow to answer gets fewer.
 */
export function readStoreContract(name: string, open: OpenStore, share = 1): void {
  const runs = (all: number) => ({ numRuns: Math.ceil(all * share) });
  describe(`read store on ${name}`, () => {
    documentsContract(open, runs);
    temporalContract(open, runs);
    runnerContract(open);
    copyContract(open);
    leasesContract(open);
    instancesContract(open);
  });
}
