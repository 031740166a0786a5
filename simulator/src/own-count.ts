import type { CaseView, Level } from './case-view.ts';
import type { CaseOperation } from './operations.ts';
import type { Plan } from './plan.ts';

/** What the people of the county would count on their fingers: from what they did and what they were answered. */

export type Counts = Record<string, number>;

const STEPS: Partial<Record<CaseOperation, string>> = {
  acceptCase: 'ACCEPTED',
  refuseCase: 'REFUSED',
  settleCase: 'HANDLED',
  finishCaseTask: 'TASKS_DONE',
  returnCaseTask: 'TASKS_RETURNED',
  transferCaseTask: 'TRANSFERS',
  reworkCase: 'REWORKS',
  voidCase: 'VOIDED',
  reopenCase: 'REOPENED',
  mergeCase: 'MERGED',
  evaluateCase: 'EVALUATED',
};

/** What this count knows; what time does by itself, it does not see. */
export const COUNTED = [
  ...['REPORTED', 'REPORTED_BY_PATROL', 'REPORTED_BY_PUBLIC', 'FILED', 'HANDLED', ...Object.values(STEPS)],
  ...['RESPONDED', 'RESOLVED', 'SATISFIED', 'SUSPENSIONS', 'EXTENSIONS', 'CLOSED'],
  ...['CLOSED_BY_WORKER', 'CLOSED_BY_TOWN', 'CLOSED_BY_COUNTY', 'CLOSED_BY_JOINT'],
];

export class OwnCount {
  readonly #steps: Counts = {};
  /** By the number of the case: which level closed it. */
  readonly #closed = new Map<number, Level>();

  #add(measure: string): void {
    this.#steps[measure] = (this.#steps[measure] ?? 0) + 1;
  }

  took(
    { number, source }: Plan,
    operation: CaseOperation,
    input: Record<string, unknown>,
    { before, after }: { before: CaseView | null; after: CaseView },
  ): void {
    const step = STEPS[operation];
    if (step) this.#add(step);
    if (operation === 'reportCase') {
      this.#add('REPORTED');
      if (source === 'GRID_PATROL') this.#add('REPORTED_BY_PATROL');
      if (source === 'CITIZEN' || source === 'HOTLINE') this.#add('REPORTED_BY_PUBLIC');
      if (input['settled']) this.#add('HANDLED');
    }
    if (before?.closeBy === null && after.closeBy !== null) this.#add('FILED');
    if (operation === 'finishCaseTask' && after.status === 'HANDLED') this.#add('HANDLED');
    if (operation === 'decideCaseSuspension' && input['approve']) this.#add('SUSPENSIONS');
    if (operation === 'decideCaseExtension' && input['approve']) this.#add('EXTENSIONS');
    if (operation === 'evaluateCase') {
      for (const said of ['responded', 'resolved', 'satisfied']) {
        if (input[said]) this.#add(said.toUpperCase());
      }
    }
    if (operation === 'reopenCase') this.#closed.delete(number);
    else if (after.status === 'CLOSED') this.#closed.set(number, after.level);
  }

  counts(): Counts {
    const counts: Counts = { ...this.#steps };
    for (const level of this.#closed.values()) {
      for (const measure of ['CLOSED', `CLOSED_BY_${level}`]) counts[measure] = (counts[measure] ?? 0) + 1;
    }
    return counts;
  }
}
