import { type CommandDeps, load } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { dutyList } from '../duty-list/duty-list.ts';
import type { ItemContent } from '../duty-list/item.ts';
import { namedOrgans } from '../duty-list/organ-facts.ts';
import { draftContent, dutyListStream, type OpenList, publishedContent } from '../duty-list/state.ts';
import { organsById } from '../organs.ts';
import type { ListFacts } from './adjustment.ts';
import type { Proposal, ProposedChange } from './events.ts';
import { codesOf } from './kinds.ts';

/** What the decider is told of the lists and organs that an adjustment speaks of. */
export async function factsOf(
  commands: CommandDeps,
  organs: ReadView,
  proposals: readonly Pick<Proposal, 'list' | 'change'>[],
): Promise<ListFacts> {
  const lists = new Map<string, OpenList>();
  for (const id of new Set(proposals.map(({ list }) => list))) {
    const { state } = await load(commands, dutyList, dutyListStream(id));
    if (state.status === 'open') lists.set(id, state);
  }
  const named = proposals.flatMap(({ list, change }) => {
    const state = lists.get(list);
    const items = state
      ? codesOf(change).flatMap((code) => [publishedContent(state, code), draftContent(state, code)])
      : [];
    return [...items, ...contentsOf(change)].flatMap((item) => (item ? namedOrgans(item) : []));
  });
  return { lists, organs: await organsById(organs, named) };
}

/** Contents that the change brings, whole or in part. */
function contentsOf(change: ProposedChange): Partial<ItemContent>[] {
  switch (change.kind) {
    case 'ADD':
      return [change.item];
    case 'RETIRE':
    case 'RENUMBER':
      return [];
    case 'SPLIT':
      return change.into.map(({ item }) => item);
    case 'MERGE':
      return [change.into.item];
    default:
      return [change.changes];
  }
}
