import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { isLive } from '../grid-network/grid.ts';
import { gridsById } from '../grid-network/read-model.ts';
import { workerBySubject, workersAssigned } from './read-model.ts';
import type { Worker } from './worker.ts';

/**
 * Who answers for a grid. When grids are split or merged, those who were assigned to them answer for what took their
 * place until they are assigned anew: no ground is without a worker because of a new line.
 */

/** Lines are redrawn a few times a year; further back nobody is still assigned. */
const GENERATIONS = 5;

async function lineOf(
  view: ReadView,
  ids: readonly string[],
  asOf: AsOf,
  next: 'predecessors' | 'successors',
): Promise<Map<string, boolean>> {
  const live = new Map<string, boolean>();
  let asked = [...ids];
  for (let generation = 0; asked.length > 0 && generation <= GENERATIONS; generation++) {
    const grids = await gridsById(view, asked, asOf);
    for (const [id, grid] of grids) live.set(id, isLive(grid));
    asked = [...grids.values()].flatMap((grid) => grid[next]).filter((id) => !live.has(id));
  }
  return live;
}

/** The people who answer for a grid, by post and number. */
export async function workersOf(view: ReadView, grid: string, asOf: AsOf): Promise<Worker[]> {
  const line = await lineOf(view, [grid], asOf, 'predecessors');
  const found = new Map<string, Worker>();
  for (const id of line.keys()) {
    for (const worker of await workersAssigned(view, id, asOf)) found.set(worker.id, worker);
  }
  return [...found.values()];
}

/** Ids of the live grids that a person answers for. */
export async function gridsOf(view: ReadView, worker: Pick<Worker, 'grids'>, asOf: AsOf): Promise<string[]> {
  const line = await lineOf(view, worker.grids, asOf, 'successors');
  return [...line].flatMap(([id, live]) => (live ? [id] : []));
}

/** The person of a county behind an account, and the live grids that they answer for; undefined for nobody. */
export async function gridsOfSubject(
  view: ReadView,
  county: string,
  subject: string,
  asOf: AsOf,
): Promise<{ worker: Worker; grids: string[] } | undefined> {
  const worker = await workerBySubject(view, county, subject, asOf);
  return worker && { worker, grids: await gridsOf(view, worker, asOf) };
}
