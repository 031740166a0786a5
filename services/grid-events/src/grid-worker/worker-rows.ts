import type { Text } from '@dutyledger/event-store/decider';
import { findByName } from '@dutyledger/reference-data/division-search';
import { division } from '@dutyledger/reference-data/divisions';
import { tidyCode, tidyName } from '@dutyledger/tables/text';
import type { Fields } from '../file-import/columns.ts';
import type { FileRecord } from '../file-import/read-records.ts';
import type { RowProblem } from '../file-import/report.ts';
import type { ImportedWorker } from './grid-worker.ts';
import type { Roster } from './state.ts';
import { DUTY_ROLES, type DutyRole, isActive, type Post, type Worker } from './worker.ts';
import type { WorkerChanges } from './worker-rules.ts';

/** Rows of a file of grid workers: what they say, and what of it is new to the roster. */

export type WorkerColumn = 'number' | 'name' | 'post' | 'roles' | 'town' | 'grids' | 'subject';

export const WORKER_COLUMNS: Fields<WorkerColumn> = {
  number: { heading: '工号', also: '编号 人员编号 员工编号 网格员编号' },
  name: { heading: '姓名', also: '名字 网格员 网格员姓名 人员姓名' },
  post: { heading: '岗位', also: '职务 类型 人员类型 人员类别 岗位类型' },
  roles: { heading: '职责角色', also: '角色 职责 八大员 职责类型' },
  town: { heading: '所属镇街', also: '镇街 乡镇 街道 乡镇街道 镇街道 所属乡镇 所属街道 所属乡镇街道' },
  grids: { heading: '网格编码', also: '网格 负责网格 所在网格 所属网格 网格编号 网格代码 责任网格' },
  subject: { heading: '账号', also: '用户名 登录名 系统账号' },
};

export const isWorkerColumn = (name: string): name is WorkerColumn => Object.hasOwn(WORKER_COLUMNS, name);

type Row = FileRecord<WorkerColumn>;

export interface WorkerRows {
  rows: ImportedWorker[];
  records: Row[];
  unchanged: number;
  problems: RowProblem<WorkerColumn>[];
}

export interface WorkerRowContext {
  county: string;
  state: Roster;
  /** Code of a grid that is there on the day → its id. */
  grids: ReadonlyMap<string, string>;
}

const POST_NAMES: [RegExp, Post][] = [
  [/^(网格长|GRID_LEADER)/, 'GRID_LEADER'],
  [/^(网格信息员|信息员|INFORMATION_OFFICER)/, 'INFORMATION_OFFICER'],
  [/督[查察]员|巡查督导|^INSPECTOR/, 'INSPECTOR'],
  [/^((专职|兼职)?网格员|GRID_WORKER)/, 'GRID_WORKER'],
];

const ROLE_NAMES: Record<string, DutyRole> = {
  党政联络员: 'PARTY_LIAISON',
  情报信息员: 'INFORMATION',
  环境监督员: 'ENVIRONMENT',
  属地安全员: 'SAFETY',
  秩序监督员: 'ORDER',
  纠纷调解员: 'MEDIATION',
  民生服务员: 'LIVELIHOOD',
  文明传播员: 'CIVILITY',
};

/** Between several values of one cell. */
const SEPARATORS = /[、，,;；\n/|]+/;

export function readWorkerRows(records: readonly Row[], context: WorkerRowContext): WorkerRows {
  const result: WorkerRows = { rows: [], records: [], unchanged: 0, problems: [] };
  const seen = new Map<string, number>();
  for (const record of records) {
    const number = tidyCode(record.values.number ?? '');
    const before = seen.get(number);
    const found = result.problems.length;
    if (number === '') problem(result, record, 'number', texts.noNumber);
    else if (before !== undefined) problem(result, record, 'number', repeated(number, before));
    seen.set(number, record.row);
    const row = readRow(record, number, context, result);
    if (result.problems.length > found) continue;
    if (row === undefined) result.unchanged += 1;
    else {
      result.rows.push(row);
      result.records.push(record);
    }
  }
  return result;
}

/** Undefined when the row says nothing new, or is at fault. */
function readRow(
  record: Row,
  number: string,
  context: WorkerRowContext,
  result: WorkerRows,
): ImportedWorker | undefined {
  const { values } = record;
  const town = townOf(record, context.county, result);
  const post = postOf(record, result);
  const roles = rolesOf(record, result);
  const grids = gridsOf(record, context.grids, result);
  const subject = values.subject?.trim();
  const known = context.state.workers.get(`worker:${context.county.slice(0, 6)}-${number}`);
  if (!known) {
    if (values.name === undefined) problem(result, record, 'name', texts.noName);
    if (values.town === undefined) problem(result, record, 'town', texts.noTown);
    return {
      change: 'CREATE',
      worker: {
        number,
        name: tidyName(values.name ?? ''),
        post: post ?? 'GRID_WORKER',
        roles: roles ?? [],
        town: town ?? '',
        subject: subject ?? null,
        grids: grids ?? [],
      },
    };
  }
  return changed(
    known,
    {
      ...(values.name !== undefined && { name: tidyName(values.name) }),
      ...(post !== undefined && { post }),
      ...(roles !== undefined && { roles }),
      ...(town !== undefined && { town }),
      ...(subject !== undefined && { subject }),
    },
    grids,
  );
}

function changed(
  known: Worker,
  given: WorkerChanges,
  grids: string[] | undefined,
): ImportedWorker | undefined {
  const changes = Object.fromEntries(
    Object.entries(given).filter(
      ([field, value]) => JSON.stringify(known[field as keyof WorkerChanges]) !== JSON.stringify(value),
    ),
  ) as WorkerChanges;
  const moved =
    grids !== undefined &&
    (grids.length !== known.grids.length || grids.some((id) => !known.grids.includes(id)));
  // One who left and stands in the file again is a problem that the roster tells.
  if (Object.keys(changes).length === 0 && !moved && isActive(known)) return undefined;
  return { change: 'REVISE', worker: known.id, changes, ...(moved && { grids }) };
}

function townOf(record: Row, county: string, result: WorkerRows): string | undefined {
  const text = record.values.town;
  if (text === undefined) return undefined;
  const found = findByName(text, county).filter(({ level }) => level === 'town');
  if (found.length === 1) return found[0]?.code;
  const code = tidyCode(text);
  if (division(code)?.level === 'town') return code;
  problem(result, record, 'town', texts.unknownTown);
  return undefined;
}

function postOf(record: Row, result: WorkerRows): Post | undefined {
  const text = record.values.post;
  if (text === undefined) return undefined;
  const post = POST_NAMES.find(([name]) => name.test(tidyName(text)))?.[1];
  if (post === undefined) problem(result, record, 'post', texts.noPost);
  return post;
}

/** In the order of the source, so that the same roles are the same text. */
function rolesOf(record: Row, result: WorkerRows): DutyRole[] | undefined {
  const text = record.values.roles;
  if (text === undefined) return undefined;
  const names = tidyName(text).split(SEPARATORS).filter(Boolean);
  if (names.some((name) => /^(全部|八员|八大员)$/.test(name))) return [...DUTY_ROLES];
  const roles = new Set<DutyRole>();
  for (const name of names) {
    const role = ROLE_NAMES[name] ?? DUTY_ROLES.find((each) => each === name);
    if (role === undefined) {
      problem(result, record, 'roles', unknownRole(name));
      return undefined;
    }
    roles.add(role);
  }
  return DUTY_ROLES.filter((role) => roles.has(role));
}

function gridsOf(record: Row, known: ReadonlyMap<string, string>, result: WorkerRows): string[] | undefined {
  const text = record.values.grids;
  if (text === undefined) return undefined;
  const ids = new Set<string>();
  for (const code of gridCodes(text)) {
    const id = known.get(code);
    if (id === undefined) {
      problem(result, record, 'grids', unknownGrid(code));
      return undefined;
    }
    ids.add(id);
  }
  return [...ids];
}

/** Codes of grids in one cell. */
export const gridCodes = (text: string): string[] =>
  text.split(/[、，,;；\n|\s]+/).flatMap((code) => tidyCode(code) || []);

function problem(result: WorkerRows, record: Row, field: WorkerColumn, cause: Text): void {
  result.problems.push({ row: record.row, field, value: record.values[field] ?? null, cause, rule: 'G-2' });
}

const repeated = (number: string, row: number): Text => ({
  en: `The number ${number} stands in row ${row} already.`,
  'zh-CN': `工号 ${number} 与第 ${row} 行重复。`,
});
const unknownRole = (name: string): Text => ({
  en: `"${name.slice(0, 40)}" is none of the eight roles: ${Object.keys(ROLE_NAMES).join(', ')}.`,
  'zh-CN': `“${name.slice(0, 40)}”不是八大职责角色：${Object.keys(ROLE_NAMES).join('、')}。`,
});
const unknownGrid = (code: string): Text => ({
  en: `The county has no grid with the code ${code.slice(0, 40)} on that day.`,
  'zh-CN': `当日本区县没有编码为 ${code.slice(0, 40)} 的网格。`,
});

const texts = {
  noNumber: { en: 'The person has no number.', 'zh-CN': '缺少工号。' },
  noName: { en: 'A person who is new needs a name.', 'zh-CN': '新登记人员缺少姓名。' },
  noTown: { en: 'A person who is new needs a town.', 'zh-CN': '新登记人员缺少所属镇街。' },
  unknownTown: {
    en: 'No town of the county has this name or code, or several have it.',
    'zh-CN': '本区县没有该镇街，或有重名。',
  },
  noPost: {
    en: 'Not a post: 网格长, 网格员, 网格信息员 or 督查员.',
    'zh-CN': '不是岗位：应为网格长、网格员、网格信息员或督查员。',
  },
} satisfies Record<string, Text>;
