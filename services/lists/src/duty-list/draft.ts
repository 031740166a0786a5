import { accept, assertNever, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import type { DutyListEvent } from './events.ts';
import { changedFields, emptyItem, type ItemContent, type ListKind, sameValue } from './item.ts';
import { itemProblems } from './item-rules.ts';
import { type OrganFacts, withOrganFacts } from './organ-facts.ts';
import { superseded } from './rebase.ts';
import { draftContent, type OpenList, publishedContent } from './state.ts';

/** Staging changes in the draft (L-2, L-3). */

export type DraftChange =
  | { change: 'ADD'; code: string; item: ItemContent }
  | { change: 'REVISE'; code: string; changes: Partial<ItemContent> }
  | { change: 'RETIRE'; code: string; successors?: string[] }
  /** Takes the staged change of the item back. */
  | { change: 'RESET'; code: string };

export interface ChangeDraft {
  type: 'ChangeDraft';
  changes: DraftChange[];
  /** Number of the draft that the editor looked at; items touched since are reported, not overwritten. */
  basedOn: number;
  /** What staffing says of the organs named, by id; an organ that is missing does not exist. */
  organs: ReadonlyMap<string, OrganFacts>;
}

const MOST_CHANGES = 20_000;
const CODE = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,49}$/u;

/** All changes are staged, or none: the first refusal names the change at fault, `details.problems` all of them. */
export function changeDraft(command: ChangeDraft, state: OpenList): Decision<DutyListEvent> {
  const { changes } = command;
  if (changes.length > MOST_CHANGES) {
    return refuse({
      code: 'LIMIT_EXCEEDED',
      field: 'changes',
      message: {
        en: `${changes.length} changes in one command, at most ${MOST_CHANGES} are taken.`,
        'zh-CN': `一次提交 ${changes.length} 项变更，上限为 ${MOST_CHANGES}。`,
      },
      details: { limit: MOST_CHANGES, actual: changes.length },
    });
  }
  const conflict = touchedSince(command, state) ?? (changes.length > 0 ? superseded(state) : undefined);
  if (conflict) return refuse(conflict);
  const { events, problems } = staging(changes, state, command.organs);
  const [first] = problems;
  return first ? refuse(withAll(first, problems)) : accept<DutyListEvent>(...events);
}

/** The first problem, and where there are several, all of them in its details. */
export const withAll = (first: Refusal, problems: readonly Refusal[]): Refusal =>
  problems.length === 1 ? first : { ...first, details: { ...first.details, problems } };

/** What the changes come to on the draft as it is: the events, and what stands against each change. */
export function staging(
  changes: readonly DraftChange[],
  state: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): { events: StagingEvent[]; problems: Refusal[] } {
  const events: StagingEvent[] = [];
  const problems: Refusal[] = [];
  const seen = new Set<string>();
  for (const [i, change] of changes.entries()) {
    const outcome = seen.has(change.code) ? repeatedCode(change.code) : stage(change, state, organs);
    seen.add(change.code);
    if (Array.isArray(outcome)) events.push(...outcome);
    else problems.push({ ...outcome, field: `changes[${i}].${outcome.field ?? 'code'}` });
  }
  return { events, problems };
}

export type StagingEvent = Extract<
  DutyListEvent,
  { type: 'ItemAdded' | 'ItemRevised' | 'ItemRetired' | 'ItemReset' }
>;

/** What one change comes to: its events (none when it changes nothing), or why it cannot be staged. */
function stage(
  change: DraftChange,
  state: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): StagingEvent[] | Refusal {
  const { code } = change;
  const current = draftContent(state, code);
  switch (change.change) {
    case 'ADD': {
      if (current) return codeTaken(code, current);
      return checked(state.head.kind, { ...emptyItem, ...change.item }, organs, (item) =>
        addition(state, code, item),
      );
    }
    case 'REVISE': {
      if (!current) return notInDraft(code);
      return checked(state.head.kind, { ...current, ...change.changes }, organs, (item) => {
        const changes = Object.fromEntries(changedFields(current, item).map((field) => [field, item[field]]));
        return Object.keys(changes).length === 0 ? [] : [{ type: 'ItemRevised', data: { code, changes } }];
      });
    }
    case 'RETIRE': {
      if (!current) return notInDraft(code);
      // An item that was only ever in this draft leaves no trace in the list when it goes again.
      if (!publishedContent(state, code)) return [{ type: 'ItemReset', data: { code } }];
      const { successors } = change;
      return [{ type: 'ItemRetired', data: { code, ...(successors && { successors }) } }];
    }
    case 'RESET':
      return state.draft.has(code) ? [{ type: 'ItemReset', data: { code } }] : [];
    default:
      return assertNever(change);
  }
}

/** Adding back an item that the draft had retired is a revision of the published one, or nothing at all. */
function addition(state: OpenList, code: string, item: ItemContent): StagingEvent[] | Refusal {
  const published = publishedContent(state, code);
  if (!published) return unfitCode(state, code, item) ?? [{ type: 'ItemAdded', data: { code, item } }];
  const reset: StagingEvent = { type: 'ItemReset', data: { code } };
  if (sameValue(published, item)) return [reset];
  const changes = Object.fromEntries(changedFields(published, item).map((field) => [field, item[field]]));
  return [reset, { type: 'ItemRevised', data: { code, changes } }];
}

/** Why an item that is not in the list cannot have this code. */
export function unfitCode(state: OpenList, code: string, item: ItemContent): Refusal | undefined {
  if (!CODE.test(code)) return badCode(code);
  const former = state.items.get(code)?.findLast((version) => version.content)?.content;
  return former && former.name !== item.name ? codeOfAnother(code, former) : undefined;
}

/** Fills in what staffing says of the organs, then holds the item against the rules of L-2. */
export function checked(
  kind: ListKind,
  given: ItemContent,
  organs: ReadonlyMap<string, OrganFacts>,
  then: (item: ItemContent) => StagingEvent[] | Refusal,
): StagingEvent[] | Refusal {
  const item = withOrganFacts(given, organs);
  if ('code' in item) return { ...item, field: `item.${item.field}` };
  const [first] = itemProblems(kind, item);
  return first ? { ...first, field: `item.${first.field}` } : then(item);
}

/** L-3: the second editor is told what changed and by whom. */
function touchedSince({ changes, basedOn }: ChangeDraft, state: OpenList): Refusal | undefined {
  const since = changes.flatMap(({ code }) => {
    const touch = state.touched.get(code);
    return touch && touch.number > basedOn ? [{ code, ...touch }] : [];
  });
  const [first] = since;
  if (!first) return undefined;
  return {
    code: 'CONFLICT',
    rule: 'L-3',
    field: 'basedOn',
    message: {
      en: `${first.by} changed item ${first.code} of this draft at ${first.at} (${first.reason})${since.length > 1 ? `; ${since.length} items in all` : ''}. Look at the draft as it is now (number ${state.draftNumber}) and send your change again.`,
      'zh-CN': `${first.by} 已于 ${first.at} 修改本草案的事项 ${first.code}（${first.reason}）${since.length > 1 ? `，共涉及 ${since.length} 项` : ''}。请查看当前草案（序号 ${state.draftNumber}）后重新提交。`,
    },
    details: { draftNumber: state.draftNumber, changedSince: since.slice(0, 100) },
  };
}

const l2 = (message: Refusal['message'], details?: Record<string, unknown>): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'L-2',
  field: 'code',
  citation: { title: 'DutyLedger domain rules', article: 'L-2' },
  message,
  ...(details && { details }),
});

const badCode = (code: string): Refusal =>
  l2({
    en: `“${code.slice(0, 60)}” cannot be an item code: 1 to 50 letters, digits, dots, hyphens or underscores.`,
    'zh-CN': `“${code.slice(0, 60)}”不能作为事项编码：应为 1 至 50 个字母、汉字、数字、点、连字符或下划线。`,
  });

const codeTaken = (code: string, item: ItemContent): Refusal =>
  l2(
    {
      en: `Code ${code} is taken by “${item.name}”; codes are unique in a list.`,
      'zh-CN': `编码 ${code} 已用于“${item.name}”，同一清单内编码不得重复。`,
    },
    { name: item.name },
  );

/** Codes are stable across editions: one that was retired may come back, but only for the same item. */
const codeOfAnother = (code: string, former: ItemContent): Refusal =>
  l2(
    {
      en: `Code ${code} belonged to “${former.name}”, which was retired; a code is never given to another item.`,
      'zh-CN': `编码 ${code} 曾用于已取消的“${former.name}”，不得改用于其他事项。`,
    },
    { name: former.name },
  );

const repeatedCode = (code: string): Refusal =>
  l2({ en: `Code ${code} is given twice.`, 'zh-CN': `编码 ${code} 在本次提交中重复。` });

const notInDraft = (code: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'L-2',
  field: 'code',
  message: { en: `The draft has no item ${code}.`, 'zh-CN': `草案中没有编码为 ${code} 的事项。` },
});
