import { sampleNetwork } from '@dutyledger/grid-events/grid-network/samples';
import { sampleWorkers } from '@dutyledger/grid-events/grid-worker/samples';
import { children, division as divisionOf, townClass } from '@dutyledger/reference-data/divisions';
import { DEPARTMENTS } from './classes.ts';

/** The county as it is set up: its towns, departments, grids and people. Everything but the divisions is made up. */

export interface SimulatedGrid {
  code: string;
  name: string;
  town: string;
  villageName: string | null;
  households: number | null;
  population: number | null;
  boundary: unknown;
  /** A little inside of its boundary. */
  box: { west: number; south: number; east: number; north: number };
}

export interface NewOrgan {
  name: string;
  kind: 'DEPARTMENT' | 'PARTY_OFFICE' | 'TOWN_GOVERNMENT' | 'ORGAN_CLASS';
  division?: string;
  level?: 'TOWN';
}

export interface County {
  /** Twelve digits. */
  code: string;
  name: string;
  towns: { code: string; name: string }[];
  /** Offices that take part in publishing lists first, then departments, then the towns, then "each town". */
  organs: NewOrgan[];
  grids: SimulatedGrid[];
  workers: { number: string; name: string; post: string; town: string; grid: string; subject: string }[];
}

/** Grids and people of counties that have told how many they have; of others by the number of their towns. */
const KNOWN: Readonly<Record<string, { grids: number; workers: number }>> = {
  '370114000000': { grids: 485, workers: 3_000 },
  '371302000000': { grids: 1_401, workers: 2_802 },
};
const PER_TOWN = { grids: 25, workers: 75 };

export const OFFICES = ['区委编办', '区司法局', '区社会治理中心'] as const;
export const EACH_TOWN = '各镇街';

export interface Size {
  grids: number;
  workers: number;
}

/** Undefined where the code is no county, or one without towns. `size`: instead of the usual number. */
export function countyOf(code: string, size?: Partial<Size>): County | undefined {
  const known = divisionOf(code);
  const towns = known?.level === 'county' ? children(code) : [];
  if (!known || towns.length === 0) return undefined;
  const usual = KNOWN[code] ?? {
    grids: towns.length * PER_TOWN.grids,
    workers: towns.length * PER_TOWN.workers,
  };
  const { grids: count, workers } = { ...usual, ...size };
  const network = sampleNetwork({ towns: towns.map((town) => town.code), grids: count });
  const name = known.name ?? code;
  return {
    code,
    name,
    towns: towns.map((town) => ({ code: town.code, name: town.name ?? town.code })),
    organs: [
      ...OFFICES.map((office): NewOrgan => ({ name: office, kind: 'DEPARTMENT' })),
      ...DEPARTMENTS.map((one): NewOrgan => ({ name: `${name}${one}`, kind: 'DEPARTMENT' })),
      ...towns.map((town): NewOrgan => {
        const street = townClass(town.code) === 'street';
        const government = `${town.name}${street ? '办事处' : '人民政府'}`;
        return { name: government, kind: 'TOWN_GOVERNMENT', division: town.code };
      }),
      { name: EACH_TOWN, kind: 'ORGAN_CLASS', level: 'TOWN' },
    ],
    grids: network.map(
      ({ code: grid, name: called, town, villageName, households, population, boundary }) => ({
        ...{ code: grid, name: called, town, villageName, households, population, boundary },
        box: boxOf(boundary?.coordinates[0] as readonly (readonly [number, number])[]),
      }),
    ),
    workers: sampleWorkers(network, workers).map(({ number, name: called, post, town, grid }) => ({
      ...{ number, name: called, post, town, grid },
      subject: subjectOf(code, number),
    })),
  };
}

const subjectOf = (county: string, number: string): string => `worker-${county.slice(0, 6)}-${number}`;

function boxOf(ring: readonly (readonly [number, number])[]): SimulatedGrid['box'] {
  const lons = ring.map(([lon]) => lon);
  const lats = ring.map(([, lat]) => lat);
  const inset = (Math.max(...lons) - Math.min(...lons)) * 0.05;
  return {
    west: Math.min(...lons) + inset,
    south: Math.min(...lats) + inset,
    east: Math.max(...lons) - inset,
    north: Math.max(...lats) - inset,
  };
}
