import type { AnySpec, Generation } from './adapter.ts';
import type { Projection } from './projection.ts';

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
