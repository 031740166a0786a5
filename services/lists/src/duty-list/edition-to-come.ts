import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { DutyListEvent } from './events.ts';
import { provenanceOf } from './history-entries.ts';
import type { EditionRow } from './rows.ts';
import { recordedOpinions } from './stages.ts';
import { type DutyList, listIdOf, publishedContent } from './state.ts';

/**
 * The row that the read model will make of a publication, for the answer that cannot wait for it (`pending`). Undefined
 * when `before` is not the list as it was right before.
 */
export function editionToCome(
  event: StoredEvent & DutyListEvent,
  before: DutyList | undefined,
): EditionRow | undefined {
  if (event.type !== 'EditionPublished' || before?.status !== 'open') return undefined;
  const { procedure, editions, items } = before;
  const { review, approval } = procedure ?? {};
  if (!procedure || !review || !approval) return undefined;
  const { list: _, edition: number, adjustment: __, ...publication } = event.data;
  return {
    ...publication,
    list: listIdOf(event.stream),
    number,
    formerCount:
      editions.length === 0 ? null : items.keySeq().count((code) => !!publishedContent(before, code)),
    review,
    opinions: recordedOpinions(procedure.consultation),
    approval,
    adjustment: null,
    published: provenanceOf(event),
    corrections: [],
  };
}
