import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { emptyItem } from '../duty-list/item.ts';
import { type ItemInput, itemChanges } from '../inputs.ts';
import type { ChangeKind, CodedItem, Proposal, ProposedChange } from './events.ts';

/** The changes of an application as GraphQL has them, and as the decider takes them. */

interface CodedItemInput {
  code: string;
  item?: ItemInput | null;
}

export interface AdjustmentChangeInput {
  list: string;
  kind: ChangeKind;
  code?: string | null;
  item?: ItemInput | null;
  to?: string | null;
  into?: CodedItemInput[] | null;
  merged?: string[] | null;
  reason?: string | null;
}

/** What each kind takes besides `list`, `kind` and `reason`. */
const TAKES: Record<ChangeKind, readonly (keyof AdjustmentChangeInput)[]> = {
  ADD: ['code', 'item'],
  REVISE: ['code', 'item'],
  TRANSFER_LEAD: ['code', 'item'],
  CHANGE_COOPERATION: ['code', 'item'],
  DELEGATE_DOWN: ['code', 'item'],
  RECALL_UP: ['code', 'item'],
  RECLASS: ['code', 'item'],
  RETIRE: ['code'],
  RENUMBER: ['code', 'to'],
  SPLIT: ['code', 'into'],
  MERGE: ['merged', 'into'],
};

/** Throws INVALID_INPUT for a change that lacks what its kind needs, or says what its kind has no place for. */
export function proposal(input: AdjustmentChangeInput, i: number): Proposal {
  const path = `changes[${i}]`;
  const takes = TAKES[input.kind];
  for (const field of ['code', 'item', 'to', 'into', 'merged'] as const) {
    const given = input[field] !== undefined && input[field] !== null;
    if (given !== takes.includes(field))
      throw refusalError(unfitField(input.kind, takes, `${path}.${field}`, given));
  }
  return {
    number: i + 1,
    list: input.list,
    change: changeOf(input, path),
    reason: input.reason?.trim() || null,
  };
}

function changeOf(input: AdjustmentChangeInput, path: string): ProposedChange {
  const { kind, code: given, item, to: target, into: parts, merged } = input;
  const code = given ?? '';
  switch (kind) {
    case 'ADD':
      return { kind, code, item: { ...emptyItem, ...itemChanges(item ?? {}, `${path}.item`) } };
    case 'RETIRE':
      return { kind, code };
    case 'RENUMBER':
      return { kind, code, to: target ?? '' };
    case 'SPLIT':
      return { kind, code, into: (parts ?? []).map((part, k) => coded(part, `${path}.into[${k}]`)) };
    case 'MERGE':
      return { kind, codes: [...new Set(merged)], into: onlyOne(parts ?? [], path) };
    default:
      return { kind, code, changes: itemChanges(item ?? {}, `${path}.item`) };
  }
}

const coded = ({ code, item }: CodedItemInput, path: string): CodedItem => ({
  code,
  item: itemChanges(item ?? {}, `${path}.item`),
});

function onlyOne(parts: readonly CodedItemInput[], path: string): CodedItem {
  const [part] = parts;
  if (part && parts.length === 1) return coded(part, `${path}.into[0]`);
  throw refusalError({
    code: 'INVALID_INPUT',
    rule: 'L-4',
    field: `${path}.into`,
    message: { en: 'Items are merged into exactly one.', 'zh-CN': '合并后应为一个事项。' },
  });
}

const unfitField = (
  kind: ChangeKind,
  takes: readonly string[],
  field: string,
  given: boolean,
): Parameters<typeof refusalError>[0] => ({
  code: 'INVALID_INPUT',
  rule: 'L-4',
  field,
  message: {
    en: `A change of kind ${kind} takes ${takes.join(' and ')}${given ? ', nothing else' : ''}.`,
    'zh-CN': `${kind} 类调整应给出 ${takes.join('、')}${given ? '，不得给出其他内容' : ''}。`,
  },
});
