import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { countyOf } from '../grid-network/grid.ts';
import { type CarriedOut, type Change, carryOut, dayOf, entitledWorker, liveGrids } from './carry-out.ts';
import { MOST_REGISTERED } from './grid-worker.ts';
import { importGridWorkers } from './import-mutation.ts';
import { type RatingCommand, type RatingEvent, ratingStream, workerRatings } from './rating.ts';
import { workersById } from './read-model.ts';
import { tooMany, unfit } from './refusals.ts';
import type { WorkerNode } from './resolvers.ts';
import { type DutyRole, isActive, type Post, type Worker } from './worker.ts';
import type { NewWorker, WorkerChanges } from './worker-rules.ts';

/** The mutations of grid-worker.graphql. A manager or inspector acts within the token's division only. */

interface Args<I> {
  input: I;
}

interface NewWorkerInput {
  number: string;
  name: string;
  post?: Post | null;
  roles?: DutyRole[] | null;
  town: string;
  subject?: string | null;
  grids?: string[] | null;
}

const newWorker = (input: NewWorkerInput): NewWorker => ({
  number: input.number.trim(),
  name: input.name.trim(),
  post: input.post ?? 'GRID_WORKER',
  roles: input.roles ?? [],
  town: input.town,
  subject: input.subject?.trim() || null,
  grids: input.grids ?? [],
});

const after = ({ events, state }: CarriedOut, id: string): WorkerNode => {
  const changed = events.findLast(({ data }) => data.worker.id === id)?.data.worker;
  const worker = changed ?? (state.workers.get(id) as Worker);
  return { worker, asOf: { effectiveAt: worker.effectiveFrom } };
};

async function registerGridWorkers(
  _: unknown,
  { input }: Args<Change & { division: string; workers: NewWorkerInput[] }>,
  context: GridEventsContext,
) {
  const { division } = input;
  requireDivision(context, division, 'division');
  if (input.workers.length > MOST_REGISTERED) {
    throw refusalError(tooMany('workers', input.workers.length, MOST_REGISTERED), context.locale);
  }
  const workers = input.workers.map(newWorker);
  const stray = workers.findIndex(({ town }) => !isWithin(town, division));
  if (stray >= 0) throw refusalError(elsewhere(`workers[${stray}].town`, division), context.locale);
  const county = countyOf(division);
  const effectiveFrom = dayOf(context, input);
  const named = workers.flatMap(({ grids }) => grids);
  const done = await carryOut(
    context,
    { operation: 'registerGridWorkers', input, division },
    {
      type: 'RegisterWorkers',
      county,
      effectiveFrom,
      workers,
      grids: await liveGrids(context, county, named, effectiveFrom),
    },
  );
  const { repeated, pending } = done;
  return { workers: done.events.map(({ data }) => after(done, data.worker.id)), repeated, pending };
}

const elsewhere = (field: string, division: string) =>
  unfit(field, {
    en: `The town is not within ${division}, whose people are registered here.`,
    'zh-CN': `该镇街不在本次登记的行政区划 ${division} 之内。`,
  });

interface ReviseInput extends Change, Partial<Omit<NewWorkerInput, 'number' | 'grids'>> {
  worker: string;
}

function changesOf({ name, post, roles, town, subject }: ReviseInput): WorkerChanges {
  return {
    ...(name != null && { name: name.trim() }),
    ...(post != null && { post }),
    ...(roles != null && { roles }),
    ...(town != null && { town }),
    ...(subject !== undefined && { subject: subject?.trim() || null }),
  };
}

async function reviseGridWorker(_: unknown, { input }: Args<ReviseInput>, context: GridEventsContext) {
  const worker = await entitledWorker(context, input.worker);
  const changes = changesOf(input);
  if (changes.town !== undefined) requireDivision(context, changes.town, 'town');
  const done = await carryOut(
    context,
    { operation: 'reviseGridWorker', input, division: worker.town },
    {
      type: 'ReviseWorker',
      county: worker.county,
      effectiveFrom: dayOf(context, input),
      worker: worker.id,
      changes,
    },
  );
  return { worker: after(done, worker.id), repeated: done.repeated, pending: done.pending };
}

async function assignGridWorker(
  _: unknown,
  { input }: Args<Change & { worker: string; add?: string[] | null; remove?: string[] | null }>,
  context: GridEventsContext,
) {
  const worker = await entitledWorker(context, input.worker);
  const effectiveFrom = dayOf(context, input);
  const add = input.add ?? [];
  const done = await carryOut(
    context,
    { operation: 'assignGridWorker', input, division: worker.town },
    {
      type: 'AssignWorker',
      county: worker.county,
      effectiveFrom,
      worker: worker.id,
      add,
      remove: input.remove ?? [],
      grids: await liveGrids(context, worker.county, add, effectiveFrom),
    },
  );
  return { worker: after(done, worker.id), repeated: done.repeated, pending: done.pending };
}

async function endGridWorker(
  _: unknown,
  { input }: Args<Change & { worker: string }>,
  context: GridEventsContext,
) {
  const worker = await entitledWorker(context, input.worker);
  const done = await carryOut(
    context,
    { operation: 'endGridWorker', input, division: worker.town },
    { type: 'EndWorker', county: worker.county, effectiveFrom: dayOf(context, input), worker: worker.id },
  );
  return { worker: after(done, worker.id), repeated: done.repeated, pending: done.pending };
}

interface RateInput {
  worker: string;
  on?: string | null;
  score: number;
  remark?: string | null;
  change: ChangeInput;
}

async function rate(
  context: GridEventsContext,
  operation: string,
  input: { worker: string; change: ChangeInput },
  on: string,
  commandOf: (worker: Worker, commandId: string) => Promise<RatingCommand> | RatingCommand,
) {
  const worker = await entitledWorker(context, input.worker);
  const about = commandContext(context, operation, input.change, {
    division: worker.town,
    effectiveAt: on,
    content: input,
  });
  const command = await commandOf(worker, about.commandId);
  const stream = ratingStream(worker.id);
  const { events, repeated, pending } = await mutate(
    context.grid,
    context.locale,
    workerRatings,
    stream,
    command,
    about,
  );
  const [event] = events as unknown as RatingEvent[];
  return {
    rating: event?.data.rating.id,
    worker: { worker, asOf: { effectiveAt: todayOf(context) } },
    repeated,
    pending,
  };
}

function rateGridWorker(_: unknown, { input }: Args<RateInput>, context: GridEventsContext) {
  const today = todayOf(context);
  const on = input.on ?? today;
  return rate(context, 'rateGridWorker', input, on, async ({ id, county, subject }, commandId) => {
    const then = (await workersById(context.grid.projections, [id], { effectiveAt: on })).get(id);
    return {
      type: 'RateWorker',
      id: `rating:${commandId}`,
      worker: { id, county, subject, active: then !== undefined && isActive(then) },
      on,
      today,
      score: input.score,
      remark: input.remark?.trim() || null,
      inspector: context.caller.subject,
    };
  });
}

const withdrawGridWorkerRating = (
  _: unknown,
  { input }: Args<{ worker: string; rating: string; change: ChangeInput }>,
  context: GridEventsContext,
) =>
  rate(context, 'withdrawGridWorkerRating', input, todayOf(context), () => ({
    type: 'WithdrawRating',
    rating: input.rating,
    inspector: context.caller.subject,
  }));

export const gridWorkerMutations = {
  registerGridWorkers,
  reviseGridWorker,
  assignGridWorker,
  endGridWorker,
  importGridWorkers,
  rateGridWorker,
  withdrawGridWorkerRating,
};
