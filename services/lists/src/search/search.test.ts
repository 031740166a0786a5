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
import { emptyItem } from '../duty-list/item.ts';
import { NewWords } from '../duty-list/new-words.ts';
import { type ItemRow, itemId, items, type ListRow, lists, postings, wordCounts } from '../duty-list/rows.ts';
import { itemTerms, termsOf } from '../duty-list/terms.ts';
import { weightOf } from '../duty-list/word-counts.ts';
import { organs, significantPart } from '../organs.ts';
import { type SearchResult, searchItems } from './search.ts';

/** What a search finds, and in which order, is what looking at every item finds. */

const COLLECTIONS = [lists, items, wordCounts, postings, organs];
const DAYS = ['2024-01-01', '2025-01-01'] as const;
const DIVISIONS = ['370102001000', '370102000000', '370114000000', '370211000000', '330102000000'];
const PLACES = ['370102001000', '370102000000', '370100000000', '370000000000', '330000000000'];
const [RARE, MATTERS, WORK] = [
  [...'龙凤鹤鹿松'],
  ['河道采砂', '殡葬服务', '散煤燃烧'],
  ['管理', '日常管理', '核查'],
];

interface Item {
  list: ListRow;
  code: string;
  /** What it is called from each of the days on; null: not in the list. */
  names: readonly [string, string | null];
}

const name = fc
  .tuple(
    fc.array(fc.constantFrom(...RARE), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...MATTERS),
    fc.constantFrom(...WORK),
  )
  .map(([rare, matter, work]) => `${rare.join('')}${matter}${work}`);

const someItems = fc
  .array(
    fc.record({
      division: fc.constantFrom(...DIVISIONS),
      first: name,
      later: fc.option(name, { freq: 3 }),
      stays: fc.boolean(),
    }),
    { minLength: 250, maxLength: 600, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(
      ({ division, first, later, stays }, n): Item => ({
        list: { id: `list:${division.slice(0, 9)}`, kind: 'BASIC', division } as ListRow,
        code: `${n}`,
        names: [first, stays ? first : later],
      }),
    ),
  );

const questions = fc.array(
  fc.oneof(
    name.map((one) => [one.slice(0, 4)]),
    name.map((one) => [one]),
    fc.constantFrom(...RARE, '理', '无').map((one) => [one]),
    fc
      .tuple(fc.constantFrom(...MATTERS), fc.constantFrom(...RARE, '管理', '没有'))
      .map((words) => [...words]),
  ),
  { minLength: 8, maxLength: 8 },
);

let folder: string;
let store: ReadStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'search-'));
  store = await openReadStore(`sqlite:${join(folder, 'read.db')}`);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const rowOf = ({ list, code }: Item, called: string | null): ItemRow | null => {
  if (called === null) return null;
  const content = { ...emptyItem, name: called };
  const { id, kind, division } = list;
  return {
    ...{ list: id, kind, division, code, order: code, edition: 1, correction: null, content },
    ...{ leadOrgans: [], coopOrgans: [], caseClasses: [], terms: itemTerms(code, content) },
  };
};

/** Two editions of each list, each in one batch. */
async function published(all: readonly Item[]): Promise<Generation> {
  const generation = await store.create('search', 1, COLLECTIONS, false);
  const buffer = new WriteBuffer(generation, 1_000);
  for (const [edition, day] of DAYS.entries()) {
    for (const some of Map.groupBy(all, ({ list }) => list.id).values()) {
      const list = some[0]?.list as ListRow;
      buffer.at(`${day}T00:00:00.000Z`);
      buffer.put(lists, list.id, list);
      const words = new NewWords(list);
      for (const item of some) {
        const id = itemId(list.id, item.code);
        const before = (await buffer.getVersion(items, id))?.doc;
        const now = rowOf(item, item.names[edition] ?? null);
        await buffer.putVersion(items, id, day, now);
        words.take(before, now);
      }
      await words.post(buffer);
      const { change, settle } = await buffer.collect(new Pace());
      await generation.apply(change);
      settle();
    }
  }
  return generation;
}

interface Plain {
  id: string;
  score: number;
}

/** An item with the terms that it holds in each edition, and those that it ever held. */
interface Known extends Item {
  held: Set<string>[];
  ever: Set<string>;
}

const known = (item: Item): Known => {
  const held = item.names.map((one) => new Set(rowOf(item, one)?.terms));
  return { ...item, held, ever: new Set(held.flatMap((terms) => [...terms])) };
};

/** Every item of the place looked at; `may`: how many of its county ever held one of the terms. */
function lookedThrough(all: readonly Known[], place: string, words: readonly string[], edition: number) {
  const within = significantPart(place);
  // In a town words weigh what they weigh in its county.
  const weighing = all.filter(({ list }) => list.division.startsWith(within.slice(0, 6)));
  const terms = new Set(weighing.flatMap(({ ever }) => [...ever]));
  const asked = words.map((word) => {
    const single = word.length === 1;
    return { word, single, of: single ? [...terms].filter((term) => term.startsWith(word)) : termsOf(word) };
  });
  const weights = new Map(
    asked
      .flatMap(({ of }) => of)
      .map((term) => {
        const holding = weighing.filter(({ ever }) => ever.has(term)).length;
        return [term, holding === 0 ? 1 : weightOf(holding, weighing.length)];
      }),
  );
  const sum = (some: readonly string[]) => some.reduce((total, term) => total + (weights.get(term) ?? 1), 0);
  const found: (Plain & { rank: number })[] = [];
  for (const { list, code, names, held } of weighing) {
    const called = names[edition] ?? null;
    if (called === null || !list.division.startsWith(within)) continue;
    let [share, score, whole] = [0, 0, 0];
    for (const { word, single, of } of asked) {
      const counts = single ? 1 : Math.max(1, sum(of));
      const matched = of.filter((term) => held[edition]?.has(term));
      const part = single ? Number(matched.length > 0) : sum(matched) / sum(of);
      share += counts * part;
      score += counts * part * (called.includes(word) ? 1 : 0.8);
      whole += counts;
    }
    if (share / whole < 0.4) continue;
    found.push({
      id: itemId(list.id, code),
      score: Math.round((score / whole) * 1_000) / 1_000,
      rank: called.length,
    });
  }
  found.sort((a, b) => b.score - a.score || a.rank - b.rank || (a.id < b.id ? -1 : 1));
  const may = weighing.filter(({ ever }) => asked.some(({ of }) => of.some((term) => ever.has(term))));
  return { found: found.map(({ id, score }): Plain => ({ id, score })), may: may.length };
}

const plainly = ({ found }: SearchResult): Plain[] =>
  found.map(({ item, score }) => ({ id: item.version.id, score }));

test('a search finds what looking at every item finds, in the same order, as of every day', async () => {
  let [complete, cut] = [0, 0];
  await fc.assert(
    fc.asyncProperty(someItems, questions, async (all, asked) => {
      const generation = await published(all);
      const looked = all.map(known);
      const view: ReadView = {
        documents: (spec) => documentReader(() => generation, spec),
        temporal: (spec) => temporalReader(() => generation, spec),
      };
      for (const words of asked) {
        for (const division of PLACES) {
          for (const [edition, effectiveAt] of DAYS.entries()) {
            const plain = lookedThrough(looked, division, words, edition);
            const filters = { kind: null, domain: null, leadOrgan: null, handlingClass: null };
            const search = { words, division, includeBelow: true, ...filters, asOf: { effectiveAt } };
            const result = await searchItems(view, view, search);
            const found = plainly(result);
            if (result.complete) expect(found).toEqual(plain.found);
            else {
              // Some are left out; those that are there are in their order and nothing else is.
              const ids = new Set(found.map(({ id }) => id));
              expect(found).toEqual(plain.found.filter(({ id }) => ids.has(id)));
              expect(plain.may).toBeGreaterThanOrEqual(50);
            }
            if (result.complete) complete += 1;
            else cut += 1;
          }
        }
      }
      await store.drop(generation);
    }),
    // Hundreds of items are not shrunk in a time that anybody waits.
    { numRuns: 2, endOnFailure: true },
  );
  expect(complete).toBeGreaterThan(0);
  expect(cut).toBeGreaterThan(0);
});
