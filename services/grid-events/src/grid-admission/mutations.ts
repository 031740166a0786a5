import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { broken } from '@dutyledger/event-store/rule-texts';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import type { Grid } from '../grid-network/grid.ts';
import { gridsById } from '../grid-network/read-model.ts';
import { type Organ, organsById } from '../organs.ts';
import { coverOf, ofCounty, violated } from './grid-tasks.ts';
import { type HandedTask, type HandedTaskCommand, handedTask, handedTaskStream } from './handed-task.ts';
import { type HandedTaskRow, handedTasks, urgentTasks } from './read-model.ts';
import {
  absent,
  type UrgentTask,
  type UrgentTaskCommand,
  urgentTask,
  urgentTaskStream,
} from './urgent-task.ts';

/** Mutations of grid admissions: urgent tasks by the county, and what is handed to a grid (G-3). */

type Ctx = GridEventsContext;
type Input<T> = { input: T & { change: ChangeInput } };

/** The id follows from the command, so that a retry is about the same thing. */
const newId = (kind: string, county: string, { commandId }: CommandContext): string =>
  `${kind}:${county.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 12)}`;

async function organOf({ grid }: Ctx, id: string, field: string): Promise<Organ> {
  const organ = (await organsById(grid.copies.organs, [id])).get(id);
  if (organ && (organ.status === 'active' || organ.status === 'provisional')) return organ;
  throw refusalError(
    broken('G-3', field, {
      en: organ ? `${organ.name} has ended.` : `Staffing knows no organ ${id}.`,
      'zh-CN': organ ? `“${organ.name}”已撤并。` : `机构登记中没有 ${id}。`,
    }),
  );
}

/** Grids as they are today; the first that is not there is refused. */
async function gridsOf(context: Ctx, ids: readonly string[], field: string): Promise<Grid[]> {
  const found = await gridsById(context.grid.projections, ids, { effectiveAt: todayOf(context) });
  return ids.map((id) => {
    const grid = found.get(id);
    if (grid?.status === 'active') return grid;
    throw refusalError(noGrid(id, field));
  });
}

interface UrgentInput {
  county: string;
  issuer: string;
  title: string;
  what: string;
  whyUrgent: string;
  towns?: string[] | null;
  grids?: string[] | null;
  to: string;
  documentNumber?: string | null;
}

async function admitUrgentGridTask(_: unknown, { input }: Input<UrgentInput>, context: Ctx) {
  const { county, change } = input;
  requireDivision(context, county, 'county');
  const issuer = await organOf(context, input.issuer, 'issuer');
  const grids = input.grids ? await gridsOf(context, input.grids, 'grids') : null;
  const towns = new Set([...(input.towns ?? []), ...(grids ?? []).map(({ town }) => town)]);
  const elsewhere = [...towns].find((town) => !isWithin(town, county));
  if (elsewhere !== undefined) throw refusalError(outside(elsewhere, county));
  const around = commandContext(context, 'admitUrgentGridTask', change, { division: county, content: input });
  const today = todayOf(context);
  const task: UrgentTask = {
    id: newId('gridTask', county, around),
    county,
    issuer: { organ: issuer.id, organName: issuer.name },
    title: input.title.trim(),
    what: input.what.trim(),
    whyUrgent: input.whyUrgent.trim(),
    towns: [...towns],
    // Whole towns beside single grids: the towns are meant whole.
    grids: input.towns?.length ? null : (input.grids ?? null),
    from: today,
    to: input.to,
    documentNumber: input.documentNumber?.trim() || null,
  };
  return onUrgentTask(context, task.id, { type: 'AdmitUrgentTask', task, today }, around);
}

async function endUrgentGridTask(_: unknown, { input }: Input<{ id: string }>, context: Ctx) {
  const row = await context.grid.projections.documents(urgentTasks).get(input.id);
  if (!row) throw refusalError(absent);
  requireDivision(context, row.county, 'id');
  const scope = { division: row.county, content: input };
  const around = commandContext(context, 'endUrgentGridTask', input.change, scope);
  return onUrgentTask(context, row.id, { type: 'EndUrgentTask', today: todayOf(context) }, around);
}

async function onUrgentTask(context: Ctx, id: string, command: UrgentTaskCommand, around: CommandContext) {
  const { grid, locale } = context;
  const done = await mutate(grid, locale, urgentTask, urgentTaskStream(id), command, around);
  const row = await grid.projections.documents(urgentTasks).get(id);
  if (!row) throw refusalError(notShownYet);
  return { task: ofCounty(row), repeated: done.repeated, pending: done.pending };
}

interface HandInput {
  grid: string;
  title: string;
  what: string;
  day?: string | null;
  change: ChangeInput;
}

/** What surrounds the record, and what is recorded. */
function handing(context: Ctx, operation: string, input: HandInput, { id, code, town, county }: Grid) {
  const around = commandContext(context, operation, input.change, { division: town, content: input });
  const handed: Omit<HandedTask, 'issuer'> = {
    id: newId('handedTask', county, around),
    county,
    town,
    grid: id,
    gridCode: code,
    title: input.title.trim(),
    what: input.what.trim(),
    day: input.day ?? todayOf(context),
  };
  return { around, handed };
}

/** By an officer of the organ that hands it down. */
async function handTaskToGrid(
  _: unknown,
  { input }: Input<HandInput & { task?: string | null }>,
  context: Ctx,
) {
  const own = context.caller.organ;
  if (own === null) throw refusalError(organOnly);
  const organ = await organOf(context, own, 'issuer');
  const [grid] = (await gridsOf(context, [input.grid], 'grid')) as [Grid];
  if (!isWithin(grid.town, organ.division)) throw refusalError(notServed(organ.name, grid.name));
  const { around, handed } = handing(context, 'handTaskToGrid', input, grid);
  const asked = { grid, issuer: organ.id, day: handed.day, task: input.task ?? null };
  const cover = await coverOf(context, asked);
  const full = { ...handed, issuer: { organ: organ.id, organName: organ.name } };
  const today = todayOf(context);
  const done = await record(
    context,
    cover.admitted
      ? { type: 'HandTaskToGrid', handed: full, today, task: cover.task }
      : { type: 'RecordUnadmittedTask', handed: full, today, arrival: 'REFUSED', citation: cover.citation },
    around,
  );
  // A retry is answered as the first time, whatever was admitted since.
  if (!done.handed.admitted)
    throw refusalError(unadmitted(done.handed, cover.admitted ? null : cover.because));
  return done;
}

interface ReportInput extends HandInput {
  issuer?: string | null;
  issuerName?: string | null;
}

/** By the grid's own people, or those of its town: what arrived another way. */
async function reportUnadmittedGridTask(_: unknown, { input }: Input<ReportInput>, context: Ctx) {
  const [grid] = (await gridsOf(context, [input.grid], 'grid')) as [Grid];
  requireOwnGrid(context, grid);
  const organ = input.issuer ? await organOf(context, input.issuer, 'issuer') : null;
  const { around, handed } = handing(context, 'reportUnadmittedGridTask', input, grid);
  const issuer = { organ: organ?.id ?? null, organName: organ?.name ?? (input.issuerName ?? '').trim() };
  return record(
    context,
    {
      type: 'RecordUnadmittedTask',
      handed: { ...handed, issuer },
      today: todayOf(context),
      arrival: 'REPORTED',
      citation: violated(grid.county),
    },
    around,
  );
}

/** Grid workers belong to a village or town; a grid that is of no one village is that of all villages of its town. */
function requireOwnGrid(context: Ctx, { village, town }: Grid): void {
  if (village === null && isWithin(context.caller.division, town)) return;
  requireDivision(context, village ?? town, 'grid');
}

async function record(context: Ctx, command: HandedTaskCommand, around: CommandContext) {
  const { grid, locale } = context;
  const { id } = command.handed;
  const done = await mutate(grid, locale, handedTask, handedTaskStream(id), command, around);
  const handed = await grid.projections.documents(handedTasks).get(id);
  if (!handed) throw refusalError(notShownYet);
  return { handed, repeated: done.repeated, pending: done.pending };
}

export const gridAdmissionMutations = {
  admitUrgentGridTask,
  endUrgentGridTask,
  handTaskToGrid,
  reportUnadmittedGridTask,
};

const NOT_COVERED: Text = { en: 'Nothing admitted it then.', 'zh-CN': '交办时未获准入。' };

const unadmitted = ({ id, title, gridCode, citation }: HandedTaskRow, because: Text | null): Refusal => ({
  ...broken(
    'G-3',
    'task',
    {
      en: `“${title}” may not be handed to the grid ${gridCode}. ${(because ?? NOT_COVERED).en} It is on record as an unadmitted task (${id}); apply for its admission first (applyForTask), or, when it cannot wait, ask the county (admitUrgentGridTask).`,
      'zh-CN': `“${title}”不得交办网格 ${gridCode}。${(because ?? NOT_COVERED)['zh-CN']}已记入未经准入台账（${id}）；请先按程序申请准入（applyForTask），紧急的由县级同意（admitUrgentGridTask）。`,
    },
    { ledgerEntry: id },
  ),
  ...(citation && { citation }),
});

const noGrid = (id: string, field: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'G-3',
  field,
  message: { en: `There is no grid ${id} today.`, 'zh-CN': `目前没有网格 ${id}。` },
});

const outside = (town: string, county: string): Refusal =>
  broken('G-3', 'towns', {
    en: `${town} is not in the county ${county}.`,
    'zh-CN': `${town} 不在 ${county} 辖区内。`,
  });

const notServed = (organ: string, grid: string): Refusal =>
  broken('G-3', 'grid', {
    en: `${organ} has no business in the grid ${grid}: it serves another division.`,
    'zh-CN': `“${organ}”不服务于网格“${grid}”所在区划。`,
  });

const organOnly: Refusal = {
  code: 'NOT_PERMITTED',
  rule: 'G-3',
  field: 'issuer',
  message: {
    en: 'An organ hands its tasks down itself: the caller must act for a registered organ.',
    'zh-CN': '由交办单位自行交办：办理人员须有所属机构。',
  },
};

const notShownYet: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    en: 'The step is recorded, but queries do not show it yet; ask again in a while.',
    'zh-CN': '该步骤已记录，但查询尚未更新，请稍后再试。',
  },
};
