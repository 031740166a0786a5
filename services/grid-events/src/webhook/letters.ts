import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { callsFor, caseEvents } from '@dutyledger/contracts/grid-events-subscriptions';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import type { Letter } from '@dutyledger/webhooks/book';
import { calls } from '../call/read-model.ts';
import { cases } from '../case/rows.ts';
import type { Settings } from './webhook.ts';

/** What a webhook may be told, and how it is put. */

/** Type of the message that a test sends. */
export const PING = 'webhook.ping';

export const asks = ({ types }: Pick<Settings, 'types'>, type: string): boolean =>
  types.length === 0 || types.some((beginning) => type.startsWith(beginning));

/**
 * Where the thing lies that each event tells of, as it is known now; undefined when it is not known. Judged as
 * subscriptions are: by the case or call itself.
 */
export async function placesOf(
  view: ReadView,
  events: readonly CloudEvent[],
): Promise<(string | undefined)[]> {
  const about = events.map((event) => ({
    case: caseEvents.tell(event)?.entities['case'],
    call: callsFor.tell(event)?.entities['call'],
    division: (event.data as { division?: unknown }).division,
  }));
  const idsOf = (kind: 'case' | 'call') => [...new Set(about.flatMap((one) => one[kind] ?? []))];
  const [caseRows, callRows] = await Promise.all([
    view.documents(cases).getMany(idsOf('case')),
    view.documents(calls).getMany(idsOf('call')),
  ]);
  return about.map((one) => {
    if (one.case !== undefined) return caseRows.get(one.case)?.division;
    if (one.call !== undefined) return callRows.get(one.call)?.state.division;
    return typeof one.division === 'string' ? one.division : undefined;
  });
}

/** Whether an integrator of the webhook's division may see what lies there. */
export const mayBeTold = ({ division }: Pick<Settings, 'division'>, place: string | undefined): boolean =>
  place !== undefined && isWithin(place, division);

/** The body of Standard Webhooks: type, timestamp, data; beside them the attributes of the CloudEvent it tells of. */
export function letterOf(webhook: string, event: CloudEvent, position: number): Letter {
  const { id, source, type, subject, time, sequence, correlationid, recordedtime: timestamp, data } = event;
  const body = JSON.stringify({
    type,
    timestamp,
    data,
    id,
    source,
    subject,
    time,
    sequence,
    correlationid,
  });
  return { id: messageId(webhook, id), type, subject, body, position };
}

/** The same for the same event and webhook. */
const messageId = (webhook: string, event: string): string =>
  `msg_${webhook.slice('webhook:'.length, 'webhook:'.length + 8)}_${event}`;

export function pingLetter(webhook: string, message: string, at: string): Letter {
  const body = JSON.stringify({ type: PING, timestamp: at, data: { webhook } });
  return { id: message, type: PING, subject: message, body, position: null };
}
