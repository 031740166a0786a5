import { assertNever } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import {
  type AsOf,
  type Batch,
  documents,
  type Page,
  type ReadView,
  type Row,
  temporal,
} from '@dutyledger/read-store/read-store';
import { type Provenance, provenanceOf } from '../provenance.ts';
import { RATING_EVENTS, type Rating, type RatingEvent } from './rating.ts';
import { WORKER_EVENTS, type WorkerEvent } from './state.ts';
import type { Post, Worker } from './worker.ts';

/** The read model of grid workers: every state of each on both clocks, what happened to them, their ratings. */

export interface WorkerRow extends Worker {
  /** Town and divisions above it. */
  within: string[];
}

export const workers = temporal<WorkerRow>()('gridWorkers', {
  bySubtree: ['within', 'status', 'post', 'number'],
  byGrid: ['grids', 'status', 'post', 'number'],
  bySubject: ['county', 'subject', 'status'],
});

const newest = documents<Worker>()('gridWorkerNewest', {});

export type WorkerChange = 'REGISTERED' | 'REVISED' | 'ASSIGNED' | 'ENDED';

/** One change of one person. */
export interface WorkerHistoryEntry extends Provenance {
  worker: string;
  event: string;
  position: number;
  change: WorkerChange;
  changes: { field: string; before: unknown; after: unknown }[];
  effectiveFrom: string;
}

const history = documents<WorkerHistoryEntry>()('gridWorkerHistory', {
  byWorker: ['worker', 'recordedAt', 'position'],
});

export interface RatingRow extends Rating, Provenance {
  /** Null while it counts; then when and why it was withdrawn. */
  withdrawn: { at: string; reason: string } | null;
}

export const ratings = documents<RatingRow>()('workerRatings', { byWorker: ['worker', 'on'] });

/** Ratings that count, per person and month: what pay is counted from. */
export interface RatingMonth {
  count: number;
  sum: number;
}

export const ratingMonths = documents<RatingMonth>()('workerRatingMonths', {});

export const ratingMonthId = (worker: string, month: string): string => `${worker}/${month}`;

type Stored = StoredEvent & (WorkerEvent | RatingEvent);

const isRating = (event: Stored): event is StoredEvent & RatingEvent => 'rating' in event.data;

export const gridWorkersProjection: Projection = {
  name: 'gridWorkers',
  version: 1,
  collections: [workers, newest, history, ratings, ratingMonths],
  handles: [...WORKER_EVENTS, ...RATING_EVENTS],
  prefetch: (stored) => {
    const event = stored as Stored;
    return isRating(event)
      ? [{ spec: ratingMonths, id: monthOf(event.data.rating) }]
      : [{ spec: newest, id: event.data.worker.id }];
  },
  async project(stored, batch) {
    const event = stored as Stored;
    if (isRating(event)) return projectRating(event, batch);
    const { worker } = event.data;
    const before = await batch.get(newest, worker.id);
    batch.put(newest, worker.id, worker);
    batch.put(history, event.id, {
      ...provenanceOf(event),
      worker: worker.id,
      event: event.id,
      position: event.position,
      change: changeOf(event),
      changes: before ? fieldChanges(before, worker) : [],
      effectiveFrom: event.metadata.effectiveAt,
    });
    await batch.putVersion(workers, worker.id, worker.effectiveFrom, {
      ...worker,
      within: around(worker.town),
    });
  },
};

const monthOf = ({ worker, on }: Rating): string => ratingMonthId(worker, on.slice(0, 7));

async function projectRating(event: StoredEvent & RatingEvent, batch: Batch): Promise<void> {
  const { rating } = event.data;
  const counts = event.type === 'WorkerRated';
  const month = (await batch.get(ratingMonths, monthOf(rating))) ?? { count: 0, sum: 0 };
  const sign = counts ? 1 : -1;
  batch.put(ratingMonths, monthOf(rating), {
    count: month.count + sign,
    sum: month.sum + sign * rating.score,
  });
  if (counts) {
    batch.put(ratings, rating.id, { ...rating, ...provenanceOf(event), withdrawn: null });
    return;
  }
  const given = await batch.get(ratings, rating.id);
  const withdrawn = { at: event.recordedAt, reason: event.metadata.reason };
  if (given) batch.put(ratings, rating.id, { ...given, withdrawn });
}

const around = (town: string): string[] => [
  ...new Set([2, 4, 6, 9].map((digits) => town.slice(0, digits).padEnd(12, '0'))),
];

function changeOf({ type }: WorkerEvent): WorkerChange {
  switch (type) {
    case 'WorkerRegistered':
      return 'REGISTERED';
    case 'WorkerRevised':
      return 'REVISED';
    case 'WorkerAssigned':
      return 'ASSIGNED';
    case 'WorkerEnded':
      return 'ENDED';
    default:
      return assertNever(type);
  }
}

/** `effectiveFrom` is told by the entry itself. */
export function fieldChanges(before: Worker, after: Worker) {
  const fields = Object.keys(after) as (keyof Worker)[];
  return fields
    .filter((field) => field !== 'effectiveFrom')
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

/** People by id as of a point in time; one who was not there yet is missing, one who left says so. */
export async function workersById(
  view: ReadView,
  ids: readonly string[],
  asOf: AsOf,
): Promise<Map<string, Worker>> {
  const found = await view.temporal(workers).getMany([...new Set(ids)], asOf);
  return new Map([...found].map(([id, { doc }]) => [id, doc]));
}

interface PageOf {
  limit: number;
  after?: string;
}

/** A page of the active people of a division and all below it, by post and number. */
export function findWorkers(
  view: ReadView,
  { division, post, asOf, ...page }: { division: string; post: Post | null; asOf: AsOf } & PageOf,
): Promise<Page<Row<WorkerRow>>> {
  const where = { within: division, status: 'active', ...(post !== null && { post }) };
  return view.temporal(workers).find({ index: 'bySubtree', where, asOf, ...page });
}

/** More than a grid has. */
const MOST_OF_GRID = 1_000;

/** The active people who are assigned to a grid, by post and number. */
export async function workersAssigned(view: ReadView, grid: string, asOf: AsOf): Promise<Worker[]> {
  const { rows } = await view
    .temporal(workers)
    .find({ index: 'byGrid', where: { grids: grid, status: 'active' }, asOf, limit: MOST_OF_GRID });
  return rows.map(({ doc }) => doc);
}

/** The active person of a county who has the account. */
export async function workerBySubject(
  view: ReadView,
  county: string,
  subject: string,
  asOf: AsOf,
): Promise<Worker | undefined> {
  const where = { county, subject, status: 'active' };
  const { rows } = await view.temporal(workers).find({ index: 'bySubject', where, asOf, limit: 1 });
  return rows[0]?.doc;
}

/** A page of a person's history, newest first, as far as it was known at the instant. */
export function findWorkerHistory(
  view: ReadView,
  worker: string,
  { recordedAt }: AsOf,
  page: PageOf,
): Promise<Page<Row<WorkerHistoryEntry>>> {
  const range = recordedAt === undefined ? {} : { range: { to: recordedAt } };
  return view
    .documents(history)
    .find({ index: 'byWorker', where: { worker }, ...range, reverse: true, ...page });
}

/** Entries of history by the ids of their events: as many as an import tells. */
export const workerHistoryByEvent = (
  view: ReadView,
  events: readonly string[],
): Promise<Map<string, WorkerHistoryEntry>> => view.documents(history).getMany(events.slice(0, 1_000));

/** A page of a person's ratings, the latest day first, withdrawn ones among them. */
export const findRatings = (view: ReadView, worker: string, page: PageOf): Promise<Page<Row<RatingRow>>> =>
  view.documents(ratings).find({ index: 'byWorker', where: { worker }, reverse: true, ...page });
