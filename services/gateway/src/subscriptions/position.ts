import type { BusPosition } from '@dutyledger/bus/bus';

/** Arithmetic of positions, part by part; a part that a position does not name was not begun. */

const placeIn = (position: BusPosition, part: string): number => position[part] ?? 0;

/** Whether `position` has come as far as `other` in every part. */
export const reaches = (position: BusPosition, other: BusPosition): boolean =>
  Object.keys(other).every((part) => placeIn(position, part) >= placeIn(other, part));

/** In every part the farther of both. */
export function farther(one: BusPosition, other: BusPosition): BusPosition {
  const merged: Record<string, number> = { ...one };
  for (const [part, place] of Object.entries(other)) merged[part] = Math.max(place, merged[part] ?? 0);
  return merged;
}

/** Where all of them can go on: in every part the nearest; parts that one of them has not begun are left out. */
export function nearest(positions: readonly BusPosition[]): BusPosition {
  const [first = {}] = positions;
  return Object.fromEntries(
    Object.keys(first)
      .filter((part) => positions.every((position) => part in position))
      .map((part) => [part, Math.min(...positions.map((position) => placeIn(position, part)))]),
  );
}
