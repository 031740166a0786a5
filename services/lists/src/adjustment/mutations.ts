import { randomUUID } from 'node:crypto';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { type Acting, OFFICERS, requireOrgan, speakFor } from '../acting.ts';
import { askable } from '../ask-organs.ts';
import type { OrganName } from '../consultation.ts';
import type { ListsContext } from '../context.ts';
import { actingContext } from '../list-command.ts';
import { timingOf } from '../timing.ts';
import { type Adjustment, type AdjustmentCommand, adjustment } from './adjustment.ts';
import { effectOf } from './effect.ts';
import { adjustmentStream } from './events.ts';
import { factsOf } from './facts.ts';
import { type AdjustmentChangeInput, proposal } from './inputs.ts';
import { seenBy } from './kinds.ts';
import { type AdjustmentRow, adjustments, linesOf } from './read-model.ts';

/** Mutations of adjustments (L-4): look facts up, hand one command to the adjustment, answer with what came of it. */

type Ctx = ListsContext;
type Input<T> = { input: T & { change: ChangeInput } };
type Of<T> = Input<T & { adjustment: string }>;

const newAdjustmentId = (county: string, commandId: string = randomUUID()): string =>
  `adjustment:${county}-${commandId.replaceAll('-', '').slice(0, 10)}`;

interface Carrying {
  operation: string;
  id: string;
  division: string;
  input: { change: ChangeInput };
  acting?: Acting;
}

async function carryOut(context: Ctx, command: AdjustmentCommand, carrying: Carrying) {
  const { operation, id, division, input, acting } = carrying;
  const scope = actingContext(context, operation, input.change, { division, content: input }, acting);
  return mutate(context.service, context.locale, adjustment, adjustmentStream(id), command, scope);
}

async function answer({ service }: Ctx, id: string, { repeated, pending }: Mutated<Adjustment>) {
  const row = await service.projections.documents(adjustments).get(id);
  if (row) return { adjustment: row, repeated, pending };
  throw refusalError({
    code: 'UNAVAILABLE',
    message: {
      en: 'The adjustment is recorded, but queries do not show it yet; ask again in a while.',
      'zh-CN': '调整申请已记录，但查询尚未更新，请稍后再试。',
    },
    details: { adjustment: id },
  });
}

async function requireAdjustment({ service }: Ctx, id: string): Promise<AdjustmentRow> {
  const row = await service.projections.documents(adjustments).get(id);
  if (row) return row;
  throw refusalError({
    code: 'NOT_FOUND',
    rule: 'L-4',
    field: 'adjustment',
    message: { en: `There is no adjustment ${id}.`, 'zh-CN': `没有编号为 ${id} 的调整申请。` },
  });
}

/** One of the caller's division. */
async function ownAdjustment(context: Ctx, id: string): Promise<AdjustmentRow> {
  const row = await requireAdjustment(context, id);
  requireDivision(context, row.division, 'adjustment');
  return row;
}

interface Submission {
  applicant: string;
  title: string;
  documentNumber?: string | null;
  changes: AdjustmentChangeInput[];
}

async function submitAdjustment(_: unknown, { input }: Input<Submission>, context: Ctx) {
  const proposals = input.changes.map(proposal);
  const { service } = context;
  const facts = await factsOf(service.commands, service.organs, proposals);
  const applicant = await requireOrgan(context, input.applicant, 'applicant');
  const [of] = [...facts.lists.values()];
  const division = of?.head.division ?? applicant.division;
  const acting = speakFor(context, {
    organ: applicant,
    own: OFFICERS,
    documentNumber: input.documentNumber,
    division,
    what: { en: 'The application', 'zh-CN': '调整申请' },
  });
  requireEntitled(applicant.division, division);
  const scope = actingContext(
    context,
    'submitAdjustment',
    input.change,
    { division, content: input },
    acting,
  );
  const id = newAdjustmentId(division.slice(0, 6), scope.commandId);
  const lines = proposals.map((one) => {
    const list = facts.lists.get(one.list);
    return { ...one, seen: list ? seenBy(one.change, list) : [] };
  });
  const concerned = effectOf(lines, facts.lists, facts.organs).organs.map(({ organ }) => organ);
  const command: AdjustmentCommand = {
    type: 'SubmitAdjustment',
    head: {
      id,
      title: input.title.trim(),
      applicant: { organ: applicant.id, organName: applicant.name },
      documentNumber: input.documentNumber?.trim() || null,
    },
    proposals,
    affected: await askable(context.service.organs, concerned, division, applicant.id),
    timing: await timingOf(context, division),
    ...facts,
  };
  const stream = adjustmentStream(id);
  const done = await mutate(service, context.locale, adjustment, stream, command, scope);
  return answer(context, id, done);
}

/** Departments, towns and villages of the county apply; others propose upward or are asked. */
function requireEntitled(applicant: string, division: string): void {
  if (applicant.slice(0, 6) === division.slice(0, 6)) return;
  throw refusalError({
    code: 'NOT_PERMITTED',
    rule: 'L-4',
    field: 'applicant',
    message: {
      en: 'Departments, towns and villages of the county apply for an adjustment of its lists.',
      'zh-CN': '清单调整由本县（市、区）的部门、镇街和村社提出申请。',
    },
    details: { applicant, division },
  });
}

/** Organs that an editor names in so many words. */
const named = (context: Ctx, ids: readonly string[], field: string): Promise<OrganName[]> =>
  Promise.all(
    [...new Set(ids)].map(async (id, i) => {
      const organ = await requireOrgan(context, id, `${field}[${i}]`);
      return { organ: organ.id, organName: organ.name };
    }),
  );

/** One step of the county's own people. */
async function onAdjustment<T extends { adjustment: string; change: ChangeInput }>(
  context: Ctx,
  operation: string,
  input: T,
  command: (row: AdjustmentRow) => AdjustmentCommand | Promise<AdjustmentCommand>,
) {
  const row = await ownAdjustment(context, input.adjustment);
  const carrying = { operation, id: row.id, division: row.division, input };
  return answer(context, row.id, await carryOut(context, await command(row), carrying));
}

const reviewAdjustment = (
  _: unknown,
  { input }: Of<{ passed: boolean; opinion: string; alsoAsk: string[]; silenceIsConsent: boolean }>,
  context: Ctx,
) =>
  onAdjustment(context, 'reviewAdjustment', input, async ({ division }) => ({
    type: 'ReviewAdjustment',
    review: { passed: input.passed, opinion: input.opinion.trim() },
    alsoAsk: await named(context, input.alsoAsk, 'alsoAsk'),
    silenceIsConsent: input.silenceIsConsent,
    timing: await timingOf(context, division),
  }));

async function reviewAdjustmentLegality(
  _: unknown,
  { input }: Of<{ passed: boolean; organ: string; opinion: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await ownAdjustment(context, input.adjustment);
  const organ = await requireOrgan(context, input.organ, 'organ');
  const { passed, documentNumber } = input;
  const { division } = row;
  const what = { en: 'The legality review', 'zh-CN': '合法性审核意见' };
  const acting = speakFor(context, { organ, own: ['LEGALITY_REVIEWER'], documentNumber, division, what });
  const review = {
    passed,
    organ: organ.id,
    organName: organ.name,
    opinion: input.opinion.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const command = { type: 'ReviewLegality' as const, review, timing: await timingOf(context, division) };
  const carrying = { operation: 'reviewAdjustmentLegality', id: row.id, division, input, acting };
  return answer(context, row.id, await carryOut(context, command, carrying));
}

const requestAdjustmentOpinions = (
  _: unknown,
  { input }: Of<{ organs: string[]; silenceIsConsent: boolean }>,
  context: Ctx,
) =>
  onAdjustment(context, 'requestAdjustmentOpinions', input, async ({ division }) => ({
    type: 'RequestOpinions',
    organs: await named(context, input.organs, 'organs'),
    silenceIsConsent: input.silenceIsConsent,
    timing: await timingOf(context, division),
  }));

/** Given by the organ's own people, wherever they are, or from paper within the editor's division. */
async function recordAdjustmentOpinion(
  _: unknown,
  { input }: Of<{ organ: string; agrees: boolean; text: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireAdjustment(context, input.adjustment);
  const { division } = row;
  if (context.caller.organ !== input.organ) requireDivision(context, division, 'adjustment');
  const organ = await requireOrgan(context, input.organ, 'organ');
  const { agrees, text, documentNumber } = input;
  const what = { en: 'The opinion', 'zh-CN': '意见' };
  const acting = speakFor(context, { organ, own: OFFICERS, documentNumber, division, what });
  const opinion = {
    organ: organ.id,
    organName: organ.name,
    position: agrees ? ('AGREE' as const) : ('OBJECT' as const),
    text: text.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const command = { type: 'RecordOpinion' as const, opinion, timing: await timingOf(context, division) };
  const carrying = { operation: 'recordAdjustmentOpinion', id: row.id, division, input, acting };
  return answer(context, row.id, await carryOut(context, command, carrying));
}

interface Decision {
  approved: boolean;
  body: string;
  documentNumber: string;
  overruling?: string | null;
  reasons?: string | null;
  edition?: { effectiveFrom: string; documentNumber: string } | null;
}

const decideAdjustment = (_: unknown, { input }: Of<Decision>, context: Ctx) =>
  onAdjustment(context, 'decideAdjustment', input, async ({ id, division }) => {
    const { service } = context;
    const edition = input.edition && {
      effectiveFrom: input.edition.effectiveFrom,
      documentNumber: input.edition.documentNumber.trim(),
    };
    return {
      type: 'DecideAdjustment',
      decision: {
        body: input.body.trim(),
        documentNumber: input.documentNumber.trim(),
        overruling: input.overruling?.trim() || null,
        reasons: input.reasons?.trim() || null,
        application: input.approved ? { edition: edition ?? null } : null,
      },
      timing: await timingOf(context, division),
      ...(await factsOf(service.commands, service.organs, await linesOf(service.projections, id))),
    };
  });

/** By the applicant's own people, or from paper. */
async function withdrawAdjustment(
  _: unknown,
  { input }: Of<{ documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireAdjustment(context, input.adjustment);
  const { organ: id, organName: name } = row.head.applicant;
  const { division } = row;
  if (context.caller.organ !== id) requireDivision(context, division, 'adjustment');
  const what = { en: 'The withdrawal', 'zh-CN': '撤回申请' };
  const { documentNumber } = input;
  const acting = speakFor(context, { organ: { id, name }, own: OFFICERS, documentNumber, division, what });
  const carrying = { operation: 'withdrawAdjustment', id: row.id, division, input, acting };
  return answer(context, row.id, await carryOut(context, { type: 'WithdrawAdjustment' }, carrying));
}

const retryAdjustment = (_: unknown, { input }: Of<object>, context: Ctx) =>
  onAdjustment(context, 'retryAdjustment', input, () => ({ type: 'RetryApplication' }));

export const adjustmentMutations = {
  submitAdjustment,
  reviewAdjustment,
  reviewAdjustmentLegality,
  requestAdjustmentOpinions,
  recordAdjustmentOpinion,
  decideAdjustment,
  withdrawAdjustment,
  retryAdjustment,
};
