import type { ReadView } from '@dutyledger/read-store/read-store';
import type { GridKind } from './grid.ts';
import { divisionOf, isLive } from './grid.ts';
import { type GridRow, gridByCode, gridsById } from './read-model.ts';
import { shapesOf } from './shapes.ts';

/** Where something happened: a point, or the code of a grid. */
export type Place = { lon: number; lat: number } | { gridCode: string };

/** As of which day, and as known at which instant (the latest by default). */
export interface LocateAt {
  /** 12-digit code of the county whose network is asked. */
  county: string;
  /** The day in China. */
  on: string;
  recordedAt?: string;
}

/** The basic grid of a place. */
export interface GridAt {
  /** Its id. */
  grid: string;
  code: string;
  name: string;
  kind: Exclude<GridKind, 'MICRO'>;
  /** 12-digit codes; `division` is the narrowest known. */
  town: string;
  village: string | null;
  division: string;
  /** Id of the micro grid within it, where there is one. */
  micro: string | null;
}

/**
 * The basic grid that a place lies in on a day; undefined where there is none. A point is looked up in the memory of
 * this process, which is as fresh as the read model. A dedicated grid goes before the general one around it; of a point
 * on a common border the grid with the lower id is answered, always the same.
 */
export async function locate(view: ReadView, place: Place, at: LocateAt): Promise<GridAt | undefined> {
  const [found] = await locateAll(view, [place], at);
  return found;
}

/** The same for many places: one look at the read model for all of them. */
export async function locateAll(
  view: ReadView,
  places: readonly Place[],
  at: LocateAt,
): Promise<(GridAt | undefined)[]> {
  const asOf = { effectiveAt: at.on, ...(at.recordedAt !== undefined && { recordedAt: at.recordedAt }) };
  const shapes = await shapesOf(view, at.county);
  const ids = await Promise.all(
    places.map(async (place) => {
      if ('lon' in place) return shapes.at([place.lon, place.lat], asOf);
      const named = await gridByCode(view, at.county, place.gridCode, asOf);
      if (named?.kind === 'MICRO') return { grid: named.parent ?? undefined, micro: named.id };
      return { grid: named?.id, micro: undefined };
    }),
  );
  const grids = await gridsById(
    view,
    ids.flatMap(({ grid }) => grid ?? []),
    asOf,
  );
  return ids.map(({ grid, micro }) => {
    const row = grid === undefined ? undefined : grids.get(grid);
    return row && isLive(row) ? toGridAt(row, micro ?? null) : undefined;
  });
}

const toGridAt = (row: GridRow, micro: string | null): GridAt => ({
  grid: row.id,
  code: row.code,
  name: row.name,
  kind: row.kind as GridAt['kind'],
  town: row.town,
  village: row.village,
  division: divisionOf(row),
  micro,
});
