import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { EditionCorrected, EditionPublished } from '@dutyledger/contracts/lists';
import { EditionItemPublished } from '@dutyledger/contracts/lists-items';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { uuidFrom } from '@dutyledger/event-store/ids';
import type { DutyListEvent } from './events.ts';
import type { ItemContent, OrganDuty } from './item.ts';
import { contentOn, type DutyList, evolve, initial, listIdOf, type OpenList } from './state.ts';

/**
 * What other services learn of editions (L-3): that one was published or corrected, and each item that it touched,
 * whole. Events of publication name the items only by their codes; what these say is folded from the stream.
 */

export const EDITION_EVENTS = ['EditionPublished', 'EditionCorrected'] as const;

type Reading = Pick<EventStore, 'readStream'>;
/** What other services are told of a recorded event; undefined of an event that is no edition's. */
export type EditionMessages = (
  stored: StoredEvent,
  events: Reading,
) => Promise<Iterable<OutgoingMessage>> | undefined;

/** The messages of a relay, which goes from edition to edition: lists are kept as they stood at the last one. */
export function editionMessages(): EditionMessages {
  const lists = new ListsInTime();
  return (stored, events) => {
    const event = stored as StoredEvent & DutyListEvent;
    return event.type === 'EditionPublished' || event.type === 'EditionCorrected'
      ? lists.at(stored, events).then((list) => messagesOf(event, list))
      : undefined;
  };
}

type Edition = StoredEvent & Extract<DutyListEvent, { type: (typeof EDITION_EVENTS)[number] }>;

function headOf(stored: Edition): OutgoingMessage {
  const listId = listIdOf(stored.stream);
  if (stored.type === 'EditionCorrected') {
    const { edition, correction, effectiveFrom, documentNumber, corrections } = stored.data;
    const codes = corrections.map(({ code }) => code);
    const data = { listId, edition, correction, effectiveFrom, documentNumber, codes };
    return outgoing(EditionCorrected, { stored, data });
  }
  const { list, added, revised, retired, adjustment, ...edition } = stored.data;
  return outgoing(EditionPublished, {
    stored,
    data: {
      listId,
      ...list,
      ...edition,
      added: added.length,
      revised: revised.length,
      retired: retired.length,
      ...(adjustment && { adjustment: adjustment.id }),
    },
  });
}

function* messagesOf(stored: Edition, list: OpenList): Iterable<OutgoingMessage> {
  yield* itemsOf(stored, list);
  yield headOf(stored);
}

/** One message for each item that the event touched, as the list says it from the event's effective day on. */
function* itemsOf(stored: Edition, { head, items }: OpenList): Iterable<OutgoingMessage> {
  const { kind, division } = head;
  const { edition, effectiveFrom } = stored.data;
  for (const code of codesOf(stored)) {
    const content = contentOn(items.get(code), effectiveFrom);
    yield outgoing(EditionItemPublished, {
      stored,
      id: uuidFrom('editionItem', stored.id, code),
      subject: `${stored.stream}/${code}`,
      data: {
        listId: head.id,
        kind,
        division,
        edition,
        effectiveFrom,
        code,
        item: content && itemOf(content),
      },
    });
  }
}

const codesOf = ({ type, data }: Edition): string[] =>
  type === 'EditionPublished'
    ? [...data.added, ...data.revised, ...data.retired]
    : data.corrections.map(({ code }) => code);

const itemOf = ({ name, caseClasses, jointlyLed, leads, cooperators, procedure, basis }: ItemContent) => ({
  name,
  caseClasses,
  jointlyLed,
  leads: leads.map(dutyOf),
  cooperators: cooperators.map(dutyOf),
  steps: (procedure ?? []).map(({ id, name: what, organ, organName, limit, after }) => ({
    id,
    name: what,
    organ,
    organName,
    limit,
    after,
  })),
  basis,
});

const dutyOf = ({ organ, name, duty }: OrganDuty) => ({ organ, name, duty: duty ?? '' });

/** Lists that are kept folded at a time; a relay catching up passes from one to the next. */
const MOST_KEPT = 4;

class ListsInTime {
  readonly #kept = new Map<string, { state: DutyList; revision: number }>();

  /** The list as it stood with the event. */
  async at({ stream, revision, position }: StoredEvent, events: Reading): Promise<OpenList> {
    const kept = this.#kept.get(stream);
    // A relay that begins anew comes to earlier events again.
    let { state, revision: folded } =
      kept && kept.revision <= revision ? kept : { state: initial as DutyList, revision: -1 };
    for await (const page of events.readStream(stream, { from: folded + 1, to: revision })) {
      for (const event of page) {
        const { metadata, recordedAt } = event;
        state = evolve(state, event as StoredEvent & DutyListEvent, { ...metadata, recordedAt });
        folded = event.revision;
      }
    }
    if (folded !== revision || state.status !== 'open') {
      throw new Error(`${stream} ends at revision ${folded}, before the event at position ${position}`);
    }
    this.#keep(stream, { state, revision });
    return state;
  }

  #keep(stream: string, list: { state: DutyList; revision: number }): void {
    this.#kept.delete(stream);
    this.#kept.set(stream, list);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
