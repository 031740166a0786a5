import { randomUUID } from 'node:crypto';
import type { CommandDeps } from '@dutyledger/event-store/handle-command';
import type { Copy } from '@dutyledger/read-store/copy';
import type { Projections } from '@dutyledger/read-store/projection';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';

/** What the resolvers of this service work with. */
export interface ListsService {
  commands: CommandDeps;
  projections: Projections;
  /** Copy of staffing's organs. */
  organs: Copy;
}

export interface ListsContext extends RequestContext {
  service: ListsService;
}

/** A list's id says where it belongs; the rest follows from the command, so that a retry opens the same list. */
export const newListId = (division: string, commandId: string = randomUUID()): string =>
  `list:${division.slice(0, 9).replace(/000$/, '')}-${commandId.replaceAll('-', '').slice(0, 10)}`;
