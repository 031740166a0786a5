import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyItem, type ItemContent } from '../duty-list/item.ts';
import { differencesOf } from './differences.ts';
import { csv, readFile, stage, stagedItems } from './pipeline.fixture.ts';
import type { FileItem } from './to-items.ts';

const item = (name: string, more: Partial<ItemContent> = {}): ItemContent => ({
  ...emptyItem,
  name,
  ...more,
});
const row = (code: string | null, content: ItemContent, at = 2): FileItem => ({ row: at, code, content });

const draft = (entries: Record<string, ItemContent>) => new Map(Object.entries(entries));

describe('matching', () => {
  test('by code where the file has codes: a renamed item is a revision', () => {
    const found = differencesOf(draft({ A1: item('犬只登记') }), [row('A1', item('养犬管理'))], false);
    expect(found).toMatchObject({ add: [], missing: [], revise: [{ code: 'A1', fields: ['name'] }] });
  });

  test('by name where rows were only renumbered: nothing changed', () => {
    const existing = draft({ 1: item('甲'), 2: item('乙'), 3: item('丙') });
    const file = [row('1', item('丙')), row('2', item('甲')), row('3', item('乙'))];
    expect(differencesOf(existing, file, true)).toEqual({ add: [], revise: [], unchanged: 3, missing: [] });
  });

  test('a row put in between is one addition, under the next free number', () => {
    const existing = draft({ 1: item('甲'), 2: item('乙') });
    const file = [row('1', item('甲')), row('2', item('新事项')), row('3', item('乙'))];
    const found = differencesOf(existing, file, true);
    expect(found.add.map(({ code, content }) => [code, content.name])).toEqual([['3', '新事项']]);
    expect(found).toMatchObject({ revise: [], unchanged: 2, missing: [] });
  });

  test('by running number where the names are alike: a new wording', () => {
    const existing = draft({ 1: item('犬只登记与违法查处') });
    const alike = differencesOf(existing, [row('1', item('犬只登记与养犬违法查处'))], true);
    expect(alike.revise).toMatchObject([{ code: '1', fields: ['name'] }]);
    const other = differencesOf(existing, [row('1', item('河道采砂'))], true);
    expect(other).toMatchObject({ add: [{ code: '2' }], revise: [], missing: ['1'] });
  });

  test('items of one name are told apart by domain, and a moved one is found by name alone', () => {
    const existing = draft({
      1: item('巡查', { domain: '林业' }),
      2: item('巡查', { domain: '水利' }),
      3: item('普法', { domain: '司法' }),
    });
    const file = [
      row(null, item('巡查', { domain: '水利' })),
      row(null, item('普法', { domain: '平安法治' })),
    ];
    const found = differencesOf(existing, file, true);
    expect(found).toMatchObject({
      add: [],
      unchanged: 1,
      missing: ['1'],
      revise: [{ code: '3', fields: ['domain'] }],
    });
  });

  test('names and levels of organs were recorded once and do not count as changes', () => {
    const lead = (name: string, duty: string) => [{ organ: 'o1', name, level: 'county' as const, duty }];
    const existing = draft({ 1: item('甲', { leads: lead('区安监局', '监管') }) });
    expect(
      differencesOf(existing, [row('1', item('甲', { leads: lead('区应急局', '监管') }))], true).unchanged,
    ).toBe(1);
    const changed = differencesOf(
      existing,
      [row('1', item('甲', { leads: lead('区应急局', '检查') }))],
      true,
    );
    expect(changed.revise[0]?.fields).toEqual(['leads']);
  });

  test('what is missing in the file is named and not removed', () => {
    const found = differencesOf(draft({ 1: item('甲'), 2: item('乙') }), [row('2', item('乙'))], true);
    expect(found).toMatchObject({ add: [], revise: [], missing: ['1'] });
  });
});

const HEAD = ['序号', '事项名称', '领域', '牵头单位', '主体责任', '依据'];
const ORGANS = ['区公安局', '区司法局', '区民政局', '镇街'];

/** Rows of different names, as a county's list has them. */
const listArbitrary = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[甲乙丙丁戊己庚辛]{3,8}$/), fc.nat(3), fc.nat(3)), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 25,
  })
  .map((entries) =>
    entries.map(([name, domain, organ], i) => [
      String(i + 1),
      name,
      `领域${domain}`,
      ORGANS[organ] ?? '',
      '负责',
      '某法',
    ]),
  );

describe('L-11 over whole files', () => {
  test('the same file again changes nothing, in whatever order', () => {
    fc.assert(
      fc.property(
        listArbitrary.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) => {
          const existing = stage(readFile(csv([HEAD, ...rows])));
          expect(existing.size).toBe(rows.length);
          for (const each of [rows, shuffled]) {
            const again = readFile(csv([HEAD, ...each]));
            const found = differencesOf(existing, again.items, again.codesAreNumbers);
            expect(found).toEqual({ add: [], revise: [], unchanged: rows.length, missing: [] });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('k changed rows are exactly k differences', () => {
    fc.assert(
      fc.property(
        listArbitrary.chain((rows) => fc.tuple(fc.constant(rows), fc.subarray(rows), fc.nat(3))),
        ([rows, edited, more]) => {
          const existing = stage(readFile(csv([HEAD, ...rows])));
          const changed = rows.map((each) => (edited.includes(each) ? each.with(4, '负责并公示') : each));
          const added = Array.from({ length: more }, (_, i) => [
            '',
            `新增事项${i}`,
            '领域0',
            '区公安局',
            '负责',
            '某法',
          ]);
          const file = readFile(csv([HEAD, ...added, ...changed]));
          const found = differencesOf(existing, file.items, file.codesAreNumbers);
          expect(found.revise.map(({ fields }) => fields)).toEqual(edited.map(() => ['leads']));
          expect(found.add).toHaveLength(more);
          expect(found.unchanged).toBe(rows.length - edited.length);
          expect(found.missing).toEqual([]);
          const after = new Map([...existing, ...stagedItems(found)]);
          for (const { code, after: content } of found.revise) after.set(code, content);
          expect(differencesOf(after, file.items, true)).toMatchObject({ add: [], revise: [], missing: [] });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('L-11 a running number that a retired item had goes to no other item', () => {
    const found = differencesOf(
      draft({ 1: item('甲') }),
      [row('1', item('甲')), row('2', item('新事项'))],
      true,
      ['1', '2'],
    );
    expect(found).toMatchObject({
      add: [{ code: '3', content: { name: '新事项' } }],
      revise: [],
      unchanged: 1,
    });
  });
});
