import type { Find } from '@dutyledger/read-store/read-store';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { ListsContext } from '../context.ts';
import { asked, opinion } from '../duty-list/draft-resolvers.ts';
import { recordedOpinions } from '../duty-list/stages.ts';
import { author } from '../history-resolvers.ts';
import { listById } from '../look-ups.ts';
import { significantPart } from '../organs.ts';
import type { ListApplication } from './course.ts';
import { type Effect, effectOf, type ListEffect, type OrganEffect } from './effect.ts';
import type { Proposal, ProposedChange } from './events.ts';
import { factsOf } from './facts.ts';
import { codesOf } from './kinds.ts';
import {
  type AdjustmentRow,
  adjustments,
  type LineRow,
  lines,
  linesOf,
  type StepRow,
  steps,
} from './read-model.ts';

/** Adjustments (L-4), in GraphQL. */

type Ctx = ListsContext;

const organ = (id: string) => ({ __typename: 'Organ', id });

const STAFF: readonly string[] = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'LEGALITY_REVIEWER',
  'COUNTY_APPROVER',
  'AUDITOR',
];

/** Staff of the division, the applicant, and the organs that are asked for their opinion. */
function sees({ caller }: Ctx, { division, applicant, consultation }: AdjustmentRow): boolean {
  if (mayActIn(caller, division) && caller.roles.some((role) => STAFF.includes(role))) return true;
  if (caller.organ === null) return false;
  return applicant === caller.organ || consultation.asked.some((entry) => entry.organ === caller.organ);
}

async function adjustmentById(id: string, context: Ctx): Promise<AdjustmentRow | undefined> {
  const row = await context.loaders.load('adjustments', id, (ids) =>
    context.service.projections.documents(adjustments).getMany(ids),
  );
  if (!row || sees(context, row)) return row;
  throw refusalError({
    code: 'NOT_PERMITTED',
    rule: 'L-4',
    field: 'id',
    message: {
      en: 'An adjustment is shown to the staff of its county, to the applicant, and to the organs that are asked for their opinion.',
      'zh-CN': '调整申请仅供本县（市、区）经办人员、申请单位及被征求意见的单位查看。',
    },
    details: { adjustment: id },
  });
}

interface Asked {
  division: string;
  includeBelow: boolean;
  status?: AdjustmentRow['status'] | null;
  overdue?: boolean | null;
  applicant?: string | null;
  list?: string | null;
}

export const adjustmentQueries = {
  adjustment: (_: unknown, { id }: { id: string }, context: Ctx) => adjustmentById(id, context),

  adjustments: (_: unknown, args: Asked & PageArguments, context: Ctx) => findAdjustments(args, context),
};

async function findAdjustments(args: Asked & PageArguments, context: Ctx) {
  const { division, includeBelow, status, overdue, applicant, list } = args;
  const today = todayOf(context);
  const place: Pick<Find<AdjustmentRow, typeof adjustments.indexes>, 'index' | 'where' | 'prefix'> = applicant
    ? { index: 'byApplicant', where: { applicant } }
    : includeBelow
      ? { index: 'byDivision', prefix: significantPart(division) }
      : { index: 'byDivision', where: { division } };
  const within = includeBelow ? significantPart(division) : division;
  const page = await context.service.projections.documents(adjustments).find({
    ...place,
    reverse: true,
    ...pageOf(args),
    filter: (row) =>
      row.division.startsWith(within) &&
      (!status || row.status === status) &&
      (overdue === undefined || overdue === null || isOverdue(row, today) === overdue) &&
      (!list || row.head.lists.some((one) => one.list === list)) &&
      sees(context, row),
  });
  return connection(page, args, ({ doc }) => doc);
}

const isOverdue = ({ due }: AdjustmentRow, today: string): boolean => due !== null && due < today;

/** Only what is not applied yet can be shown as it would be. */
async function effectFor(row: AdjustmentRow, { service }: Ctx): Promise<Effect | null> {
  if (row.status === 'APPLIED' || row.status === 'REJECTED' || row.status === 'WITHDRAWN') return null;
  const own = await linesOf(service.projections, row.id);
  const { lists, organs } = await factsOf(service.commands, service.organs, own);
  return effectOf(own, lists, organs);
}

const Adjustment = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) => adjustmentById(id, context),
  title: ({ head }: AdjustmentRow) => head.title,
  applicant: ({ head }: AdjustmentRow) => organ(head.applicant.organ),
  applicantName: ({ head }: AdjustmentRow) => head.applicant.organName,
  documentNumber: ({ head }: AdjustmentRow) => head.documentNumber,
  reason: ({ submitted }: AdjustmentRow) => submitted.reason,
  basis: ({ submitted }: AdjustmentRow) => submitted.basis,
  submittedBy: ({ submitted }: AdjustmentRow) => author(submitted),
  submittedAt: ({ submitted }: AdjustmentRow) => submitted.recordedAt,
  lists: ({ head }: AdjustmentRow, _: unknown, context: Ctx) =>
    Promise.all(head.lists.map(({ list }) => listById(context, list))),
  changeCount: ({ head }: AdjustmentRow) => head.changes,
  overdue: (row: AdjustmentRow, _: unknown, context: Ctx) => isOverdue(row, todayOf(context)),
  affected: ({ head }: AdjustmentRow) => head.affected.map((entry) => organ(entry.organ)),
  asked: ({ consultation }: AdjustmentRow) => asked(consultation),
  opinions: ({ consultation }: AdjustmentRow) => recordedOpinions(consultation).map(opinion),
  decision: ({ decision, decided }: AdjustmentRow) =>
    decision && {
      ...decision,
      approved: decision.application !== null,
      atOnce: Boolean(decision.application?.edition),
      effectiveFrom: decision.application?.edition?.effectiveFrom ?? null,
      by: decided && author(decided),
      at: decided?.recordedAt,
    },
  effect: (row: AdjustmentRow, _: unknown, context: Ctx) => effectFor(row, context),

  async changes({ id }: AdjustmentRow, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(lines)
      .find({ index: 'byAdjustment', where: { adjustment: id }, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },

  async history({ id }: AdjustmentRow, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(steps)
      .find({ index: 'byAdjustment', where: { adjustment: id }, reverse: true, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
};

const contentOf = (change: ProposedChange): unknown => {
  switch (change.kind) {
    case 'ADD':
      return change.item;
    case 'RETIRE':
      return null;
    case 'RENUMBER':
      return { to: change.to };
    case 'SPLIT':
    case 'MERGE':
      return { into: change.into };
    default:
      return change.changes;
  }
};

const AdjustmentChange = {
  list: ({ list }: Proposal, _: unknown, context: Ctx) => listById(context, list),
  kind: ({ change }: LineRow) => change.kind,
  codes: ({ change }: LineRow) => (change.kind === 'ADD' ? [change.code] : codesOf(change)),
  content: ({ change }: LineRow) => contentOf(change),
  before: ({ seen }: LineRow) => (seen.length > 0 ? seen : null),
};

const AdjustmentApplication = {
  list: ({ list }: ListApplication, _: unknown, context: Ctx) => listById(context, list),
  edition: (application: ListApplication) => (application.status === 'APPLIED' ? application.edition : null),
  refusal: (application: ListApplication, _: unknown, { locale }: Ctx) =>
    application.status === 'FAILED' ? application.refusal.message[locale] : null,
};

const MOST_SHOWN = 500;

const AdjustmentEffect = {
  problems: ({ problems }: Effect, _: unknown, { locale }: Ctx) =>
    problems.slice(0, MOST_SHOWN).map(({ code, rule, field, message, details }) => ({
      change: details?.['change'],
      code,
      rule,
      field,
      message: message[locale],
    })),
};

const AdjustmentListEffect = {
  list: ({ list }: ListEffect, _: unknown, context: Ctx) => listById(context, list),
  added: ({ items }: ListEffect) => items.filter(({ kind }) => kind === 'ADDED').length,
  removed: ({ items }: ListEffect) => items.filter(({ kind }) => kind === 'REMOVED').length,
  changed: ({ items }: ListEffect) => items.filter(({ kind }) => kind === 'CHANGED').length,
};

const AdjustmentOrganEffect = { organ: ({ organ: id }: OrganEffect) => organ(id) };

const AdjustmentStep = {
  by: ({ by }: StepRow) => author(by),
  at: ({ by }: StepRow) => by.recordedAt,
  reason: ({ by }: StepRow) => by.reason,
  basis: ({ by }: StepRow) => by.basis,
};

/** For the type DutyList. */
export const adjustmentsOfList = {
  adjustments: ({ id, division }: { id: string; division: string }, args: PageArguments, context: Ctx) =>
    findAdjustments(
      { division: `${division.slice(0, 6)}000000`, includeBelow: true, list: id, ...args },
      context,
    ),
};

export const adjustmentTypes = {
  Adjustment,
  AdjustmentChange,
  AdjustmentApplication,
  AdjustmentEffect,
  AdjustmentListEffect,
  AdjustmentOrganEffect,
  AdjustmentStep,
};
