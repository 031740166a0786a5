import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import { startService } from '@dutyledger/subgraph-kit/domain-service';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import type { CopyName, GridEventsContext } from './context.ts';
import { copyOrgans, organs } from './organs.ts';
import { PUBLISHED, toIntegrationEvent } from './publish.ts';

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
      },
      publishing: { types: PUBLISHED, toIntegrationEvent },
      resolvers: { Query: {}, Mutation: {} },
      context: (base, grid) => ({ ...base, grid }),
    },
    deps,
  );
