import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import { lapse, lapsedBy, outstanding, stillWaiting, unanswered } from '../consultation.ts';
import { asPublished } from '../duty-list/adjusted.ts';
import { withAll } from '../duty-list/draft.ts';
import { publishedTooEarly } from '../duty-list/editions.ts';
import { superseded } from '../duty-list/rebase.ts';
import { dueDay } from '../stage-limits/stages.ts';
import type { Timing } from '../timing.ts';
import type { ListFacts } from './adjustment.ts';
import { checkLines, type Line } from './check.ts';
import type { Course } from './course.ts';
import type { AdjustmentDecision, AdjustmentEvent, Application } from './events.ts';
import { lapsed, outOfOrder } from './steps.ts';

/** The county's decision (L-4): rejected with reasons, or approved, to be applied to the next drafts or at once. */

export interface DecideAdjustment extends ListFacts {
  type: 'DecideAdjustment';
  decision: AdjustmentDecision;
  timing: Timing;
}

export function decideAdjustment(
  command: DecideAdjustment,
  course: Course,
  lines: readonly Line[],
): Decision<AdjustmentEvent> {
  const { decision, timing } = command;
  const early = outOfOrder(course, 'OPINIONS', 'DECISION');
  if (early) return early;
  const late = lapsedBy(course.consultation, timing.today);
  const heard = lapse(course.consultation, late);
  const waiting = outstanding(heard);
  const refusal =
    (waiting.length > 0 ? stillWaiting('L-4', 'adjustment', waiting) : undefined) ??
    unfit('L-4', 'body', decision.body, MAX.name, { en: 'Who decided', 'zh-CN': '决定机关' }) ??
    documentMissing('L-4', decision.documentNumber) ??
    (decision.application
      ? (overrulingProblem(decision.overruling) ??
        unanswered('L-4', heard, decision.overruling) ??
        applicable(command, decision.application, lines))
      : unfit('L-4', 'reasons', decision.reasons ?? '', MAX.text, {
          en: 'Why the adjustment is rejected',
          'zh-CN': '驳回理由',
        }));
  if (refusal) return refuse(refusal);
  const due = decision.application && { due: dueDay(timing.limits, 'ADJUSTMENT_APPLICATION', timing.today) };
  return accept<AdjustmentEvent>(...lapsed(late, timing, heard), {
    type: 'AdjustmentDecided',
    data: { of: summaryOf(course), ...decision, ...due },
  });
}

const summaryOf = ({ head }: Course) => ({
  division: head.division,
  title: head.title,
  applicant: head.applicant.organ,
  lists: head.lists.map(({ list }) => list),
  changes: head.changes,
});

const overrulingProblem = (overruling: string | null): Refusal | undefined =>
  overruling === null
    ? undefined
    : unfit('L-4', 'overruling', overruling, MAX.text, {
        en: 'Why it goes on in spite of objections',
        'zh-CN': '不予采纳异议的理由',
      });

/** Everything that was checked when the application was made is checked again on the lists as they are now. */
function applicable(
  { lists, organs }: DecideAdjustment,
  { edition }: Application,
  lines: readonly Line[],
): Refusal | undefined {
  const problems: Refusal[] = [];
  for (const [id, list] of lists) {
    const own = lines.filter((line) => line.list === id);
    const onto = edition ? asPublished(list) : list;
    const first = edition
      ? (documentMissing('L-3', edition.documentNumber) ?? publishedTooEarly(edition.effectiveFrom, list))
      : superseded(list);
    const field = edition ? `edition.${first?.field}` : 'adjustment';
    if (first) problems.push({ ...first, field, details: { ...first.details, list: id } });
    problems.push(...checkLines(own, onto, organs).problems);
  }
  const [first] = problems;
  return first && withAll(first, problems);
}
