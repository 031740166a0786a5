import type { Refusal } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { requireOrgan } from './acting.ts';
import { type ListsContext, newListId } from './context.ts';
import { dutyList } from './duty-list/duty-list.ts';
import { editionToCome } from './duty-list/edition-to-come.ts';
import type { DutyListEvent } from './duty-list/events.ts';
import type { ItemContent, ListKind } from './duty-list/item.ts';
import { namedOrgans, type OrganFacts } from './duty-list/organ-facts.ts';
import { procedureMutations } from './duty-list/procedure-mutations.ts';
import { editionOf } from './duty-list/queries.ts';
import { newList } from './duty-list/read-model.ts';
import { type DutyList, draftContent, dutyListStream } from './duty-list/state.ts';
import { importDutyItems } from './import-mutation.ts';
import { type CorrectionInput, correction, type DraftChangeInput, draftChange } from './inputs.ts';
import { carryOut, draftAnswer, onDraft, ownList, requireSeen } from './list-command.ts';
import { listById } from './look-ups.ts';
import { organsById } from './organs.ts';

/** Mutations of the lists subgraph: look facts up, hand one command to the duty list, answer with what came of it. */

type Ctx = ListsContext;
type Input<T> = { input: T & { change: ChangeInput } };

const factsFor = (context: Ctx, contents: Partial<ItemContent>[]): Promise<Map<string, OrganFacts>> =>
  organsById(context.service.organs, contents.flatMap(namedOrgans));

async function openDutyList(
  _: unknown,
  { input }: Input<{ division: string; kind: ListKind; title: string; maintainer: string }>,
  context: Ctx,
) {
  const { division, kind, maintainer, change } = input;
  requireDivision(context, division, 'division');
  const organ = await requireOrgan(context, maintainer, 'maintainer');
  const scope = commandContext(context, 'openDutyList', change, { division, content: input });
  const id = newListId(division, scope.commandId);
  const head = {
    id,
    kind,
    division,
    title: input.title.trim(),
    maintainer: { organ: organ.id, name: organ.name },
  };
  const command = { type: 'OpenDutyList' as const, head };
  const done = await mutate(context.service, context.locale, dutyList, dutyListStream(id), command, scope);
  const list = (await listById(context, id)) ?? newList(head);
  return { list, repeated: done.repeated, pending: done.pending };
}

async function changeDraft(
  _: unknown,
  { input }: Input<{ list: string; basedOn: number; changes: DraftChangeInput[] }>,
  context: Ctx,
) {
  const list = await ownList(context, input.list);
  const changes = input.changes.map(draftChange);
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  requireSeen(input.basedOn, state);
  const touched = changes.flatMap((change) => {
    if (change.change === 'ADD') return [change.item];
    if (change.change !== 'REVISE') return [];
    const current = state.status === 'open' ? draftContent(state, change.code) : null;
    return [{ ...current, ...change.changes }];
  });
  const organs = await factsFor(context, touched);
  const command = { type: 'ChangeDraft' as const, changes, basedOn: input.basedOn, organs };
  const carrying = { operation: 'changeDraft', list, change: input.change, content: input };
  return draftAnswer(context, list.id, await carryOut(context, command, carrying));
}

const discardDraft = (_: unknown, { input }: Input<{ list: string }>, context: Ctx) =>
  onDraft(context, 'discardDraft', input, () => ({ type: 'DiscardDraft' }));

async function publishEdition(
  _: unknown,
  { input }: Input<{ list: string; draftNumber: number; effectiveFrom: string; documentNumber: string }>,
  context: Ctx,
) {
  const list = await ownList(context, input.list);
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  const staged =
    state.status === 'open' ? [...state.draft.keys()].map((code) => draftContent(state, code) ?? {}) : [];
  const command = {
    type: 'PublishEdition' as const,
    effectiveFrom: input.effectiveFrom,
    documentNumber: input.documentNumber.trim(),
    draftNumber: input.draftNumber,
    organs: await factsFor(context, staged),
  };
  const carrying = { operation: 'publishEdition', list, change: input.change, content: input };
  return editionAnswer(context, list.id, await carryOut(context, command, carrying), state);
}

async function correctEdition(
  _: unknown,
  {
    input,
  }: Input<{
    list: string;
    edition: number;
    effectiveFrom: string;
    documentNumber: string;
    corrections: CorrectionInput[];
  }>,
  context: Ctx,
) {
  const list = await ownList(context, input.list);
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  const corrections = input.corrections.map(correction);
  const contents = corrections.flatMap((one) => {
    if (one.kind === 'ADD') return [one.item];
    const versions = state.status === 'open' ? (state.items.get(one.code) ?? []) : [];
    return [
      ...versions.flatMap(({ content }) => (content ? [content] : [])),
      one.kind === 'REVISE' ? one.changes : {},
    ];
  });
  const command = {
    type: 'CorrectEdition' as const,
    edition: input.edition,
    effectiveFrom: input.effectiveFrom,
    documentNumber: input.documentNumber.trim(),
    corrections,
    organs: await factsFor(context, contents),
  };
  const carrying = { operation: 'correctEdition', list, change: input.change, content: input };
  return editionAnswer(context, list.id, await carryOut(context, command, carrying));
}

/** `before`: the list as it was; tells of an edition that the read models do not show yet. */
async function editionAnswer(context: Ctx, id: string, done: Mutated<DutyList>, before?: DutyList) {
  const [event] = done.events as (StoredEvent & DutyListEvent)[];
  if (event?.type !== 'EditionPublished' && event?.type !== 'EditionCorrected')
    throw new Error('no edition came of it');
  const row =
    (await editionOf(context.service.projections, id, event.data.edition)) ?? editionToCome(event, before);
  if (!row) throw refusalError(notShownYet);
  return { ...(await draftAnswer(context, id, done)), edition: { row, recordedAt: undefined } };
}

/** Only a repeated call comes here, while the read models are far behind. */
const notShownYet: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    en: 'The edition is recorded, but queries do not show it yet; ask again in a while.',
    'zh-CN': '该版已记录，但查询尚未更新，请稍后再试。',
  },
};

export const Mutation = {
  openDutyList,
  changeDraft,
  discardDraft,
  importDutyItems,
  ...procedureMutations,
  publishEdition,
  correctEdition,
};
