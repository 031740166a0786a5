import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { OFFICERS, requireOrgan, speakFor } from '../acting.ts';
import { askable } from '../ask-organs.ts';
import type { ListsContext } from '../context.ts';
import { carryOut, draftAnswer, onDraft, ownList } from '../list-command.ts';
import { requireList } from '../look-ups.ts';
import { timingOf } from '../timing.ts';
import { affectedByDraft } from './affected.ts';
import { dutyList } from './duty-list.ts';
import type { Resolution } from './rebase.ts';
import { dutyListStream } from './state.ts';

/** Mutations of the procedure from draft to edition (L-3); publication itself is in mutations.ts. */

type Ctx = ListsContext;
type Input<T> = { input: T & { list: string; change: ChangeInput } };

/** Which draft was looked at; left out: the draft as it is. */
interface OfDraft {
  draftNumber?: number | null;
}

const submitDraft = (
  _: unknown,
  { input }: Input<{ draftNumber: number; alsoAsk: string[]; silenceIsConsent: boolean }>,
  context: Ctx,
) =>
  onDraft(context, 'submitDraft', input, async ({ draftNumber, alsoAsk, silenceIsConsent }, list) => {
    const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
    const ids = state.status === 'open' ? affectedByDraft(state) : [];
    const affected = await askable(context.service.organs, ids, list.division, list.maintainer.organ);
    for (const organ of await named(context, alsoAsk, 'alsoAsk')) {
      if (!affected.some((entry) => entry.organ === organ.organ)) affected.push(organ);
    }
    const timing = await timingOf(context, list.division);
    return { type: 'SubmitDraft', draftNumber, affected, silenceIsConsent, timing };
  });

/** Organs that an editor names in so many words, whoever they are. */
async function named(context: Ctx, ids: readonly string[], field: string) {
  const organs = await Promise.all(
    [...new Set(ids)].map((id) => requireOrgan(context, id, `${field}[${ids.indexOf(id)}]`)),
  );
  return organs.map(({ id, name }) => ({ organ: id, organName: name }));
}

const requestOpinions = (
  _: unknown,
  { input }: Input<OfDraft & { organs: string[]; silenceIsConsent: boolean }>,
  context: Ctx,
) =>
  onDraft(context, 'requestOpinions', input, async ({ draftNumber = null, silenceIsConsent }, list) => {
    const organs = await named(context, input.organs, 'organs');
    const timing = await timingOf(context, list.division);
    return { type: 'RequestOpinions', draftNumber, organs, silenceIsConsent, timing };
  });

async function recordLegalityReview(
  _: unknown,
  {
    input,
  }: Input<OfDraft & { passed: boolean; organ: string; opinion: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const list = await ownList(context, input.list);
  const { passed, opinion, documentNumber, draftNumber = null } = input;
  const organ = await requireOrgan(context, input.organ, 'organ');
  const what = { en: 'The legality review', 'zh-CN': '合法性审核意见' };
  const acting = speakFor(context, {
    organ,
    own: ['LEGALITY_REVIEWER'],
    documentNumber,
    division: list.division,
    what,
  });
  const review = {
    outcome: passed ? ('PASSED' as const) : ('RETURNED' as const),
    organ: organ.id,
    organName: organ.name,
    opinion: opinion.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const timing = await timingOf(context, list.division);
  const command = { type: 'RecordLegalityReview' as const, review, draftNumber, timing };
  const carrying = { operation: 'recordLegalityReview', list, change: input.change, content: input, acting };
  return draftAnswer(context, list.id, await carryOut(context, command, carrying));
}

/** Given by the organ's own people, wherever the list is, or from paper within the editor's division. */
async function recordOpinion(
  _: unknown,
  {
    input,
  }: Input<OfDraft & { organ: string; agrees: boolean; text: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const list = await requireList(context, input.list);
  if (context.caller.organ !== input.organ) requireDivision(context, list.division, 'list');
  const { agrees, text, documentNumber, draftNumber = null } = input;
  const organ = await requireOrgan(context, input.organ, 'organ');
  const what = { en: 'The opinion', 'zh-CN': '意见' };
  const acting = speakFor(context, { organ, own: OFFICERS, documentNumber, division: list.division, what });
  const opinion = {
    organ: organ.id,
    organName: organ.name,
    position: agrees ? ('AGREE' as const) : ('OBJECT' as const),
    text: text.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const timing = await timingOf(context, list.division);
  const command = { type: 'RecordOpinion' as const, opinion, draftNumber, timing };
  const carrying = { operation: 'recordOpinion', list, change: input.change, content: input, acting };
  return draftAnswer(context, list.id, await carryOut(context, command, carrying));
}

const recordApproval = (
  _: unknown,
  { input }: Input<OfDraft & { body: string; documentNumber: string; overruling?: string | null }>,
  context: Ctx,
) =>
  onDraft(
    context,
    'recordApproval',
    input,
    async ({ body, documentNumber, overruling, draftNumber = null }, list) => {
      const approval = {
        body: body.trim(),
        documentNumber: documentNumber.trim(),
        overruling: overruling?.trim() || null,
      };
      const timing = await timingOf(context, list.division);
      return { type: 'RecordApproval', approval, draftNumber, timing };
    },
  );

const rebaseDraft = (
  _: unknown,
  {
    input,
  }: Input<{
    draftNumber: number;
    resolutions: { code: string; field?: string | null; take: Resolution['take'] }[];
  }>,
  context: Ctx,
) =>
  onDraft(context, 'rebaseDraft', input, ({ draftNumber, resolutions }) => ({
    type: 'RebaseDraft',
    draftNumber,
    resolutions: resolutions.map(({ code, field, take }) => ({ code, field: field ?? null, take })),
  }));

export const procedureMutations = {
  submitDraft,
  recordLegalityReview,
  requestOpinions,
  recordOpinion,
  recordApproval,
  rebaseDraft,
};
