import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  CHANGE,
  CORRECT,
  COUNTY,
  change,
  type Data,
  dogs,
  IMPORT,
  type ListsHarness,
  OPEN,
  ORGANS,
  openList,
  PUBLISH,
  publish,
  REBASE,
  ready,
  refused,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';

/** Several at once, corrections that meet drafts and editions, read models that lag, and questions in odd words. */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());
afterEach(() => {
  vi.restoreAllMocks();
});

const codes = (answers: { errors?: readonly Data[] | undefined }[]): string[] =>
  answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'done').toSorted();
const draftOf = async (list: string): Promise<Data> =>
  (
    await h.ask(
      'query ($list: ID!) { dutyList(id: $list) { edition { number itemCount } draft { number added revised retired itemCount } } }',
      { list },
    )
  ).dutyList;
/** A list with one edition from 2024-01-01. */
async function published(items: object = { 1: dogs, 2: straw }): Promise<string> {
  const list = await openList(h);
  const { number } = await stage(
    h,
    list,
    0,
    Object.entries(items).map(([code, add]) => ({ code, add })),
  );
  await publish(h, list, '2024-01-01', number);
  return list;
}
const revision = (list: string, basedOn: number, code: string, remarks: string) => ({
  input: { list, basedOn, changes: [{ code, revise: { remarks } }], change },
});
const publication = (list: string, draftNumber: number, effectiveFrom = '2025-01-01') => ({
  input: { list, draftNumber, effectiveFrom, documentNumber: '章政发〔2025〕1号', change },
});
const correction = (list: string, effectiveFrom: string, corrections: object[], edition = 1) => ({
  input: { list, edition, effectiveFrom, documentNumber: '勘〔2025〕1号', corrections, change },
});

describe('several at once', () => {
  test('L-3 of ten editors of one item one succeeds, the others are told', async () => {
    const list = await published();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        h.send(CHANGE, revision(list, 2, '1', `第${i}人`), { name: `编辑${i}` }),
      ),
    );
    expect(codes(answers)).toEqual([...Array(9).fill('CONFLICT'), 'done']);
    expect((await draftOf(list)).draft).toMatchObject({ number: 3, revised: 1 });
  });
  test('L-3 editors of different items do not get in each other’s way', async () => {
    const list = await published();
    const answers = await Promise.all(
      ['1', '2'].map((code) => h.send(CHANGE, revision(list, 2, code, '各改各的'))),
    );
    expect(codes(answers)).toEqual(['done', 'done']);
    expect((await draftOf(list)).draft).toMatchObject({ number: 4, revised: 2 });
  });
  test('L-3 of two publications one is the edition', async () => {
    const list = await published();
    await stage(h, list, 2, [{ code: '1', revise: { remarks: '改' } }]);
    await ready(h, list, 3);
    const answers = await Promise.all([3, 3].map((number) => h.send(PUBLISH, publication(list, number))));
    expect(codes(answers)).toEqual(['RULE_VIOLATED', 'done']);
    expect((await draftOf(list)).edition).toMatchObject({ number: 2 });
  });
  test('L-3 a publication while an import comes in is of the draft that was meant, or of nothing', async () => {
    const list = await published();
    await stage(h, list, 2, [{ code: '1', revise: { remarks: '改' } }]);
    await ready(h, list, 3);
    const file = `事项编码,事项名称,主体责任单位,依据\n5,新事项,${ORGANS.police.name},某条例`;
    const importing = {
      input: { list, fileName: 'a.csv', content: Buffer.from(file).toString('base64'), change },
    };
    const [imported, edition] = await Promise.all([
      h.send(IMPORT, importing),
      h.send(PUBLISH, publication(list, 3)),
    ]);
    expect(imported.errors).toBeUndefined();
    const after = await draftOf(list);
    const inTime = edition.errors === undefined;
    if (!inTime) expect(codes([edition])).toEqual(['CONFLICT']);
    expect(after.edition).toMatchObject(inTime ? { number: 2, itemCount: 2 } : { number: 1 });
    expect(after.draft).toMatchObject({ number: 4, added: 1, revised: inTime ? 0 : 1, itemCount: 3 });
  });
  test('L-1 one key opens one list', async () => {
    const keyed = { ...change, idempotencyKey: 'one-list' };
    const input = {
      division: COUNTY,
      kind: 'POWER',
      title: '权力清单',
      maintainer: ORGANS.staffing.id,
      change: keyed,
    };
    const answers = await Promise.all(Array.from({ length: 5 }, () => h.ask(OPEN, { input })));
    expect(new Set(answers.map(({ openDutyList }) => openDutyList.list.id)).size).toBe(1);
    expect(answers.filter(({ openDutyList }) => !openDutyList.repeated)).toHaveLength(1);
  });
});

describe('corrections that meet drafts and editions', () => {
  test('L-3 an item that was struck is not dropped from the next edition without a word', async () => {
    const list = await published();
    await stage(h, list, 2, [{ code: '1', revise: { remarks: '改' } }]);
    await ready(h, list, 3);
    await h.ask(CORRECT, correction(list, '2024-06-01', [{ code: '1', strike: true }]));
    const fault = await refused(h, [PUBLISH, publication(list, 3).input], {
      code: 'CONFLICT',
      rule: 'L-3',
      field: 'list',
    });
    expect(fault.details).toMatchObject({ conflicts: ['1'] });
    const resolutions = [{ code: '1', take: 'THEIRS' }];
    const { rebaseDraft } = await h.ask(REBASE, { input: { list, draftNumber: 3, resolutions, change } });
    const { number } = await stage(h, list, rebaseDraft.draft.number, [
      { code: '2', revise: { remarks: '改' } },
    ]);
    expect(await publish(h, list, '2025-01-01', number)).toMatchObject({ number: 2, itemCount: 1 });
  });
  test('L-3 a correction shows through a draft that changes other fields', async () => {
    const list = await published();
    await stage(h, list, 2, [{ code: '1', revise: { remarks: '改' } }]);
    await h.ask(CORRECT, correction(list, '2024-06-01', [{ code: '1', revise: { domain: '公共安全' } }]));
    await publish(h, list, '2025-01-01', 3);
    const { dutyItem } = await h.ask(
      'query ($list: ID!) { dutyItem(list: $list, code: "1") { domain remarks edition } }',
      { list },
    );
    expect(dutyItem).toEqual({ domain: '公共安全', remarks: '改', edition: 2 });
  });
  test('L-3 no edition begins below a correction of the one before, which would go on to hold over it', async () => {
    const list = await published();
    await h.ask(CORRECT, correction(list, '2025-06-01', [{ code: '1', revise: { domain: '公共安全' } }]));
    await stage(h, list, 2, [{ code: '1', revise: { domain: '社会治安' } }]);
    await ready(h, list, 3);
    const fault = await refused(h, [PUBLISH, publication(list, 3).input], {
      code: 'RULE_VIOLATED',
      rule: 'L-3',
      field: 'effectiveFrom',
    });
    expect(fault.details).toEqual({ edition: 1, effectiveFrom: '2025-06-01' });
    await h.ask(PUBLISH, publication(list, 3, '2025-06-01'));
    const { dutyItem } = await h.ask(
      'query ($list: ID!, $asOf: AsOf) { dutyItem(list: $list, code: "1", asOf: $asOf) { domain edition } }',
      { list, asOf: { effectiveAt: '2025-06-01' } },
    );
    expect(dutyItem).toEqual({ domain: '社会治安', edition: 2 });
  });
  test('L-10 at the very instant of its recording a correction is known, a millisecond before it is not', async () => {
    const list = await published();
    const { correctEdition } = await h.ask(
      'mutation ($input: CorrectEditionInput!) { correctEdition(input: $input) { edition { corrections { recordedAt } } } }',
      correction(list, '2024-06-01', [{ code: '1', revise: { domain: '公共安全' } }]),
    );
    const [{ recordedAt }] = correctEdition.edition.corrections;
    const domain = async (instant: number) =>
      (
        await h.ask(
          'query ($list: ID!, $asOf: AsOf) { dutyItem(list: $list, code: "1", asOf: $asOf) { domain } }',
          {
            list,
            asOf: { effectiveAt: '2024-07-01', recordedAt: new Date(instant).toISOString() },
          },
        )
      ).dutyItem.domain;
    expect(await domain(Date.parse(recordedAt))).toBe('公共安全');
    expect(await domain(Date.parse(recordedAt) - 1)).toBe('城市管理');
  });
});

describe('read models that lag', () => {
  const lagging = (hidden: string) => {
    const { projections } = h.service;
    const { documents } = projections;
    vi.spyOn(projections, 'waitFor').mockResolvedValue(false);
    vi.spyOn(projections, 'documents').mockImplementation((spec) => {
      const reader = documents.call(projections, spec) as ReturnType<typeof documents>;
      if (spec.name !== hidden) return reader as never;
      return { ...reader, get: async () => undefined, getMany: async () => new Map() } as never;
    });
  };
  test('a list that was opened is told as pending', async () => {
    lagging('lists');
    const input = {
      division: COUNTY,
      kind: 'POWER',
      title: '权力清单',
      maintainer: ORGANS.staffing.id,
      change,
    };
    const { openDutyList } = await h.ask(OPEN, { input });
    expect(openDutyList).toMatchObject({ pending: true, list: { title: '权力清单', draft: { number: 0 } } });
  });
  test('an edition that was published is told as pending, with all that it says', async () => {
    const list = await published();
    await stage(h, list, 2, [{ code: '1', retire: true }]);
    await ready(h, list, 3);
    lagging('editions');
    const { publishEdition } = await h.ask(PUBLISH, publication(list, 3));
    expect(publishEdition.pending).toBe(true);
    vi.restoreAllMocks();
    const query =
      'query ($list: ID!) { dutyList(id: $list) { edition(asOf: { effectiveAt: "2025-01-01" }) { number effectiveFrom digest itemCount slimmedBy } } }';
    await expect
      .poll(async () => (await h.ask(query, { list })).dutyList.edition)
      .toEqual(publishEdition.edition);
  });
});

describe('questions in odd words', () => {
  let list: string;
  beforeAll(async () => {
    list = await published({ 1: { ...dogs, keywords: ['5G基站', 'CCTV'] }, 2: straw });
  });
  const ask = async (text: string): Promise<Data[]> =>
    (
      await h.ask(
        'query ($town: DivisionCode!, $text: String!) { responsible(division: $town, text: $text, first: 50) { matches { score item { code list { id } } } } }',
        { town: TOWN, text },
      )
    ).responsible.matches.filter(({ item }: Data) => item.list.id === list);

  test.each(['%%', '__', "' OR 1=1 --", '"犬"*', '🚒🚒', '👨‍👩‍👧', '\\\\', '[]{}', 'null', '١٢٣', 'Ω≈ç'])(
    'L-9 %j matches nothing and breaks nothing',
    async (text) => {
      expect(await ask(text)).toEqual([]);
    },
  );
  test.each(['5g基站', 'ＣＣＴＶ', 'cctv', '🐕养犬违法🐕', '养犬 违法', `${'犬'.repeat(3)}养犬违法查处`])(
    'L-9 %j finds the item',
    async (text) => {
      expect(await ask(text)).toMatchObject([{ item: { code: '1' } }]);
    },
  );
  test('L-9 asked by class and in words, the class decides and the words rank', async () => {
    const classed = { caseClasses: ['0207'] };
    const of = await published({ 1: { ...dogs, ...classed }, 2: { ...straw, ...classed } });
    const query =
      'query ($town: DivisionCode!, $text: String!) { responsible(division: $town, caseClass: "0207", text: $text) { matches { item { code list { id } } } } }';
    const found = async (text: string) =>
      (await h.ask(query, { town: TOWN, text })).responsible.matches
        .filter(({ item }: Data) => item.list.id === of)
        .map(({ item }: Data) => item.code);
    expect(await found('河边有人烧东西')).toEqual(['1', '2']);
    expect(await found('焚烧秸秆')).toEqual(['2', '1']);
  });
  test('L-10 a list’s id is taken as it is, and codes are no paths', async () => {
    const query = 'query ($list: ID!, $code: String!) { dutyItem(list: $list, code: $code) { code } }';
    const found = async (of: string, code: string) => (await h.ask(query, { list: of, code })).dutyItem;
    expect(await found(list, '1')).toEqual({ code: '1' });
    for (const [of, code] of [
      [list.replace('list:', 'LIST:'), '1'],
      [list, ''],
      [list, '../1'],
      ['', '1'],
      ['list:', `${list.slice(5)}/1`],
    ])
      expect(await found(of as string, code as string)).toBeNull();
  });
});

test('L-10 a difference keeps pace where texts sort otherwise in bytes than in JavaScript', async () => {
  const [high, astral] = ['\uf900', '\u{20000}'];
  const list = await published({ [high]: dogs, [astral]: straw, 1: { ...dogs, name: '第一' } });
  await stage(h, list, 3, [{ code: high, retire: true }]);
  await publish(h, list, '2025-01-01', 4);
  const { difference } = await h.ask(
    'query ($list: ID!, $from: AsOf!, $to: AsOf!) { difference(list: $list, from: $from, to: $to) { added removed changed unchanged } }',
    { list, from: { effectiveAt: '2024-06-01' }, to: { effectiveAt: '2025-06-01' } },
  );
  expect(difference).toEqual({ added: 0, removed: 1, changed: 0, unchanged: 2 });
});
