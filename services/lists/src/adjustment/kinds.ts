import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { Seen } from '../duty-list/adjusted.ts';
import type { DraftChange } from '../duty-list/draft.ts';
import {
  emptyItem,
  type ItemContent,
  type ItemField,
  type ListKind,
  type OrganDuty,
  type OrganLevel,
  sameValue,
} from '../duty-list/item.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { type OpenList, publishedContent } from '../duty-list/state.ts';
import type { ChangeKind, FieldKind, ProposedChange } from './events.ts';

/** What each kind of change (L-4) means for a list, and what it must and may say. */

/** Codes of the items that a change rests on. */
export function codesOf(change: ProposedChange): string[] {
  switch (change.kind) {
    case 'ADD':
      return [];
    case 'MERGE':
      return change.codes;
    default:
      return [change.code];
  }
}

/** What the applicant sees of those items: the fields that are to change, or the whole item where it goes. */
export function seenBy(change: ProposedChange, list: OpenList): Seen[] {
  return codesOf(change).flatMap((code) => {
    const content = publishedContent(list, code);
    if (!content) return [];
    if (!('changes' in change)) return [{ code, fields: content }];
    const fields = Object.keys(change.changes).map((field) => [field, content[field as ItemField]]);
    return [{ code, fields: Object.fromEntries(fields) }];
  });
}

/** What the change does to the list, given what its items say. Items that are not there are left to the list to refuse. */
export function draftChangesOf(
  change: ProposedChange,
  contentOf: (code: string) => ItemContent | null,
): DraftChange[] {
  switch (change.kind) {
    case 'ADD':
      return [{ change: 'ADD', code: change.code, item: { ...emptyItem, ...change.item } }];
    case 'RETIRE':
      return [{ change: 'RETIRE', code: change.code }];
    case 'RENUMBER':
      return [
        { change: 'RETIRE', code: change.code, successors: [change.to] },
        { change: 'ADD', code: change.to, item: contentOf(change.code) ?? emptyItem },
      ];
    case 'SPLIT': {
      const whole = contentOf(change.code) ?? emptyItem;
      return [
        { change: 'RETIRE', code: change.code, successors: change.into.map(({ code }) => code) },
        ...change.into.map(({ code, item }) => ({
          change: 'ADD' as const,
          code,
          item: { ...whole, ...item },
        })),
      ];
    }
    case 'MERGE': {
      const { codes, into } = change;
      const goes = codes.filter((code) => code !== into.code);
      const retired = goes.map((code) => ({ change: 'RETIRE' as const, code, successors: [into.code] }));
      if (goes.length < codes.length) {
        return [...retired, { change: 'REVISE', code: into.code, changes: into.item }];
      }
      const first = contentOf(codes[0] ?? '') ?? emptyItem;
      return [...retired, { change: 'ADD', code: into.code, item: { ...first, ...into.item } }];
    }
    default:
      return [{ change: 'REVISE', code: change.code, changes: change.changes }];
  }
}

/** What goes along when cooperation changes, and when the lead does. */
const WITH_COOPERATION: ItemField[] = [
  'fiscalShares',
  'townRole',
  'townBody',
  'procedure',
  'basis',
  'remarks',
];
const MOVED_LEAD: { must: ItemField; may: ItemField[] } = {
  must: 'leads',
  may: ['jointlyLed', 'cooperators', ...WITH_COOPERATION],
};

/** Fields that a kind must change, and those that it may change besides. A revision may change all of them. */
const FIELDS: Record<Exclude<FieldKind, 'REVISE'>, typeof MOVED_LEAD> = {
  TRANSFER_LEAD: MOVED_LEAD,
  CHANGE_COOPERATION: { must: 'cooperators', may: WITH_COOPERATION },
  DELEGATE_DOWN: MOVED_LEAD,
  RECALL_UP: MOVED_LEAD,
  RECLASS: { must: 'handlingClass', may: ['remarks', 'basis'] },
};

const VILLAGE_KINDS: readonly ListKind[] = ['VILLAGE_AFFAIRS', 'VILLAGE_ACCEPTED'];

/** Why the change is not one of its kind; the rules of the items themselves are the list's (L-2). */
export function kindProblem(
  change: ProposedChange,
  list: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): Refusal | undefined {
  switch (change.kind) {
    case 'ADD':
    case 'RETIRE':
      return undefined;
    case 'RENUMBER':
      return change.to === change.code
        ? l4('to', 'An item is renumbered to another code.', '重新编码应使用不同的编码。')
        : undefined;
    case 'SPLIT':
      return change.into.length < 2 || change.into.length > 20
        ? l4('into', 'An item is split into 2 to 20 items.', '一个事项应拆分为 2 至 20 个事项。')
        : undefined;
    case 'MERGE':
      return new Set(change.codes).size < 2 || change.codes.length > 20
        ? l4('merged', '2 to 20 different items are merged.', '应合并 2 至 20 个不同的事项。')
        : undefined;
    default:
      return fieldsProblem(change, list, organs);
  }
}

function fieldsProblem(
  { kind, code, changes }: Extract<ProposedChange, { kind: FieldKind }>,
  list: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): Refusal | undefined {
  const fields = Object.keys(changes) as ItemField[];
  if (fields.length === 0) {
    return l4('item', 'The change says no field that is to change.', '未说明拟调整的内容。');
  }
  const before = publishedContent(list, code);
  if (before && fields.every((field) => sameValue(before[field], changes[field]))) {
    return l4('item', `Item ${code} says this already.`, `事项 ${code} 原文即如此，无需调整。`);
  }
  if (kind === 'REVISE') return undefined;
  const { must, may } = FIELDS[kind];
  const missing = !fields.includes(must);
  const strange = fields.find((field) => field !== must && !may.includes(field));
  if (missing || strange) {
    return l4(
      `item.${strange ?? must}`,
      `A change of kind ${kind} says ${must} and may say ${may.join(', ')}${strange ? `; ${strange} belongs to another kind` : ''}.`,
      `${kind} 类调整须写明 ${must}，可同时写明 ${may.join('、')}${strange ? `；${strange} 应另作修订` : ''}。`,
    );
  }
  if (kind === 'RECLASS' && !VILLAGE_KINDS.includes(list.head.kind)) {
    return l4(
      'item.handlingClass',
      'Only items of village lists have a handling class.',
      '只有村级清单的事项有办理类别。',
    );
  }
  return before && changes.leads ? leadsProblem(kind, before, changes.leads, organs) : undefined;
}

const RANK: Record<OrganLevel, number> = { province: 0, city: 1, county: 2, town: 3, village: 4 };

function leadsProblem(
  kind: ChangeKind,
  before: ItemContent,
  leads: readonly OrganDuty[],
  organs: ReadonlyMap<string, OrganFacts>,
): Refusal | undefined {
  const ids = (duties: readonly OrganDuty[]) => duties.map(({ organ }) => organ).sort();
  if (sameValue(ids(before.leads), ids(leads))) {
    return l4('item.leads', 'The lead stays the same organ.', '主体责任单位没有变化。');
  }
  const now = leads.flatMap(({ organ }) => organs.get(organ)?.level ?? []).map((level) => RANK[level]);
  const then = before.leads.map(({ level }) => RANK[level]);
  if (now.length === 0 || then.length === 0) return undefined;
  if (kind === 'DELEGATE_DOWN' && Math.min(...now) <= Math.max(...then)) {
    return l4(
      'item.leads',
      'Delegated down, an item goes to organs of a lower level than those that lead it.',
      '下放事项的主体责任单位层级应低于原主体责任单位。',
    );
  }
  if (kind === 'RECALL_UP' && Math.max(...now) >= Math.min(...then)) {
    return l4(
      'item.leads',
      'Recalled up, an item goes to organs of a higher level than those that lead it.',
      '上收事项的主体责任单位层级应高于原主体责任单位。',
    );
  }
  return undefined;
}

const l4 = (field: string, en: string, zh: string): Refusal => broken('L-4', field, { en, 'zh-CN': zh });
