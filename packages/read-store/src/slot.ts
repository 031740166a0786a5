import type { AnySpec, Generation, ReadStore } from './adapter.ts';
import type { Projection, ProjectionStatus } from './projection.ts';
import type { Failure, Target } from './target.ts';

/** A projection, the generation that serves, and the one being built beside it, if any. */
export interface Slot {
  projection: Projection;
  serving: Target;
  building: { target: Target; done: PromiseWithResolvers<void> } | null;
  buildFailure: Failure | null;
}

/** An older (or newer) version of the program left the serving generation: it serves as it is until replaced. */
export const isFrozen = ({ projection, serving }: Slot): boolean =>
  serving.generation.version !== projection.version;

export const newBuilding = (target: Target): NonNullable<Slot['building']> => {
  const done = Promise.withResolvers<void>();
  // Builds that start by themselves are awaited by nobody; their failure is in the status.
  done.promise.catch(() => undefined);
  return { target, done };
};

/** The half-built generation stays, for the next start to build on. */
export function giveUp(slot: Slot, { done }: NonNullable<Slot['building']>, failure: Failure): void {
  slot.building = null;
  slot.buildFailure = failure;
  done.reject(
    new Error(`building ${slot.projection.name} stopped at event ${failure.eventId}: ${failure.message}`),
  );
}

/** Throws when two read models would write to the same collection. */
export function checkDeclarations(projections: readonly Projection[]): void {
  const names = projections.map(({ name }) => name);
  const collections = projections.flatMap((projection) => projection.collections.map(({ name }) => name));
  for (const list of [names, collections]) {
    const twice = list.find((name, at) => list.indexOf(name) !== at);
    if (twice !== undefined) throw new TypeError(`${twice} is declared twice`);
  }
}

const declaration = (collections: readonly AnySpec[]): string =>
  JSON.stringify(
    collections
      .map(({ kind, name, indexes }) => [name, kind, Object.entries(indexes).sort()])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );

/** Throws when the stored generation has the version of the declaration but other collections or indexes. */
export function checkSameDeclaration(
  generation: Generation,
  declared: { name: string; version: number; collections: readonly AnySpec[] },
): void {
  if (generation.version !== declared.version) return;
  if (declaration(generation.collections) === declaration(declared.collections)) return;
  throw new Error(
    `${declared.name} version ${declared.version} is stored with other collections or indexes than declared: raise its version`,
  );
}

/**
 * Finds or creates what the projection needs. A half-built generation of the program's version is built on, others
 * are obsolete. Without any, a new one serves at once.
 */
export async function openSlot(
  store: ReadStore,
  projection: Projection,
  target: (generation: Generation) => Target,
): Promise<{ slot: Slot; obsolete: Generation[] }> {
  const { name, version, collections } = projection;
  const stored = await store.generations(name);
  for (const generation of stored) checkSameDeclaration(generation, projection);
  const serving = stored.find((generation) => generation.serving);
  const begun = stored.findLast((generation) => !generation.serving && generation.version === version);
  const resumed = serving === undefined ? undefined : begun;
  const obsolete = stored.filter((generation) => generation !== serving && generation !== resumed);
  const slot: Slot = {
    projection,
    serving: target(serving ?? (await store.create(name, version, collections, true))),
    building: null,
    buildFailure: null,
  };
  if (resumed !== undefined) slot.building = newBuilding(target(resumed));
  else if (isFrozen(slot)) {
    slot.building = newBuilding(target(await store.create(name, version, collections, false)));
  }
  return { slot, obsolete };
}

export function statusOf(
  { projection, serving, building, buildFailure }: Slot,
  head: number,
): Omit<ProjectionStatus, 'serves'> {
  return {
    name: projection.name,
    version: serving.generation.version,
    position: serving.applied,
    head,
    building: building && { version: building.target.generation.version, position: building.target.applied },
    failure: serving.failure ?? buildFailure,
  };
}
