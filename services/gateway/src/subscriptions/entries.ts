import type { BusPosition, PlacedMessage } from '@dutyledger/bus/bus';
import type { SubscriptionContract, Told } from '@dutyledger/contracts/subscription';
import type { Entry } from './delivery.ts';

/** What the subscriptions keep of a message; undefined when it concerns none of them. */
function entryOf(
  { event, part, place }: PlacedMessage,
  position: BusPosition,
  contracts: readonly SubscriptionContract[],
): Entry | undefined {
  const told = new Map<string, Told>();
  for (const contract of contracts) {
    const said = contract.tell(event);
    if (said) told.set(contract.field, said);
  }
  if (told.size === 0) return undefined;
  return {
    part,
    place,
    position,
    told,
    id: event.id,
    event: /([^.]+)\.v\d+$/.exec(event.type)?.[1] ?? event.type,
    recordedAt: event.recordedtime,
    effectiveAt: event.time.slice(0, 10),
    sequence: Number(event.sequence),
    correlationId: event.correlationid,
  };
}

/** A page as entries, each with the position right behind it. */
export function entriesOf(
  page: readonly PlacedMessage[],
  before: BusPosition,
  contracts: readonly SubscriptionContract[],
): Entry[] {
  let position = before;
  return page.flatMap((message) => {
    position = { ...position, [message.part]: message.place + 1 };
    return entryOf(message, position, contracts) ?? [];
  });
}
