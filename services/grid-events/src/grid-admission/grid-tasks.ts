import type { Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import type { Page, Row } from '@dutyledger/read-store/read-store';
import type { GridEventsContext } from '../context.ts';
import type { Grid } from '../grid-network/grid.ts';
import { type AdmittedTask, admittedTasks } from './admitted.ts';
import { type UrgentTaskRow, urgentTasks } from './read-model.ts';

/** What a grid has to do on a day, and whether a task may be handed to it (G-3). */

export interface GridTask {
  id: string;
  origin: 'ADMITTED' | 'URGENT';
  title: string;
  /** What is to be done; lists tells titles only. */
  what: string | null;
  issuer: string;
  towns: string[];
  grids: string[] | null;
  from: string;
  to: string;
  endedOn: string | null;
  documentNumber: string | null;
  admittedAt: string;
}

type Stores = Pick<GridEventsContext, 'grid'>;

const ofLists = ({ county: _, ...task }: AdmittedTask): GridTask => ({
  ...task,
  origin: 'ADMITTED',
  what: null,
  grids: null,
});

export function ofCounty(row: UrgentTaskRow): GridTask {
  const { id, title, what, issuer, towns, grids, from, to, endedOn, documentNumber, admitted } = row;
  const period = { from, to, endedOn, documentNumber, admittedAt: admitted.recordedAt };
  return { id, origin: 'URGENT', title, what, issuer: issuer.organ, towns, grids, ...period };
}

/** A grid that came from a split or a merger has the tasks of those before it. */
const enters = ({ grids }: Pick<GridTask, 'grids'>, { id, predecessors }: Grid): boolean =>
  grids === null || [id, ...predecessors].some((one) => grids.includes(one));

const runsOn = ({ from, to, endedOn }: Pick<GridTask, 'from' | 'to' | 'endedOn'>, day: string): boolean =>
  from <= day && day <= (endedOn ?? to);

/** The tasks that were admitted into the grid and run on the day, by their last days. */
export async function tasksOn({ grid: stores }: Stores, grid: Grid, day: string): Promise<GridTask[]> {
  const [admitted, urgent] = await Promise.all([
    all((query) => stores.copies.gridAdmissions.documents(admittedTasks).find(query), grid.town, day),
    all((query) => stores.projections.documents(urgentTasks).find(query), grid.town, day),
  ]);
  return [...admitted.map(ofLists), ...urgent.map(ofCounty)]
    .filter((task) => runsOn(task, day) && enters(task, grid))
    .sort((a, b) => (a.to < b.to || (a.to === b.to && a.id < b.id) ? -1 : 1));
}

interface ByTown {
  index: 'byTown';
  where: { towns: string };
  range: { from: string };
  limit: number;
  after?: string;
}

/** All tasks of a town that were to run on the day or later: a few at any time. */
async function all<T>(
  find: (query: ByTown) => Promise<Page<Row<T>>>,
  town: string,
  day: string,
): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const query: ByTown = { index: 'byTown', where: { towns: town }, range: { from: day }, limit: 1_000 };
    const page = await find({ ...query, ...(after && { after }) });
    rows.push(...page.rows.map(({ doc }) => doc));
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after !== undefined);
  return rows;
}

export async function taskById({ grid }: Stores, id: string): Promise<GridTask | undefined> {
  const urgent = await grid.projections.documents(urgentTasks).get(id);
  if (urgent) return ofCounty(urgent);
  const admitted = await grid.copies.gridAdmissions.documents(admittedTasks).get(id);
  return admitted && ofLists(admitted);
}

export interface Handing {
  grid: Grid;
  /** Organ that hands it down. */
  issuer: string;
  day: string;
  /** What it relies on; null: nothing. */
  task: string | null;
}

export type Cover = { admitted: true; task: string } | { admitted: false; because: Text; citation: Basis };

/** Whether what the task relies on covers it. */
export async function coverOf(stores: Stores, { grid, issuer, day, task: id }: Handing): Promise<Cover> {
  const no = (en: string, zh: string): Cover => ({
    admitted: false,
    because: { en, 'zh-CN': zh },
    citation: violated(grid.county),
  });
  if (id === null) {
    return no('No admission was named that it rests on.', '未写明所依据的准入事项。');
  }
  const task = await taskById(stores, id);
  if (!task) {
    return no(`No task ${id} was admitted into grids.`, `没有获准进入网格的事项 ${id}。`);
  }
  const { title, from, to, endedOn } = task;
  if (!runsOn(task, day)) {
    const last = endedOn ?? to;
    return no(
      `“${title}” was admitted from ${from} to ${last}, not for ${day}.`,
      `“${title}”准入期限为 ${from} 至 ${last}，不含 ${day}。`,
    );
  }
  if (task.issuer !== issuer) {
    return no(`“${title}” was admitted for another organ.`, `“${title}”系其他单位获准的事项。`);
  }
  if (!(task.towns.includes(grid.town) && enters(task, grid))) {
    return no(
      `“${title}” was not admitted for the grid ${grid.name}.`,
      `“${title}”的准入范围不含网格“${grid.name}”。`,
    );
  }
  return { admitted: true, task: id };
}

/** What regulates work that is handed down outside of admissions, by the first two digits of the division. */
const REGULATIONS: Readonly<Record<string, Basis>> = {
  '11': { title: '北京市街道办事处条例', article: '第十条' },
  '31': { title: '上海市街道办事处条例', article: '第十条' },
  '37': { title: '山东省乡镇人民政府工作条例', article: '第四条' },
};

export const violated = (county: string): Basis =>
  REGULATIONS[county.slice(0, 2)] ?? { title: 'DutyLedger domain rules', article: 'G-3' };
