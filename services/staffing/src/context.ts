import type { Mutating } from '@dutyledger/subgraph-kit/mutation';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';

/** What the resolvers of this service know: the request, and what the service runs on. */
export interface StaffingContext extends RequestContext {
  staffing: Mutating;
}
