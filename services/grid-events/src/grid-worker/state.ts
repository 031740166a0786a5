import type { Fact } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { isActive, type Worker } from './worker.ts';

/**
 * Events, state and `evolve` of a county's roster of grid workers (G-2); its commands and `decide` are in grid-worker.ts.
 * One roster per county: numbers are unique, a grid has one leader, and a file of thousands enters whole or not at all.
 */

/** Each event carries the person as they are afterwards. This is a storage format. */
export type WorkerEvent =
  | Fact<'WorkerRegistered', { worker: Worker }>
  | Fact<'WorkerRevised', { worker: Worker; fields: WorkerField[] }>
  | Fact<'WorkerAssigned', { worker: Worker; added: string[]; removed: string[] }>
  | Fact<'WorkerEnded', { worker: Worker }>;

export const WORKER_EVENTS: readonly WorkerEvent['type'][] = [
  'WorkerRegistered',
  'WorkerRevised',
  'WorkerAssigned',
  'WorkerEnded',
];

export type WorkerField = 'name' | 'post' | 'roles' | 'town' | 'subject';

/** Who leads a grid, or led it last, and until which day (the first without); null: without end. */
export interface Leadership {
  worker: string;
  until: string | null;
}

export interface Roster {
  workers: IMap<string, Worker>;
  leaders: IMap<string, Leadership>;
  /** Subject of a token → the active person who has it. */
  subjects: IMap<string, string>;
}

export const initial: Roster = { workers: IMap(), leaders: IMap(), subjects: IMap() };

export const rosterStream = (county: string): string => `gridEvents.gridWorkers-${county.slice(0, 6)}`;

const ledBy = (worker: Worker | undefined): string[] =>
  worker && isActive(worker) && worker.post === 'GRID_LEADER' ? worker.grids : [];

export function evolve(state: Roster, { data: { worker } }: WorkerEvent): Roster {
  const before = state.workers.get(worker.id);
  const leads = ledBy(worker);
  const leaders = state.leaders.withMutations((all) => {
    for (const grid of ledBy(before)) {
      if (!leads.includes(grid)) all.set(grid, { worker: worker.id, until: worker.effectiveFrom });
    }
    for (const grid of leads) all.set(grid, { worker: worker.id, until: null });
  });
  const subjects = state.subjects.withMutations((all) => {
    if (before?.subject != null) all.delete(before.subject);
    if (worker.subject !== null && isActive(worker)) all.set(worker.subject, worker.id);
  });
  return { workers: state.workers.set(worker.id, worker), leaders, subjects };
}
