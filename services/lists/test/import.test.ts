import { readFile } from 'node:fs/promises';
import type { OrganFacts } from '@dutyledger/contracts/staffing';
import * as XLSX from '@e965/xlsx';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  change,
  type Data,
  EXPORT,
  fact,
  IMPORT,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
} from './harness.ts';

/** L-11 end to end: files in, differences as events, files out. */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64');
const HEADINGS = [
  '事项编码',
  '事项名称',
  '领域',
  '主体责任单位',
  '主体责任',
  '配合责任单位',
  '配合责任',
  '镇街角色',
  '依据',
];
type Row = readonly string[];
const csv = (rows: readonly Row[]): string =>
  [HEADINGS, ...rows]
    .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
    .join('\r\n');
const item = (code: string, name: string, domain = '城市管理', lead = ORGANS.police.name): Row => [
  code,
  name,
  domain,
  lead,
  '查处',
  ORGANS.farming.name,
  '协助',
  '配合',
  '济南市文明养犬管理条例(2021)',
];
const THREE = [item('1', '犬只登记'), item('2', '流浪犬处置'), item('10', '犬只免疫', '农业农村')];

const input = (list: string, content: string | Uint8Array, more: object = {}) => ({
  list,
  fileName: 'list.csv',
  content: base64(content),
  change,
  ...more,
});
const load = async (list: string, content: string | Uint8Array, more: object = {}): Promise<Data> =>
  (await h.ask(IMPORT, { input: input(list, content, more) })).importDutyItems;
const download = async (list: string, variables: object): Promise<Data> =>
  (await h.ask(EXPORT, { list, ...variables })).exportDutyList;

let numbered = 200;
/** Registers what the report suggests, as staffing's registerOrgans would. */
async function register(unresolved: Data[]): Promise<void> {
  const organs = unresolved.flatMap(({ suggestion }): OrganFacts[] => {
    if (!suggestion) return [];
    const { name, aliases, kind, level = 'COUNTY', provisional } = suggestion;
    numbered += 1;
    const status = provisional ? 'provisional' : 'active';
    return [fact(numbered, name, { aliases, kind, level: level.toLowerCase(), status })];
  });
  await announce(h, organs);
}

/** Registers what is suggested until every name fits an organ; returns the names that did not at first. */
async function registerAll(list: string, content: Uint8Array, fileName: string): Promise<string[]> {
  const unresolved = async (): Promise<Data[]> =>
    (await load(list, content, { fileName, dryRun: true })).unresolvedOrgans;
  const first = await unresolved();
  let open = first;
  for (let round = 0; open.length > 0 && round < 3; round++) {
    const names = open.map(({ name }) => name);
    await register(open);
    const stillOpen = async () => (await unresolved()).filter(({ name }) => names.includes(name));
    await expect.poll(stillOpen).toEqual([]);
    open = await unresolved();
  }
  expect(open).toEqual([]);
  return first.map(({ name }) => name);
}

describe.each([
  ['duty_items.csv', 'TERRITORIAL', 79],
  ['penalty_items.csv', 'ENFORCEMENT_POWER', 40],
  ['village_grid_items.csv', 'VILLAGE_AFFAIRS', 49],
])('L-11 %s', (fileName, kind, rows) => {
  let list: string;
  let content: Uint8Array;
  beforeAll(async () => {
    list = await openList(h, { kind, title: fileName });
    content = await readFile(new URL(`../data/samples/${fileName}`, import.meta.url));
  });

  test('names that no organ fits are told once, with candidates and how to register them; then it goes in', async () => {
    const head = await h.events.head();
    const first = await load(list, content, { fileName, dryRun: true });
    expect(first).toMatchObject({ problems: [], applied: false });
    for (const { rows, candidates } of first.unresolvedOrgans) {
      expect(rows.length).toBeGreaterThan(0);
      expect(candidates.length).toBeLessThanOrEqual(5);
    }
    if (first.unresolvedOrgans.length > 0) {
      expect(await load(list, content, { fileName })).toMatchObject({
        accepted: false,
        applied: false,
        added: 0,
      });
    }
    const names = await registerAll(list, content, fileName);
    expect(new Set(names).size).toBe(names.length);
    expect(await h.events.head()).toBe(head);
    const done = await load(list, content, { fileName });
    expect(done).toMatchObject({ accepted: true, applied: true, rows, added: rows, revised: 0, missing: 0 });
    expect(done.list.draft).toMatchObject({ added: rows, itemCount: rows });
  });

  test('the same file again changes nothing', async () => {
    const head = await h.events.head();
    const again = await load(list, content, { fileName });
    expect(again).toMatchObject({
      accepted: true,
      added: 0,
      revised: 0,
      retired: 0,
      unchanged: rows,
      missing: 0,
    });
    expect(again.differences).toEqual([]);
    expect(await h.events.head()).toBe(head);
  });

  test.each([
    { format: 'CSV', encoding: 'UTF_8' },
    { format: 'CSV', encoding: 'GB18030' },
    { format: 'XLSX' },
  ])('what is exported reads back without any difference: %j', async (how) => {
    const head = await h.events.head();
    const file = await download(list, { ...how, draft: true });
    expect(file.itemCount).toBe(rows);
    const back = await load(list, Buffer.from(file.content, 'base64'), { fileName: file.fileName });
    expect(back).toMatchObject({
      problems: [],
      unresolvedOrgans: [],
      added: 0,
      revised: 0,
      unchanged: rows,
      missing: 0,
    });
    expect(await h.events.head()).toBe(head);
  });
});

describe('L-11 differences', () => {
  test('a dry run shows what would come and records nothing', async () => {
    const list = await openList(h);
    const head = await h.events.head();
    const shown = await load(list, csv(THREE), { dryRun: true });
    expect(shown).toMatchObject({ accepted: true, applied: false, added: 3, encoding: 'utf-8' });
    expect(shown.differences.map(({ code, kind }: Data) => [code, kind])).toEqual([
      ['1', 'ADD'],
      ['2', 'ADD'],
      ['10', 'ADD'],
    ]);
    expect(shown.list.draft).toMatchObject({ number: 0, added: 0 });
    expect(await h.events.head()).toBe(head);
  });

  test('a changed file: exactly the differences, as events, as the dry run had shown them', async () => {
    const list = await openList(h);
    await load(list, csv(THREE));
    const changed = csv([THREE[0] as Row, item('2', '流浪犬处置', '公共安全'), item('11', '犬舍管理')]);
    const shown = await load(list, changed, { retireMissing: true, dryRun: true });
    const from = await h.events.head();
    const done = await load(list, changed, { retireMissing: true });
    expect(done).toMatchObject({ added: 1, revised: 1, retired: 1, unchanged: 1, missing: 1 });
    const told = ({ differences }: Data) =>
      differences.toSorted((a: Data, b: Data) => Number(a.code) - Number(b.code));
    expect(told(done)).toEqual(told(shown));
    expect(told(done)).toMatchObject([
      { code: '2', kind: 'REVISE', changes: [{ field: 'domain', before: '城市管理', after: '公共安全' }] },
      { code: '10', kind: 'RETIRE', name: '犬只免疫' },
      { code: '11', kind: 'ADD', name: '犬舍管理' },
    ]);
    const recorded: string[] = [];
    for await (const page of h.events.readAll({ after: from }))
      recorded.push(...page.map(({ type }) => type));
    expect(recorded.toSorted()).toEqual(['ItemAdded', 'ItemReset', 'ItemRevised']);
  });

  test('items that the file does not hold stay unless told otherwise', async () => {
    const list = await openList(h);
    await load(list, csv(THREE));
    expect(await load(list, csv(THREE.slice(0, 1)))).toMatchObject({ retired: 0, missing: 2, unchanged: 1 });
  });

  test('an item that the draft had retired and the file still holds comes back', async () => {
    const list = await openList(h);
    await load(list, csv(THREE));
    await publish(h, list, '2024-01-01', 3);
    await stage(h, list, 3, [
      { code: '1', retire: true },
      { code: '2', retire: true },
    ]);
    const rows = [THREE[0] as Row, item('2', '流浪犬处置', '公共安全'), THREE[2] as Row];
    const shown = await load(list, csv(rows), { dryRun: true });
    const done = await load(list, csv(rows));
    for (const report of [shown, done]) {
      expect(report).toMatchObject({ added: 2, revised: 0, retired: 0 });
      expect(report.differences.map(({ code, kind }: Data) => [code, kind])).toEqual([
        ['1', 'ADD'],
        ['2', 'ADD'],
      ]);
    }
    expect(done.list.draft).toMatchObject({ added: 0, revised: 1, retired: 0 });
  });

  test('items that name organs of elsewhere are revised all the same', async () => {
    const list = await openList(h);
    const afar = fact(900, '济南市历城区公安局', { id: 'organ:370112-0001', division: '370112000000' });
    await announce(h, [afar]);
    await load(list, csv(THREE));
    await stage(h, list, 3, [
      { code: '1', revise: { procedure: [{ id: '1', name: '移交', organ: afar.id }] } },
    ]);
    const revised = await load(list, csv([item('1', '犬只登记', '公共安全')]));
    expect(revised).toMatchObject({ problems: [], accepted: true, revised: 1 });
  });
});

describe('L-11 files that cannot go in', () => {
  let list: string;
  beforeAll(async () => {
    list = await openList(h);
  });

  test('one bad row: nothing enters; row, column, value and cause are told', async () => {
    const rows = [...THREE, item('11', '', '城市管理'), item('12', '无依据').with(8, '')];
    const head = await h.events.head();
    const report = await load(list, csv(rows));
    expect(report).toMatchObject({ accepted: false, applied: false, added: 0, problemCount: 2, rows: 5 });
    expect(report.problems).toMatchObject([
      { row: 5, column: 'B', heading: '事项名称', cause: expect.stringMatching(/name/), rule: 'L-2' },
      {
        row: 6,
        column: 'I',
        heading: '依据',
        value: '',
        cause: expect.stringMatching(/law or document/),
        rule: 'L-2',
      },
    ]);
    expect(await h.events.head()).toBe(head);
  });
  test('what only the draft can tell is told by row as well', async () => {
    const of = await openList(h);
    await load(of, csv(THREE));
    await publish(h, of, '2024-01-01', 3);
    await stage(h, of, 3, [{ code: '2', retire: true }]);
    await publish(h, of, '2025-01-01', 4);
    const report = await load(of, csv([THREE[0] as Row, item('2', '完全另一件事'), THREE[2] as Row]));
    expect(report).toMatchObject({ accepted: false, problemCount: 1 });
    expect(report.problems).toMatchObject([
      { row: 3, value: '2', rule: 'L-2', cause: expect.stringContaining('流浪犬处置') },
    ]);
  });
  test.each<[string, string | Uint8Array, object]>([
    ['no bytes', '', { code: 'INVALID_INPUT' }],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), { code: 'INVALID_INPUT' }],
    [
      'an archive that is broken',
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(100)]),
      { code: 'INVALID_INPUT' },
    ],
  ])('refuses %s', async (_, content, expected) => {
    await refused(h, [IMPORT, input(list, content)], expected);
  });
  test.each(['今天,天气\r\n很好,明天', 'constructor,toString,__proto__\r\n1,2,3'])(
    'tells which columns a table lacks: %j',
    async (content) => {
      const report = await load(list, content);
      expect(report).toMatchObject({ accepted: false, applied: false, rows: 0, problemCount: 3 });
      expect(report.problems[0]).toMatchObject({ row: 1, cause: expect.stringContaining('事项名称') });
    },
  );
  test('refuses what is no Base64, a mapping that cannot be, organs that are not registered', async () => {
    await refused(h, [IMPORT, { ...input(list, ''), content: 'not base64!' }], {
      code: 'INVALID_INPUT',
      field: 'content',
    });
    const mapping = (given: object) =>
      [IMPORT, input(list, csv(THREE), { mapping: given })] as [string, object];
    await refused(h, mapping({ colums: {} }), { code: 'INVALID_INPUT' });
    await refused(h, mapping({ columns: { 领域: 'nonsense' } }), { code: 'INVALID_INPUT' });
    await refused(h, mapping({ organs: { 某局: '没有登记的单位' } }), {
      code: 'INVALID_INPUT',
      rule: 'L-11',
      field: 'mapping.organs',
    });
  });
  test('L-3 the second of two is told what changed and by whom, in a dry run as well', async () => {
    const of = await openList(h);
    await load(of, csv(THREE));
    await stage(h, of, 3, [{ code: '2', revise: { remarks: '改' } }]);
    for (const dryRun of [true, false]) {
      const stale = input(of, csv([item('2', '流浪犬处置', '公共安全')]), { basedOn: 3, dryRun });
      const fault = await refused(h, [IMPORT, stale], { code: 'CONFLICT', rule: 'L-3', field: 'basedOn' });
      expect(fault.details?.['changedSince']).toMatchObject([{ code: '2', by: '李编辑' }]);
    }
    await refused(h, [IMPORT, input(of, csv(THREE), { basedOn: 99 })], {
      code: 'INVALID_INPUT',
      field: 'basedOn',
    });
  });
  test('a mapping that is given goes before the guesses', async () => {
    const file = csv([item('1', '犬只登记', '城市管理', '某某单位')]);
    const unresolved = await load(list, file, { dryRun: true });
    expect(unresolved.unresolvedOrgans).toMatchObject([{ name: '某某单位', rows: [2] }]);
    const mapping = { organs: { 某某单位: ORGANS.health.id }, columns: { 领域: 'category', C: 'category' } };
    const report = await load(list, file, { dryRun: true, mapping });
    expect(report).toMatchObject({ accepted: true, added: 1, unresolvedOrgans: [] });
    expect(report.columns).toContainEqual({
      letter: 'C',
      heading: '领域',
      field: 'category',
      confidence: 'GIVEN',
    });
  });
});

describe('L-11 an import that is sent again', () => {
  const retired = async (list: string, codes: string[], number: number) => {
    await stage(
      h,
      list,
      number,
      codes.map((code) => ({ code, retire: true })),
    );
    await publish(h, list, '2025-01-01', number + codes.length);
  };
  test('is answered as the first time, also when the draft went on, and after a restart', async () => {
    const list = await openList(h);
    const keyed = { change: { ...change, idempotencyKey: 'import-1' } };
    const first = await load(list, csv(THREE), keyed);
    expect(first).toMatchObject({ applied: true, repeated: false, added: 3, unchanged: 0 });
    const { list: _, ...told } = { ...first, repeated: true };
    expect(await load(list, csv(THREE), keyed)).toMatchObject(told);
    await publish(h, list, '2024-01-01', 3);
    await retired(list, ['1', '2'], 3);
    const head = await h.events.head();
    expect(await load(list, csv(THREE), keyed)).toMatchObject(told);
    await h.restart();
    expect(await load(list, csv(THREE), keyed)).toMatchObject(told);
    expect(await h.events.head()).toBe(head);
  });
  test('with other content under the same key is a conflict', async () => {
    const list = await openList(h);
    const keyed = { change: { ...change, idempotencyKey: 'import-2' } };
    await load(list, csv(THREE), keyed);
    const other = input(list, csv(THREE.slice(1)), keyed);
    await refused(h, [IMPORT, other], { code: 'CONFLICT', field: 'idempotencyKey' });
    await refused(h, [IMPORT, input(list, csv(THREE), { ...keyed, retireMissing: true })], {
      code: 'CONFLICT',
    });
  });
  test('ten at once are one', async () => {
    const list = await openList(h);
    const keyed = { change: { ...change, idempotencyKey: 'import-3' } };
    const answers = await Promise.all(Array.from({ length: 10 }, () => load(list, csv(THREE), keyed)));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    for (const answer of answers) expect(answer).toMatchObject({ applied: true, added: 3 });
    expect(answers[0].list.draft.number).toBe(3);
  });
});

test('L-11 XLSX and GB18030 are read as UTF-8 is', async () => {
  const list = await openList(h);
  const sheet = XLSX.utils.aoa_to_sheet([['章丘区清单'], HEADINGS, ...THREE.map((row) => [...row])]);
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, '清单');
  const bytes: Uint8Array = XLSX.write(book, { type: 'buffer', bookType: 'xlsx' });
  expect(await load(list, bytes, { fileName: 'list.xlsx' })).toMatchObject({
    added: 3,
    sheet: '清单',
    encoding: null,
  });
  const gb = iconv.encode(csv(THREE), 'gb18030');
  expect(await load(list, gb)).toMatchObject({ encoding: 'gb18030', added: 0, revised: 0, unchanged: 3 });
});

test('L-11 export as of an earlier day gives what was in force then', async () => {
  const list = await openList(h);
  await load(list, csv(THREE));
  await publish(h, list, '2024-01-01', 3);
  await load(list, csv([item('1', '犬只登记', '公共安全')]), { retireMissing: true });
  await publish(h, list, '2025-01-01', 6);
  const rows = async (effectiveAt: string): Promise<Data[]> => {
    const file = await download(list, { format: 'JSON', asOf: { effectiveAt } });
    return JSON.parse(Buffer.from(file.content, 'base64').toString()).items;
  };
  expect(await rows('2023-12-31')).toEqual([]);
  expect((await rows('2024-06-01')).map(({ code, domain }) => [code, domain])).toEqual([
    ['1', '城市管理'],
    ['2', '城市管理'],
    ['10', '农业农村'],
  ]);
  expect((await rows('2025-06-01')).map(({ code, domain }) => [code, domain])).toEqual([['1', '公共安全']]);
  const then = await download(list, { format: 'CSV', asOf: { effectiveAt: '2024-06-01' } });
  const back = await load(list, Buffer.from(then.content, 'base64'), { dryRun: true });
  expect(back).toMatchObject({ added: 2, revised: 1, missing: 0 });
});
