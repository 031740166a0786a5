import { requireDivision } from '@dutyledger/subgraph-kit/access';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { OFFICERS, requireOrgan, speakFor } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import { author } from '../history-resolvers.ts';
import { actingContext } from '../list-command.ts';
import { significantPart } from '../organs.ts';
import { timingOf } from '../timing.ts';
import { type ProposalRow, upwardProposals } from './read-model.ts';
import {
  type AnswerOutcome,
  type ProposedItem,
  type UpwardProposal,
  upwardProposal,
  upwardProposalStream,
} from './upward-proposal.ts';

/** Proposals to higher levels (L-4), in GraphQL. */

type Ctx = ListsContext;

interface ProposeInput {
  division: string;
  proposer: string;
  addressee?: string | null;
  addresseeName?: string | null;
  title: string;
  documentNumber: string;
  items: {
    name: string;
    content: string;
    reason: string;
    basis: { title: string; article?: string | null; documentNumber?: string | null }[];
    list?: string | null;
    code?: string | null;
  }[];
  change: ChangeInput;
}

async function proposeUpward(_: unknown, { input }: { input: ProposeInput }, context: Ctx) {
  const { division, change } = input;
  requireDivision(context, division, 'division');
  const proposer = await requireOrgan(context, input.proposer, 'proposer');
  const { documentNumber } = input;
  const what = { en: 'The proposal', 'zh-CN': '上报建议' };
  // The 编办 proposes for the county in its own name as well.
  const own = [...OFFICERS, 'LIST_EDITOR' as const];
  const acting = speakFor(context, { organ: proposer, own, documentNumber, division, what });
  const scope = actingContext(context, 'proposeUpward', change, { division, content: input }, acting);
  const id = `proposal:${division.slice(0, 6)}-${scope.commandId.replaceAll('-', '').slice(0, 10)}`;
  const head = {
    id,
    division,
    title: input.title.trim(),
    proposer: { organ: proposer.id, organName: proposer.name },
    addressee: await addresseeOf(context, input),
    documentNumber: documentNumber.trim(),
    items: input.items.map(proposedItem),
  };
  const command = { type: 'Propose' as const, head, timing: await timingOf(context, division) };
  const stream = upwardProposalStream(id);
  return answered(
    context,
    id,
    await mutate(context.service, context.locale, upwardProposal, stream, command, scope),
  );
}

/** An organ that is registered here is known by its id; others, as of a city or province, by their name. */
async function addresseeOf(context: Ctx, { addressee, addresseeName }: ProposeInput) {
  if (!addressee) return { organ: null, name: addresseeName?.trim() ?? '' };
  const { id, name } = await requireOrgan(context, addressee, 'addressee');
  return { organ: id, name };
}

const proposedItem = (item: ProposeInput['items'][number], i: number): ProposedItem => ({
  number: i + 1,
  name: item.name.trim(),
  content: item.content.trim(),
  reason: item.reason.trim(),
  basis: item.basis.map(({ title, article, documentNumber }) => ({
    title: title.trim(),
    ...(article && { article }),
    ...(documentNumber && { documentNumber }),
  })),
  item: item.list && item.code ? { list: item.list, code: item.code } : null,
});

async function answered({ service }: Ctx, id: string, { repeated, pending }: Mutated<UpwardProposal>) {
  const proposal = await service.projections.documents(upwardProposals).get(id);
  if (proposal) return { proposal, repeated, pending };
  throw refusalError({
    code: 'UNAVAILABLE',
    message: {
      en: 'The proposal is recorded, but queries do not show it yet; ask again in a while.',
      'zh-CN': '上报建议已记录，但查询尚未更新，请稍后再试。',
    },
    details: { proposal: id },
  });
}

async function requireProposal(context: Ctx, id: string): Promise<ProposalRow> {
  const row = await context.service.projections.documents(upwardProposals).get(id);
  if (!row) {
    throw refusalError({
      code: 'NOT_FOUND',
      rule: 'L-4',
      field: 'proposal',
      message: { en: `There is no proposal ${id}.`, 'zh-CN': `没有编号为 ${id} 的上报建议。` },
    });
  }
  requireDivision(context, row.division, 'proposal');
  return row;
}

interface AnswerInput {
  proposal: string;
  answers: { number: number; outcome: AnswerOutcome; text: string }[];
  documentNumber: string;
  answeredOn: string;
  change: ChangeInput;
}

async function recordUpwardAnswer(_: unknown, { input }: { input: AnswerInput }, context: Ctx) {
  const { id, division } = await requireProposal(context, input.proposal);
  const command = {
    type: 'RecordAnswer' as const,
    answers: input.answers.map(({ number, outcome, text }) => ({ number, outcome, text: text.trim() })),
    documentNumber: input.documentNumber.trim(),
    answeredOn: input.answeredOn,
    timing: await timingOf(context, division),
  };
  const scope = actingContext(context, 'recordUpwardAnswer', input.change, { division, content: input });
  const stream = upwardProposalStream(id);
  return answered(
    context,
    id,
    await mutate(context.service, context.locale, upwardProposal, stream, command, scope),
  );
}

interface WithdrawInput {
  proposal: string;
  documentNumber?: string | null;
  change: ChangeInput;
}

async function withdrawUpwardProposal(_: unknown, { input }: { input: WithdrawInput }, context: Ctx) {
  const { id, division, head } = await requireProposal(context, input.proposal);
  const organ = { id: head.proposer.organ, name: head.proposer.organName };
  const own = [...OFFICERS, 'LIST_EDITOR' as const];
  const what = { en: 'The withdrawal', 'zh-CN': '撤回建议' };
  const { documentNumber } = input;
  const acting = speakFor(context, { organ, own, documentNumber, division, what });
  const scope = actingContext(
    context,
    'withdrawUpwardProposal',
    input.change,
    { division, content: input },
    acting,
  );
  const stream = upwardProposalStream(id);
  const command = { type: 'Withdraw' as const };
  return answered(
    context,
    id,
    await mutate(context.service, context.locale, upwardProposal, stream, command, scope),
  );
}

export const upwardProposalMutations = { proposeUpward, recordUpwardAnswer, withdrawUpwardProposal };

export const upwardProposalQueries = {
  async upwardProposal(_: unknown, { id }: { id: string }, context: Ctx) {
    const row = await context.service.projections.documents(upwardProposals).get(id);
    if (row) requireDivision(context, row.division, 'id');
    return row;
  },

  async upwardProposals(
    _: unknown,
    args: { division: string; includeBelow: boolean; status?: string | null } & PageArguments,
    context: Ctx,
  ) {
    const { division, includeBelow, status } = args;
    requireDivision(context, division, 'division');
    const page = await context.service.projections.documents(upwardProposals).find({
      index: 'byDivision',
      ...(includeBelow ? { prefix: significantPart(division) } : { where: { division } }),
      reverse: true,
      ...pageOf(args),
      ...(status && { filter: (row: ProposalRow) => row.status === status }),
    });
    return connection(page, args, ({ doc }) => doc);
  },
};

const organ = (id: string | null) => (id ? { __typename: 'Organ', id } : null);

const UpwardProposalType = {
  title: ({ head }: ProposalRow) => head.title,
  proposer: ({ head }: ProposalRow) => organ(head.proposer.organ),
  proposerName: ({ head }: ProposalRow) => head.proposer.organName,
  addressee: ({ head }: ProposalRow) => organ(head.addressee.organ),
  addresseeName: ({ head }: ProposalRow) => head.addressee.name,
  documentNumber: ({ head }: ProposalRow) => head.documentNumber,
  overdue: ({ due }: ProposalRow, _: unknown, context: Ctx) => due !== null && due < todayOf(context),
  by: ({ made }: ProposalRow) => author(made),
  at: ({ made }: ProposalRow) => made.recordedAt,
  reason: ({ made }: ProposalRow) => made.reason,
  items: ({ head, answers }: ProposalRow) =>
    head.items.map((item) => ({
      ...item,
      list: item.item?.list ?? null,
      code: item.item?.code ?? null,
      answer: answers.find(({ number }) => number === item.number) ?? null,
    })),
};

export const upwardProposalTypes = { UpwardProposal: UpwardProposalType };
