import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import { startService } from '@dutyledger/subgraph-kit/domain-service';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import type { CopyName, GridEventsContext } from './context.ts';
import { copyOrgans, organs } from './organs.ts';
import { PUBLISHED, toIntegrationEvent } from './publish.ts';
import { copyRouting, editionsInForce, routedItems, routedMatters } from './routing/copy.ts';
import { routingQueries, routingTypes } from './routing/resolvers.ts';

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export const startGridEvents = (deps: ServiceDependencies): Promise<RunningService> =>
  startService<GridEventsContext, CopyName>(
    {
      name: 'gridEvents',
      schema: new URL('../schema.graphql', import.meta.url),
      projections: [],
      copies: {
        organs: {
          version: 1,
          collections: [organs],
          topics: [STAFFING_TOPIC],
          attempts: 100,
          take: copyOrgans,
        },
        // A case that is not routed by what lists publish goes to the wrong place: tried for long before it is parked.
        routing: {
          version: 1,
          collections: [routedItems, routedMatters, editionsInForce],
          topics: [LISTS_TOPIC],
          attempts: 100,
          take: copyRouting,
        },
      },
      publishing: { types: PUBLISHED, toIntegrationEvent },
      resolvers: { ...routingTypes, Query: { ...routingQueries }, Mutation: {} },
      context: (base, grid) => ({ ...base, grid }),
    },
    deps,
  );
