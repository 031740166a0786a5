import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import type { ListsContext } from './context.ts';
import { type DutyListCommand, dutyList } from './duty-list/duty-list.ts';
import type { ListRow } from './duty-list/rows.ts';
import { type DutyList, dutyListStream } from './duty-list/state.ts';
import { requireList } from './look-ups.ts';

/** What a command needs of its surroundings besides its own content. */
export interface Carrying {
  operation: string;
  list: ListRow;
  change: ChangeInput;
  /** What the caller sent: tells a retry from another use of the same idempotency key. */
  content: unknown;
}

export async function carryOut(
  context: ListsContext,
  command: DutyListCommand,
  carrying: Carrying,
): Promise<Mutated<DutyList>> {
  const { operation, list, change, content } = carrying;
  const scope = commandContext(context, operation, change, { division: list.division, content });
  const stream = dutyListStream(list.id);
  return mutate(context.service, context.locale, dutyList, stream, command, scope);
}

/** The list of an input, within the caller's division. */
export async function ownList(context: ListsContext, id: string): Promise<ListRow> {
  const list = await requireList(context, id, 'list');
  requireDivision(context, list.division, 'list');
  return list;
}

/** Nobody has looked at a draft that is yet to come; the number would pass every check for what changed since (L-3). */
export function requireSeen(basedOn: number, state: DutyList): void {
  if (state.status === 'absent' || basedOn <= state.draftNumber) return;
  throw refusalError({
    code: 'INVALID_INPUT',
    rule: 'L-3',
    field: 'basedOn',
    message: {
      en: `The draft stands at number ${state.draftNumber}; there is no number ${basedOn} yet.`,
      'zh-CN': `草案当前序号为 ${state.draftNumber}，尚无序号 ${basedOn}。`,
    },
    details: { draftNumber: state.draftNumber },
  });
}
