import type { BlobStore } from '@dutyledger/blobs/blob-store';
import type { Vault } from '@dutyledger/personal-data/vault';
import type { ServiceParts } from '@dutyledger/subgraph-kit/domain-service';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';

/** What this service keeps of other services' facts. */
export type CopyName = 'organs' | 'routing' | 'gridAdmissions';

/** What the service runs on: commands, read models, copies; the keys of persons and files where there are stores for them. */
export interface GridEvents extends ServiceParts<CopyName> {
  vault: Vault | null;
  blobs: BlobStore | null;
}

/** What the resolvers of this service know: the request, and what the service runs on. */
export interface GridEventsContext extends RequestContext {
  grid: GridEvents;
}
