import { startService } from '@dutyledger/subgraph-kit/domain-service';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import type { StaffingContext } from './context.ts';
import { historyProjection } from './organ-register/history.ts';
import { organMutations } from './organ-register/mutations.ts';
import { organsProjection } from './organ-register/organs.ts';
import { organQueries, organTypes } from './organ-register/resolvers.ts';
import { toIntegrationEvent } from './publish.ts';

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export const startStaffing = (deps: ServiceDependencies): Promise<RunningService> =>
  startService<StaffingContext, never>(
    {
      name: 'staffing',
      schema: new URL('../schema.graphql', import.meta.url),
      projections: [organsProjection, historyProjection],
      copies: {},
      publishing: { toIntegrationEvent },
      resolvers: { ...organTypes, Query: organQueries, Mutation: organMutations },
      context: (base, staffing) => ({ ...base, staffing }),
    },
    deps,
  );
