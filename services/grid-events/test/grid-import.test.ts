import { children } from '@dutyledger/reference-data/divisions';
import { type Data, type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { workbook } from '@dutyledger/tables/workbook.fixture';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleNetwork } from '../src/grid-network/samples.ts';
import { sampleWorkers } from '../src/grid-worker/samples.ts';
import { startGridEvents } from '../src/service.ts';

/** Files of grids and grid workers (G-1, G-2), through GraphQL on real embedded stores. */

const ZHANGQIU = '370114000000';
const LANSHAN = '371302000000';
const change = {
  reason: '网格底数导入',
  basis: [{ title: '网格底数台账', documentNumber: '章网格办〔2026〕3号' }],
};

let h: Harness;
beforeAll(async () => {
  h = await startHarness(startGridEvents, { roles: ['GRID_MANAGER'], division: '370000000000' });
});
afterAll(() => h.end());

const REPORT = `accepted applied sheet encoding columns { letter heading field } rows
  problems { row column heading value cause rule } problemCount created revised unchanged
  differences { code name kind changes { field before after } } repeated pending`;
type Kind = 'importGrids' | 'importGridWorkers';

async function importFile(kind: Kind, content: Buffer, input: object = {}): Promise<Data> {
  const type = kind === 'importGrids' ? 'ImportGridsInput' : 'ImportGridWorkersInput';
  const variables = {
    input: {
      division: ZHANGQIU,
      fileName: 'file',
      content: content.toString('base64'),
      effectiveFrom: '2026-01-01',
      change,
      ...input,
    },
  };
  return (await h.ask(`mutation ($input: ${type}!) { ${kind}(input: $input) { ${REPORT} } }`, variables))[
    kind
  ];
}

const csv = (rows: readonly (readonly unknown[])[]): Buffer =>
  Buffer.from(
    rows
      .map((row) => row.map((cell) => `"${String(cell ?? '').replaceAll('"', '""')}"`).join(','))
      .join('\r\n'),
  );
const townsOf = (county: string): string[] => children(county).map(({ code }) => code);
const nameOf = new Map(children(ZHANGQIU).map(({ code, name }) => [code, name]));

const network = sampleNetwork({ towns: townsOf(ZHANGQIU), grids: 485 });
const HEADINGS = ['网格编码', '网格名称', '网格类型', '所属镇街', '所属社区', '户数', '人口', '边界'];
const gridRow = (grid: (typeof network)[number]) => [
  grid.code,
  grid.name,
  '一般网格',
  nameOf.get(grid.town),
  grid.villageName,
  `${grid.households}户`,
  grid.population,
  JSON.stringify(grid.boundary),
];
const gridFile = csv([
  ['章丘区网格底数台账'],
  HEADINGS,
  ...network.map(gridRow),
  ['合计', '', '', '', '', '', '485'],
]);

const POSTS = {
  GRID_LEADER: '网格长',
  GRID_WORKER: '网格员',
  INFORMATION_OFFICER: '网格信息员',
  INSPECTOR: '督查员',
};
const workers = sampleWorkers(network, 3_000);
const workerFile = csv([
  ['工号', '姓名', '手机号', '岗位', '职责角色', '所属镇街', '网格编码'],
  ...workers.map(({ number, name, post, roles, town, grid }) => [
    number,
    name,
    '13800000000',
    POSTS[post],
    roles.length === 0
      ? ''
      : '党政联络员、情报信息员、环境监督员、属地安全员、秩序监督员、纠纷调解员、民生服务员、文明传播员',
    nameOf.get(town),
    grid,
  ]),
]);

describe('G-1 and G-2 Zhangqiu: 485 grids and 3,000 workers', () => {
  test('G-1 a dry run tells what would come and records nothing', async () => {
    const report = await importFile('importGrids', gridFile, { dryRun: true });
    expect(report).toMatchObject({
      accepted: true,
      applied: false,
      rows: 485,
      created: 485,
      problemCount: 0,
    });
    const { gridNetwork } = await h.ask(`{ gridNetwork(division: "${ZHANGQIU}") { gridsEver } }`);
    expect(gridNetwork.gridsEver).toBe(0);
  });
  test('G-1 GB18030 with Chinese headings enters whole, and again changes nothing', async () => {
    const bytes = iconv.encode(gridFile.toString('utf8'), 'gb18030');
    const report = await importFile('importGrids', bytes);
    expect(report).toMatchObject({
      accepted: true,
      applied: true,
      encoding: 'gb18030',
      created: 485,
      revised: 0,
    });
    expect(await importFile('importGrids', bytes)).toMatchObject({ created: 0, revised: 0, unchanged: 485 });
    const { gridsAt } = await h.ask(
      `query ($points: [PointInput!]!) { gridsAt(division: "${ZHANGQIU}", points: $points) { grid { code } } }`,
      { points: network.map(({ boundary }) => centre(boundary)) },
    );
    expect(gridsAt.map((found: Data) => found?.grid.code)).toEqual(network.map(({ code }) => code));
  });
  test('G-2 3,000 workers enter with their grids; telephone numbers are not taken over', async () => {
    const report = await importFile('importGridWorkers', workerFile);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ applied: true, created: 3_000 });
    expect(report.columns[2]).toEqual({ letter: 'C', heading: '手机号', field: null });
    expect(await importFile('importGridWorkers', workerFile)).toMatchObject({
      created: 0,
      revised: 0,
      unchanged: 3_000,
    });
    const recorded: unknown[] = [];
    for await (const page of h.events.readStream('gridEvents.gridWorkers-370114')) recorded.push(...page);
    expect(recorded).toHaveLength(3_000);
    expect(JSON.stringify(recorded)).not.toContain('13800000000');
    const { gridByCode } = await h.ask(
      `query ($code: String!) { gridByCode(division: "${ZHANGQIU}", code: $code) { workers { post roles } } }`,
      { code: network[0]?.code },
    );
    expect(gridByCode.workers).toHaveLength(7);
    expect(gridByCode.workers[0].post).toBe('GRID_LEADER');
    expect(gridByCode.workers[1].roles).toHaveLength(8);
  });
  test('G-1 what a later file changes is told field by field; the rest stays as it is', async () => {
    const [first] = network;
    const rows = [
      ['网格编码', '人口', '说明'],
      [first?.code, 1_100, ''],
      [network[1]?.code, 9_000, '拆迁安置'],
    ];
    const input = { effectiveFrom: '2026-02-01', change: { ...change, idempotencyKey: 'later' } };
    const report = await importFile('importGrids', csv(rows), input);
    expect(report).toMatchObject({ created: 0, revised: 2, unchanged: 0 });
    expect(report.differences[0]).toEqual({
      code: first?.code,
      name: first?.name,
      kind: 'REVISE',
      changes: [{ field: 'population', before: first?.population, after: 1_100 }],
    });
    const again = await importFile('importGrids', csv(rows), input);
    expect(again).toMatchObject({ revised: 2, applied: true, repeated: true });
    expect(again.differences).toEqual(report.differences);
  });
  test('G-1 every bad row is told with row, column and cause; nothing enters', async () => {
    const rows = [
      HEADINGS,
      ['X1', '新网格', '一般网格', '垛庄镇', '', '400', '1000', ''],
      ['X1', '重复', '一般网格', '垛庄镇', '', '400', '1000', ''],
      ['X2', '', '一般网格', '历城区', '', '四百', '1000', ''],
      ['X3', '超大', '一般网格', '垛庄镇', '', '4000', '9000', ''],
      ['X4', '边界', '随便', '垛庄镇', '', '400', '1000', '{"type":"Point"}'],
      ['X5', '重叠', '一般网格', '垛庄镇', '', '400', '1000', JSON.stringify(network[3]?.boundary)],
    ];
    const report = await importFile('importGrids', csv(rows));
    expect(report).toMatchObject({ accepted: false, applied: false, created: 0 });
    expect(report.problems.map(({ row, heading }: Data) => [row, heading])).toEqual([
      [3, '网格编码'],
      [4, '所属镇街'],
      [4, '户数'],
      [6, '网格类型'],
      [6, '边界'],
    ]);
    const fewer = await importFile('importGrids', csv([rows[0], rows[1], rows[4], rows[6]] as string[][]));
    expect(fewer.problems.map(({ row, heading, rule }: Data) => [row, heading, rule])).toEqual([
      [3, null, 'G-1'],
      [4, '边界', 'G-1'],
    ]);
    const { gridByCode } = await h.ask(`{ gridByCode(division: "${ZHANGQIU}", code: "X1") { id } }`);
    expect(gridByCode).toBeNull();
  });
  test('G-2 every bad row of workers is told', async () => {
    const rows = [
      ['工号', '姓名', '岗位', '角色', '镇街', '网格'],
      ['N1', '甲', '网格长', '', '垛庄镇', network[0]?.code],
      ['N2', '', '队长', '消防员', '垛庄镇', '不存在'],
      ['N2', '乙', '网格员', '', '垛庄镇', ''],
      ['', '丙', '网格员', '', '垛庄镇', ''],
    ];
    const report = await importFile('importGridWorkers', csv(rows));
    expect(report.problems.map(({ row, heading }: Data) => [row, heading])).toEqual([
      [3, '姓名'],
      [3, '岗位'],
      [3, '角色'],
      [3, '网格'],
      [4, '工号'],
      [5, '工号'],
    ]);
    const second = await importFile('importGridWorkers', csv(rows.slice(0, 2) as string[][]));
    expect(second).toMatchObject({ accepted: false, problems: [{ row: 2, heading: '网格', rule: 'G-2' }] });
  });
  test('G-1 a file that is none is refused with a code', async () => {
    const refused = async (text: string, input: object = {}) =>
      h.fault(`mutation ($input: ImportGridsInput!) { importGrids(input: $input) { rows } }`, {
        input: {
          division: ZHANGQIU,
          fileName: 'f',
          content: Buffer.from(text).toString('base64'),
          change,
          ...input,
        },
      });
    expect(await refused('')).toMatchObject({
      code: 'INVALID_INPUT',
      rule: 'G-1',
      details: { problem: 'EMPTY' },
    });
    expect(await refused('a,b\n1,2')).toMatchObject({ rule: 'G-1', details: { problem: 'NO_HEADER' } });
    expect(await refused('{"type":"Feature"}')).toMatchObject({ details: { problem: 'WRONG_TYPE' } });
    expect(await refused('{"type":')).toMatchObject({ details: { problem: 'CORRUPT' } });
    const mapping = { columns: { 没有: 'code' } };
    expect(await refused('编码,名称\nA,B', { mapping })).toMatchObject({ field: 'mapping.columns.没有' });
    expect(await refused('编码,名称\nA,B', { mapping: { columns: { 编码: 'x' } } })).toMatchObject({
      field: 'mapping.columns.编码',
    });
  });
});

/** The middle of a sample square. */
function centre(boundary: Data) {
  const [[west, south], , [east, north]] = boundary.coordinates[0];
  return { lon: (west + east) / 2, lat: (south + north) / 2 };
}

describe('G-1 Lanshan: 1,401 grids', () => {
  const grids = sampleNetwork({ towns: townsOf(LANSHAN), grids: 1_401, corner: [118.2, 34.9] });
  const features = grids.map(({ code, name, town, households, boundary }) => ({
    type: 'Feature',
    properties: { code, name, town, 户数: households, 面积: 12 },
    geometry: boundary,
  }));
  const file = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features }));
  test('G-1 a GeoJSON FeatureCollection enters whole, and again changes nothing', async () => {
    const report = await importFile('importGrids', file, { division: LANSHAN });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ applied: true, created: 1_401, encoding: 'utf-8' });
    expect(await importFile('importGrids', file, { division: LANSHAN })).toMatchObject({ unchanged: 1_401 });
  });
  test('G-1 a bad feature is told by its number, and a mapping says what a column means', async () => {
    const bad = {
      type: 'Feature',
      properties: { code: 'L9', name: '坏', town: grids[0]?.town },
      geometry: { type: 'Point' },
    };
    const content = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features: [features[0], bad] }));
    const report = await importFile('importGrids', content, { division: LANSHAN });
    expect(report.problems).toMatchObject([{ row: 2, column: null, rule: 'G-1' }]);
    const sheet = workbook([
      ['网格', '标识'],
      ['改名', grids[0]?.code],
    ]);
    const mapping = { columns: { 标识: 'code', A: 'name' } };
    const renamed = await importFile('importGrids', sheet, { division: LANSHAN, mapping, dryRun: true });
    expect(renamed).toMatchObject({ revised: 1, sheet: '清单' });
  });
  test('G-1 rows outside the division of the import are refused', async () => {
    const content = csv([
      ['编码', '人口'],
      [grids[1_400]?.code, 1_100],
    ]);
    const report = await importFile('importGrids', content, { division: townsOf(LANSHAN)[0] });
    expect(report).toMatchObject({ accepted: false, problems: [{ row: 2, rule: 'G-1' }] });
  });
});
