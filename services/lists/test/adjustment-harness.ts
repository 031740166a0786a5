import type { Harness } from '@dutyledger/subgraph-kit/service-harness';
import { expect, vi } from 'vitest';
import { change, type Data, ORGANS } from './harness.ts';

/** Steps of an adjustment, for tests. */

const STEP = `adjustment { id status due overdue changeCount division
  affected { id } asked { organ { id } due answered lapsed }
  applications { status edition refusal list { id } } } repeated pending`;
const mutation = (
  name: string,
): string => `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
  ${name}(input: $input) { ${STEP} } }`;

export const SUBMIT_ADJUSTMENT = mutation('submitAdjustment');
export const REVIEW_ADJUSTMENT = mutation('reviewAdjustment');
export const ADJUSTMENT_LEGALITY = mutation('reviewAdjustmentLegality');
export const REQUEST_ADJUSTMENT = mutation('requestAdjustmentOpinions');
export const ADJUSTMENT_OPINION = mutation('recordAdjustmentOpinion');
export const DECIDE = mutation('decideAdjustment');
export const WITHDRAW = mutation('withdrawAdjustment');
export const RETRY = mutation('retryAdjustment');

export const application = (changes: object[], more: object = {}) => ({
  applicant: ORGANS.police.id,
  title: '清单事项调整',
  documentNumber: '章公〔2026〕1号',
  changes,
  change,
  ...more,
});

export async function submit({ ask }: Harness, changes: object[], more: object = {}): Promise<Data> {
  return (await ask(SUBMIT_ADJUSTMENT, { input: application(changes, more) })).submitAdjustment.adjustment;
}

export const officeReview = (adjustment: string, more: object = {}) => ({
  adjustment,
  passed: true,
  opinion: '同意受理',
  change,
  ...more,
});
export const adjustmentLegality = (adjustment: string, more: object = {}) => ({
  adjustment,
  passed: true,
  organ: ORGANS.justice.id,
  opinion: '合法',
  documentNumber: '章司审〔2026〕1号',
  change,
  ...more,
});
export const adjustmentOpinion = (adjustment: string, organ: string, more: object = {}) => ({
  adjustment,
  organ,
  agrees: true,
  text: '同意',
  documentNumber: '复函〔2026〕1号',
  change,
  ...more,
});
export const decision = (adjustment: string, more: object = {}) => ({
  adjustment,
  approved: true,
  body: '区委编委',
  documentNumber: '章编〔2026〕1号',
  change,
  ...more,
});

/** Every step up to the decision. */
export async function prepare({ ask }: Harness, adjustment: string): Promise<void> {
  await ask(REVIEW_ADJUSTMENT, { input: officeReview(adjustment) });
  const { reviewAdjustmentLegality } = await ask(ADJUSTMENT_LEGALITY, {
    input: adjustmentLegality(adjustment),
  });
  for (const { organ } of reviewAdjustmentLegality.adjustment.asked)
    await ask(ADJUSTMENT_OPINION, { input: adjustmentOpinion(adjustment, organ.id) });
}

const STANDING = `query ($id: ID!) { adjustment(id: $id) { status due overdue
  applications { status edition refusal list { id } } } }`;

/** Until the to-dos that the decision caused are carried out. */
export async function settled(harness: Harness, id: string, status = 'APPLIED'): Promise<Data> {
  return vi.waitFor(
    async () => {
      const { adjustment } = await harness.ask(STANDING, { id });
      expect(adjustment).toMatchObject({ status });
      return adjustment;
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** All of it, from the application to the lists. */
export async function adjust(
  harness: Harness,
  changes: object[],
  decided: object = {},
  applied: object = {},
): Promise<string> {
  const { id } = await submit(harness, changes, applied);
  await prepare(harness, id);
  await harness.ask(DECIDE, { input: decision(id, decided) });
  await settled(harness, id);
  return id;
}

export const atOnce = (effectiveFrom: string) => ({
  edition: { effectiveFrom, documentNumber: '章政发〔2026〕8号' },
});
