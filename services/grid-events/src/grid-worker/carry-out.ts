import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { load } from '@dutyledger/event-store/handle-command';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { isLive } from '../grid-network/grid.ts';
import { gridsById } from '../grid-network/read-model.ts';
import { gridWorkers, type RosterCommand } from './grid-worker.ts';
import { unknownWorker } from './refusals.ts';
import { type Roster, rosterStream, type WorkerEvent } from './state.ts';
import type { Worker } from './worker.ts';

/** How a mutation reaches the roster of a county. */

export interface Change {
  effectiveFrom?: string | null;
  change: ChangeInput;
}

export const dayOf = (context: GridEventsContext, { effectiveFrom }: Pick<Change, 'effectiveFrom'>): string =>
  effectiveFrom ?? todayOf(context);

export const loadRoster = async (context: GridEventsContext, county: string): Promise<Roster> =>
  (await load(context.grid.commands, gridWorkers, rosterStream(county))).state;

const countyOfWorker = (id: string): string =>
  /^worker:(\d{6})-/.exec(id)?.[1]?.padEnd(12, '0') ?? '000000000000';

/** The person named, within the caller's division, or refused. */
export async function entitledWorker(context: GridEventsContext, id: string): Promise<Worker> {
  const worker = (await loadRoster(context, countyOfWorker(id))).workers.get(id);
  if (!worker) throw refusalError(unknownWorker(id, 'worker'), context.locale);
  requireDivision(context, worker.town, 'worker');
  return worker;
}

/** Names of people are shown within their county: to its towns and departments, and to those above it. */
export function requireCounty(context: GridEventsContext, county: string, field?: string): void {
  if (!isWithin(context.caller.division, county)) requireDivision(context, county, field);
}

/** Those of the grids that are there on the day and of the county. */
export async function liveGrids(
  context: GridEventsContext,
  county: string,
  ids: readonly string[],
  day: string,
): Promise<Set<string>> {
  const found = await gridsById(context.grid.projections, ids, { effectiveAt: day });
  return new Set(
    [...found.values()].flatMap((grid) => (isLive(grid) && grid.county === county ? grid.id : [])),
  );
}

export interface CarriedOut extends Pick<Mutated<Roster>, 'state' | 'repeated' | 'pending'> {
  events: (StoredEvent & WorkerEvent)[];
}

export interface Asked {
  operation: string;
  input: Change;
  division: string;
  /** What tells a retry from another request; by default the input. */
  content?: unknown;
}

/** Carries a command out as the caller; a refusal is thrown. */
export async function carryOut(
  context: GridEventsContext,
  { operation, input, division, content = input }: Asked,
  command: RosterCommand,
): Promise<CarriedOut> {
  const { events, state, repeated, pending } = await mutate(
    context.grid,
    context.locale,
    gridWorkers,
    rosterStream(command.county),
    command,
    commandContext(context, operation, input.change, {
      division,
      effectiveAt: command.effectiveFrom,
      content,
    }),
  );
  return { events: events as CarriedOut['events'], state, repeated, pending };
}
