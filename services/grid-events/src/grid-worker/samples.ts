import { DUTY_ROLES, type Post } from './worker.ts';

/** A made-up roster for tests and benchmarks. Every name says that it is a sample. */

export interface SampleWorker {
  number: string;
  name: string;
  post: Post;
  roles: string[];
  town: string;
  /** Code of the grid. */
  grid: string;
}

/**
 * Workers spread over grids: the first of each grid leads it, every twentieth of the others is an information officer,
 * the rest are workers with all eight roles. The same for the same input.
 */
export function sampleWorkers(
  grids: readonly { code: string; town: string }[],
  count: number,
): SampleWorker[] {
  return Array.from({ length: count }, (_, i): SampleWorker => {
    const { code = '', town = '' } = grids[i % grids.length] ?? {};
    const leads = i < grids.length;
    const informs = !leads && i % 20 === 0;
    const post: Post = leads ? 'GRID_LEADER' : informs ? 'INFORMATION_OFFICER' : 'GRID_WORKER';
    return {
      number: `S${String(i + 1).padStart(5, '0')}`,
      name: `示例人员${i + 1}`,
      post,
      roles: post === 'GRID_WORKER' ? [...DUTY_ROLES] : [],
      town,
      grid: code,
    };
  });
}
