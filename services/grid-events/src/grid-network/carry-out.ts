import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { commandContext } from '@dutyledger/subgraph-kit/commands';
import { RefusedError, refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import type { NetworkCommand } from './commands.ts';
import { type Comparison, compare } from './compare.ts';
import { divisionOf, type Grid } from './grid.ts';
import { gridNetwork } from './grid-network.ts';
import type { Compared } from './grid-rules.ts';
import type { Change } from './inputs.ts';
import { networkOf } from './read-model.ts';
import { comparedBefore, unknownGrid } from './refusals.ts';
import { type GridEvent, type GridNetwork, gridNetworkStream } from './state.ts';

/** How a mutation reaches the network of a county. */

/** The day from which a change holds: today where none is given. */
export const dayOf = (context: GridEventsContext, { effectiveFrom }: Change): string =>
  effectiveFrom ?? todayOf(context);

/** 12-digit code of the county of a grid's id; a malformed one leads to a network that has no such grid. */
const countyOfGrid = (id: string): string =>
  /^grid:(\d{6})-\d+$/.exec(id)?.[1]?.padEnd(12, '0') ?? '000000000000';

export const loadNetwork = async (context: GridEventsContext, county: string): Promise<GridNetwork> =>
  (await load(context.grid.commands, gridNetwork, gridNetworkStream(county))).state;

/** The grids named, by the fields they are named in: of one network and within the caller's division, or refused. */
export async function entitled(
  context: GridEventsContext,
  named: readonly [field: string, id: string][],
): Promise<Grid[]> {
  const state = await loadNetwork(context, countyOfGrid(named[0]?.[1] ?? ''));
  return named.map(([field, id]) => {
    const grid = state.grids.get(id)?.grid;
    if (!grid) throw refusalError(unknownGrid(id, field), context.locale);
    requireDivision(context, divisionOf(grid), field);
    return grid;
  });
}

export interface CarriedOut extends Pick<Mutated<GridNetwork>, 'state' | 'repeated' | 'pending'> {
  events: (StoredEvent & GridEvent)[];
}

/** What is asked of the network, beside the command itself. */
export interface Asked {
  operation: string;
  input: Change;
  /** Division that the events are about. */
  division: string;
  /** What tells a retry from another request; by default the input. */
  content?: unknown;
}

/** Carries a command out as the caller; a refusal is thrown. */
export async function carryOut(
  context: GridEventsContext,
  { operation, input, division, content = input }: Asked,
  command: NetworkCommand,
): Promise<CarriedOut> {
  const { events, state, repeated, pending } = await mutate(
    context.grid,
    context.locale,
    gridNetwork,
    gridNetworkStream(command.county),
    command,
    // A retry is known by what was sent: sent again tomorrow, the day that it holds from by default is another.
    commandContext(context, operation, input.change, {
      division,
      effectiveAt: command.effectiveFrom,
      content,
    }),
  );
  return { events: events as CarriedOut['events'], state, repeated, pending };
}

/** Somebody else may draw boundaries at the same moment: so often is compared anew. */
const TRIES = 5;

/** The same for a command that draws boundaries, which are compared with those of the network first. */
export async function carryOutDrawn(
  context: GridEventsContext,
  asked: Asked,
  comparison: Omit<Comparison, 'county' | 'from'>,
  commandOf: (compared: Compared) => NetworkCommand,
): Promise<CarriedOut> {
  for (let left = TRIES; ; left--) {
    const { county, effectiveFrom: from } = commandOf({ seen: 0, faults: [] });
    const command = commandOf(await comparedNow(context, { county, from, ...comparison }));
    try {
      return await carryOut(context, asked, command);
    } catch (error) {
      if (left > 1 && error instanceof RefusedError && error.refusal === comparedBefore) continue;
      throw error;
    }
  }
}

const PATIENCE_MS = 5_000;

/** Compares with the network as it is now: the read model is waited for. */
export async function comparedNow(context: GridEventsContext, comparison: Comparison): Promise<Compared> {
  const { projections, commands } = context.grid;
  const { shapes } = await loadNetwork(context, comparison.county);
  const shown = await networkOf(projections, comparison.county);
  if (shown.shapes < shapes) await projections.waitFor(await commands.store.head(), PATIENCE_MS);
  return compare(projections, comparison);
}
