import type { StoredEvent } from '@dutyledger/event-store/event-store';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  APPROVE,
  CHANGE,
  CORRECT,
  change,
  type Data,
  DISCARD,
  dogs,
  LEGALITY,
  type ListsHarness,
  legality,
  ORGANS,
  openList,
  PUBLISH,
  REBASE,
  SUBMIT,
  startListsHarness,
} from './harness.ts';

/**
 * L-10: what is served as of any day and any instant is what a fold of the raw events says. The fold below knows nothing
 * of the product's own: it paints the days of a calendar, one by one, with what each event said.
 */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());

const DAYS = 16;
const dayOf = (day: number): string => `2024-01-${String(day).padStart(2, '0')}`;

type Step =
  | { do: 'change'; code: string; how: 'add' | 'revise' | 'retire' | 'reset'; word: number }
  | { do: 'discard' }
  | { do: 'publish'; day: number }
  | {
      do: 'correct';
      edition: number;
      day: number;
      code: string;
      how: 'add' | 'revise' | 'strike';
      word: number;
    };

const code = fc.constantFrom('1', '2', '10', '甲');
const word = fc.nat(3);
const day = fc.integer({ min: 1, max: DAYS });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      code,
      how: fc.constantFrom('add', 'revise', 'revise', 'retire', 'reset'),
      word,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('discard' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), day }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('correct' as const),
      edition: fc.integer({ min: 1, max: 3 }),
      day,
      code,
      how: fc.constantFrom('add', 'revise', 'revise', 'strike'),
      word,
    }),
  },
);

/** Number of the draft, and the first day of each edition so far. */
interface Place {
  draft: number;
  began: number[];
}

/** Does what the step says, on days that are mostly possible; what is refused all the same leaves no event. */
async function take(list: string, step: Step, { draft, began }: Place): Promise<Place> {
  const send = async (query: string, input: object): Promise<Data> =>
    (await h.send(query, { input: { list, change, ...input } })).data;
  const content = (word: number) => ({ remarks: `说法${word}`, domain: word % 2 ? '城市管理' : null });
  // Led by the organ that keeps the list: nobody else is asked.
  const led = { leads: [{ organ: ORGANS.staffing.id }], cooperators: [] };
  switch (step.do) {
    case 'change': {
      const { code, how, word } = step;
      const adding = { ...dogs, ...led, ...content(word), name: `事项${code}` };
      const changes = [{ code, [how]: how === 'add' ? adding : how === 'revise' ? content(word) : true }];
      return {
        draft: (await send(CHANGE, { basedOn: draft, changes }))?.changeDraft.draft.number ?? draft,
        began,
      };
    }
    case 'discard':
      return { draft: (await send(DISCARD, {}))?.discardDraft.draft.number ?? draft, began };
    case 'publish': {
      const conflicts = ['1', '2', '10', '甲'].map((code) => ({ code, take: 'MINE' }));
      const { number } =
        (await send(REBASE, { draftNumber: draft, resolutions: conflicts }))?.rebaseDraft.draft ?? {};
      const draftNumber = number ?? draft;
      await send(SUBMIT, { draftNumber });
      await send(LEGALITY, legality(list));
      await send(APPROVE, { body: '区委编委', documentNumber: '号' });
      const first = Math.min((began.at(-1) ?? 1) + (step.day % 4), DAYS);
      const publication = { draftNumber, effectiveFrom: dayOf(first), documentNumber: '号' };
      return { draft: draftNumber, began: (await send(PUBLISH, publication)) ? [...began, first] : began };
    }
    case 'correct': {
      const { code, how, word } = step;
      const edition = 1 + (step.edition % Math.max(began.length, 1));
      const [from = 1, until = DAYS + 1] = began.slice(edition - 1);
      const effectiveFrom = dayOf(from + (step.day % Math.max(until - from, 1)));
      const adding = { ...dogs, ...led, ...content(word), name: `事项${code}` };
      const corrections = [{ code, [how]: how === 'add' ? adding : how === 'revise' ? content(word) : true }];
      await send(CORRECT, { edition, effectiveFrom, documentNumber: '号', corrections });
      return { draft, began };
    }
  }
}

interface Calendar {
  /** What holds on each day; `undefined` before anything was said. Places where something begins to hold. */
  days: unknown[];
  begins: Set<number>;
}

/** From the day on until something else begins. */
function paint(calendar: Calendar, from: number, what: unknown): void {
  for (let d = from; d <= DAYS && (d === from || !calendar.begins.has(d)); d++) calendar.days[d] = what;
  calendar.begins.add(from);
}

type Content = Record<string, unknown>;

/** What was said on a day of all items, and which edition held, as known at an instant. */
function folded(events: readonly StoredEvent[], on: number, known: string) {
  const items = new Map<string, Calendar>();
  const editions: Calendar = { days: [], begins: new Set() };
  let draft = new Map<string, { add?: Content; set?: Content; gone?: true }>();
  const calendarOf = (code: string): Calendar => {
    const calendar = items.get(code) ?? { days: [], begins: new Set<number>() };
    items.set(code, calendar);
    return calendar;
  };
  for (const { type, data, recordedAt } of events) {
    if (recordedAt > known) break;
    const said = data as Data;
    const { code } = said;
    const from = Number(String(said.effectiveFrom ?? '').slice(-2));
    if (type === 'ItemAdded') draft.set(code, { add: said.item });
    if (type === 'ItemRetired') draft.set(code, { gone: true });
    if (type === 'ItemReset') draft.delete(code);
    if (type === 'DraftDiscarded') draft = new Map();
    if (type === 'ItemRevised') {
      const staged = draft.get(code);
      draft.set(
        code,
        staged?.add
          ? { add: { ...staged.add, ...said.changes } }
          : { set: { ...staged?.set, ...said.changes } },
      );
    }
    if (type === 'EditionPublished') {
      paint(editions, from, said.edition);
      for (const [key, { add, set, gone }] of draft) {
        const calendar = calendarOf(key);
        const last = calendar.days[DAYS] as { content: Content } | null | undefined;
        const content = gone ? null : (add ?? { ...last?.content, ...set });
        paint(calendar, from, content && { content, edition: said.edition, correction: null });
      }
      draft = new Map();
    }
    if (type === 'EditionCorrected') {
      for (const { kind, code: key, item, changes } of said.corrections) {
        const calendar = calendarOf(key);
        const before = calendar.days[from] as { content: Content } | null | undefined;
        const content = kind === 'STRIKE' ? null : kind === 'ADD' ? item : { ...before?.content, ...changes };
        paint(calendar, from, content && { content, edition: said.edition, correction: said.correction });
      }
    }
  }
  return {
    edition: editions.days[on] ?? null,
    items: ['1', '2', '10', '甲'].flatMap((code) => {
      const found = items.get(code)?.days[on] as { content: Content } | null | undefined;
      if (!found) return [];
      const { content, ...place } = found;
      return [
        { code, name: content['name'], domain: content['domain'], remarks: content['remarks'], ...place },
      ];
    }),
  };
}

const AT = /* GraphQL */ `
  query ($list: ID!, $asOf: AsOf) {
    dutyList(id: $list) {
      edition(asOf: $asOf) { number }
      items(asOf: $asOf) { edges { node { code name domain remarks edition correction } } }
    }
  }
`;

test('L-10 the answer as of any day and instant is that of a fold of the raw events', async () => {
  let [editions, corrections] = [0, 0];
  const opening = { do: 'change' as const, how: 'add' as const, word: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 24, size: 'max' }), async (steps) => {
      const list = await openList(h);
      const begin: Step[] = [
        { ...opening, code: '1' },
        { ...opening, code: '甲' },
        { do: 'publish', day: 1 },
      ];
      let place: Place = { draft: 0, began: [] };
      for (const one of [...begin, ...steps]) place = await take(list, one, place);
      const events: StoredEvent[] = [];
      const stream = `lists.dutyList-${list.slice('list:'.length)}`;
      for await (const page of h.events.readAll({ prefix: stream })) events.push(...page);
      editions += events.filter(({ type }) => type === 'EditionPublished').length;
      corrections += events.filter(({ type }) => type === 'EditionCorrected').length;
      const instants = new Set(
        events.flatMap(({ recordedAt }) => [recordedAt, around(recordedAt, -1), around(recordedAt, 1)]),
      );
      for (const known of [
        undefined,
        ...fc.sample(fc.constantFrom(...instants), { numRuns: 8, seed: events.length }),
      ]) {
        for (const on of fc.sample(day, { numRuns: 4, seed: known?.length ?? 0 })) {
          const asOf = { effectiveAt: dayOf(on), ...(known ? { recordedAt: known } : {}) };
          const { dutyList } = await h.ask(AT, { list, asOf });
          const served = {
            edition: dutyList.edition?.number ?? null,
            items: dutyList.items.edges.map(({ node }: Data) => node),
          };
          expect({ asOf, ...served }).toEqual({ asOf, ...folded(events, on, known ?? '9999') });
        }
      }
    }),
    { numRuns: 16 },
  );
  expect(editions).toBeGreaterThan(16);
  expect(corrections).toBeGreaterThan(4);
});

const around = (instant: string, milliseconds: number): string =>
  new Date(Date.parse(instant) + milliseconds).toISOString();
