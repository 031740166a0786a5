import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import type { Batch } from '@dutyledger/read-store/read-store';
import { provenanceOf } from '../duty-list/history-entries.ts';
import { sameValue } from '../duty-list/item.ts';
import { type MatterEvent, type MatterHead, matterIdOf } from './integrated-matter.ts';
import { itemKey, type MatterContent } from './matter.ts';
import {
  type MatterHistoryRow,
  type MatterInForce,
  type MatterRow,
  matterHistory,
  matterRows,
  mattersInForce,
  matterVersions,
} from './rows.ts';

/** The read model of integrated matters: drafts, versions, what is in force with both clocks, and the history. */
export const integratedMatters: Projection = {
  name: 'integratedMatters',
  version: 1,
  collections: [matterRows, matterVersions, mattersInForce, matterHistory],
  handles: [
    'IntegratedMatterDrafted',
    'IntegratedMatterRevised',
    'IntegratedMatterDecided',
    'IntegratedMatterPublished',
    'IntegratedMatterRetired',
  ],
  prefetch: (event) => [{ spec: matterRows, id: matterIdOf(event.stream) }],
  project,
};

async function project(stored: StoredEvent, batch: Batch): Promise<void> {
  const event = stored as StoredEvent & MatterEvent;
  const id = matterIdOf(stored.stream);
  const touched = provenanceOf(stored);
  if (event.type === 'IntegratedMatterDrafted') {
    const { content, ...head } = event.data;
    batch.put(matterRows, id, newMatter(head, content, touched));
    note(event, batch, 'DRAFTED', []);
    return;
  }
  const row = await batch.get(matterRows, id);
  if (!row) throw new Error(`${event.type} of ${id}, which was never drafted`);
  switch (event.type) {
    case 'IntegratedMatterRevised': {
      const { content } = event.data;
      note(event, batch, 'REVISED', matterChanges(row.draft ?? row.published, content));
      const draftNumber = row.draftNumber + 1;
      batch.put(matterRows, id, { ...row, draft: content, draftNumber, decision: null, touched });
      return;
    }
    case 'IntegratedMatterDecided': {
      const change = { field: 'decision', before: row.decision, after: event.data };
      note(event, batch, event.data.outcome, [change]);
      batch.put(matterRows, id, { ...row, decision: event.data });
      return;
    }
    case 'IntegratedMatterPublished': {
      const { version, effectiveFrom, documentNumber, content } = event.data;
      note(event, batch, 'PUBLISHED', matterChanges(row.published, content), event.data);
      await batch.putVersion(mattersInForce, id, effectiveFrom, inForce(event.data));
      if (!row.decision) throw new Error(`${id} was published undecided`);
      batch.put(matterVersions, `${id}#${version}`, {
        matter: id,
        number: version,
        effectiveFrom,
        documentNumber,
        content,
        decision: row.decision,
        published: touched,
      });
      const { name } = content;
      batch.put(matterRows, id, { ...row, name, version, draft: null, decision: null, published: content });
      return;
    }
    case 'IntegratedMatterRetired': {
      const { effectiveFrom } = event.data;
      note(event, batch, 'RETIRED', [], event.data);
      await batch.putVersion(mattersInForce, id, effectiveFrom, null);
      batch.put(matterRows, id, { ...row, draft: null, decision: null, retiredFrom: effectiveFrom });
      return;
    }
    default:
      return event satisfies never;
  }
}

/** A matter that was just drafted. */
export const newMatter = (
  head: MatterHead,
  content: MatterContent,
  touched: MatterRow['touched'],
): MatterRow => ({
  ...head,
  name: content.name,
  version: 0,
  draft: content,
  draftNumber: 1,
  decision: null,
  published: null,
  retiredFrom: null,
  touched,
});

type Publication = Extract<MatterEvent, { type: 'IntegratedMatterPublished' }>['data'];

const inForce = ({ id, division, version, documentNumber, content }: Publication): MatterInForce => ({
  matter: id,
  division,
  name: content.name,
  number: version,
  documentNumber,
  content,
  caseClasses: content.caseClasses,
  items: content.items.map(itemKey),
  organs: [content.lead, ...content.participants].map(({ organ }) => organ),
});

function note(
  event: StoredEvent,
  batch: Batch,
  change: MatterHistoryRow['change'],
  changes: MatterHistoryRow['changes'],
  published?: { version: number; effectiveFrom: string; documentNumber: string },
): void {
  batch.put(matterHistory, event.id, {
    id: event.id,
    matter: matterIdOf(event.stream),
    position: event.position,
    change,
    changes,
    version: published?.version ?? null,
    effectiveFrom: published?.effectiveFrom ?? null,
    documentNumber: published?.documentNumber ?? null,
    provenance: provenanceOf(event),
  });
}

/** Field by field, steps one by one; nothing to compare where a matter appears or goes. */
export function matterChanges(
  before: MatterContent | null,
  after: MatterContent | null,
): MatterHistoryRow['changes'] {
  if (!before || !after) return [];
  const fields = (Object.keys(after) as (keyof MatterContent)[]).filter((field) => field !== 'steps');
  const changes: MatterHistoryRow['changes'] = fields
    .filter((field) => !sameValue(before[field], after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
  const steps = new Set([...before.steps, ...after.steps].map(({ id }) => id));
  for (const id of steps) {
    const [was, is] = [before, after].map((content) => content.steps.find((step) => step.id === id) ?? null);
    if (!sameValue(was, is)) changes.push({ field: `steps[${id}]`, before: was, after: is });
  }
  return changes;
}
