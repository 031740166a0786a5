import type { Find, Page, Row } from '@dutyledger/read-store/read-store';
import { division as divisionOf, isWithin } from '@dutyledger/reference-data/divisions';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { filesOf, withFiles } from '../attachment/resolvers.ts';
import type { GridEventsContext } from '../context.ts';
import type { OrganName } from '../organs.ts';
import { authorOf } from '../provenance.ts';
import type { CaseSource, Clock, Level } from './events.ts';
import { WHOLE_CASE } from './events.ts';
import { type CaseRow, type CaseStepRow, caseSteps, cases } from './rows.ts';
import { clockOf, type KnownCase, STATUSES, type Status, type Task } from './state.ts';

/** Queries and types of cases. */

type Ctx = GridEventsContext;
type CaseFind = Find<CaseRow, typeof cases.indexes>;

/** Staff who see all cases of their division; others see those in which their organ has a part. */
const OVERSEERS = [
  'GRID_WORKER',
  'TOWN_OPERATOR',
  'COUNTY_OPERATOR',
  'COUNTY_APPROVER',
  'GRID_MANAGER',
  'INSPECTOR',
  'AUDITOR',
  'INTEGRATOR',
];

const oversees = ({ caller }: Ctx): boolean => caller.roles.some((role) => OVERSEERS.includes(role));

export const seesCase = (context: Ctx, row: Pick<CaseRow, 'division' | 'parties'>): boolean => {
  const { organ, division } = context.caller;
  return (
    (oversees(context) && isWithin(row.division, division)) || (organ !== null && row.parties.includes(organ))
  );
};

const table = ({ grid }: Ctx) => grid.projections.documents(cases);

async function visibleCase(context: Ctx, id: string | null | undefined): Promise<CaseRow | null> {
  if (!id) return null;
  const row = await context.loaders.load('cases', id, (ids) => table(context).getMany(ids));
  return row && seesCase(context, row) ? row : null;
}

const pageToCases = (page: Page<Row<CaseRow>>, args: PageArguments) =>
  connection(page, args, ({ doc }) => doc);

interface CasesArguments extends PageArguments {
  division: string;
  gridId?: string | null;
  class?: string | null;
  status?: Status[] | null;
  level?: Level | null;
  source?: CaseSource | null;
  problemOrder?: boolean | null;
}

const countyOrBelow = (code: string): 'county' | 'town' | 'village' => {
  const level = divisionOf(code)?.level;
  if (level === 'county' || level === 'town' || level === 'village') return level;
  throw refusalError({
    code: 'INVALID_INPUT',
    field: 'division',
    message: {
      en: 'Cases are asked for by county, or by a town or village within one.',
      'zh-CN': '案件按区县或其镇街、村社查询。',
    },
  });
};

/** The index that leaves the fewest to look at. */
function indexFor(context: Ctx, { division, gridId, class: of, status }: CasesArguments): CaseFind {
  const states = { status: status && status.length > 0 ? status : STATUSES };
  const level = countyOrBelow(division);
  if (!oversees(context)) return { index: 'byParty', where: { parties: context.caller.organ } };
  if (gridId) return { index: 'byGrid', where: { grid: gridId, ...states } };
  if (level !== 'county')
    return { index: 'byTown', where: { town: `${division.slice(0, 9)}000`, ...states } };
  if (of) return { index: 'byClass', where: { county: division, class: of, ...states } };
  return { index: 'byCounty', where: { county: division, ...states } };
}

async function findCases(_: unknown, args: CasesArguments, context: Ctx) {
  const { division, gridId, class: of, status, level, source, problemOrder } = args;
  const filter = (row: CaseRow): boolean =>
    seesCase(context, row) &&
    isWithin(row.division, division) &&
    (!gridId || row.grid === gridId) &&
    (!of || row.class === of) &&
    (!status || status.includes(row.status)) &&
    (!level || row.level === level) &&
    (!source || row.source === source) &&
    (typeof problemOrder !== 'boolean' || row.problemOrder === problemOrder);
  const query = { ...indexFor(context, args), ...pageOf(args), reverse: true, filter };
  return pageToCases(await table(context).find(query), args);
}

async function myTasks(_: unknown, args: PageArguments & { organ?: string | null }, context: Ctx) {
  const organ = args.organ ?? context.caller.organ;
  const filter = (row: CaseRow): boolean => seesCase(context, row);
  const query = { index: 'byBusy' as const, where: { busy: organ }, ...pageOf(args), filter };
  return pageToCases(await table(context).find(query), args);
}

async function overdueCases(_: unknown, args: PageArguments & { division: string }, context: Ctx) {
  const { division } = args;
  if (countyOrBelow(division) === 'village') {
    throw refusalError({
      code: 'INVALID_INPUT',
      field: 'division',
      message: { en: 'A county or a town.', 'zh-CN': '应为区县或镇街。' },
    });
  }
  const filter = (row: CaseRow): boolean => seesCase(context, row);
  const query = { index: 'byOverdue' as const, where: { overdueIn: division }, ...pageOf(args), filter };
  return pageToCases(await table(context).find(query), args);
}

export const caseQueries = {
  case: (_: unknown, { id }: { id: string }, context: Ctx) => visibleCase(context, id),
  cases: findCases,
  myTasks,
  overdueCases,
};

/** Fields of the state that are answered as they stand there. */
const OF_STATE = [
  'route',
  'reportedAt',
  'closeBy',
  'closedAt',
  'onTime',
  'reworks',
  'transfers',
  'reopenings',
  'supervisions',
  'suspension',
  'suspensionAsked',
  'extensionAsked',
  'extensions',
  'denial',
  'meeting',
  'feedback',
  'refusal',
  'evaluations',
] as const satisfies readonly (keyof KnownCase)[];
const OF_FACTS = ['subclass', 'description', 'place', 'address', 'urgency'] as const;

const fields = <K extends string>(names: readonly K[], of: (row: CaseRow) => Record<K, unknown>) =>
  Object.fromEntries(names.map((name) => [name, (row: CaseRow) => of(row)[name]]));

const Case = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) => visibleCase(context, id),
  ...fields(OF_STATE, ({ state }) => state),
  ...fields(OF_FACTS, ({ state }) => state.facts),
  attachments: ({ id, state }: CaseRow) => filesOf(id, state.facts.attachments),
  result: ({ id, state }: CaseRow) => withFiles(id, state.result),
  verification: ({ id, state }: CaseRow) => withFiles(id, state.verification),
  gridId: ({ grid }: CaseRow) => grid,
  className: ({ state }: CaseRow) => state.policy.name,
  limits: ({ state }: CaseRow) => state.policy.limits,
  acceptedBy: ({ state }: CaseRow) => state.handler,
  reportedBy: ({ reported }: CaseRow) => authorOf(reported),
  overdue: ({ overdueIn }: CaseRow) => overdueIn.length > 0,
  clocks: ({ state }: CaseRow) => state.clocks,
  tasks: ({ state }: CaseRow) => state.tasks.map((task) => ({ task, state })),
  mergedInto: ({ state }: CaseRow, _: unknown, context: Ctx) => visibleCase(context, state.mergedInto),
  followUpOf: ({ state }: CaseRow, _: unknown, context: Ctx) => visibleCase(context, state.facts.followUpOf),
  links: ({ state }: CaseRow) => state.links,
  async related({ id }: CaseRow, args: PageArguments, context: Ctx) {
    const filter = (row: CaseRow): boolean => seesCase(context, row);
    const query = { index: 'byRelated' as const, where: { related: id }, reverse: true, filter };
    return pageToCases(await table(context).find({ ...query, ...pageOf(args) }), args);
  },
  async history({ id }: CaseRow, args: PageArguments & { until?: string | null }, { grid }: Ctx) {
    const { until } = args;
    const page = await grid.projections.documents(caseSteps).find({
      index: 'byCase',
      where: { case: id },
      ...pageOf(args),
      ...(until && { filter: ({ provenance }: CaseStepRow) => provenance.recordedAt <= until }),
    });
    return connection(page, args, ({ doc }) => doc);
  },
};

const CaseStep = {
  by: ({ provenance }: CaseStepRow) => authorOf(provenance),
  reason: ({ provenance }: CaseStepRow) => provenance.reason,
  basis: ({ provenance }: CaseStepRow) => provenance.basis,
  recordedAt: ({ provenance }: CaseStepRow) => provenance.recordedAt,
  correlationId: ({ provenance }: CaseStepRow) => provenance.correlationId,
};

interface TaskOfCase {
  task: Task;
  state: KnownCase;
}

const ofTask = <K extends keyof Task>(...names: K[]) =>
  Object.fromEntries(names.map((name) => [name, ({ task }: TaskOfCase) => task[name]]));

const CaseTask = {
  ...ofTask('id', 'name', 'organName', 'role', 'status', 'after', 'returnReason'),
  result: ({ task, state }: TaskOfCase) => withFiles(state.facts.id, task.result),
  organ: ({ task }: TaskOfCase) => ({ __typename: 'Organ', id: task.organ }),
  clock: ({ task, state }: TaskOfCase) => clockOf(state, task.id),
  disputed: ({ task, state }: TaskOfCase) => state.denial?.task === task.id,
};

const CaseClock = {
  task: ({ of }: Clock) => (of === WHOLE_CASE ? null : of),
  phase: ({ phase }: Clock) => phase.toUpperCase(),
  amber: ({ warned }: Clock) => warned,
  paused: ({ pauses }: Clock) => pauses.at(-1)?.to === null,
};

const CaseOrgan = {
  organ: ({ organ: id }: OrganName) => ({ __typename: 'Organ', id }),
  name: ({ organName }: OrganName) => organName,
};

const CaseLink = {
  caseId: ({ to }: { to: string }) => to,
  to: ({ to }: { to: string }, _: unknown, context: Ctx) => visibleCase(context, to),
};

export const caseTypes = { Case, CaseStep, CaseTask, CaseClock, CaseOrgan, CaseLink };
