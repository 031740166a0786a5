import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import type { MergeTarget, Of } from './commands.ts';
import { closing } from './ending.ts';
import type { CaseEvent } from './events.ts';
import { wrong } from './refusals.ts';
import { type KnownCase, OPEN } from './state.ts';
import { BOUNDS, reasonProblem } from './texts.ts';

/**
 * Cases about the same thing: one goes on, the others are merged into it and close with it; and links between cases that
 * follow one another (G-6). The other side of a merger is recorded by a to-do (follow-up.ts).
 */

type Outcome = Decision<CaseEvent>;

function targetProblem(target: MergeTarget, { facts, absorbed }: KnownCase): Refusal | undefined {
  if (!target || target.id === facts.id || target.county !== facts.county || !OPEN.includes(target.status)) {
    return wrong('into', {
      en: 'A case is merged into another one of its county that is not done.',
      'zh-CN': '只能并入本区县另一件尚未办结的案件。',
    });
  }
  if (absorbed.length === 0) return undefined;
  return wrong(
    'into',
    {
      en: 'Others were merged into this case: merge the other way round, or unmerge them first.',
      'zh-CN': '已有案件并入本案，请改为并入本案，或先撤销并案。',
    },
    { merged: absorbed },
  );
}

function mergeCase({ into, reason }: Of<'MergeCase'>, state: KnownCase): Outcome {
  const problem = targetProblem(into, state) ?? reasonProblem(reason);
  if (problem || !into) return refuse(problem ?? wrong('into', { en: 'None.', 'zh-CN': '无。' }));
  const stop = state.clocks.map(({ of }) => of);
  return accept<CaseEvent>({ type: 'CaseMerged', data: { into: into.id, reason, clocks: { stop } } });
}

function unmergeCase({ reason }: Of<'UnmergeCase'>, state: KnownCase): Outcome {
  const problem = reasonProblem(reason);
  return problem ? refuse(problem) : unmerged(reason, state);
}

/** Its clocks have run all the while: only a suspension stops them. */
function unmerged(reason: string, { mergedInto, beforeMerge }: KnownCase): Outcome {
  if (mergedInto === null || beforeMerge === null) throw new Error('merged into nothing');
  const { clocks } = beforeMerge;
  return accept<CaseEvent>({
    type: 'CaseUnmerged',
    data: { from: mergedInto, reason, clocks: { set: clocks } },
  });
}

function recordMerger({ case: id, merged, told }: Of<'RecordMerger'>, { status }: KnownCase): Outcome {
  if (!merged) return accept<CaseEvent>({ type: 'CaseReleased', data: { case: id, told } });
  if (status === 'VOIDED' || status === 'REFUSED')
    return accept<CaseEvent>({ type: 'CaseReleased', data: { case: id, told, ended: true } });
  const closed = status === 'CLOSED' || status === 'EVALUATED';
  return accept<CaseEvent>({ type: 'CaseAbsorbed', data: { case: id, closed, told } });
}

function closeMerged({ with: into, ended, timing }: Of<'CloseMerged'>, state: KnownCase): Outcome {
  if (state.status !== 'MERGED' || state.mergedInto !== into)
    return accept<CaseEvent>({ type: 'CaseKeptApart', data: { with: into } });
  return ended
    ? unmerged('并入的案件已作废或者不予受理，恢复单独办理', state)
    : accept<CaseEvent>(closing(state, timing, into));
}

function linkCase({ to, note }: Of<'LinkCase'>, { facts, links }: KnownCase): Outcome {
  const problem =
    (to !== facts.id && !links.some((link) => link.to === to) && links.length < BOUNDS.links
      ? undefined
      : wrong('to', {
          en: `A case is linked to each other case once, to at most ${BOUNDS.links}.`,
          'zh-CN': `与同一案件只关联一次，最多关联 ${BOUNDS.links} 件。`,
        })) ?? unfit('G-6', 'note', note, BOUNDS.name, { en: 'What links them', 'zh-CN': '关联说明' });
  if (problem) return refuse(problem);
  return accept<CaseEvent>({ type: 'CaseLinked', data: { to, note } });
}

export const steps = {
  MergeCase: mergeCase,
  UnmergeCase: unmergeCase,
  RecordMerger: recordMerger,
  CloseMerged: closeMerged,
  LinkCase: linkCase,
};
