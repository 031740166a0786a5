import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { documentMissing } from '@dutyledger/event-store/rule-texts';
import { Map as IMap } from 'immutable';
import { retirement, type Staged } from './changes.ts';
import { type DraftChange, type StagingEvent, staging, withAll } from './draft.ts';
import { publication, publishedTooEarly } from './editions.ts';
import type { DutyListEvent, Publication } from './events.ts';
import { changedFields, type ItemContent, type ItemField, sameValue } from './item.ts';
import type { OrganFacts } from './organ-facts.ts';
import { superseded } from './rebase.ts';
import { draftContent, type OpenList, publishedContent } from './state.ts';

/** What an adjustment (L-4) does to a list: staged in the draft of the next edition, or at once as an edition of its own. */

/** What the applicant saw of an item: the fields that the change rests on. */
export interface Seen {
  code: string;
  fields: Partial<ItemContent>;
}

export interface ListAdjustment {
  changes: DraftChange[];
  seen: Seen[];
  organs: ReadonlyMap<string, OrganFacts>;
}

export interface ApplyAdjustment extends ListAdjustment {
  type: 'ApplyAdjustment';
  adjustment: string;
  /** Null: into the draft of the next edition. */
  atOnce: (Omit<NonNullable<Publication['adjustment']>, 'id'> & EditionOfItsOwn) | null;
}

export interface EditionOfItsOwn {
  effectiveFrom: string;
  documentNumber: string;
}

/** The list as published, without what is staged: what others than its editors know of it. */
export const asPublished = (state: OpenList): OpenList => ({ ...state, draft: IMap() });

/** What the changes come to on the list (or, given `asPublished`, on its newest edition), and what stands against them. */
export function adjusting(
  { changes, seen, organs }: ListAdjustment,
  state: OpenList,
): { events: StagingEvent[]; problems: Refusal[] } {
  const stale = seen.flatMap((one) => staleItem(one, state) ?? []);
  const { events, problems } = staging(changes, state, organs);
  return { events, problems: [...stale, ...problems] };
}

export function applyAdjustment(command: ApplyAdjustment, state: OpenList): Decision<DutyListEvent> {
  const { atOnce, adjustment } = command;
  return atOnce ? editionOfItsOwn(command, atOnce, state) : intoDraft(command, adjustment, state);
}

function intoDraft(command: ListAdjustment, adjustment: string, state: OpenList): Decision<DutyListEvent> {
  const { events, problems } = adjusting(command, state);
  const [first] = problems;
  const refusal = superseded(state) ?? (first && withAll(first, problems));
  if (refusal) return refuse(refusal);
  return accept<DutyListEvent>(
    ...events.map((event) => ({ ...event, data: { ...event.data, adjustment } }) as StagingEvent),
  );
}

function editionOfItsOwn(
  command: ApplyAdjustment,
  { effectiveFrom, documentNumber, ...procedure }: NonNullable<ApplyAdjustment['atOnce']>,
  state: OpenList,
): Decision<DutyListEvent> {
  const { events, problems } = adjusting(command, asPublished(state));
  const [first] = problems;
  const refusal =
    (first && withAll(first, problems)) ??
    documentMissing('L-3', documentNumber) ??
    publishedTooEarly(effectiveFrom, state);
  if (refusal) return refuse(refusal);
  const staged = new Map(events.map((event) => [event.data.code, stagedBy(event)]));
  const edition = publication(state, IMap(staged), effectiveFrom, documentNumber);
  return accept<DutyListEvent>(
    ...[...staged].map(
      ([code, change]): DutyListEvent => ({
        type: 'ItemAdjusted',
        data: { code, adjustment: command.adjustment, staged: change },
      }),
    ),
    {
      type: 'EditionPublished',
      data: { ...edition, adjustment: { id: command.adjustment, ...procedure } },
      effectiveAt: effectiveFrom,
    },
  );
}

/** On a list without a draft, one change of an item is one event, and nothing is taken back. */
export function stagedBy(event: StagingEvent): Staged {
  switch (event.type) {
    case 'ItemAdded':
      return { change: 'ADD', item: event.data.item };
    case 'ItemRevised':
      return { change: 'REVISE', changes: event.data.changes };
    case 'ItemRetired':
      return retirement(event.data);
    case 'ItemReset':
      throw new Error(`${event.data.code} is taken back, but nothing is staged`);
    default:
      return event satisfies never;
  }
}

/** Somebody changed what the application rests on. */
export function staleItem({ code, fields }: Seen, state: OpenList): Refusal | undefined {
  const published = publishedContent(state, code);
  const now = draftContent(state, code);
  const changed = now
    ? changedFields({ ...now, ...fields }, now).filter((field) => field in fields)
    : (Object.keys(fields) as ItemField[]);
  if (now && changed.length === 0) return undefined;
  const inDraft = !sameValue(published, now);
  return {
    code: 'CONFLICT',
    rule: 'L-4',
    field: 'code',
    message: {
      en: `Item ${code} is not what it was when the application was made: ${now ? `changed since: ${changed.join(', ')}` : 'it is gone'}${inDraft ? ' (in the draft)' : ''}.`,
      'zh-CN': `事项 ${code} 自提出申请后已发生变化：${now ? `已变更字段 ${changed.join('、')}` : '已不在清单中'}${inDraft ? '（草案）' : ''}。`,
    },
    details: {
      code,
      inDraft,
      changes: changed.map((field) => ({ field, seen: fields[field], now: now?.[field] ?? null })),
    },
  };
}
