import { arrivals } from './arrivals.ts';
import { type CaseClass, CLASSES, weightIn } from './classes.ts';
import type { County, SimulatedGrid } from './county.ts';
import { type Random, randomOf } from './random.ts';

/** What is reported, when, where and by whom, and what is to become of it. Pure: the same seed makes the same county live the same days. */

export type Source = 'GRID_PATROL' | 'CITIZEN' | 'HOTLINE' | 'DEPARTMENT' | 'SENSOR' | 'COMMAND';
export type Urgency = 'ORDINARY' | 'URGENT' | 'EMERGENCY';
/** Where it is to end; what happens on the way may change that. */
export type Course = 'AT_ONCE' | 'WORKER' | 'TOWN' | 'COUNTY' | 'JOINT';

/** What happens to a case once, if it comes to a point where it can. */
export type Wish =
  | 'REPORT_AGAIN'
  | 'MERGE'
  | 'UNMERGE'
  | 'REFUSE'
  | 'VOID'
  | 'SEND_BACK'
  | 'ACCEPT_ONLY'
  | 'TOWN_TASK'
  | 'DENY'
  | 'RETURN'
  | 'SUSPEND'
  | 'RESUME_EARLY'
  | 'EXTEND'
  | 'SUPERVISE'
  | 'CALL'
  | 'REWORK'
  | 'REWORK_AGAIN'
  | 'REWORK_THIRD'
  | 'VERIFY_ONLY'
  | 'REOPEN'
  | 'EVALUATE_REPORTER'
  | 'EVALUATE_TOWN'
  | 'LINK'
  | 'OUT_OF_TURN'
  | 'NOT_THEIRS';

export interface Plan {
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  source: Source;
  class: CaseClass;
  urgency: Urgency;
  town: string;
  /** Number of the grid in the county; null: nobody knows it. */
  grid: number | null;
  place: { lon: number; lat: number } | null;
  /** The code instead of a point. */
  byCode: boolean;
  address: string | null;
  reporter: { name: string; phone: string; address?: string } | null;
  course: Course;
  /** Number of the case that it reports again, in other words. */
  duplicateOf: number | null;
  wishes: Wish[];
}

export interface PlanOptions {
  seed: string;
  /** First day, YYYY-MM-DD. */
  start: string;
  days: number;
  cases: number;
}

const SOURCES: readonly [Source, number][] = [
  ['GRID_PATROL', 76],
  ['HOTLINE', 9],
  ['CITIZEN', 7],
  ['SENSOR', 4],
  ['DEPARTMENT', 2],
  ['COMMAND', 2],
];

/** Chances of what may happen to a case. */
const WISHES: readonly [Wish, number][] = [
  ['REPORT_AGAIN', 0.01],
  ['REFUSE', 0.02],
  ['VOID', 0.008],
  ['SEND_BACK', 0.03],
  ['ACCEPT_ONLY', 0.15],
  ['TOWN_TASK', 0.3],
  ['DENY', 0.05],
  ['RETURN', 0.05],
  ['SUSPEND', 0.03],
  ['RESUME_EARLY', 0.5],
  ['EXTEND', 0.05],
  ['SUPERVISE', 0.02],
  ['CALL', 0.1],
  ['REWORK', 0.05],
  ['VERIFY_ONLY', 0.1],
  ['REOPEN', 0.01],
  ['EVALUATE_REPORTER', 0.3],
  ['EVALUATE_TOWN', 0.08],
  ['LINK', 0.01],
  ['OUT_OF_TURN', 0.01],
  ['NOT_THEIRS', 0.01],
];
/** What is hard in principle is often enough ended at once by whoever finds it. */
const HARDER = 0.65;
/** Of those that are reworked, and of those again. */
const REWORKED_AGAIN = 0.25;
/** Of what the public reports. */
const DUPLICATES = 0.12;
const WRONGLY_MERGED = 0.1;
const REMEMBERED = 40;

const SURNAMES = ['王', '李', '张', '刘', '陈', '杨', '赵', '周', '吴', '孙'];

export function plansOf(county: County, { seed, start, days, cases }: PlanOptions): Plan[] {
  const recent: Plan[] = [];
  return arrivals(seed, start, days, cases).map((at, number) => {
    const random = randomOf(seed, 'case', number);
    const source = random.weighted(SOURCES, ([, weight]) => weight)[0];
    const plan =
      source !== 'GRID_PATROL' && recent.length > 0 && random.chance(DUPLICATES)
        ? again(random.pick(recent), random, { number, at, source })
        : fresh(county, random, { number, at, source });
    if (plan.duplicateOf === null && plan.course !== 'AT_ONCE') {
      recent.push(plan);
      if (recent.length > REMEMBERED) recent.shift();
    }
    return plan;
  });
}

type Start = Pick<Plan, 'number' | 'at' | 'source'>;

function fresh(county: County, random: Random, start: Start): Plan {
  const month = new Date(start.at).getUTCMonth() + 1;
  const of = random.weighted(CLASSES, (one) => weightIn(one, month));
  const number = random.below(county.grids.length);
  const grid = county.grids[number] as SimulatedGrid;
  const emergency = random.chance(0.004);
  const course = courseOf(start.source, of, random);
  const where = placeOf(start.source, number, grid, random);
  return {
    ...start,
    ...where,
    class: of,
    urgency: emergency ? 'EMERGENCY' : random.chance(0.06) ? 'URGENT' : 'ORDINARY',
    town: grid.town,
    reporter: reporterOf(start.source, random),
    course: emergency ? 'COUNTY' : where.grid === null && course === 'WORKER' ? 'TOWN' : course,
    duplicateOf: null,
    wishes: wishesOf(random),
  };
}

/** In other words and a few steps away; it is merged, now and then wrongly. */
function again(first: Plan, random: Random, start: Start): Plan {
  const nearby = first.place && {
    lon: first.place.lon + (random.next() - 0.5) * 1e-5,
    lat: first.place.lat + (random.next() - 0.5) * 1e-5,
  };
  const merges: Wish[] = random.chance(WRONGLY_MERGED) ? ['MERGE', 'UNMERGE'] : ['MERGE'];
  return {
    ...first,
    ...start,
    place: nearby,
    urgency: 'ORDINARY',
    reporter: reporterOf(start.source, random),
    course: 'TOWN',
    duplicateOf: first.number,
    wishes: [...merges, ...wishesOf(random).filter((wish) => wish !== 'REFUSE' && wish !== 'VOID')],
  };
}

function courseOf(source: Source, { hard, lead }: CaseClass, random: Random): Course {
  const up: Course = random.chance(0.06) ? 'JOINT' : 'COUNTY';
  if (source === 'DEPARTMENT' || source === 'COMMAND') return up;
  if (source === 'GRID_PATROL' && !random.chance(hard * HARDER))
    return random.chance(0.88) ? 'AT_ONCE' : 'WORKER';
  return random.chance(typeof lead === 'string' ? 0.2 : 0.06) ? up : 'TOWN';
}

/** Patrols know where they are; of the others some give a code, some an address alone, some a point far off. */
function placeOf(
  source: Source,
  number: number,
  { box, name }: SimulatedGrid,
  random: Random,
): Pick<Plan, 'grid' | 'place' | 'byCode' | 'address'> {
  const place = {
    lon: round(box.west + random.next() * (box.east - box.west)),
    lat: round(box.south + random.next() * (box.north - box.south)),
  };
  const address = `${name}${1 + random.below(300)}号附近`;
  const luck = source === 'GRID_PATROL' ? 0 : random.next();
  if (luck < 0.75)
    return { grid: number, place, byCode: false, address: random.chance(0.3) ? address : null };
  if (luck < 0.87) return { grid: number, place: null, byCode: true, address };
  if (luck < 0.97) return { grid: null, place: null, byCode: false, address: `某路口往北${address}` };
  return { grid: null, place: { lon: round(place.lon - 2), lat: place.lat }, byCode: false, address: null };
}

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;

/** Nobody who lives: numbers of a block that is not given out. */
function reporterOf(source: Source, random: Random): Plan['reporter'] {
  if (source !== 'CITIZEN' && source !== 'HOTLINE') return null;
  if (random.chance(0.2)) return null;
  const phone = `100${String(random.below(100_000_000)).padStart(8, '0')}`;
  const name = `${random.pick(SURNAMES)}某${random.below(1_000)}`;
  return random.chance(0.3)
    ? { name, phone, address: `示例小区${1 + random.below(60)}号楼` }
    : { name, phone };
}

function wishesOf(random: Random): Wish[] {
  const wishes = WISHES.flatMap(([wish, chance]) => (random.chance(chance) ? [wish] : []));
  if (!wishes.includes('REWORK') || !random.chance(REWORKED_AGAIN)) return wishes;
  return [...wishes, 'REWORK_AGAIN', ...(random.chance(REWORKED_AGAIN) ? (['REWORK_THIRD'] as const) : [])];
}
