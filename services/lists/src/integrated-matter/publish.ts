import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { IntegratedMatterPublished, IntegratedMatterRetired } from '@dutyledger/contracts/lists-matters';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { OrganDuty, TimeLimit } from '../duty-list/item.ts';
import { planOf } from '../procedure/plan.ts';
import type { MatterEvent } from './integrated-matter.ts';

/** What other services learn of integrated matters: all that routing needs (G-7), whole, with every version. */

export const MATTER_EVENTS = ['IntegratedMatterPublished', 'IntegratedMatterRetired'] as const;

const duty = ({ organ, name, duty: what }: OrganDuty) => ({ organ, name, duty: what ?? '' });

export function matterMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & MatterEvent;
  switch (event.type) {
    case 'IntegratedMatterPublished': {
      const { id, division, version, effectiveFrom, documentNumber, content } = event.data;
      const { name, lead, participants, caseClasses, keywords, items, promised } = content;
      const steps = content.steps.map(({ id: step, name: what, organ, organName, limit, after }) => ({
        id: step,
        name: what,
        organ: organ ?? '',
        organName: organName ?? '',
        limit: limit as TimeLimit,
        after,
      }));
      return outgoing(IntegratedMatterPublished, {
        stored,
        data: {
          matterId: id,
          division,
          name,
          version,
          effectiveFrom,
          documentNumber,
          lead: duty(lead),
          participants: participants.map(duty),
          caseClasses,
          keywords,
          items: items.map(({ list, code, name: item }) => ({ listId: list, code, name: item })),
          steps,
          criticalPath: planOf(content.steps).criticalPath,
          promised,
        },
      });
    }
    case 'IntegratedMatterRetired': {
      const { id, division, name, version, effectiveFrom, documentNumber } = event.data;
      return outgoing(IntegratedMatterRetired, {
        stored,
        data: { matterId: id, division, name, version, effectiveFrom, documentNumber },
      });
    }
    default:
      return undefined;
  }
}
