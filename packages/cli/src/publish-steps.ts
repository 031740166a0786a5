import { organId } from './lists.ts';
import type { Session } from './session.ts';
import { type ChangeInput, idempotencyKey } from './values.ts';

/** The steps from draft to edition (L-3) that the command line takes before it publishes. */

export interface StepOptions {
  /** Number of the publication; review and approval have it too where no other is given. */
  document: string;
  reviewOrgan?: string;
  reviewOpinion?: string;
  reviewDocument?: string;
  opinionsDocument?: string;
  approvedBy?: string;
  approvalDocument?: string;
  overruling?: string;
}

/** How far a draft is. */
export interface Standing {
  number: number;
  stage: 'EDITING' | 'LEGALITY_REVIEW' | 'RETURNED' | 'OPINIONS' | 'APPROVAL' | 'PUBLICATION';
  asked: { organ: { id: string }; answered: boolean }[];
}

export const STANDING = 'number stage asked { organ { id } answered }';

const step = (
  mutation: string,
): string => `mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) {
  ${mutation}(input: $input) { draft { ${STANDING} } } }`;

type Change = Omit<ChangeInput, 'idempotencyKey'>;

/** A change of its own for each step, the same again when the command is run again on the same draft. */
export const stepChange = (name: string, draft: number, input: object, change: Change): ChangeInput => ({
  ...change,
  idempotencyKey: idempotencyKey(name, draft, input, change),
});

/** Takes the steps that were named and are not on record yet, in their order. */
export async function takeSteps(
  session: Session,
  { id: list, division }: { id: string; division: string },
  draft: Standing,
  options: StepOptions,
  change: Change,
): Promise<void> {
  const { document, reviewOrgan, opinionsDocument, approvedBy } = options;
  const take = async (mutation: string, input: object): Promise<Standing> => {
    const whole = { list, draftNumber: draft.number, ...input };
    const answer = await session.client.ask<Record<string, { draft: Standing }>>(step(mutation), {
      input: { ...whole, change: stepChange(mutation, draft.number, whole, change) },
    });
    return answer[mutation]?.draft ?? draft;
  };
  const begins = draft.stage === 'EDITING' || draft.stage === 'RETURNED';
  let standing = draft;
  if (reviewOrgan !== undefined && begins) standing = await take('submitDraft', {});
  if (reviewOrgan !== undefined && (begins || draft.stage === 'LEGALITY_REVIEW')) {
    standing = await take('recordLegalityReview', {
      passed: true,
      organ: await organId(session, division, reviewOrgan),
      opinion: options.reviewOpinion ?? session.t('同意', 'Approved'),
      documentNumber: options.reviewDocument ?? document,
    });
  }
  if (opinionsDocument !== undefined) {
    for (const { organ, answered } of standing.asked) {
      if (answered) continue;
      const text = session.t('同意', 'Agreed');
      await take('recordOpinion', { organ: organ.id, agrees: true, text, documentNumber: opinionsDocument });
    }
  }
  if (approvedBy !== undefined && draft.stage !== 'PUBLICATION') {
    const { overruling, approvalDocument = document } = options;
    const said = overruling === undefined ? {} : { overruling };
    await take('recordApproval', { body: approvedBy, documentNumber: approvalDocument, ...said });
  }
}
