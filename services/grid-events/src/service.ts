import type { BlobStore } from '@dutyledger/blobs/blob-store';
import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import type { Vault } from '@dutyledger/personal-data/vault';
import { together } from '@dutyledger/read-store/together';
import { startService } from '@dutyledger/subgraph-kit/domain-service';
import { createMetrics } from '@dutyledger/subgraph-kit/metrics';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { systemClock } from '@dutyledger/timers/clock';
import type { AllowedTargets } from '@dutyledger/webhooks/addresses';
import { erasedFiles } from './attachment/erasure.ts';
import { attachmentProjection } from './attachment/read-model.ts';
import { attachmentMutations, attachmentTypes } from './attachment/resolvers.ts';
import { attachmentRoutes } from './attachment/routes.ts';
import { attachmentTimerHandlers, attachmentTimers } from './attachment/sweep.ts';
import { callTermsProjection } from './call/call-terms-model.ts';
import { callTermsMutations, callTermsQueries, callTermsTypes } from './call/call-terms-resolvers.ts';
import { callMutations } from './call/mutations.ts';
import { callsProjection } from './call/read-model.ts';
import { callQueries, callsOfCases, callTypes } from './call/resolvers.ts';
import { callTimerHandlers, callTimers } from './call/time.ts';
import { caseMutations } from './case/mutations.ts';
import { disputeReactions } from './case/reactions.ts';
import { casesProjection } from './case/read-model.ts';
import { caseQueries, caseTypes } from './case/resolvers.ts';
import { caseTimerHandlers, caseTimers } from './case/timers.ts';
import { classPolicyMutations } from './class-policy/mutations.ts';
import { classPolicyModel } from './class-policy/read-model.ts';
import { classPolicyQueries, classPolicyTypes } from './class-policy/resolvers.ts';
import type { CopyName, GridEventsContext } from './context.ts';
import { admittedTasks, copyAdmissions } from './grid-admission/admitted.ts';
import { gridAdmissionMutations } from './grid-admission/mutations.ts';
import { gridAdmissionProjection } from './grid-admission/read-model.ts';
import { gridAdmissionQueries, gridAdmissionTypes } from './grid-admission/resolvers.ts';
import { urgentTaskTimerHandlers, urgentTaskTimers } from './grid-admission/time.ts';
import { gridNetworkMutations } from './grid-network/mutations.ts';
import { gridNetworkProjection } from './grid-network/read-model.ts';
import { gridNetworkQueries, gridNetworkTypes } from './grid-network/resolvers.ts';
import { gridWorkerMutations } from './grid-worker/mutations.ts';
import { gridWorkersProjection } from './grid-worker/read-model.ts';
import { gridWorkerQueries, gridWorkerTypes, workersOfGrid } from './grid-worker/resolvers.ts';
import { indicatorsProjection } from './indicators/read-model.ts';
import { indicatorQueries, indicatorTypes } from './indicators/resolvers.ts';
import { serviceRequestsProjection } from './open311/read-model.ts';
import { open311Routes } from './open311/routes.ts';
import type { Open311Settings } from './open311/settings.ts';
import { copyOrgans, organs } from './organs.ts';
import { PUBLISHED, toIntegrationEvent } from './publish.ts';
import { erasedPersons, erasureTimerHandlers, erasureTimers, keepErased } from './reporter/erasure.ts';
import { reporterProjection } from './reporter/read-model.ts';
import { maskedReporter, reporterMutations, reporterQueries, reporterTypes } from './reporter/resolvers.ts';
import { copyRouting, ROUTING } from './routing/copy.ts';
import { routingQueries, routingTypes } from './routing/resolvers.ts';
import { Subscription } from './subscriptions/resolvers.ts';
import { deliverWebhooks } from './webhook/deliver.ts';
import { deliveryMutations } from './webhook/delivery-mutations.ts';
import { webhookMutations } from './webhook/mutations.ts';
import { webhooksProjection } from './webhook/read-model.ts';
import { webhookQueries, webhookTypes } from './webhook/resolvers.ts';
import { webhookTimerHandlers, webhookTimers } from './webhook/time.ts';

/** What this service is given beside what every service is. Without a vault it takes no personal data. */
export interface GridEventsDependencies extends ServiceDependencies {
  vault?: Vault;
  /** Without it, it takes no files. */
  blobs?: BlobStore;
  /** Without it, it has no Open311 adapter. */
  open311?: Open311Settings | undefined;
  /** Where webhooks may be sent beside public addresses. */
  webhookTargets?: AllowedTargets | undefined;
}

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export const startGridEvents = async (deps: GridEventsDependencies): Promise<RunningService> => {
  const {
    vault = null,
    blobs = null,
    clock = systemClock,
    open311,
    logger,
    metrics = createMetrics(),
  } = deps;
  const stores = { vault, blobs };
  const service = await startService<GridEventsContext, CopyName>(
    {
      name: 'gridEvents',
      schema: new URL('../schema.graphql', import.meta.url),
      projections: [
        casesProjection,
        indicatorsProjection,
        gridNetworkProjection,
        callsProjection,
        together('registers', [
          classPolicyModel,
          gridWorkersProjection,
          callTermsProjection,
          gridAdmissionProjection,
          reporterProjection,
          attachmentProjection,
          webhooksProjection,
        ]),
        ...(open311 ? [serviceRequestsProjection] : []),
      ],
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
          version: 3,
          collections: ROUTING,
          topics: [LISTS_TOPIC],
          attempts: 100,
          take: copyRouting,
        },
        gridAdmissions: {
          version: 1,
          collections: [admittedTasks],
          topics: [LISTS_TOPIC],
          attempts: 100,
          take: copyAdmissions,
        },
      },
      reactions: { disputes: disputeReactions },
      timers: {
        version: 1,
        sources: [caseTimers, callTimers, erasureTimers, attachmentTimers, urgentTaskTimers, webhookTimers],
        handlers: ({ commands }) => ({
          ...caseTimerHandlers(commands),
          ...callTimerHandlers(commands),
          ...urgentTaskTimerHandlers(commands),
          ...erasureTimerHandlers(commands, vault),
          ...attachmentTimerHandlers(commands, blobs, vault),
          ...webhookTimerHandlers(commands, vault),
        }),
      },
      publishing: { types: PUBLISHED, toIntegrationEvent },
      resolvers: {
        ...caseTypes,
        Case: { ...caseTypes.Case, ...callsOfCases, ...maskedReporter },
        ...indicatorTypes,
        ...routingTypes,
        ...classPolicyTypes,
        ...gridNetworkTypes,
        ...gridWorkerTypes,
        Grid: { ...gridNetworkTypes.Grid, ...workersOfGrid },
        ...callTypes,
        ...callTermsTypes,
        ...gridAdmissionTypes,
        ...reporterTypes,
        ...attachmentTypes,
        ...webhookTypes,
        Query: {
          ...caseQueries,
          ...indicatorQueries,
          ...routingQueries,
          ...classPolicyQueries,
          ...gridNetworkQueries,
          ...gridWorkerQueries,
          ...callQueries,
          ...callTermsQueries,
          ...gridAdmissionQueries,
          ...reporterQueries,
          ...webhookQueries,
        },
        Subscription,
        Mutation: {
          ...caseMutations,
          ...classPolicyMutations,
          ...gridNetworkMutations,
          ...gridWorkerMutations,
          ...callMutations,
          ...callTermsMutations,
          ...gridAdmissionMutations,
          ...reporterMutations,
          ...attachmentMutations,
          ...webhookMutations(deps.webhookTargets),
          ...deliveryMutations,
        },
      },
      context: (base, grid) => ({ ...base, grid: { ...grid, ...stores } }),
      routes: (parts, verifier) => (app) => {
        const grid = { ...parts, ...stores };
        const now = () => clock.now();
        attachmentRoutes(grid, now, verifier)(app);
        if (open311) open311Routes({ grid, settings: open311, now, logger })(app);
      },
    },
    { ...deps, metrics },
  );
  const delivering = vault === null ? service : deliverWebhooks(service, vault, { ...deps, metrics });
  const erasures = [...(vault ? [erasedPersons(vault)] : []), ...(blobs ? [erasedFiles(blobs, vault)] : [])];
  return keepErased(delivering, erasures, deps);
};
