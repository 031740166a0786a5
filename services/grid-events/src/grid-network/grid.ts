/** A grid of a county's network (G-1): what it is on a day. Its boundary is kept apart, because it is large. */

/**
 * GENERAL: an ordinary basic grid. DEDICATED: a basic grid cut out for one place (a market, a campus, a development
 * zone). MICRO: a part of a basic grid (a building, a lane).
 */
export type GridKind = 'GENERAL' | 'DEDICATED' | 'MICRO';

export type GridStatus = 'active' | 'split' | 'merged' | 'abolished';

export interface Grid {
  /** `grid:370114-000001`; never given twice. */
  id: string;
  /** 12-digit code of the county whose network it belongs to. */
  county: string;
  /** 12-digit code of the town. */
  town: string;
  /** 12-digit code of the village or community, where it is known. */
  village: string | null;
  /** Villages have no names in the tables of divisions. */
  villageName: string | null;
  /** As people write it; one live grid of a county bears it. */
  code: string;
  name: string;
  kind: GridKind;
  /** The basic grid that a micro grid is part of; null for basic grids. */
  parent: string | null;
  households: number | null;
  population: number | null;
  /** Why its size is outside the guidance; null where it is inside, or not known. */
  sizeReason: string | null;
  /** Square metres, whole; null without a boundary. */
  area: number | null;
  status: GridStatus;
  /** Day from which this state holds. */
  effectiveFrom: string;
  /** Grids that it came from by split or merger. */
  predecessors: string[];
  /** Grids that took its place. */
  successors: string[];
}

/** The narrowest division that a grid belongs to. */
export const divisionOf = ({ town, village }: Pick<Grid, 'town' | 'village'>): string => village ?? town;

/** The county of a division code: whose network its grids belong to. */
export const countyOf = (division: string): string => division.slice(0, 6).padEnd(12, '0');

export const isLive = ({ status }: Pick<Grid, 'status'>): boolean => status === 'active';

/**
 * 原则上以300-500户或1000人左右为单位 (章丘区; seed 001). "About" 1,000 people is read as a fifth more or less. A general
 * grid that meets either figure is inside; one whose figures are not known is not judged.
 */
export const GUIDANCE = {
  households: { least: 300, most: 500 },
  population: { least: 800, most: 1_200 },
} as const;

const inside = (value: number | null, { least, most }: { least: number; most: number }): boolean =>
  value !== null && value >= least && value <= most;

/** Whether the guidance on size speaks against the grid, so that it needs a reason. */
export function outsideGuidance({
  kind,
  households,
  population,
}: Pick<Grid, 'kind' | 'households' | 'population'>): boolean {
  if (kind !== 'GENERAL' || (households === null && population === null)) return false;
  return !inside(households, GUIDANCE.households) && !inside(population, GUIDANCE.population);
}
