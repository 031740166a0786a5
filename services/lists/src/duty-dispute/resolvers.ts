import type { Find } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { adjustments } from '../adjustment/read-model.ts';
import type { OrganName } from '../consultation.ts';
import type { ListsContext } from '../context.ts';
import { itemAsOf } from '../duty-list/queries.ts';
import { author } from '../history-resolvers.ts';
import { significantPart } from '../organs.ts';
import { type DisputeRow, disputeSteps, disputes, type GapRow, gaps } from './read-model.ts';
import { isOpen, isPaused, isSettled, type Matter, type Position } from './state.ts';

/** Queries and types of disputes and gaps (L-7). */

type Ctx = ListsContext;

const organ = (id: string) => ({ __typename: 'Organ', id });

/** The county's own people, and those of its towns and villages. */
const inside = ({ caller }: Ctx, division: string): boolean =>
  mayActIn(caller, division) || isWithin(caller.division, division);

interface DisputesArguments extends PageArguments {
  division: string;
  includeBelow: boolean;
  status?: DisputeRow['status'][] | null;
  party?: string | null;
  caseReference?: string | null;
  overdue?: boolean | null;
}

async function dutyDisputes(_: unknown, args: DisputesArguments, context: Ctx) {
  const { division, includeBelow, status, party, caseReference, overdue } = args;
  const place: Pick<Find<DisputeRow, typeof disputes.indexes>, 'index' | 'where' | 'prefix'> = caseReference
    ? { index: 'byCase', where: { caseReference } }
    : party
      ? { index: 'byParty', where: { parties: party } }
      : { index: 'byDivision', prefix: significantPart(division) };
  const filter = (row: DisputeRow): boolean =>
    inside(context, row.division) &&
    (includeBelow ? isWithin(row.division, division) : row.division === division) &&
    (!status || status.includes(row.status)) &&
    (!party || row.parties.includes(party)) &&
    (!caseReference || row.caseReference === caseReference) &&
    (overdue === null || overdue === undefined || isOverdue(row) === overdue);
  const page = await context.service.projections
    .documents(disputes)
    .find({ ...place, ...pageOf(args), reverse: true, filter });
  return connection(page, args, ({ doc }) => doc);
}

/** The stage that runs has gone over its limit. */
function isOverdue({ state }: DisputeRow): boolean {
  return isOpen(state) && state.overdue.some(({ stage, due }) => stage === state.status && due === state.due);
}

async function dutyGaps(
  _: unknown,
  args: { division: string; open?: boolean | null } & PageArguments,
  context: Ctx,
) {
  const { division, open } = args;
  const filter = (row: GapRow): boolean =>
    inside(context, row.division) && (open === null || open === undefined || row.open === open);
  const page = await context.service.projections
    .documents(gaps)
    .find({ index: 'byDivision', prefix: significantPart(division), ...pageOf(args), reverse: true, filter });
  return connection(page, args, ({ doc }) => doc);
}

export const disputeQueries = {
  async dutyDispute(_: unknown, { id }: { id: string }, context: Ctx) {
    const row = await context.service.projections.documents(disputes).get(id);
    return row && inside(context, row.division) ? row : null;
  },
  dutyDisputes,
  dutyGaps,
};

const DutyDispute = {
  matter: ({ state }: DisputeRow) => state.dispute.matter,
  firstReceiver: ({ state }: DisputeRow) => state.dispute.firstReceiver,
  returnedBy: ({ state }: DisputeRow) => state.dispute.returnedBy,
  ground: ({ state }: DisputeRow) => state.dispute.ground,
  parties: ({ state }: DisputeRow) => state.dispute.parties,
  handler: ({ state }: DisputeRow) => state.handler,
  due: ({ state }: DisputeRow) => (isOpen(state) ? state.due : null),
  paused: ({ state }: DisputeRow) => isOpen(state) && isPaused(state),
  overdue: isOverdue,
  positions: ({ state }: DisputeRow) => state.positions,
  opinion: ({ state }: DisputeRow) => state.opinion,
  ruling: ({ state }: DisputeRow) => (state.status === 'RULED' ? state.ruling : null),
  adjustment: ({ state }: DisputeRow, _: unknown, { service }: Ctx) => {
    const id = isSettled(state) ? state.followUp?.adjustment : null;
    return id ? service.projections.documents(adjustments).get(id) : null;
  },
  adjustmentRefusal: ({ state }: DisputeRow, _: unknown, { locale }: Ctx) =>
    isSettled(state) ? state.followUp?.refusal?.message[locale] : null,
  openedBy: ({ opened }: DisputeRow) => author(opened),
  openedAt: ({ opened }: DisputeRow) => opened.recordedAt,
  reason: ({ opened }: DisputeRow) => opened.reason,
  basis: ({ opened }: DisputeRow) => opened.basis,
  async steps(row: DisputeRow, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(disputeSteps)
      .find({ index: 'bySubject', where: { subject: row.id }, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
};

const DisputedMatter = {
  itemCode: ({ item }: Matter) => item?.code,
  itemName: ({ item }: Matter) => item?.name,
  edition: ({ item }: Matter) => item?.edition,
  item: ({ item }: Matter, _: unknown, context: Ctx) =>
    item && itemAsOf(context.service.projections, item.list, item.code, { effectiveAt: todayOf(context) }),
};

const NamedOrgan = {
  organ: ({ organ: id }: OrganName) => organ(id),
  name: ({ organName }: OrganName) => organName,
};

const DisputePosition = {
  organ: ({ organ: id }: Position) => organ(id),
  name: ({ organName }: Position) => organName,
};

const DutyGap = {
  place: ({ last }: GapRow) => last.place,
  description: ({ last }: GapRow) => last.description,
  caseReference: ({ last }: GapRow) => last.caseReference,
  closedBy: ({ closedBy }: GapRow, _: unknown, context: Ctx) =>
    closedBy &&
    itemAsOf(context.service.projections, closedBy.list, closedBy.code, { effectiveAt: todayOf(context) }),
  firstReportedBy: ({ first }: GapRow) => author(first),
  firstReportedAt: ({ first }: GapRow) => first.recordedAt,
};

export const disputeTypes = { DutyDispute, DisputedMatter, NamedOrgan, DisputePosition, DutyGap };
