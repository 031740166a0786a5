import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import type { OrganName } from '../consultation.ts';
import { asPublished } from '../duty-list/adjusted.ts';
import { withAll } from '../duty-list/draft.ts';
import { publishedContent } from '../duty-list/state.ts';
import { dueDay } from '../stage-limits/stages.ts';
import type { Timing } from '../timing.ts';
import type { ListFacts } from './adjustment.ts';
import { checkLines, type Line } from './check.ts';
import type { AdjustmentEvent, AdjustmentHead, Proposal } from './events.ts';
import { codesOf, seenBy } from './kinds.ts';

/** An application (L-4): in writing, with items, content, basis and reasons, against the lists as they are published. */

export interface SubmitAdjustment extends ListFacts {
  type: 'SubmitAdjustment';
  head: Omit<AdjustmentHead, 'lists' | 'changes' | 'affected' | 'division'>;
  proposals: Proposal[];
  affected: OrganName[];
  timing: Timing;
}

export const MOST_CHANGES = 500;

export function submitAdjustment(command: SubmitAdjustment, exists: boolean): Decision<AdjustmentEvent> {
  const { head, proposals, lists, organs, affected, timing } = command;
  const refusal =
    (exists ? existsAlready(head.id) : undefined) ??
    numberProblem(proposals) ??
    unfit('L-4', 'title', head.title, MAX.title, { en: 'The title', 'zh-CN': '申请标题' }) ??
    (head.documentNumber === null ? undefined : documentMissing('L-4', head.documentNumber)) ??
    reasonProblem(proposals) ??
    listsProblem(command);
  if (refusal) return refuse(refusal);
  const lines: Line[] = proposals.map((proposal) => {
    const list = lists.get(proposal.list);
    return { ...proposal, seen: list ? seenBy(proposal.change, list) : [] };
  });
  const problems = [...lists].flatMap(
    ([id, list]) =>
      checkLines(
        lines.filter((line) => line.list === id),
        asPublished(list),
        organs,
      ).problems,
  );
  const [first] = problems.sort(byPlace);
  if (first) return refuse(withAll(first, problems));
  const adjusted = [...lists].map(([list, { head: of, editions }]) => ({
    list,
    kind: of.kind,
    title: of.title,
    edition: editions.length,
  }));
  return accept<AdjustmentEvent>(
    {
      type: 'AdjustmentSubmitted',
      data: {
        ...head,
        division: divisionOf(command),
        lists: adjusted,
        changes: lines.length,
        affected,
        due: dueDay(timing.limits, 'ADJUSTMENT_REVIEW', timing.today),
      },
    },
    ...lines.map(
      (line): AdjustmentEvent => ({
        type: 'AdjustmentChangeProposed',
        data: { ...line, name: nameOf(line, lists) },
      }),
    ),
  );
}

const placeOf = ({ details }: Refusal): number => Number(details?.['change'] ?? 0);
const byPlace = (a: Refusal, b: Refusal): number => placeOf(a) - placeOf(b);

/** The item that a line speaks of, as people know it. */
function nameOf({ change, list }: Line, lists: SubmitAdjustment['lists']): string {
  if (change.kind === 'ADD') return change.item.name;
  const state = lists.get(list);
  const names = codesOf(change).map((code) => state && publishedContent(state, code)?.name);
  return names.filter(Boolean).join('、').slice(0, MAX.name);
}

/** The division of its lists; where they are of several, that of the county. */
function divisionOf({ lists }: SubmitAdjustment): string {
  const divisions = new Set([...lists.values()].map(({ head }) => head.division));
  const [one = ''] = divisions;
  return divisions.size === 1 ? one : `${one.slice(0, 6)}000000`;
}

const existsAlready = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-4',
  field: 'adjustment',
  message: { en: `The adjustment ${id} exists already.`, 'zh-CN': `调整申请 ${id} 已存在。` },
});

function numberProblem(proposals: readonly Proposal[]): Refusal | undefined {
  if (proposals.length > 0 && proposals.length <= MOST_CHANGES) return undefined;
  return {
    code: 'LIMIT_EXCEEDED',
    rule: 'L-4',
    field: 'changes',
    message: {
      en: `An adjustment holds 1 to ${MOST_CHANGES} changes, not ${proposals.length}.`,
      'zh-CN': `一次调整申请应包含 1 至 ${MOST_CHANGES} 项变更，现为 ${proposals.length} 项。`,
    },
    details: { limit: MOST_CHANGES, actual: proposals.length },
  };
}

function reasonProblem(proposals: readonly Proposal[]): Refusal | undefined {
  for (const [i, { reason }] of proposals.entries()) {
    const problem =
      reason === null
        ? undefined
        : unfit('L-4', `changes[${i}].reason`, reason, MAX.text, { en: 'The reason', 'zh-CN': '调整理由' });
    if (problem) return problem;
  }
  return undefined;
}

function listsProblem({ proposals, lists }: SubmitAdjustment): Refusal | undefined {
  const unknown = proposals.findIndex(({ list }) => !lists.has(list));
  if (unknown >= 0) {
    const id = proposals[unknown]?.list;
    return {
      code: 'NOT_FOUND',
      rule: 'L-1',
      field: `changes[${unknown}].list`,
      message: { en: `There is no duty list ${id}.`, 'zh-CN': `没有编号为 ${id} 的清单。` },
    };
  }
  const counties = new Set([...lists.values()].map(({ head }) => head.division.slice(0, 6)));
  if (counties.size <= 1) return undefined;
  return broken('L-4', 'changes', {
    en: 'The lists of one adjustment are of one county, which decides it.',
    'zh-CN': '一次调整申请所涉清单应属同一县（市、区），由其决定。',
  });
}
