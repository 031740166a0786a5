import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generation, ReadStore } from '@dutyledger/read-store/adapter';
import { openReadStore } from '@dutyledger/read-store/open';
import { Pace } from '@dutyledger/read-store/pace';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { documentReader, temporalReader } from '@dutyledger/read-store/readers';
import { WriteBuffer } from '@dutyledger/read-store/write-buffer';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyItem } from './item.ts';
import { NewWords } from './new-words.ts';
import { holdersOf, type Scope } from './postings.ts';
import { areaOf, type ItemRow, itemId, type ListRow, postings, wordCounts } from './rows.ts';
import { countsOf, wordsBeginningWith } from './word-counts.ts';

/** What is posted of many items of several lists, areas, cities and provinces is found by a plain filter as well. */

let folder: string;
let store: ReadStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postings-'));
  store = await openReadStore(`sqlite:${join(folder, 'read.db')}`);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

interface Item {
  division: string;
  list: string;
  code: string;
  rank: number;
  words: string[];
}

const DIVISIONS = ['370102001000', '370102000000', '370114000000', '370211000000', '330102000000'];
const WORDS = ['管理', '管道', '理', 'a1', '2024', 'constructor', '#1/1', '𠮷野'];

const someItems = fc
  .array(
    fc.record({
      division: fc.constantFrom(...DIVISIONS),
      second: fc.boolean(),
      rank: fc.integer({ min: 2, max: 6 }),
      words: fc.subarray(WORDS),
    }),
    { minLength: 300, maxLength: 900, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(({ division, second, rank, words }, n): Item => {
      const list = `list:${division.slice(0, 9)}-${second ? 2 : 1}`;
      return {
        division,
        list,
        code: `${n}`,
        rank,
        words: ['管理', ...words.filter((word) => word !== '管理')],
      };
    }),
  );

const rowOf = ({ rank, code, words }: Item): ItemRow =>
  ({ code, content: { ...emptyItem, name: '名'.repeat(rank) }, terms: words }) as ItemRow;

/** Editions of the lists in turn, each of some of the items. */
async function posted(items: readonly Item[], perEdition: number): Promise<Generation> {
  const generation = await store.create('postings', 1, [wordCounts, postings], false);
  const buffer = new WriteBuffer(generation, 1_000);
  for (let from = 0; from < items.length; from += perEdition) {
    const edition = items.slice(from, from + perEdition);
    for (const [list, some] of Map.groupBy(edition, (item) => item.list)) {
      const words = new NewWords({ id: list, division: some[0]?.division } as ListRow);
      for (const item of some) words.take(undefined, rowOf(item));
      await words.post(buffer);
    }
    const { change, settle } = await buffer.collect(new Pace());
    await generation.apply(change);
    settle();
  }
  return generation;
}

const viewOf = (generation: Generation): ReadView => ({
  documents: (spec) => documentReader(() => generation, spec),
  temporal: (spec) => temporalReader(() => generation, spec),
});

const PLACES = ['', '37', '3701', '370102', '370114', '11'];
const SCOPES: Scope[] = [
  ...PLACES.map((place) => ({ place, lists: null })),
  { place: '370102', lists: new Set(['list:370102001-1', 'list:370102000-2']) },
];

test('words are counted and lead to the items that hold them, in every place, those of the lowest ranks first', async () => {
  await fc.assert(
    fc.asyncProperty(
      someItems,
      fc.integer({ min: 100, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      async (items, perEdition, enough) => {
        const generation = await posted(items, perEdition);
        const view = viewOf(generation);
        for (const scope of SCOPES) {
          const here = items.filter(({ division }) => division.startsWith(scope.place));
          const counts = await countsOf(view, scope.place, ['', ...WORDS, '没有']);
          expect(counts.get('') ?? 0).toBe(here.length);
          for (const word of WORDS) {
            const holding = here.filter(({ words }) => words.includes(word));
            expect(counts.get(word) ?? 0).toBe(holding.length);
            const wanted = holding.filter(({ list }) => scope.lists?.has(list) ?? true);
            const { holders, all } = await holdersOf(view, scope, word, enough);
            const ids = new Set(holders.map(({ id }) => id));
            expect(ids.size).toBe(holders.length);
            const ranks = wanted.map(({ rank }) => rank).sort((a, b) => a - b);
            if (all) expect(ids.size).toBe(wanted.length);
            else {
              expect(ids.size).toBeGreaterThanOrEqual(enough);
              // Nobody who was left out has a lower rank than one who is there.
              const least = ranks.slice(0, enough);
              expect(
                holders
                  .map(({ rank }) => rank)
                  .sort((a, b) => a - b)
                  .slice(0, enough),
              ).toEqual(least);
            }
            for (const { id } of holders)
              expect(wanted.map(({ list, code }) => itemId(list, code))).toContain(id);
          }
          expect(new Set(await wordsBeginningWith(view, scope.place, '管'))).toEqual(
            new Set(here.flatMap(({ words }) => words.filter((word) => word.startsWith('管')))),
          );
        }
        await store.drop(generation);
      },
    ),
    { numRuns: 4 },
  );
});

test('a word that an item held before is posted once', async () => {
  const generation = await store.create('postings', 1, [wordCounts, postings], false);
  const buffer = new WriteBuffer(generation, 0);
  const list = { id: 'list:370102000-1', division: '370102000000' } as ListRow;
  const item: Item = { division: list.division, list: list.id, code: '1', rank: 4, words: ['管理'] };
  for (const [before, now] of [
    [undefined, rowOf(item)],
    [rowOf(item), rowOf({ ...item, words: ['管理', '管道'] })],
    [rowOf(item), null],
  ] as const) {
    const words = new NewWords(list);
    words.take(before, now);
    await words.post(buffer);
  }
  await generation.apply((await buffer.collect(new Pace())).change);
  const view = viewOf(generation);
  const scope = { place: areaOf(list.division), lists: null };
  expect(await countsOf(view, scope.place, ['', '管理', '管道'])).toEqual(
    new Map([
      ['', 1],
      ['管理', 1],
      ['管道', 1],
    ]),
  );
  expect((await holdersOf(view, scope, '管理', 10)).holders).toEqual([
    { id: itemId(list.id, '1'), list: list.id, rank: 4 },
  ]);
});
