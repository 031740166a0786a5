import type { AnySpec, DocumentTable, Generation, Hit, Moment, TemporalTable } from './adapter.ts';
import {
  type AsOf,
  type CollectionSpec,
  type DocumentReader,
  type Find,
  type Indexes,
  type Page,
  ReadStoreError,
  type Row,
  type TemporalReader,
  type Version,
} from './read-store.ts';
import { dayNumber, instantNumber, LATEST, NO_END } from './times.ts';
import { comesHere, cursors, planWalk, resume } from './walk.ts';

const DAY_MAX = NO_END - 1;

const momentOf = (asOf: AsOf | undefined): Moment => ({
  day: asOf?.effectiveAt === undefined ? DAY_MAX : dayNumber(asOf.effectiveAt),
  instant: asOf?.recordedAt === undefined ? LATEST : instantNumber(asOf.recordedAt),
});

/** The stored collection, when it is what the caller declares; while an older version serves it may not be. */
function declared(generation: Generation, spec: AnySpec, index?: string): AnySpec {
  const stored = generation.collections.find(({ name }) => name === spec.name);
  const same =
    stored?.kind === spec.kind &&
    (index === undefined || String(stored.indexes[index]) === String(spec.indexes[index]));
  if (stored !== undefined && same) return stored;
  throw new ReadStoreError(
    'UNAVAILABLE',
    `${generation.name} version ${generation.version} serves and has no such ${index === undefined ? `collection ${spec.name}` : `index ${spec.name}.${index}`}; a newer version is being built`,
  );
}

type Pageable<H extends Hit> = (
  walk: ReturnType<typeof planWalk>,
  want: number,
  accept: (hit: H) => boolean,
) => Promise<H[]> | H[];

async function readPage<T, H extends Hit>(
  secret: string,
  spec: AnySpec,
  query: Find<T, Indexes>,
  read: Pageable<H>,
): Promise<Page<H & Row<T>>> {
  const whole = planWalk(spec, query);
  const sealed = cursors(secret, whole);
  const walk = query.after === undefined ? whole : resume(whole, sealed.read(query.after));
  const { filter } = query;
  const hits = await read(
    walk,
    whole.limit + 1,
    (hit) => comesHere(whole, hit.rest, hit.id, hit.doc) && (filter?.(hit.doc as T) ?? true),
  );
  const rows = hits.slice(0, whole.limit).map(({ rest, ...hit }) => ({
    ...hit,
    // Sealed when somebody asks: most rows are not gone on from.
    get cursor() {
      return sealed.write(rest);
    },
  }));
  return { rows: rows as unknown as (H & Row<T>)[], more: hits.length > whole.limit };
}

/** Reads documents of the generation that serves at the time of each call. */
export function documentReader<T, I extends Indexes>(
  serving: () => Generation,
  spec: CollectionSpec<T, I>,
): DocumentReader<T, I> {
  const table = (index?: string): DocumentTable => {
    const generation = serving();
    return generation.documents(declared(generation, spec as AnySpec, index).name);
  };
  return {
    get: async (id) => (await table().lookup([id])).get(id) as T | undefined,
    getMany: async (ids) => (await table().lookup(ids)) as Map<string, T>,
    find: async (query) => {
      const source = table(query.index);
      return readPage<T, Hit>(
        serving().secret,
        spec as AnySpec,
        query as Find<T, Indexes>,
        (walk, want, accept) => source.page(walk, want, accept),
      );
    },
    count: async (query) => table(query.index).count(planWalk(spec, { ...query, limit: 1 })),
  };
}

/** Reads temporal documents of the generation that serves at the time of each call. */
export function temporalReader<T, I extends Indexes>(
  serving: () => Generation,
  spec: CollectionSpec<T, I>,
): TemporalReader<T, I> {
  const table = (index?: string): TemporalTable => {
    const generation = serving();
    return generation.temporal(declared(generation, spec as AnySpec, index).name);
  };
  return {
    get: async (id, asOf) => (await table().lookup([id], momentOf(asOf))).get(id) as Version<T> | undefined,
    getMany: async (ids, asOf) => (await table().lookup(ids, momentOf(asOf))) as Map<string, Version<T>>,
    find: async (query) => {
      const source = table(query.index);
      const moment = momentOf(query.asOf);
      return readPage(
        serving().secret,
        spec as AnySpec,
        query as Find<T, Indexes>,
        (walk, want, accept: (hit: Hit & { version: Version<unknown> }) => boolean) =>
          source.page(walk, want, moment, accept),
      ) as Promise<Page<Row<T> & { version: Version<T> }>>;
    },
    versions: async (id) => (await table().versions(id)) as Version<T>[],
  };
}
