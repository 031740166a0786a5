import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { provenanceOf } from './history-entries.ts';
import type { EditionRow } from './rows.ts';
import { type DutyList, type DutyListEvent, listIdOf, publishedContent } from './state.ts';

/**
 * The row that the read model will make of a publication, for the answer that cannot wait for it (`pending`). Undefined
 * when `before` is not the list as it was right before.
 */
export function editionToCome(
  event: StoredEvent & DutyListEvent,
  before: DutyList | undefined,
): EditionRow | undefined {
  if (event.type !== 'EditionPublished' || before?.status !== 'open') return undefined;
  const { review, opinions, approval, editions, items } = before;
  if (!review || !approval) return undefined;
  const { list: _, edition: number, ...publication } = event.data;
  return {
    ...publication,
    list: listIdOf(event.stream),
    number,
    formerCount:
      editions.length === 0 ? null : items.keySeq().count((code) => !!publishedContent(before, code)),
    review,
    opinions: [...opinions.values()],
    approval,
    published: provenanceOf(event),
    corrections: [],
  };
}
