import { type IntegrationEvent, validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { CopyWriter } from '@dutyledger/read-store/copy';
import { type Batch, documents, temporal } from '@dutyledger/read-store/read-store';
import type { Limit } from '../class-policy/policy.ts';

/** The service's own copy of what lists publishes for routing: items and integrated matters, by effective day (G-7). */

export interface RoutedOrgan {
  organ: string;
  name: string;
  duty: string;
}

export interface RoutedStep {
  id: string;
  name: string;
  organ: string | null;
  organName: string | null;
  limit: Limit | null;
  after: string[];
}

/** What an item and a matter say alike. */
export interface Routed {
  division: string;
  name: string;
  /** `keyOf` each case class that leads here. */
  keys: string[];
  /** The first leads; further ones are those of a jointly led item. */
  leads: RoutedOrgan[];
  cooperators: RoutedOrgan[];
  steps: RoutedStep[];
}

interface RoutedItem extends Routed {
  list: string;
  code: string;
  /** The one that says the item so; later ones may leave it as it is. */
  edition: number;
}

interface RoutedMatter extends Routed {
  matter: string;
  version: number;
}

/** Only items that a case class leads to. */
export const routedItems = temporal<RoutedItem>()('routedItems', { byKey: ['keys'] });
export const routedMatters = temporal<RoutedMatter>()('routedMatters', { byKey: ['keys'] });
/** Every key that an item or matter ever had: most of those that a class could stand under are none. */
export const routedKeys = documents<{ key: string }>()('routedKeys', {});
/** By list: the edition in force. */
export const editionsInForce = temporal<{ edition: number }>()('editionsInForce', {});

/** All that the copy keeps. */
export const ROUTING = [routedItems, routedMatters, routedKeys, editionsInForce];

/** A case class of a division, or a pattern that stands for classes of it. */
export const keyOf = (division: string, caseClass: string): string => `${division}/${caseClass}`;

/** It says what must not be done: nobody's duty. */
const NEGATIVE = 'NEGATIVE';

/** Takes one message of lists' topic over; what was taken over before is passed by. */
export async function copyRouting(writer: CopyWriter, message: CloudEvent): Promise<void> {
  const checked = validate(message);
  if (!checked.ok) {
    // A later version of lists may say more than this service knows of.
    if (checked.problem.code === 'UNKNOWN_EVENT') return;
    throw new Error(`${message.type} ${message.id}: ${checked.problem.message}`);
  }
  const { event } = checked;
  const write = writing(event);
  if (!write) return;
  const { subject: key, sequence, recordedtime: recordedAt } = event;
  await writer.apply({ key, sequence: Number(sequence), recordedAt }, write);
}

type Write = (batch: Batch) => void | Promise<void>;

function writing(event: IntegrationEvent): Write | undefined {
  switch (event.type) {
    case 'cn.dutyledger.lists.EditionPublished.v1': {
      const { listId, edition, effectiveFrom } = event.data;
      return (batch) => batch.putVersion(editionsInForce, listId, effectiveFrom, { edition });
    }
    case 'cn.dutyledger.lists.EditionItemPublished.v1':
      return event.data.kind === NEGATIVE ? undefined : (batch) => putItem(event.data, batch);
    case 'cn.dutyledger.lists.IntegratedMatterPublished.v1':
      return (batch) => putMatter(event.data, batch);
    case 'cn.dutyledger.lists.IntegratedMatterRetired.v1': {
      const { matterId, effectiveFrom } = event.data;
      return (batch) => batch.putVersion(routedMatters, matterId, effectiveFrom, null);
    }
    default:
      return undefined;
  }
}

type DataOf<Name extends string> = Extract<
  IntegrationEvent,
  { type: `cn.dutyledger.lists.${Name}.v1` }
>['data'];

async function putItem(data: DataOf<'EditionItemPublished'>, batch: Batch): Promise<void> {
  const { listId: list, code, division, edition, effectiveFrom, item } = data;
  const id = `${list}/${code}`;
  if (!item || item.caseClasses.length === 0) {
    const known = await batch.getVersion(routedItems, id, effectiveFrom);
    if (known) await batch.putVersion(routedItems, id, effectiveFrom, null);
    return;
  }
  const { name, caseClasses, leads, cooperators, steps } = item;
  const keys = caseClasses.map((caseClass) => keyOf(division, caseClass));
  const row = { list, code, edition, division, name, keys, leads, cooperators, steps };
  putKeys(keys, batch);
  await batch.putVersion(routedItems, id, effectiveFrom, row);
}

function putKeys(keys: readonly string[], batch: Batch): void {
  for (const key of keys) batch.put(routedKeys, key, { key });
}

async function putMatter(data: DataOf<'IntegratedMatterPublished'>, batch: Batch): Promise<void> {
  const { matterId: matter, version, division, name, lead, participants, caseClasses, steps } = data;
  const keys = caseClasses.map((caseClass) => keyOf(division, caseClass));
  const row = { matter, version, division, name, keys, leads: [lead], cooperators: participants, steps };
  putKeys(keys, batch);
  await batch.putVersion(routedMatters, matter, data.effectiveFrom, row);
}
