import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Generation } from './adapter.ts';
import { type OpenStore, type StoreUnderTest, write } from './contract-tools.ts';
import { digestOf } from './digest.ts';
import { type AsOf, type TemporalReader, temporal } from './read-store.ts';
import { temporalReader } from './readers.ts';

interface Duty {
  lead: string;
  tags: string[];
  note: number;
}

const duties = temporal<Duty>()('duties', { all: [], byLead: ['lead'], byTag: ['tags', 'note'] });
type Indexes = typeof duties.indexes;

/** What was put, all of it, in the order it came. */
interface Fact {
  id: string;
  recordedAt: string;
  effectiveFrom: string;
  doc: Duty | null;
}

/** By definition: what was known at the instant, of that the last word on each start, of those the latest start. */
function holds(facts: readonly Fact[], id: string, { effectiveAt, recordedAt }: AsOf): Duty | undefined {
  const words = new Map<string, Duty | null>();
  for (const fact of facts) {
    const known = recordedAt === undefined || fact.recordedAt <= recordedAt;
    const started = effectiveAt === undefined || fact.effectiveFrom <= effectiveAt;
    if (fact.id === id && known && started) words.set(fact.effectiveFrom, fact.doc);
  }
  const latest = [...words.keys()].sort().at(-1);
  return latest === undefined ? undefined : (words.get(latest) ?? undefined);
}

const day = (n: number): string => `2026-03-${String(n + 1).padStart(2, '0')}`;
const instant = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
const IDS = ['a', 'b', 'c'];
const DAYS = 6;
const INSTANTS = 10;

const duty: fc.Arbitrary<Duty> = fc.record({
  lead: fc.constantFrom('x', 'y'),
  tags: fc.uniqueArray(fc.constantFrom('s', 't', 'u'), { maxLength: 2 }),
  note: fc.nat(2),
});
/** Batches of facts; each fact comes a few seconds, or none, after the one before. */
const batches: fc.Arbitrary<Fact[][]> = fc
  .array(
    fc.array(
      fc.record({
        id: fc.constantFrom(...IDS),
        later: fc.constantFrom(0, 0, 1, 1, 2),
        start: fc.nat(DAYS - 1),
        doc: fc.option(duty, { freq: 4 }),
      }),
      { maxLength: 6 },
    ),
    { maxLength: 4 },
  )
  .map((all) => {
    let now = 0;
    return all.map((facts) =>
      facts.map(({ id, later, start, doc }) => {
        now = Math.min(now + later, INSTANTS - 1);
        return { id, doc, recordedAt: instant(now), effectiveFrom: day(start) };
      }),
    );
  });

const everyMoment: AsOf[] = [undefined, ...Array.from({ length: INSTANTS }, (_, n) => instant(n))].flatMap(
  (recordedAt) =>
    [undefined, '2026-01-01', ...Array.from({ length: DAYS }, (_, n) => day(n))].map((effectiveAt) => ({
      ...(recordedAt === undefined ? {} : { recordedAt }),
      ...(effectiveAt === undefined ? {} : { effectiveAt }),
    })),
);

export function temporalContract(open: OpenStore, runs: (all: number) => { numRuns: number }): void {
  describe('temporal documents', () => {
    let opened: StoreUnderTest;
    let generation: Generation;
    let reader: TemporalReader<Duty, Indexes>;
    let count = 0;
    const fresh = async () => {
      generation = await opened.store.create(`duties-${++count}`, 1, [duties], true);
      reader = temporalReader(() => generation, duties);
    };
    const put = (facts: readonly Fact[]) =>
      write(generation, async (batch) => {
        for (const { id, recordedAt, effectiveFrom, doc } of facts) {
          batch.at(recordedAt);
          await batch.putVersion(duties, id, effectiveFrom, doc);
        }
      });
    beforeEach(async () => {
      opened = await open();
      await fresh();
    });
    afterEach(() => opened.dispose());

    test('every answer for every day and instant is that of all facts by definition', async () => {
      const property = fc.asyncProperty(batches, async (all) => {
        await fresh();
        for (const facts of all) await put(facts);
        const facts = all.flat();
        for (const asOf of everyMoment) {
          const found = await reader.getMany(IDS, asOf);
          for (const id of IDS) expect(found.get(id)?.doc).toEqual(holds(facts, id, asOf));
        }
      });
      await fc.assert(property, runs(40));
    });

    test('versions are the rectangles that the answers come from, without overlap', async () => {
      const property = fc.asyncProperty(batches, async (all) => {
        await fresh();
        for (const facts of all) await put(facts);
        for (const id of IDS) {
          const versions = await reader.versions(id);
          for (const asOf of everyMoment) {
            const { effectiveAt = '9999-01-01', recordedAt = '9999-01-01T00:00:00.000Z' } = asOf;
            const covering = versions.filter(
              (version) =>
                version.recordedFrom <= recordedAt &&
                recordedAt < (version.recordedTo ?? '~') &&
                version.effectiveFrom <= effectiveAt &&
                effectiveAt < (version.effectiveTo ?? '~'),
            );
            const answer = await reader.get(id, asOf);
            expect(covering).toEqual(answer === undefined ? [] : [answer]);
          }
          const order = versions.map(({ recordedFrom, effectiveFrom }) => recordedFrom + effectiveFrom);
          expect(order).toEqual(order.toSorted());
        }
      });
      await fc.assert(property, runs(40));
    });

    test('finds as of any moment, paged in both directions, are those of a naive filter and sort', async () => {
      const query = fc.record({
        asOf: fc.constantFrom(...everyMoment),
        reverse: fc.boolean(),
        tags: fc.constantFrom(undefined, 's', ['t', 'u']),
      });
      const property = fc.asyncProperty(batches, fc.array(query), async (all, queries) => {
        await fresh();
        for (const facts of all) await put(facts);
        for (const { asOf, reverse, tags } of queries) {
          const rows = IDS.flatMap((id) => {
            const doc = holds(all.flat(), id, asOf);
            const entries = doc?.tags.filter((tag) => tags === undefined || tags.includes(tag)) ?? [];
            return entries.map((tag) => ({ id, key: `${tags === undefined ? tag : ''} ${doc?.note} ${id}` }));
          });
          rows.sort((a, b) => (a.key < b.key === reverse ? 1 : -1));
          const wanted = [...new Set(rows.map(({ id }) => id))];
          const found: string[] = [];
          let after: string | undefined;
          for (let more = true; more; ) {
            const where = tags === undefined ? {} : { where: { tags } };
            const paging = { reverse, limit: 1, ...(after === undefined ? {} : { after }) };
            const page = await reader.find({ index: 'byTag', ...where, asOf, ...paging });
            for (const { id, doc, version } of page.rows) {
              found.push(id);
              expect(version).toEqual(await reader.get(id, asOf));
              expect(doc).toEqual(version.doc);
            }
            after = page.rows.at(-1)?.cursor;
            more = page.more;
          }
          expect(found).toEqual(wanted);
        }
      });
      await fc.assert(property, runs(40));
    });

    test('within a batch the versions put so far are seen', async () => {
      const doc = { lead: 'x', tags: [], note: 1 };
      await put([{ id: 'a', recordedAt: instant(0), effectiveFrom: day(1), doc }]);
      await write(generation, async (batch) => {
        batch.at(instant(1));
        await batch.putVersion(duties, 'a', day(3), { ...doc, note: 2 });
        expect(await batch.getVersion(duties, 'a')).toMatchObject({
          doc: { note: 2 },
          effectiveFrom: day(3),
        });
        expect(await batch.getVersion(duties, 'a', day(2))).toMatchObject({
          doc: { note: 1 },
          effectiveTo: day(3),
          recordedFrom: instant(1),
        });
        expect(await batch.getVersion(duties, 'a', day(0))).toBeUndefined();
        await batch.putVersion(duties, 'a', day(3), null);
        expect(await batch.getVersion(duties, 'a')).toBeUndefined();
        expect(await batch.getVersion(duties, 'b')).toBeUndefined();
      });
      expect(await reader.get('a')).toBeUndefined();
      expect(await reader.get('a', { recordedAt: instant(0) })).toMatchObject({ doc: { note: 1 } });
    });

    test('however a history is cut into batches, the content is the same', async () => {
      await fc.assert(
        fc.asyncProperty(batches, async (all) => {
          const digests = new Set<string>();
          for (const cut of [all, [all.flat()], all.flat().map((fact) => [fact])]) {
            await fresh();
            for (const facts of cut) await put(facts);
            digests.add(await digestOf(generation));
          }
          expect(digests.size).toBe(1);
        }),
        runs(30),
      );
    });

    test('days and instants in other shapes are refused', async () => {
      await expect(reader.get('a', { effectiveAt: '2026-3-1' })).rejects.toThrow(TypeError);
      await expect(reader.get('a', { recordedAt: '2026-03-01' })).rejects.toThrow(TypeError);
      const doc = { lead: 'x', tags: [], note: 1 };
      const bad = put([{ id: 'a', recordedAt: instant(0), effectiveFrom: 'now', doc }]);
      await expect(bad).rejects.toThrow(TypeError);
    });
  });
}
