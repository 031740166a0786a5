import type { Text } from '@dutyledger/event-store/decider';
import { findByName } from '@dutyledger/reference-data/division-search';
import { division, isKnown } from '@dutyledger/reference-data/divisions';
import { tidyCode, tidyName } from '@dutyledger/tables/text';
import type { Fields } from '../file-import/columns.ts';
import type { FileRecord } from '../file-import/read-records.ts';
import type { RowProblem } from '../file-import/report.ts';
import { type Boundary, readBoundary } from './boundary.ts';
import type { ImportedGrid } from './commands.ts';
import type { Drawn } from './compare.ts';
import { type Grid, type GridKind, isLive, outsideGuidance } from './grid.ts';
import type { GridChanges } from './grid-rules.ts';
import type { GridNetwork } from './state.ts';

/** Rows of a file of grids: what they say, and what of it is new to the network. */

export type GridColumn =
  | 'code'
  | 'name'
  | 'kind'
  | 'parentCode'
  | 'town'
  | 'village'
  | 'villageName'
  | 'households'
  | 'population'
  | 'sizeReason'
  | 'boundary';

export const GRID_COLUMNS: Fields<GridColumn> = {
  code: { heading: '网格编码', also: '编码 网格代码 网格编号 编号 代码 网格号' },
  name: { heading: '网格名称', also: '名称 网格 网格名' },
  kind: { heading: '网格类型', also: '类型 类别 网格类别 网格性质' },
  parentCode: { heading: '所属基础网格', also: '所属网格 上级网格 基础网格编码 上级网格编码 所属网格编码' },
  town: {
    heading: '所属镇街',
    also: '镇街 乡镇 街道 乡镇街道 镇街道 所属乡镇 所属街道 所属乡镇街道 镇街代码',
  },
  village: { heading: '村居代码', also: '社区代码 村社区代码 村代码 所属村居代码' },
  villageName: { heading: '所属村居', also: '村居 社区 村社区 所属社区 所属村 所属村社区 村 行政村' },
  households: { heading: '户数', also: '户 总户数 居民户数 家庭户数' },
  population: { heading: '人口', also: '人口数 人数 总人口 总人数 常住人口' },
  sizeReason: { heading: '设置说明', also: '说明 理由 原因 设置理由 超出原因 规模说明' },
  boundary: { heading: '边界', also: '网格边界 边界坐标 geojson geometry' },
};

export const isGridColumn = (name: string): name is GridColumn => Object.hasOwn(GRID_COLUMNS, name);

export interface GridRows {
  rows: ImportedGrid[];
  /** The record of each row of the command. */
  records: FileRecord<GridColumn>[];
  drawn: Drawn[];
  leaving: Set<string>;
  unchanged: number;
  problems: RowProblem<GridColumn>[];
}

/** What the rows are read against. */
export interface RowContext {
  county: string;
  state: GridNetwork;
  /** Reason for grids outside the guidance whose row gives none. */
  sizeReason: string | null;
  boundaryOf(grid: string): Boundary | undefined;
}

type Row = FileRecord<GridColumn>;
type Said = {
  kind: GridKind | undefined;
  town: string | undefined;
  households: number | undefined;
  population: number | undefined;
  boundary: Boundary | undefined;
};

/** Reads all rows. Micro grids come last, so that their parents are there. */
export function readGridRows(records: readonly Row[], context: RowContext): GridRows {
  const result: GridRows = {
    rows: [],
    records: [],
    drawn: [],
    leaving: new Set(),
    unchanged: 0,
    problems: [],
  };
  const seen = new Map<string, number>();
  const micro: [Row, ImportedGrid][] = [];
  for (const record of records) {
    const code = tidyCode(record.values.code ?? '');
    const before = seen.get(code);
    if (before !== undefined) {
      problem(result, record, 'code', repeated(code, before));
      continue;
    }
    seen.set(code, record.row);
    const row = readRow({ ...record, values: { ...record.values, code } }, context, result);
    if (row === undefined) continue;
    if (row.change === 'CREATE' && row.grid.kind === 'MICRO') micro.push([record, row]);
    else add(result, record, row, context);
  }
  for (const [record, row] of micro) add(result, record, row, context);
  return result;
}

function add(result: GridRows, record: Row, row: ImportedGrid, { state }: RowContext): void {
  const at = result.rows.length;
  result.rows.push(row);
  result.records.push(record);
  if (row.change === 'CREATE') {
    const { boundary, ...grid } = row.grid;
    if (boundary) result.drawn.push({ at, ...grid, boundary });
    return;
  }
  const grid = state.grids.get(row.grid)?.grid;
  if (!row.boundary || !grid) return;
  result.leaving.add(grid.id);
  const parentCode = grid.parent === null ? null : (state.grids.get(grid.parent)?.grid.code ?? null);
  result.drawn.push({ at, ...grid, parentCode, boundary: row.boundary });
}

function readRow(record: Row, context: RowContext, result: GridRows): ImportedGrid | undefined {
  const found = result.problems.length;
  const said = readCells(record, context.county, result);
  const code = record.values.code ?? '';
  if (code === '') problem(result, record, 'code', texts.noCode);
  if (result.problems.length > found) return undefined;
  const known = context.state.grids.get(context.state.codes.get(code) ?? '')?.grid;
  if (!known || !isLive(known)) return newRow(record, said, context, result);
  const row = changedRow(record, said, known, context, result);
  if (row === undefined && result.problems.length === found) result.unchanged += 1;
  return row;
}

function newRow(record: Row, said: Said, context: RowContext, result: GridRows): ImportedGrid | undefined {
  const { code = '', name, parentCode, village, villageName, sizeReason } = record.values;
  const { kind = 'GENERAL', town, households = null, population = null, boundary = null } = said;
  if (name === undefined) problem(result, record, 'name', texts.noName);
  if (town === undefined) problem(result, record, 'town', texts.noTown);
  if (name === undefined || town === undefined) return undefined;
  const sizes = { kind, households, population };
  return {
    change: 'CREATE',
    grid: {
      code,
      name: tidyName(name),
      ...sizes,
      parentCode: parentCode === undefined ? null : tidyCode(parentCode),
      town,
      village: village === undefined ? null : tidyCode(village),
      villageName: villageName ?? null,
      sizeReason: sizeReason ?? (outsideGuidance(sizes) ? context.sizeReason : null),
      boundary,
    },
  };
}

/** Undefined when the row says nothing new. */
function changedRow(
  record: Row,
  said: Said,
  known: Grid,
  { state, sizeReason, boundaryOf }: RowContext,
  result: GridRows,
): ImportedGrid | undefined {
  const { values } = record;
  const parent = known.parent === null ? undefined : state.grids.get(known.parent)?.grid.code;
  if (said.kind !== undefined && said.kind !== known.kind) problem(result, record, 'kind', texts.otherKind);
  if (values.parentCode !== undefined && tidyCode(values.parentCode) !== parent) {
    problem(result, record, 'parentCode', texts.otherParent);
  }
  if (result.problems.at(-1)?.row === record.row) return undefined;
  const given: GridChanges = {
    ...(values.name !== undefined && { name: tidyName(values.name) }),
    ...(said.town !== undefined && { town: said.town }),
    ...(values.village !== undefined && { village: tidyCode(values.village) }),
    ...(values.villageName !== undefined && { villageName: values.villageName }),
    ...(said.households !== undefined && { households: said.households }),
    ...(said.population !== undefined && { population: said.population }),
  };
  const after = { ...known, ...given };
  const reason = values.sizeReason ?? (known.sizeReason === null ? sizeReason : known.sizeReason);
  if (outsideGuidance(after) && reason !== null) given.sizeReason = reason;
  const changes = Object.fromEntries(
    Object.entries(given).filter(([field, value]) => known[field as keyof GridChanges] !== value),
  ) as GridChanges;
  const drawn = said.boundary && !isSame(said.boundary, boundaryOf(known.id)) ? said.boundary : undefined;
  if (Object.keys(changes).length === 0 && !drawn) return undefined;
  return { change: 'REVISE', grid: known.id, changes, ...(drawn && { boundary: drawn }) };
}

const isSame = (a: Boundary, b: Boundary | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function readCells(record: Row, county: string, result: GridRows): Said {
  const { kind, town, households, population, boundary, village } = record.values;
  const readWhole = (field: 'households' | 'population', text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const digits = text.normalize('NFKC').replace(/[,，\s]|[户人]$/g, '');
    if (/^\d{1,7}$/.test(digits)) return Number(digits);
    problem(result, record, field, texts.noNumber);
    return undefined;
  };
  const said: Said = {
    kind: kind === undefined ? undefined : kindOf(kind),
    town: town === undefined ? undefined : townOf(town, county),
    households: readWhole('households', households),
    population: readWhole('population', population),
    boundary: undefined,
  };
  if (kind !== undefined && said.kind === undefined) problem(result, record, 'kind', texts.noKind);
  if (town !== undefined && said.town === undefined) problem(result, record, 'town', texts.unknownTown);
  if (village !== undefined && !isKnown(tidyCode(village)))
    problem(result, record, 'village', texts.noVillage);
  const given = record.geometry ?? jsonOf(boundary);
  if (given === undefined) return said;
  const outcome = readBoundary(given);
  if (outcome.ok) said.boundary = outcome.boundary;
  else problem(result, record, 'boundary', outcome.cause);
  return said;
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kindOf(text: string): GridKind | undefined {
  const plain = tidyName(text).toUpperCase();
  if (/^(GENERAL|一般|普通|基础|综合|社区|农村|城市)/.test(plain)) return 'GENERAL';
  if (/^(DEDICATED|专属|专业|特殊)/.test(plain)) return 'DEDICATED';
  return /^(MICRO|微)/.test(plain) ? 'MICRO' : undefined;
}

/** A town by its code or name; undefined unless exactly one is meant. */
function townOf(text: string, county: string): string | undefined {
  const found = findByName(text, county).filter(({ level }) => level === 'town');
  if (found.length === 1) return found[0]?.code;
  const code = tidyCode(text);
  return division(code)?.level === 'town' ? code : undefined;
}

function problem(result: GridRows, record: Row, field: GridColumn, cause: Text): void {
  const value = record.values[field] ?? null;
  result.problems.push({ row: record.row, field, value, cause, rule: 'G-1' });
}

const repeated = (code: string, row: number): Text => ({
  en: `The code ${code} stands in row ${row} already.`,
  'zh-CN': `编码 ${code} 与第 ${row} 行重复。`,
});

const texts = {
  noCode: { en: 'The grid has no code.', 'zh-CN': '缺少网格编码。' },
  noName: { en: 'A new grid needs a name.', 'zh-CN': '新设网格缺少名称。' },
  noTown: { en: 'A new grid needs its town.', 'zh-CN': '新设网格缺少所属镇街。' },
  unknownTown: {
    en: 'No town of the county has this name or code, or several have it.',
    'zh-CN': '本区县没有该镇街，或有重名。',
  },
  noVillage: { en: 'Not the code of a village or community.', 'zh-CN': '不是村（社区）的区划代码。' },
  noNumber: { en: 'Not a whole number.', 'zh-CN': '不是整数。' },
  noKind: {
    en: 'Not a kind of grid: 一般, 专属 or 微网格.',
    'zh-CN': '不是网格类型：应为一般网格、专属网格或微网格。',
  },
  otherKind: {
    en: 'The grid is on record as another kind, which a file cannot change.',
    'zh-CN': '与已登记的网格类型不同；类型不能通过导入变更。',
  },
  otherParent: {
    en: 'The grid is on record as part of another one, which a file cannot change.',
    'zh-CN': '与已登记的所属网格不同；所属关系不能通过导入变更。',
  },
} satisfies Record<string, Text>;
