import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, type CommandScope, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import type { Acting } from './acting.ts';
import type { ListsContext } from './context.ts';
import { type DutyListCommand, dutyList } from './duty-list/duty-list.ts';
import { type ListRow, lists } from './duty-list/rows.ts';
import { type DutyList, dutyListStream } from './duty-list/state.ts';
import { requireList } from './look-ups.ts';

/** What a command needs of its surroundings besides its own content. */
export interface Carrying {
  operation: string;
  list: ListRow;
  change: ChangeInput;
  /** What the caller sent: tells a retry from another use of the same idempotency key. */
  content: unknown;
  /** Who acts, where it is not simply the caller in the role that entitled to the mutation. */
  acting?: Acting;
}

export async function carryOut(
  context: ListsContext,
  command: DutyListCommand,
  carrying: Carrying,
): Promise<Mutated<DutyList>> {
  const { operation, list, change, content, acting } = carrying;
  const scope = actingContext(context, operation, change, { division: list.division, content }, acting);
  const stream = dutyListStream(list.id);
  return mutate(context.service, context.locale, dutyList, stream, command, scope);
}

/** The context of a command in which somebody may speak for another organ, from paper. */
export function actingContext(
  context: ListsContext,
  operation: string,
  change: ChangeInput,
  scope: CommandScope,
  { role, onBehalfOf }: Partial<Acting> = {},
): CommandContext {
  const said = onBehalfOf === undefined || change.onBehalfOf ? change : { ...change, onBehalfOf };
  return commandContext(context, operation, said, { ...scope, ...(role && { role }) });
}

/** The row as it is after the command, for the payload. */
export async function draftAnswer(
  context: ListsContext,
  id: string,
  { repeated, pending }: Mutated<DutyList>,
) {
  const list = (await context.service.projections.documents(lists).get(id)) as ListRow;
  return { list, draft: list, repeated, pending };
}

/** One command on a list's draft: within the caller's division, answered with the draft as it is then. */
export async function onDraft<T extends { list: string; change: ChangeInput }>(
  context: ListsContext,
  operation: string,
  input: T,
  command: (input: T, list: ListRow) => DutyListCommand | Promise<DutyListCommand>,
) {
  const list = await ownList(context, input.list);
  const carrying = { operation, list, change: input.change, content: input };
  return draftAnswer(context, list.id, await carryOut(context, await command(input, list), carrying));
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
