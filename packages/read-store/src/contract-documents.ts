import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Generation } from './adapter.ts';
import { type OpenStore, type StoreUnderTest, write } from './contract-tools.ts';
import { type DocumentReader, documents, type Find, type Scalar } from './read-store.ts';
import { documentReader } from './readers.ts';

interface Thing {
  kind: Scalar;
  rank: Scalar;
  tags: Scalar[];
  size: number;
}

const things = documents<Thing>()('things', {
  all: [],
  byKind: ['kind', 'rank'],
  byTag: ['tags', 'rank'],
  byKindAndTag: ['kind', 'tags'],
});
type ThingFind = Find<Thing, typeof things.indexes>;

/** The order of the port by its definition: type, then value; texts by their UTF-8 bytes. */
function compare(a: unknown, b: unknown): number {
  const typeRank = (value: unknown) =>
    [null, false, true].includes(value as null)
      ? [null, false, true].indexOf(value as null)
      : typeof value === 'number'
        ? 3
        : 4;
  if (typeRank(a) !== typeRank(b)) return typeRank(a) - typeRank(b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return 0;
}

const compareLists = (a: unknown[], b: unknown[]): number =>
  a.map((value, at) => compare(value, b[at])).find((order) => order !== 0) ?? 0;

/** What a find has to return, by definition: all entries that match, in order, each document once. */
function expected(model: Map<string, Thing>, query: ThingFind): string[] {
  const fields = [...things.indexes[query.index], 'id'];
  const fixed = Object.keys(query.where ?? {}).length;
  const entries: { id: string; rest: unknown[] }[] = [];
  for (const [id, thing] of model) {
    let tuples: unknown[][] = [[]];
    for (const field of fields) {
      const value = field === 'id' ? id : thing[field as keyof Thing];
      tuples = tuples.flatMap((tuple) =>
        (Array.isArray(value) ? value : [value]).map((one) => [...tuple, one]),
      );
    }
    for (const tuple of tuples) {
      const matches = Object.entries(query.where ?? {}).every(([field, wanted]) =>
        [wanted].flat().some((one) => compare(one, tuple[fields.indexOf(field)]) === 0),
      );
      const bounded = tuple[fixed];
      const { from, to } = query.range ?? {};
      const inRange =
        (from === undefined || compare(bounded, from) >= 0) &&
        (to === undefined || compare(bounded, to) <= 0);
      const prefixed =
        query.prefix === undefined || (typeof bounded === 'string' && bounded.startsWith(query.prefix));
      const passes = query.filter?.(thing) ?? true;
      if (matches && inRange && prefixed && passes) entries.push({ id, rest: tuple.slice(fixed) });
    }
  }
  entries.sort((a, b) => compareLists(a.rest, b.rest));
  if (query.reverse) entries.reverse();
  return [...new Set(entries.map(({ id }) => id))];
}

async function walkPages(
  reader: Pick<DocumentReader<Thing, typeof things.indexes>, 'find'>,
  query: ThingFind,
) {
  const ids: string[] = [];
  let page = await reader.find(query);
  for (;;) {
    ids.push(...page.rows.map(({ id }) => id));
    if (!page.more) return ids;
    page = await reader.find({ ...query, after: page.rows.at(-1)?.cursor ?? '' });
  }
}

const text = fc.constantFrom(
  '',
  'a',
  'ab',
  'a\0',
  'a\u0001b',
  'a\u0002',
  'b',
  '中',
  '\ud83d\ude00',
  '\uffee',
  '~',
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  text,
  fc.constantFrom(-1e300, -2.5, -1, 0, 0.1, 1, 2, 10, 1e21),
  fc.boolean(),
  fc.constant(null),
);
const thing: fc.Arbitrary<Thing> = fc.record({
  kind: scalar,
  rank: scalar,
  tags: fc.array(scalar, { maxLength: 3 }),
  size: fc.nat(3),
});
const id = fc.oneof(
  fc.constantFrom('x', 'x1', 'x\u0001', '\ud83d\ude00', '\uffee'),
  fc.nat(30).map((number) => `thing-${number}`),
);
const bounds = fc.oneof(
  fc.constant({}),
  fc.record({ range: fc.record({ from: scalar, to: scalar }, { requiredKeys: [] }) }),
  fc.record({ prefix: fc.constantFrom('', 'a', 'thing-1', '\ud83d\ude00') }),
);
const listed = fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }));
const shape: fc.Arbitrary<Pick<ThingFind, 'index' | 'where'>> = fc.oneof(
  fc.constantFrom('all', 'byKind', 'byTag', 'byKindAndTag').map((index) => ({ index }) as { index: 'all' }),
  fc.record({ index: fc.constant('byKind' as const), where: fc.record({ kind: listed }) }),
  fc.record({ index: fc.constant('byTag' as const), where: fc.record({ tags: listed }) }),
  fc.record({ index: fc.constant('byTag' as const), where: fc.record({ tags: scalar, rank: listed }) }),
  fc.record({
    index: fc.constant('byKindAndTag' as const),
    where: fc.record({ kind: scalar, tags: listed }),
  }),
);
const find: fc.Arbitrary<ThingFind> = fc
  .tuple(
    shape,
    bounds,
    fc.record({ reverse: fc.boolean(), limit: fc.constantFrom(1, 2, 3, 10) }),
    fc.constantFrom({}, { filter: ({ size }: Thing) => size > 1 }),
  )
  .map(([where, bound, paging, filter]) => ({ ...where, ...idBounds(where, bound), ...paging, ...filter }));

/** Where all fields are fixed the bounds are for the id, which is a text. */
function idBounds(where: Pick<ThingFind, 'index' | 'where'>, bound: Pick<ThingFind, 'range' | 'prefix'>) {
  const onId = Object.keys(where.where ?? {}).length === things.indexes[where.index].length;
  if (!onId || bound.range === undefined) return bound;
  const asText = ([end, value]: [string, Scalar]) => [end, String(value)];
  return { range: Object.fromEntries(Object.entries(bound.range).map(asText)) };
}

const batches = fc.array(fc.array(fc.tuple(id, fc.option(thing)), { maxLength: 12 }), { maxLength: 4 });

export function documentsContract(open: OpenStore, runs: (all: number) => { numRuns: number }): void {
  describe('documents', () => {
    let opened: StoreUnderTest;
    let generation: Generation;
    let reader: DocumentReader<Thing, typeof things.indexes>;
    let count = 0;
    const fresh = async () => {
      generation = await opened.store.create(`things-${++count}`, 1, [things], true);
      reader = documentReader(() => generation, things);
    };
    beforeEach(async () => {
      opened = await open();
      await fresh();
    });
    afterEach(() => opened.dispose());

    const put = (entries: Record<string, Partial<Thing>>) =>
      write(generation, (batch) => {
        for (const [key, fields] of Object.entries(entries)) {
          batch.put(things, key, { kind: null, rank: null, tags: [], size: 0, ...fields });
        }
      });

    test('finds, counts and pages are those of a naive filter and sort, over any writes', async () => {
      const property = fc.asyncProperty(
        batches,
        fc.array(find, { minLength: 1, maxLength: 6 }),
        async (writes, queries) => {
          await fresh();
          const model = new Map<string, Thing>();
          for (const entries of writes) {
            await write(generation, async (batch) => {
              for (const [key, value] of entries) {
                if (value === null) batch.delete(things, key);
                else batch.put(things, key, value);
                if (value === null) model.delete(key);
                else model.set(key, value);
              }
              for (const query of queries) {
                const all = { ...query, limit: 1_000 };
                const seen = (await batch.find(things, all)).rows.map((row) => row.id);
                expect(seen).toEqual(expected(model, query));
                const within = { find: (next: ThingFind) => batch.find(things, next) };
                expect(await walkPages(within, query)).toEqual(seen);
              }
            });
          }
          for (const query of queries) {
            expect(await walkPages(reader, query)).toEqual(expected(model, query));
            const { filter: _, ...counted } = query;
            expect(await reader.count(counted)).toBe(expected(model, counted).length);
          }
          const ids = [...model.keys(), 'unknown'];
          expect(await reader.getMany(ids)).toEqual(model);
        },
      );
      await fc.assert(property, runs(60));
    });

    test('a long walk past everything the filter drops sees one state', async () => {
      await write(generation, (batch) => {
        for (let n = 0; n < 5_000; n++) {
          batch.put(things, `t${n}`, { kind: 'k', rank: n, tags: ['a', 'b'], size: n });
        }
      });
      const page = await reader.find({
        index: 'byKind',
        where: { kind: 'k' },
        filter: ({ size }) => size > 4_990,
      });
      expect(page.rows.map(({ doc }) => doc.rank)).toEqual([
        4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999,
      ]);
      expect(page.more).toBe(false);
      expect(await reader.count({ index: 'byTag' })).toBe(5_000);
    });

    test('cursors work in both directions of their query and nowhere else', async () => {
      await put({ a: { kind: 'k', rank: 1 }, b: { kind: 'k', rank: 2 }, c: { kind: 'k', rank: 3 } });
      const query: ThingFind = { index: 'byKind', where: { kind: 'k' } };
      const cursor = (await reader.find(query)).rows[1]?.cursor ?? '';
      const ids = async (next: ThingFind) => (await reader.find(next)).rows.map((row) => row.id);
      expect(await ids({ ...query, after: cursor })).toEqual(['c']);
      expect(await ids({ ...query, after: cursor, reverse: true })).toEqual(['a']);
      const changed = cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A');
      for (const refused of [
        { ...query, after: changed },
        { ...query, after: '' },
        { ...query, after: '中' },
        { ...query, where: { kind: 'other' }, after: cursor },
        { ...query, range: { from: 1 }, after: cursor },
        { index: 'all' as const, after: cursor },
      ]) {
        await expect(reader.find(refused)).rejects.toMatchObject({ code: 'BAD_CURSOR' });
      }
      const store = await opened.reopen();
      const [served] = (await store.generations(generation.name)) as [Generation];
      const again = documentReader(() => served, things);
      expect((await again.find({ ...query, after: cursor })).rows.map((row) => row.id)).toEqual(['c']);
    });

    test('what the index cannot answer throws', async () => {
      const wrong: unknown[] = [
        { index: 'none' },
        { index: 'byKind', where: { rank: 1 } },
        { index: 'byKind', where: { kind: ['a', 'b'], rank: 1 } },
        { index: 'byKind', where: { kind: 'a', rank: 1, size: 1 } },
        { index: 'byKind', where: { kind: undefined } },
        { index: 'byKind', range: { from: 1 }, prefix: 'a' },
        { index: 'byKind', limit: 0 },
        { index: 'byKind', limit: 1_001 },
        { index: 'byKind', limit: 1.5 },
      ];
      for (const query of wrong) await expect(reader.find(query as ThingFind)).rejects.toThrow(/./);
    });

    test('values that cannot be indexed and ids that cannot be stored are refused', async () => {
      const bad = [
        { kind: { nested: 1 } },
        { kind: Number.NaN },
        { rank: 1n },
      ] as unknown as Partial<Thing>[];
      for (const fields of bad) await expect(put({ a: fields })).rejects.toThrow(TypeError);
      for (const key of ['', '\ud800']) await expect(put({ [key]: {} })).rejects.toThrow(TypeError);
      expect(await reader.count({ index: 'all' })).toBe(0);
    });

    test('a document of megabytes and ten thousand documents in one batch are stored whole', async () => {
      const kind = '责'.repeat(1_000_000);
      await put(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`n${n}`, { rank: n }])));
      await put({ large: { kind: 'k', tags: [kind] } });
      expect((await reader.get('large'))?.tags).toEqual([kind]);
      expect(await reader.count({ index: 'all' })).toBe(10_001);
    });

    test('a batch is seen as a whole or not at all', async () => {
      const sizes = new Set<string>();
      let done = false;
      const look = async () => {
        while (!done) {
          const all = await reader.find({ index: 'all', limit: 1_000 });
          sizes.add(`${all.rows.length}/${new Set(all.rows.map(({ doc }) => doc.size)).size}`);
          await new Promise(setImmediate);
        }
      };
      const looking = look();
      for (const size of [1, 2, 3]) {
        await put(
          Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`n${n}`, { kind: `${n}`, size }])),
        );
      }
      done = true;
      await looking;
      expect([...sizes].filter((seen) => seen !== '0/0' && seen !== '900/1')).toEqual([]);
    });
  });
}
