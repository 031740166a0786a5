import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOf, type AsOfInput, asOf, asOfKey } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import type { ListsContext } from '../context.ts';
import type { OrganDuty } from '../duty-list/item.ts';
import type { ItemAsOf } from '../duty-list/queries.ts';
import { actingOrgans } from '../duty-list/responsible.ts';
import { itemId, items } from '../duty-list/rows.ts';
import { author } from '../history-resolvers.ts';
import { significantPart } from '../organs.ts';
import { drawProcedure } from '../procedure/picture.ts';
import { languageOf, type PictureArguments, planned } from '../procedure/resolvers.ts';
import type { CountyDecision } from './integrated-matter.ts';
import { itemKey, type MatterContent } from './matter.ts';
import { matterAsOf, type Triggered, type TriggerQuestion, triggeredMatters } from './queries.ts';
import { matterChanges } from './read-model.ts';
import {
  type MatterAsOf,
  type MatterHistoryRow,
  type MatterInForce,
  type MatterRow,
  type MatterVersionRow,
  matterHistory,
  matterRows,
  mattersInForce,
  matterVersions,
} from './rows.ts';

/** Queries and fields of integrated matters (L-8), and what they add to items, organs and answers (L-9). */

type Ctx = ListsContext;
type WithAsOf = { asOf?: AsOfInput | null };

type MatterFind = Parameters<ReturnType<Ctx['service']['projections']['temporal']>['find']>[0];

const organ = (id: string) => ({ __typename: 'Organ', id });
const duty = ({ organ: id, name, level, duty: what }: OrganDuty) => ({
  organ: organ(id),
  name,
  level,
  duty: what,
});

/** What a content says, for matters in force and drafts alike. */
const said = {
  name: ({ name }: MatterContent) => name,
  lead: ({ lead }: MatterContent) => duty(lead),
  participants: ({ participants }: MatterContent) => participants.map(duty),
  basis: ({ basis }: MatterContent) => basis,
  caseClasses: ({ caseClasses }: MatterContent) => caseClasses,
  keywords: ({ keywords }: MatterContent) => keywords,
  plan: ({ steps, promised }: MatterContent) => planned(steps, promised),
  promised: ({ promised }: MatterContent) => promised,
  remarks: ({ remarks }: MatterContent) => remarks,
};

/** The same fields, where the content is reached by `of`. */
const saidBy = <S>(of: (source: S) => MatterContent) =>
  Object.fromEntries(Object.entries(said).map(([field, read]) => [field, (source: S) => read(of(source))]));

async function matterPage(
  { service, now }: Ctx,
  args: PageArguments & WithAsOf,
  query: Pick<MatterFind, 'index' | 'where' | 'prefix'>,
  filter?: (row: MatterInForce) => boolean,
) {
  const at = asOf(args.asOf, now);
  const page = await service.projections
    .temporal(mattersInForce)
    .find({ ...(query as { index: 'byDivision' }), ...pageOf(args), asOf: at, ...(filter && { filter }) });
  return connection(page, args, ({ version }): MatterAsOf => ({ version, asOf: at }));
}

export const matterQueries = {
  integratedMatter: (_: unknown, args: { id: string } & WithAsOf, { service, now }: Ctx) =>
    matterAsOf(service.projections, args.id, asOf(args.asOf, now)),

  integratedMatters(
    _: unknown,
    args: { division: string; includeBelow: boolean; lead?: string | null } & PageArguments & WithAsOf,
    context: Ctx,
  ) {
    const { division, includeBelow, lead } = args;
    const place = includeBelow ? { prefix: significantPart(division) } : { where: { division } };
    const filter = lead ? ({ content }: MatterInForce) => content.lead.organ === lead : undefined;
    return matterPage(context, args, { index: 'byDivision', ...place }, filter);
  },

  async integratedMatterDifference(
    _: unknown,
    args: { matter: string; from: AsOfInput; to: AsOfInput },
    { service, now }: Ctx,
  ) {
    const [before, after] = await Promise.all(
      [args.from, args.to].map((side) => matterAsOf(service.projections, args.matter, asOf(side, now))),
    );
    const changes = matterChanges(before?.version.doc.content ?? null, after?.version.doc.content ?? null);
    return { before, after, changes };
  },

  async integratedMatterDraft(_: unknown, { matter }: { matter: string }, context: Ctx) {
    const row = await context.service.projections.documents(matterRows).get(matter);
    if (!row?.draft) return null;
    requireDivision(context, row.division, 'matter');
    return row;
  },

  async integratedMatterDrafts(_: unknown, args: { division: string } & PageArguments, context: Ctx) {
    requireDivision(context, args.division, 'division');
    const page = await context.service.projections.documents(matterRows).find({
      index: 'byDivision',
      where: { division: args.division },
      filter: ({ draft }) => draft !== null,
      ...pageOf(args),
    });
    return connection(page, args, ({ doc }) => doc);
  },
};

const IntegratedMatter = {
  __resolveReference({ id }: { id: string }, { service, now, loaders }: Ctx) {
    const at = asOf(null, now);
    return loaders.load(`matters@${asOfKey(at)}`, id, async (ids) => {
      const found = await service.projections.temporal(mattersInForce).getMany(ids, at);
      return new Map([...found].map(([key, version]) => [key, { version, asOf: at }]));
    });
  },
  ...saidBy(({ version }: MatterAsOf) => version.doc.content),
  id: ({ version }: MatterAsOf) => version.id,
  division: ({ version }: MatterAsOf) => version.doc.division,
  version: ({ version }: MatterAsOf) => version.doc.number,
  documentNumber: ({ version }: MatterAsOf) => version.doc.documentNumber,
  async items({ version, asOf: at }: MatterAsOf, _: unknown, { service }: Ctx): Promise<ItemAsOf[]> {
    const ids = version.doc.content.items.map(({ list, code }) => itemId(list, code));
    const found = await service.projections.temporal(items).getMany(ids, at);
    return ids.flatMap((id) => {
      const item = found.get(id);
      return item ? [{ version: item, asOf: at }] : [];
    });
  },
  picture({ version }: MatterAsOf, args: PictureArguments, context: Ctx) {
    const { content, number, documentNumber } = version.doc;
    const language = languageOf(args, context);
    const subtitle =
      language === 'en'
        ? `Integrated matter, version ${number} (${documentNumber}), in force from ${version.effectiveFrom}`
        : `“一件事”第 ${number} 版（${documentNumber}，自 ${version.effectiveFrom} 起施行），牵头单位：${content.lead.name}`;
    const { name: title, steps, promised } = content;
    return drawProcedure({ title, subtitle, steps, promised }, args.form, language);
  },
  recordedFrom: ({ version }: MatterAsOf) => version.recordedFrom,
  recordedTo: ({ version }: MatterAsOf) => version.recordedTo,
  effectiveFrom: ({ version }: MatterAsOf) => version.effectiveFrom,
  effectiveTo: ({ version }: MatterAsOf) => version.effectiveTo,
  async versions({ version }: MatterAsOf, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(matterVersions)
      .find({ index: 'byMatter', where: { matter: version.id }, reverse: true, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
  async history({ version }: MatterAsOf, args: PageArguments, context: Ctx) {
    requireDivision(context, version.doc.division);
    const page = await context.service.projections
      .documents(matterHistory)
      .find({ index: 'byMatter', where: { matter: version.id }, reverse: true, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
};

const decided = ({ outcome, body, documentNumber, opinion }: CountyDecision) => ({
  approved: outcome === 'APPROVED',
  body,
  documentNumber,
  opinion,
});

const IntegratedMatterVersion = {
  decision: ({ decision }: MatterVersionRow) => decided(decision),
  publishedAt: ({ published }: MatterVersionRow) => published.recordedAt,
  publishedBy: ({ published }: MatterVersionRow) => author(published),
  reason: ({ published }: MatterVersionRow) => published.reason,
  basis: ({ published }: MatterVersionRow) => published.basis,
};

const IntegratedMatterDraft = {
  ...saidBy(({ draft }: MatterRow) => draft as MatterContent),
  matter: ({ id }: MatterRow) => id,
  number: ({ draftNumber }: MatterRow) => draftNumber,
  items: ({ draft }: MatterRow) => draft?.items,
  changes: ({ published, draft }: MatterRow) => matterChanges(published, draft),
  decision: ({ decision }: MatterRow) => decision && decided(decision),
  by: ({ touched }: MatterRow) => author(touched),
  at: ({ touched }: MatterRow) => touched.recordedAt,
  reason: ({ touched }: MatterRow) => touched.reason,
};

const IntegratedMatterHistoryEntry = {
  author: ({ provenance }: MatterHistoryRow) => author(provenance),
  reason: ({ provenance }: MatterHistoryRow) => provenance.reason,
  basis: ({ provenance }: MatterHistoryRow) => provenance.basis,
  recordedAt: ({ provenance }: MatterHistoryRow) => provenance.recordedAt,
  correlationId: ({ provenance }: MatterHistoryRow) => provenance.correlationId,
};

/** A matter that answers a question, and where the question was asked. */
interface AnsweredMatter extends Triggered {
  division: string;
}

const MatterResponsibility = {
  matter: (answered: AnsweredMatter) => answered,
  lead: async ({ version, division }: AnsweredMatter, _: unknown, { service }: Ctx) =>
    (await actingOrgans(service.organs, [version.doc.content.lead], division))[0],
  participants: ({ version, division }: AnsweredMatter, _: unknown, { service }: Ctx) =>
    actingOrgans(service.organs, version.doc.content.participants, division),
  async steps({ version, division }: AnsweredMatter, _: unknown, { service }: Ctx) {
    const { steps, promised, lead, participants } = version.doc.content;
    const acting = await actingOrgans(service.organs, [lead, ...participants], division);
    const byOrgan = new Map([lead, ...participants].map(({ organ: id }, i) => [id, acting[i]]));
    return planned(steps, promised)?.steps.map((one) => ({
      planned: one,
      responsible: byOrgan.get(one.step.organ?.id ?? ''),
    }));
  },
  because({ version }: AnsweredMatter, _: unknown, { locale }: Ctx) {
    const { name, number, documentNumber, content } = version.doc;
    const [ground] = content.basis;
    const basis = `${ground?.title ?? ''}${ground?.article ?? ''}`;
    return locale === 'en'
      ? `Integrated matter “${name}”, version ${number} (${documentNumber}), in force from ${version.effectiveFrom}, led by ${content.lead.name}; basis: ${basis}.`
      : `“一件事”《${name}》第 ${number} 版（${documentNumber}，自 ${version.effectiveFrom} 起施行），由${content.lead.name}牵头，依据：${basis}。`;
  },
};

export const matterTypes = {
  IntegratedMatter,
  IntegratedMatterVersion,
  IntegratedMatterDraft,
  IntegratedMatterHistoryEntry,
  MatterResponsibility,
  ResponsibilityAnswer: {
    async integratedMatters(
      { question }: { question: TriggerQuestion },
      _: unknown,
      { service }: Ctx,
    ): Promise<AnsweredMatter[]> {
      const found = await triggeredMatters(service.projections, question);
      return found.map((matter) => ({ ...matter, division: question.division }));
    },
  },
};

const MOST_OF_ITEM = 50;

/** Fields of DutyItem. */
export const itemMatters = {
  async integratedMatters(
    { version, asOf: at }: ItemAsOf,
    _: unknown,
    { service }: Ctx,
  ): Promise<MatterAsOf[]> {
    const { list, code } = version.doc;
    const page = await service.projections.temporal(mattersInForce).find({
      index: 'byItem',
      where: { items: itemKey({ list, code }) },
      asOf: at,
      limit: MOST_OF_ITEM,
    });
    return page.rows.map((row) => ({ version: row.version, asOf: at as AsOf }));
  },
};

/** Fields of Organ. */
export const organMatters = {
  integratedMatters: ({ id }: { id: string }, args: PageArguments & WithAsOf, context: Ctx) =>
    matterPage(context, args, { index: 'byOrgan', where: { organs: id } }),
};
