import type { CloudEvent } from './envelope.ts';
import { is } from './event-contract.ts';
import { EditionCorrected, EditionPublished, LISTS_TOPIC } from './lists.ts';
import { AdjustmentApplied, AdjustmentDecided } from './lists-adjustments.ts';
import { type SubscriptionContract, type Told, upwardOf } from './subscription.ts';

/** A list carries the significant digits of its division's code in its id: list:370114-0001, list:370114101-0001. */
const divisionOf = (listId: string): string => (/^list:(\d+)-/.exec(listId)?.[1] ?? '').padEnd(12, '0');

interface Fact {
  division: string;
  lists: readonly string[];
  edition?: number | null;
  adjustment?: string;
}

function factOf(event: CloudEvent): Fact | undefined {
  if (is(EditionPublished, event) || is(EditionCorrected, event)) {
    const { listId, edition } = event.data;
    return { division: divisionOf(listId), lists: [listId], edition };
  }
  if (is(AdjustmentDecided, event)) return event.data;
  if (is(AdjustmentApplied, event)) {
    const { adjustment, listId, edition } = event.data;
    return { division: divisionOf(listId), lists: [listId], edition, adjustment };
  }
  return undefined;
}

function told({ division, lists, edition = null, adjustment }: Fact): Told {
  const [list] = lists;
  return {
    values: { division, edition },
    entities: {
      ...(adjustment === undefined ? {} : { adjustment }),
      ...(list === undefined || lists.length > 1 ? {} : { list }),
    },
    meets: { division: upwardOf(division), list: lists },
  };
}

/** Editions and adjustments of duty lists (L-3, L-4). */
export const listEvents: SubscriptionContract = {
  field: 'listEvents',
  subgraph: 'lists',
  topic: LISTS_TOPIC,
  entities: { list: 'dutyList', adjustment: 'adjustment' },
  tell(event) {
    const fact = factOf(event);
    return fact && told(fact);
  },
};
