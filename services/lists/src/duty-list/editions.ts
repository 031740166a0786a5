import { createHash } from 'node:crypto';
import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import { accept, assertNever, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { broken, documentMissing } from '@dutyledger/event-store/rule-texts';
import type { Correction } from './changes.ts';
import { checked, unfitCode } from './draft.ts';
import { draftMoved, nothingStaged } from './draft-refusals.ts';
import type { DutyListEvent, Publication } from './events.ts';
import { emptyItem, type ItemContent, sameValue } from './item.ts';
import type { OrganFacts } from './organ-facts.ts';
import { superseded } from './rebase.ts';
import {
  contentOn,
  draftContent,
  type EditionHead,
  itemsWith,
  type OpenList,
  publishedContent,
} from './state.ts';
import { missingStep } from './steps.ts';

/** Publication and correction of editions (L-3). */

export interface PublishEdition {
  type: 'PublishEdition';
  /** Day from which the edition is in force; not before that of the edition before it. */
  effectiveFrom: string;
  documentNumber: string;
  /** Number of the draft that is meant; a draft that went on since is not published unseen. */
  draftNumber: number;
  /** The organs that the staged items name: one may have ended since it was staged. */
  organs: ReadonlyMap<string, OrganFacts>;
}

export interface CorrectEdition {
  type: 'CorrectEdition';
  edition: number;
  /** First day that the correction speaks of: within the time in which the edition is the newest. */
  effectiveFrom: string;
  documentNumber: string;
  corrections: Correction[];
  organs: ReadonlyMap<string, OrganFacts>;
}

const MOST_CORRECTIONS = 500;

export function publishEdition(command: PublishEdition, state: OpenList): Decision<DutyListEvent> {
  const problem =
    (state.draft.isEmpty() ? nothingStaged : undefined) ??
    draftMoved(command.draftNumber, state) ??
    superseded(state) ??
    missingStep(state) ??
    documentMissing('L-3', command.documentNumber) ??
    publishedTooEarly(command.effectiveFrom, state) ??
    staleOrgan(command, state);
  if (problem) return refuse(problem);
  const { effectiveFrom, documentNumber } = command;
  return accept<DutyListEvent>({
    type: 'EditionPublished',
    data: publication(state, state.draft, effectiveFrom, documentNumber),
    effectiveAt: effectiveFrom,
  });
}

/** The next edition, made of the newest one and the changes. */
export function publication(
  state: OpenList,
  changes: OpenList['draft'],
  effectiveFrom: string,
  documentNumber: string,
): Publication {
  const codes = { added: [] as string[], revised: [] as string[], retired: [] as string[] };
  const items = itemsWith(state, changes);
  for (const code of changes.keys()) {
    if (!items.has(code)) codes.retired.push(code);
    else codes[publishedContent(state, code) ? 'revised' : 'added'].push(code);
  }
  const { kind, division, title } = state.head;
  return {
    list: { kind, division, title },
    edition: state.editions.length + 1,
    effectiveFrom,
    documentNumber,
    added: codes.added.sort(),
    revised: codes.revised.sort(),
    retired: codes.retired.sort(),
    itemCount: items.size,
    digest: digestOf(items),
  };
}

export function publishedTooEarly(effectiveFrom: string, state: OpenList): Refusal | undefined {
  const last = state.editions.at(-1);
  if (!last || effectiveFrom >= last.changedFrom) return undefined;
  if (effectiveFrom >= last.effectiveFrom) return beforeCorrection(effectiveFrom, last);
  return broken(
    'L-3',
    'effectiveFrom',
    {
      en: `Edition ${last.edition} is in force from ${last.effectiveFrom}; the next cannot be in force before it, on ${effectiveFrom}. What an earlier edition said wrongly is corrected (correctEdition).`,
      'zh-CN': `第 ${last.edition} 版自 ${last.effectiveFrom} 起施行，后一版不能早于该日（${effectiveFrom}）。原版有误的，请办理勘误。`,
    },
    { edition: last.edition, effectiveFrom: last.effectiveFrom },
  );
}

/** The correction would go on to hold in the new edition, over what that says. */
const beforeCorrection = (effectiveFrom: string, { edition, changedFrom }: EditionHead): Refusal =>
  broken(
    'L-3',
    'effectiveFrom',
    {
      en: `Edition ${edition} was corrected from ${changedFrom} on; the next cannot be in force before that, on ${effectiveFrom}.`,
      'zh-CN': `第 ${edition} 版已作自 ${changedFrom} 起的勘误，后一版不能早于该日（${effectiveFrom}）。`,
    },
    { edition, effectiveFrom: changedFrom },
  );

/** An organ that was merged or abolished after the item was staged would leave a duty without an owner. */
function staleOrgan(command: PublishEdition, state: OpenList): Refusal | undefined {
  for (const [code] of state.draft) {
    const content = draftContent(state, code);
    if (!content) continue;
    const outcome = checked(state.head.kind, content, command.organs, () => []);
    if (!Array.isArray(outcome)) return { ...outcome, details: { ...outcome.details, code } };
  }
  return undefined;
}

export function correctEdition(command: CorrectEdition, state: OpenList): Decision<DutyListEvent> {
  const { edition, effectiveFrom, documentNumber } = command;
  const head = state.editions.find((entry) => entry.edition === edition);
  if (!head) {
    return refuse({
      code: 'NOT_FOUND',
      rule: 'L-3',
      field: 'edition',
      message: {
        en: `The list has no edition ${edition}; it has ${state.editions.length}.`,
        'zh-CN': `该清单没有第 ${edition} 版（共 ${state.editions.length} 版）。`,
      },
    });
  }
  const problem =
    documentMissing('L-3', documentNumber) ?? outsideEdition(command, head, state) ?? badNumber(command);
  if (problem) return refuse(problem);
  const corrections: Correction[] = [];
  for (const [i, correction] of command.corrections.entries()) {
    const outcome = correctable(correction, command, state);
    if ('message' in outcome)
      return refuse({ ...outcome, field: `corrections[${i}].${outcome.field ?? 'code'}` });
    corrections.push(outcome);
  }
  return accept<DutyListEvent>({
    type: 'EditionCorrected',
    data: { edition, correction: head.corrections + 1, effectiveFrom, documentNumber, corrections },
    effectiveAt: effectiveFrom,
  });
}

function badNumber({ corrections }: CorrectEdition): Refusal | undefined {
  const codes = new Set(corrections.map((correction) => correction.code));
  if (codes.size !== corrections.length) {
    return broken('L-3', 'corrections', { en: 'An item is corrected twice.', 'zh-CN': '同一事项重复勘误。' });
  }
  if (corrections.length > 0 && corrections.length <= MOST_CORRECTIONS) return undefined;
  return {
    code: 'LIMIT_EXCEEDED',
    field: 'corrections',
    message: {
      en: `A correction concerns 1 to ${MOST_CORRECTIONS} items, not ${corrections.length}.`,
      'zh-CN': `一次勘误应涉及 1 至 ${MOST_CORRECTIONS} 个事项，现为 ${corrections.length} 个。`,
    },
  };
}

function outsideEdition(
  { effectiveFrom }: CorrectEdition,
  head: EditionHead,
  state: OpenList,
): Refusal | undefined {
  const next = state.editions.find((entry) => entry.edition === head.edition + 1);
  if (effectiveFrom >= head.effectiveFrom && (!next || effectiveFrom < next.effectiveFrom)) return undefined;
  return broken(
    'L-3',
    'effectiveFrom',
    {
      en: `Edition ${head.edition} is in force from ${head.effectiveFrom}${next ? ` until ${next.effectiveFrom}` : ''}; ${effectiveFrom} is outside of it.`,
      'zh-CN': `第 ${head.edition} 版施行期间为 ${head.effectiveFrom} 起${next ? `至 ${next.effectiveFrom} 前` : ''}，${effectiveFrom} 不在其内。`,
    },
    { from: head.effectiveFrom, until: next?.effectiveFrom ?? null },
  );
}

/** The correction with what staffing says of its organs, or why it cannot be made. */
function correctable(correction: Correction, command: CorrectEdition, state: OpenList): Correction | Refusal {
  const { code } = correction;
  const before = contentOn(state.items.get(code), command.effectiveFrom);
  if (correction.kind === 'ADD' ? before : !before) {
    return broken('L-3', 'code', {
      en: before
        ? `Item ${code} stands in the list on ${command.effectiveFrom} already.`
        : `Item ${code} is not in the list on ${command.effectiveFrom}.`,
      'zh-CN': before
        ? `事项 ${code} 在 ${command.effectiveFrom} 已在清单中。`
        : `事项 ${code} 在 ${command.effectiveFrom} 不在清单中。`,
    });
  }
  if (correction.kind === 'STRIKE') return correction;
  const given = correction.kind === 'ADD' ? correction.item : { ...before, ...correction.changes };
  let item: ItemContent | undefined;
  const outcome = checked(state.head.kind, { ...emptyItem, ...given }, command.organs, (whole) => {
    item = whole;
    return (correction.kind === 'ADD' && unfitCode(state, code, whole)) || [];
  });
  if (!Array.isArray(outcome)) return outcome;
  return withItem(correction, item as ItemContent, before);
}

function withItem(
  correction: Exclude<Correction, { kind: 'STRIKE' }>,
  item: ItemContent,
  before: ItemContent | null,
): Correction | Refusal {
  switch (correction.kind) {
    case 'ADD':
      return { ...correction, item };
    case 'REVISE': {
      const changes = Object.fromEntries(
        Object.keys(correction.changes).map((field) => [field, item[field as keyof ItemContent]]),
      );
      if (!sameValue({ ...before, ...changes }, before)) return { ...correction, changes };
      return broken('L-3', 'changes', {
        en: `The edition says this of item ${correction.code} already.`,
        'zh-CN': `事项 ${correction.code} 原文即如此，无需勘误。`,
      });
    }
    default:
      return assertNever(correction);
  }
}

/** sha256 over all items in the order of their codes: the same content always has the same digest. */
function digestOf(items: Map<string, ItemContent>): string {
  const hash = createHash('sha256');
  for (const code of [...items.keys()].sort()) hash.update(canonicalJson([code, items.get(code)]));
  return hash.digest('hex');
}
