import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { Benchmark } from './benchmarks.ts';
import { median } from './measure.ts';
import { nodeProcess } from './node-process.ts';
import { builtLists, replaySizes } from './rebuild.ts';
import { growth, row } from './report.ts';

const STATUS = '{ listsReadModels { position head failure } }';
const LOOK_AGAIN_MS = 20;

/** Milliseconds from the start of a node's process until it answers and its lists are those of the last event. */
async function startOnce(dataDir: string): Promise<number> {
  const { issue } = await devIssuer(dataDir);
  const token = await issue({ roles: ['SYSTEM_ADMIN'] });
  const from = performance.now();
  const node = await nodeProcess(dataDir, token);
  for (;;) {
    const { listsReadModels: models } = await node.ask(STATUS);
    const [model] = models;
    if (model.failure !== null) throw new Error(model.failure);
    if (model.position === model.head) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const taken = performance.now() - from;
  await node.stop();
  return taken;
}

/** Starting a node on many stored events whose read models are up to date, beyond starting it on none. */
export const run: Benchmark = async (context) => {
  const { small, large } = replaySizes(context);
  const folders = [
    await mkdtemp(join(context.folder, 'start-')),
    (await builtLists(context, small)).folder,
    (await builtLists(context, large)).folder,
  ];
  const taken: [number[], number[], number[]] = [[], [], []];
  // The first start makes what the later ones find: the other read models, the bus, the signing key.
  for (let round = -1; round < (context.quick ? 1 : 5); round++) {
    for (const [at, folder] of folders.entries()) {
      const milliseconds = await startOnce(folder);
      if (round >= 0) taken[at]?.push(milliseconds);
    }
  }
  const [none, few, many] = taken.map(median) as [number, number, number];
  const added = (name: number, milliseconds: number) =>
    row(
      `start, added by ${name.toLocaleString('en')} events`,
      { value: (milliseconds - none) / 1000, unit: 's', reference: none / 1000 },
      { atMost: 2 },
    );
  return [added(small, few), added(large, many), growth('start', few, many)];
};
