import type { Find } from '@dutyledger/read-store/read-store';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOf, type AsOfInput, asOf, asOfKey } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { adjustmentsOfList } from './adjustment/resolvers.ts';
import type { ListsContext } from './context.ts';
import { Draft, opinion, review } from './duty-list/draft-resolvers.ts';
import { figuresOf } from './duty-list/figures.ts';
import type { HandlingClass, OrganDuty } from './duty-list/item.ts';
import { editionAsOf, forebearsOf, type ItemAsOf, knownAt } from './duty-list/queries.ts';
import { actingOrgans, type Match, type ResponsibleOrgan } from './duty-list/responsible.ts';
import {
  type EditionRow,
  editionId,
  editions,
  type HistoryRow,
  history,
  type ItemRow,
  items,
  type ListRow,
  lineage,
} from './duty-list/rows.ts';
import { author, HistoryEntry } from './history-resolvers.ts';
import { itemMatters, organMatters } from './integrated-matter/resolvers.ts';
import { listById, requireDraftReader, seesDrafts } from './look-ups.ts';
import { itemProcedure, TimeSpan } from './procedure/resolvers.ts';

/** Fields of the types of the lists subgraph. */

type Ctx = ListsContext;
export type WithAsOf = { asOf?: AsOfInput | null };

const organ = (id: string | null | undefined) => (id ? { __typename: 'Organ', id } : null);

/** An edition with the clock that bounds what may be told of it. */
interface EditionAsOf {
  row: EditionRow;
  recordedAt: string | undefined;
}

const editionOrNull = (row: EditionRow | undefined, recordedAt: string | undefined): EditionAsOf | null =>
  row ? { row, recordedAt } : null;

export async function itemPage(
  context: Ctx,
  args: PageArguments & WithAsOf,
  query: Find<ItemRow, typeof items.indexes>,
) {
  const at = asOf(args.asOf, context.now);
  const page = await context.service.projections
    .temporal(items)
    .find({ ...query, ...pageOf(args), asOf: at });
  return connection(page, args, ({ version }): ItemAsOf => ({ version, asOf: at }));
}

async function historyPage(
  context: Ctx,
  args: PageArguments,
  query: Pick<Find<HistoryRow, typeof history.indexes>, 'index' | 'where' | 'filter'>,
) {
  const page = await context.service.projections
    .documents(history)
    .find({ ...query, ...pageOf(args), reverse: true });
  return connection(page, args, ({ doc }) => doc);
}

const DutyList = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) => listById(context, id),
  maintainer: (list: ListRow) => organ(list.maintainer.organ),
  maintainerName: (list: ListRow) => list.maintainer.name,

  async edition(list: ListRow, args: WithAsOf, { service, now }: Ctx) {
    const at = asOf(args.asOf, now);
    return editionOrNull(await editionAsOf(service.projections, list.id, at), at.recordedAt);
  },

  async editions(list: ListRow, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(editions)
      .find({ index: 'byList', where: { list: list.id }, reverse: true, ...pageOf(args) });
    return connection(page, args, ({ doc }): EditionAsOf => ({ row: doc, recordedAt: undefined }));
  },

  items: (
    list: ListRow,
    args: { domain?: string | null; handlingClass?: HandlingClass | null } & PageArguments & WithAsOf,
    context: Ctx,
  ) =>
    itemPage(context, args, {
      index: 'byList',
      where: { list: list.id },
      filter: ({ content }) =>
        (!args.domain || content.domain === args.domain) &&
        (!args.handlingClass || content.handlingClass === args.handlingClass),
    }),

  figures: (list: ListRow, args: WithAsOf, { service, now }: Ctx) =>
    figuresOf(service.projections, list.id, asOf(args.asOf, now)),

  draft(list: ListRow, _: unknown, context: Ctx) {
    requireDraftReader(context, list);
    return list;
  },

  ...adjustmentsOfList,

  history(list: ListRow, args: PageArguments, context: Ctx) {
    requireDivision(context, list.division);
    return historyPage(context, args, { index: 'byList', where: { list: list.id } });
  },
};

const Edition = {
  number: ({ row }: EditionAsOf) => row.number,
  effectiveFrom: ({ row }: EditionAsOf) => row.effectiveFrom,
  async effectiveTo({ row, recordedAt }: EditionAsOf, _: unknown, { service }: Ctx) {
    const next = await service.projections.documents(editions).get(editionId(row.list, row.number + 1));
    if (!next || (recordedAt !== undefined && next.published.recordedAt > recordedAt)) return null;
    return next.effectiveFrom;
  },
  documentNumber: ({ row }: EditionAsOf) => row.documentNumber,
  publishedAt: ({ row }: EditionAsOf) => row.published.recordedAt,
  publishedBy: ({ row }: EditionAsOf) => author(row.published),
  reason: ({ row }: EditionAsOf) => row.published.reason,
  basis: ({ row }: EditionAsOf) => row.published.basis,
  itemCount: ({ row }: EditionAsOf) => row.itemCount,
  added: ({ row }: EditionAsOf) => row.added,
  revised: ({ row }: EditionAsOf) => row.revised,
  retired: ({ row }: EditionAsOf) => row.retired,
  slimmedBy: ({ row }: EditionAsOf) => (row.formerCount === null ? null : row.formerCount - row.itemCount),
  digest: ({ row }: EditionAsOf) => row.digest,
  review: ({ row }: EditionAsOf) => review(row.review),
  opinions: ({ row }: EditionAsOf) => row.opinions.map(opinion),
  approval: ({ row }: EditionAsOf) => row.approval,
  adjustmentId: ({ row }: EditionAsOf) => row.adjustment,
  corrections: ({ row, recordedAt }: EditionAsOf) =>
    knownAt(row, recordedAt).corrections.map(({ made, ...correction }) => ({
      ...correction,
      author: author(made),
      reason: made.reason,
      basis: made.basis,
      recordedAt: made.recordedAt,
    })),
};

const content = (item: ItemAsOf) => item.version.doc.content;
const duty = ({ organ: id, name, level, duty: what }: OrganDuty) => ({
  organ: organ(id),
  name,
  level,
  duty: what,
});

const DutyItem = {
  __resolveReference({ id }: { id: string }, context: Ctx) {
    const at = asOf(null, context.now);
    return context.loaders.load(`items@${asOfKey(at)}`, id, async (ids) => {
      const found = await context.service.projections.temporal(items).getMany(ids, at);
      return new Map([...found].map(([key, version]) => [key, { version, asOf: at }]));
    });
  },
  id: ({ version }: ItemAsOf) => version.id,
  list: ({ version }: ItemAsOf, _: unknown, context: Ctx) => listById(context, version.doc.list),
  code: ({ version }: ItemAsOf) => version.doc.code,
  name: (item: ItemAsOf) => content(item).name,
  domain: (item: ItemAsOf) => content(item).domain,
  category: (item: ItemAsOf) => content(item).category,
  handlingClass: (item: ItemAsOf) => content(item).handlingClass,
  jointlyLed: (item: ItemAsOf) => content(item).jointlyLed,
  leads: (item: ItemAsOf) => content(item).leads.map(duty),
  cooperators: (item: ItemAsOf) => content(item).cooperators.map(duty),
  basis: (item: ItemAsOf) => content(item).basis,
  townRole: (item: ItemAsOf) => content(item).townRole?.role,
  townRoleNote: (item: ItemAsOf) => content(item).townRole?.note,
  townBody: (item: ItemAsOf) => organ(content(item).townBody?.organ),
  townBodyName: (item: ItemAsOf) => content(item).townBody?.name,
  fiscalShares: (item: ItemAsOf) =>
    content(item).fiscalShares.map(({ organ: id, name, share }) => ({
      organ: organ(id),
      name,
      percent: share / 100,
    })),
  procedure: (item: ItemAsOf) =>
    (content(item).procedure ?? []).map((step) => ({ ...step, organ: organ(step.organ) })),
  promised: (item: ItemAsOf) => content(item).promised,
  situations: (item: ItemAsOf) => content(item).situations,
  caseClasses: (item: ItemAsOf) => content(item).caseClasses,
  keywords: (item: ItemAsOf) => content(item).keywords,
  remarks: (item: ItemAsOf) => content(item).remarks,
  extras: (item: ItemAsOf) => content(item).extras,
  predecessors: async ({ version }: ItemAsOf, _: unknown, { service }: Ctx) =>
    (await service.projections.documents(lineage).get(version.id))?.predecessors ?? [],
  successors: async ({ version }: ItemAsOf, _: unknown, { service }: Ctx) =>
    (await service.projections.documents(lineage).get(version.id))?.successors ?? [],
  edition: ({ version }: ItemAsOf) => version.doc.edition,
  correction: ({ version }: ItemAsOf) => version.doc.correction,
  recordedFrom: ({ version }: ItemAsOf) => version.recordedFrom,
  recordedTo: ({ version }: ItemAsOf) => version.recordedTo,
  effectiveFrom: ({ version }: ItemAsOf) => version.effectiveFrom,
  effectiveTo: ({ version }: ItemAsOf) => version.effectiveTo,
  ...itemProcedure,
  ...itemMatters,
  /** What is only staged is the business of those who may see the draft. */
  async history({ version }: ItemAsOf, args: PageArguments, context: Ctx) {
    const list = await listById(context, version.doc.list);
    const published = ({ edition }: HistoryRow) => edition !== null && edition <= (list?.edition ?? 0);
    const forebears = await forebearsOf(context.service.projections, version.id);
    return historyPage(context, args, {
      index: 'byItem',
      where: { item: [version.id, ...forebears] },
      ...(seesDrafts(context, version.doc.division) ? {} : { filter: published }),
    });
  },
};

export interface AnsweredMatch extends Match {
  division: string;
  at: AsOf;
}

const Responsibility = {
  edition: ({ edition, at }: AnsweredMatch) => ({ row: edition, recordedAt: at.recordedAt }),
  lead: ({ item, division }: AnsweredMatch, _: unknown, { service }: Ctx) =>
    actingOrgans(service.organs, content(item).leads, division),
  cooperators: ({ item, division }: AnsweredMatch, _: unknown, { service }: Ctx) =>
    actingOrgans(service.organs, content(item).cooperators, division),
  because({ list, edition, item }: AnsweredMatch, _: unknown, { locale }: Ctx) {
    const { code, correction } = item.version.doc;
    const [ground] = content(item).basis;
    const basis = ground ? `${ground.title}${ground.article ?? ''}` : '';
    return locale === 'en'
      ? `Item ${code} of “${list.title}”, edition ${edition.number} (${edition.documentNumber}), in force from ${edition.effectiveFrom}${correction ? `, as corrected (${correction})` : ''}${basis && `; basis: ${basis}`}.`
      : `《${list.title}》第 ${edition.number} 版（${edition.documentNumber}，自 ${edition.effectiveFrom} 起施行）事项 ${code}${correction ? `（经第 ${correction} 次勘误）` : ''}${basis && `，依据：${basis}`}。`;
  },
};

const Responsible = { organ: ({ organ: id }: ResponsibleOrgan) => organ(id) };

const Organ = {
  __resolveReference: ({ id }: { id: string }) => ({ id }),
  dutiesLed: ({ id }: { id: string }, args: PageArguments & WithAsOf, context: Ctx) =>
    itemPage(context, args, { index: 'byLead', where: { leadOrgans: id } }),
  dutiesSupported: ({ id }: { id: string }, args: PageArguments & WithAsOf, context: Ctx) =>
    itemPage(context, args, { index: 'byCooperator', where: { coopOrgans: id } }),
  ...organMatters,
};

export const types = {
  TimeSpan,
  DutyList,
  Edition,
  DutyItem,
  HistoryEntry,
  Draft,
  Responsibility,
  Responsible,
  Organ,
};
