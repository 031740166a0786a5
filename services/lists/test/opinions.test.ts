import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  change,
  type Data,
  dogs,
  fact,
  LEGALITY,
  type ListsHarness,
  legality,
  OPINION,
  ORGANS,
  openList,
  refused,
  SUBMIT,
  stage,
  startListsHarness,
  TOWN,
} from './harness.ts';

/** Who is asked where a change names a class of organs (L-3). */

const villages = fact(40, '各村居', { kind: 'ORGAN_CLASS', level: 'village' });
const unnamed = fact(41, '有关部门', { kind: 'ORGAN_CLASS' });
const second = fact(42, '双山街道办事处', {
  kind: 'TOWN_GOVERNMENT',
  level: 'town',
  division: '370114001000',
});
const village = (number: number, name: string, facts: object = {}) =>
  fact(number, name, {
    kind: 'VILLAGE_ORGANISATION',
    level: 'village',
    division: `370114101${number + 150}`,
    ...facts,
  });
const upper = village(50, '垛庄镇上村村民委员会');
const lower = village(51, '垛庄镇下村村民委员会');
const gone = village(52, '垛庄镇旧村村民委员会', { status: 'abolished' });
const elsewhere = village(53, '双山街道城角村村民委员会', { division: '370114001203' });

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
  await announce(h, [villages, unnamed, second, upper, lower, gone, elsewhere]);
});
afterAll(() => h.end());

/** A list with one item that names these as cooperators, submitted and through its legality review: who is asked. */
async function askedFor(cooperators: { id: string }[], division?: string): Promise<Data> {
  const { staffing, street } = ORGANS;
  const own = division ? { division, maintainer: street.id } : {};
  const list = await openList(h, own);
  const item = {
    ...dogs,
    leads: [{ organ: division ? street.id : staffing.id }],
    cooperators: cooperators.map(({ id }) => ({ organ: id, duty: '协助' })),
  };
  await stage(h, list, 0, [{ code: '1', add: item }]);
  const { dutyList } = await h.ask(
    'query ($list: ID!) { dutyList(id: $list) { draft { affected { id } } } }',
    { list },
  );
  await h.ask(SUBMIT, { input: { list, draftNumber: 1, change } });
  const { draft } = (await h.ask(LEGALITY, { input: legality(list) })).recordLegalityReview;
  const asked = draft.asked.map(({ organ }: Data) => organ.id);
  expect(dutyList.draft.affected.map(({ id }: Data) => id)).toEqual(asked);
  return { list, asked: asked.sort(), stage: draft.stage };
}

describe('opinions of villages', () => {
  test('L-3 a county asks the towns of 各村居, once each though they are named as 各镇街 as well', async () => {
    const towns = [ORGANS.street.id, second.id].sort();
    expect((await askedFor([villages])).asked).toEqual(towns);
    expect((await askedFor([villages, ORGANS.towns, second])).asked).toEqual(towns);
  });

  test('L-3 a town asks the villages that are registered, and each speaks for itself', async () => {
    const { list, asked } = await askedFor([villages], TOWN);
    expect(asked).toEqual([upper.id, lower.id]);
    const opinion = { list, organ: upper.id, agrees: true, text: '同意', change };
    const as = (organ: { id: string }) => ({
      roles: ['TOWN_OPERATOR'] as const,
      organ: organ.id,
      division: TOWN,
    });
    await refused(h, [OPINION, opinion, as(lower)], { code: 'NOT_PERMITTED' });
    const said = await h.ask(OPINION, { input: opinion }, as(upper));
    expect(said.recordOpinion.draft.asked).toMatchObject([{ answered: true }, { answered: false }]);
    const stranger = { ...opinion, organ: elsewhere.id, documentNumber: '村函〔2026〕1号' };
    await refused(h, [OPINION, stranger], { code: 'RULE_VIOLATED', rule: 'L-3', field: 'organ' });
  });

  test('L-3 a class of which it is open who is meant cannot be asked: the approval is next', async () => {
    expect(await askedFor([unnamed])).toMatchObject({ asked: [], stage: 'APPROVAL' });
  });
});
