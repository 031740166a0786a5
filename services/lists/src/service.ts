import { startRelay } from '@dutyledger/bus/relay';
import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import { StateCache } from '@dutyledger/event-store/state-cache';
import { openCopy } from '@dutyledger/read-store/copy';
import { runProjections } from '@dutyledger/read-store/runner';
import { type CopyFeed, feedCopy, groupOf } from '@dutyledger/subgraph-kit/copies';
import type { Readiness } from '@dutyledger/subgraph-kit/http';
import { appendTimer, createMetrics, watchFollowers, watchParked } from '@dutyledger/subgraph-kit/metrics';
import { observedAppends, observedPages, observedReaction } from '@dutyledger/subgraph-kit/observed';
import { followersOf, readModelReadiness } from '@dutyledger/subgraph-kit/read-models';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { createSubgraph } from '@dutyledger/subgraph-kit/subgraph';
import type { ListsContext, ListsService } from './context.ts';
import { dutyLists } from './duty-list/read-model.ts';
import { Mutation } from './mutations.ts';
import { copyOrgans, organs } from './organs.ts';
import { PUBLISHED, toIntegrationEvent } from './publish.ts';
import { Query } from './query-resolvers.ts';
import { types } from './type-resolvers.ts';

const NAME = 'lists';
/** Streams of this service in the event store. */
const PREFIX = `${NAME}.`;

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export async function startLists(deps: ServiceDependencies): Promise<RunningService> {
  const { events, readStore, bus, verifier, logger, production, metrics = createMetrics() } = deps;
  const projections = await runProjections({
    events: observedPages(events, 'read models'),
    prefix: PREFIX,
    readStore,
    projections: [dutyLists],
    logger,
  });
  const copy = await openCopy(readStore, 'lists.organs', 1, [organs]);
  // An organ that is missing in the copy could not be named in any list: it is tried for long before it is parked.
  const feed = feedCopy(copy, { bus, logger, topics: [STAFFING_TOPIC], attempts: 100 }, (writer) =>
    observedReaction(groupOf(copy), (event) => copyOrgans(writer, event)),
  );
  const relay = startRelay({
    events: observedPages(events, 'relay'),
    prefix: PREFIX,
    bus,
    name: NAME,
    types: PUBLISHED,
    toIntegrationEvent,
  });
  const service: ListsService = {
    commands: { store: observedAppends(events, appendTimer(metrics, NAME)), cache: new StateCache() },
    projections,
    organs: copy,
  };
  const subgraph = await createSubgraph<ListsContext>({
    name: NAME,
    schema: new URL('../schema.graphql', import.meta.url),
    resolvers: { ...types, Query, Mutation },
    context: (base) => ({ ...base, service }),
    verifier,
    readiness: () => readinessOf(service, feed),
    logger,
    production,
    metrics,
    clock: deps.clock,
  });
  watchFollowers(metrics, () => followersOf(NAME, projections, relay));
  watchParked(metrics, bus, groupOf(copy));
  return {
    name: NAME,
    subgraph,
    projections,
    async stop() {
      await subgraph.stop();
      await Promise.all([projections.stop(), feed.stop(), relay.stop()]);
    },
  };
}

/** A bus that is away delays what this service learns of organs, and is told; it answers all the same. */
async function readinessOf({ projections }: ListsService, feed: CopyFeed): Promise<Readiness[]> {
  const models = await readModelReadiness(NAME, projections);
  return [...models, { name: `${NAME}.organs`, ok: true, detail: feed.detail() }];
}
