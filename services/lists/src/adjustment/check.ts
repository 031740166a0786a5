import type { Refusal } from '@dutyledger/event-store/decider';
import { type ListAdjustment, type Seen, staleItem } from '../duty-list/adjusted.ts';
import { type DraftChange, type StagingEvent, staging } from '../duty-list/draft.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { draftContent, type OpenList } from '../duty-list/state.ts';
import type { Proposal } from './events.ts';
import { draftChangesOf, kindProblem } from './kinds.ts';

/** The lines of an application against one list: at submission, before the decision, and for what it would come to. */

export interface Line extends Proposal {
  seen: Seen[];
}

/** What the lines do to the list as it is given: as published, or with its draft. */
const changesOn = (lines: readonly Line[], list: OpenList): DraftChange[] =>
  lines.flatMap(({ change }) => draftChangesOf(change, (code) => draftContent(list, code)));

export const adjustmentOf = (
  lines: readonly Line[],
  list: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): ListAdjustment => ({ changes: changesOn(lines, list), seen: lines.flatMap(({ seen }) => seen), organs });

/** What stands against each line, by its place in the application (`changes[i].…`), and what the others come to. */
export function checkLines(
  lines: readonly Line[],
  list: OpenList,
  organs: ReadonlyMap<string, OrganFacts>,
): { events: StagingEvent[]; problems: Refusal[] } {
  const problems: Refusal[] = [];
  const changes: DraftChange[] = [];
  const owners: Line[] = [];
  for (const line of lines) {
    const against = [
      ...line.seen.flatMap((seen) => staleItem(seen, list) ?? []),
      ...[kindProblem(line.change, list, organs)].filter((problem) => problem !== undefined),
    ];
    const [first] = against;
    if (first) problems.push(atLine(first, line));
    for (const change of changesOn([line], list)) {
      changes.push(change);
      owners.push(line);
    }
  }
  const outcome = staging(changes, list, organs);
  for (const problem of outcome.problems) {
    const [, index = '0', rest = 'code'] = /^changes\[(\d+)\]\.(.*)$/s.exec(problem.field ?? '') ?? [];
    const owner = owners[Number(index)];
    if (owner) problems.push(atLine({ ...problem, field: rest }, owner));
  }
  return { events: outcome.events, problems };
}

const atLine = (problem: Refusal, { number, list }: Line): Refusal => ({
  ...problem,
  field: `changes[${number - 1}].${problem.field ?? 'code'}`,
  details: { ...problem.details, change: number, list },
});
