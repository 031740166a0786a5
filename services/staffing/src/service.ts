import { type Relay, startRelay } from '@dutyledger/bus/relay';
import { StateCache } from '@dutyledger/event-store/state-cache';
import type { Projections } from '@dutyledger/read-store/projection';
import { runProjections } from '@dutyledger/read-store/runner';
import type { Readiness } from '@dutyledger/subgraph-kit/http';
import { appendTimer, createMetrics, watchFollowers } from '@dutyledger/subgraph-kit/metrics';
import { observedAppends, observedPages } from '@dutyledger/subgraph-kit/observed';
import {
  followersOf,
  readModelReadiness,
  readModels,
  rebuildReadModel,
} from '@dutyledger/subgraph-kit/read-models';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { createSubgraph } from '@dutyledger/subgraph-kit/subgraph';
import type { StaffingContext } from './context.ts';
import { historyProjection } from './organ-register/history.ts';
import { organMutations } from './organ-register/mutations.ts';
import { organsProjection } from './organ-register/organs.ts';
import { organQueries, organTypes } from './organ-register/resolvers.ts';
import { toIntegrationEvent } from './publish.ts';

const NAME = 'staffing';
/** Streams of this service in the event store. */
const PREFIX = `${NAME}.`;

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export async function startStaffing(deps: ServiceDependencies): Promise<RunningService> {
  const { events, readStore, bus, verifier, logger, production, metrics = createMetrics() } = deps;
  const projections = await runProjections({
    events: observedPages(events, 'read models'),
    prefix: PREFIX,
    readStore,
    projections: [organsProjection, historyProjection],
    logger,
  });
  const relay = startRelay({
    events: observedPages(events, 'relay'),
    prefix: PREFIX,
    bus,
    name: NAME,
    toIntegrationEvent,
  });
  const staffing = {
    commands: { store: observedAppends(events, appendTimer(metrics, NAME)), cache: new StateCache() },
    projections,
  };
  const subgraph = await createSubgraph<StaffingContext>({
    name: NAME,
    schema: new URL('../schema.graphql', import.meta.url),
    resolvers: {
      ...organTypes,
      Query: { ...organQueries, staffingReadModels: () => readModels(NAME, projections) },
      Mutation: {
        ...organMutations,
        rebuildStaffingReadModel: (_: unknown, { input }: { input: { name: string } }) =>
          rebuildReadModel(NAME, projections, input.name),
      },
    },
    context: (base) => ({ ...base, staffing }),
    verifier,
    readiness: () => readinessOf(projections, relay),
    logger,
    production,
    metrics,
    clock: deps.clock,
  });
  watchFollowers(metrics, () => followersOf(NAME, projections, relay));
  return {
    name: NAME,
    subgraph,
    projections,
    async stop() {
      await subgraph.stop();
      await Promise.all([projections.stop(), relay.stop()]);
    },
  };
}

/** A bus that is away holds up other services, not this one: the relay's trouble is told and does not count. */
async function readinessOf(projections: Projections, relay: Relay): Promise<Readiness[]> {
  const models = await readModelReadiness(NAME, projections);
  const { position, failure } = await relay.status();
  return [...models, { name: `${NAME}.relay`, ok: true, detail: failure ?? `at position ${position}` }];
}
