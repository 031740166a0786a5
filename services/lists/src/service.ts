import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import { together } from '@dutyledger/read-store/together';
import { startService } from '@dutyledger/subgraph-kit/domain-service';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { adjustmentMutations } from './adjustment/mutations.ts';
import { adjustmentModel } from './adjustment/read-model.ts';
import { adjustmentQueries, adjustmentTypes } from './adjustment/resolvers.ts';
import { adjustmentTimerHandlers, adjustmentTimers } from './adjustment/time.ts';
import { burdenQueries, burdenTypes } from './burden/resolvers.ts';
import type { ListsContext } from './context.ts';
import { Mutation as delegationMutations } from './delegation/mutations.ts';
import { powerModel } from './delegation/read-model.ts';
import { Query as delegationQueries, types as delegationTypes } from './delegation/resolvers.ts';
import { delegationTimerHandlers, delegationTimers } from './delegation/time.ts';
import { followUpHandlers, followUpTimers } from './duty-dispute/follow-up.ts';
import { disputeMutations } from './duty-dispute/mutations.ts';
import { caseReactions } from './duty-dispute/reactions.ts';
import { dutyDisputes } from './duty-dispute/read-model.ts';
import { disputeQueries, disputeTypes } from './duty-dispute/resolvers.ts';
import { disputeTimerHandlers, disputeTimers } from './duty-dispute/time.ts';
import { dutyLists } from './duty-list/read-model.ts';
import { editionTimerHandlers, editionTimers } from './duty-list/time.ts';
import { matterMutations } from './integrated-matter/mutations.ts';
import { integratedMatters } from './integrated-matter/read-model.ts';
import { matterQueries, matterTypes } from './integrated-matter/resolvers.ts';
import { Mutation } from './mutations.ts';
import { copyOrgans, organs } from './organs.ts';
import { publishing } from './publish.ts';
import { Query } from './query-resolvers.ts';
import { searchQueries, searchTypes } from './search/resolvers.ts';
import { stageLimitsProjection } from './stage-limits/read-model.ts';
import { stageLimitMutations, stageLimitQueries, stageLimitTypes } from './stage-limits/resolvers.ts';
import { Subscription } from './subscriptions/resolvers.ts';
import { ledgerMutations } from './task-admission/ledger-mutations.ts';
import { admissionMutations } from './task-admission/mutations.ts';
import { gridTaskReactions } from './task-admission/reactions.ts';
import { taskAdmissions } from './task-admission/read-model.ts';
import { admissionQueries, admissionTypes } from './task-admission/resolvers.ts';
import { admissionTimerHandlers, admissionTimers } from './task-admission/time.ts';
import { types } from './type-resolvers.ts';
import {
  upwardProposalModel,
  upwardProposalTimerHandlers,
  upwardProposalTimers,
} from './upward-proposal/read-model.ts';
import {
  upwardProposalMutations,
  upwardProposalQueries,
  upwardProposalTypes,
} from './upward-proposal/resolvers.ts';

/** Starts the service: the one place where its parts are put together. Throws when a store cannot be used. */
export const startLists = (deps: ServiceDependencies): Promise<RunningService> =>
  startService<ListsContext, 'organs'>(
    {
      name: 'lists',
      schema: new URL('../schema.graphql', import.meta.url),
      projections: [
        dutyLists,
        together('procedures', [
          adjustmentModel,
          integratedMatters,
          powerModel,
          stageLimitsProjection,
          taskAdmissions,
          dutyDisputes,
          upwardProposalModel,
        ]),
      ],
      copies: {
        // An organ that is missing in the copy could not be named in any list: it is tried for long before it is parked.
        organs: {
          version: 2,
          collections: [organs],
          topics: [STAFFING_TOPIC],
          attempts: 100,
          take: copyOrgans,
        },
      },
      reactions: { cases: caseReactions, gridTasks: gridTaskReactions },
      timers: {
        version: 4,
        sources: [
          editionTimers,
          adjustmentTimers,
          delegationTimers,
          admissionTimers,
          disputeTimers,
          followUpTimers,
          upwardProposalTimers,
        ],
        handlers: ({ commands, projections, copies }) => ({
          ...editionTimerHandlers(commands, projections),
          ...adjustmentTimerHandlers(commands, projections, copies.organs),
          ...delegationTimerHandlers(commands),
          ...admissionTimerHandlers(commands, projections),
          ...disputeTimerHandlers(commands, projections),
          ...followUpHandlers(commands, projections, copies.organs),
          ...upwardProposalTimerHandlers(commands, projections),
        }),
      },
      publishing: publishing(),
      resolvers: {
        ...types,
        ...adjustmentTypes,
        ...upwardProposalTypes,
        ...matterTypes,
        ...delegationTypes,
        ...searchTypes,
        ...burdenTypes,
        ...stageLimitTypes,
        ...admissionTypes,
        ...disputeTypes,
        Query: {
          ...Query,
          ...adjustmentQueries,
          ...upwardProposalQueries,
          ...matterQueries,
          ...delegationQueries,
          ...searchQueries,
          ...burdenQueries,
          ...stageLimitQueries,
          ...admissionQueries,
          ...disputeQueries,
        },
        Subscription,
        Mutation: {
          ...Mutation,
          ...adjustmentMutations,
          ...upwardProposalMutations,
          ...matterMutations,
          ...delegationMutations,
          ...stageLimitMutations,
          ...admissionMutations,
          ...ledgerMutations,
          ...disputeMutations,
        },
      },
      context: (base, { copies, ...parts }) => ({ ...base, service: { ...parts, ...copies } }),
    },
    deps,
  );
