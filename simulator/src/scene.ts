import type { CaseView, Level } from './case-view.ts';
import { type Actor, type Cast, platform, townCentre, workerOf } from './cast.ts';
import type { County } from './county.ts';
import type { CaseOperation } from './operations.ts';
import type { Course, Plan, Wish } from './plan.ts';
import type { Random } from './random.ts';

/** What the people of the county have before them when they do something, and what they do. */

export interface Step {
  operation: CaseOperation;
  by: Actor;
  input: Record<string, unknown>;
  /** It is sent to be refused. */
  provoked?: boolean;
}

/** A case on its way. */
export interface Case {
  plan: Plan;
  course: Course;
  /** Those that were not yet fulfilled. */
  wishes: Set<Wish>;
  random: Random;
  view: CaseView;
}

export interface Scene {
  county: County;
  cast: Cast;
  /** Today in China. */
  today: string;
  /** ISO UTC. */
  now: string;
  /** The case with this number, as it stands; undefined: not reported yet. */
  other(number: number): CaseView | undefined;
}

/** How far up. */
export const RANK: Record<Course | Level, number> = {
  ...{ AT_ONCE: 0, WORKER: 0, TOWN: 1, COUNTY: 2, JOINT: 3 },
};

/** Whether it is wished; it is so once. */
export const take = ({ wishes }: Case, wish: Wish): boolean => wishes.delete(wish);
export const why = (explanation: string) => ({ explanation });
export const DONE = { result: { text: '已处置完毕，现场恢复正常' } };

/** Who works at the level at which the case is. */
export function desk({ plan, view }: Case, { county, cast }: Scene): Actor {
  if (view.level === 'COUNTY' || view.level === 'JOINT') return platform(county, cast);
  const worker = view.level === 'WORKER' && plan.grid !== null ? workerOf(county, plan.grid) : undefined;
  return view.gridId !== null && worker ? worker : townCentre(plan.town, cast);
}
