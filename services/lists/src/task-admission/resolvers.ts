import type { Find } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { requireOrgan } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import { itemAsOf } from '../duty-list/queries.ts';
import { author } from '../history-resolvers.ts';
import { significantPart } from '../organs.ts';
import { RecordedStep } from '../step-log.ts';
import { coverageOf } from './coverage.ts';
import { figuresOf, type LedgerArguments, ledgerQuery } from './ledger.ts';
import {
  type AdmissionRow,
  admissionSteps,
  admissions,
  type HandedTaskRow,
  handedTasks,
} from './read-model.ts';
import { isPending } from './state.ts';

/** Queries and types of task admissions and of the ledger (L-6). */

type Ctx = ListsContext;

const organ = (id: string | null) => (id ? { __typename: 'Organ', id } : null);

/** What is only applied for is the business of the county and its towns; other systems see what was decided. */
function sees({ caller }: Ctx, { division, status }: AdmissionRow): boolean {
  const inside = mayActIn(caller, division) || isWithin(caller.division, division);
  const decided = status === 'ADMITTED' || status === 'RUNNING' || status === 'ENDED';
  return inside && (decided || caller.roles.some((role) => role !== 'INTEGRATOR'));
}

interface AdmissionsArguments extends PageArguments {
  division: string;
  includeBelow: boolean;
  status?: AdmissionRow['status'][] | null;
  applicant?: string | null;
  town?: string | null;
  overdue?: boolean | null;
}

async function taskAdmissions(_: unknown, args: AdmissionsArguments, context: Ctx) {
  const { division, includeBelow, status, applicant, town, overdue } = args;
  const place: Pick<Find<AdmissionRow, typeof admissions.indexes>, 'index' | 'where' | 'prefix'> = town
    ? { index: 'byTown', where: { towns: town } }
    : applicant
      ? { index: 'byApplicant', where: { applicant } }
      : includeBelow
        ? { index: 'byDivision', prefix: significantPart(division) }
        : { index: 'byDivision', where: { division } };
  const filter = (row: AdmissionRow): boolean =>
    sees(context, row) &&
    (includeBelow ? isWithin(row.division, division) : row.division === division) &&
    (!status || status.includes(row.status)) &&
    (!applicant || row.applicant === applicant) &&
    (!town || row.towns.includes(town)) &&
    (overdue === null || overdue === undefined || isOverdue(row) === overdue);
  const page = await context.service.projections
    .documents(admissions)
    .find({ ...place, ...pageOf(args), reverse: true, filter });
  return connection(page, args, ({ doc }) => doc);
}

/** The stage that runs has gone over its limit. */
function isOverdue({ state }: AdmissionRow): boolean {
  return (
    isPending(state) && state.overdue.some(({ stage, due }) => stage === state.status && due === state.due)
  );
}

interface MayArguments {
  issuer: string;
  town: string;
  day?: string | null;
  grid: boolean;
  admission?: string | null;
  item?: { list: string; code: string } | null;
  caseClass?: string | null;
}

async function mayHandDown(_: unknown, args: MayArguments, context: Ctx) {
  const { service, locale } = context;
  const receiver = await requireOrgan(context, args.town, 'town');
  const asked = { ...args, receiver, day: args.day ?? todayOf(context) };
  const coverage = await coverageOf(service.projections, service.organs, asked);
  return {
    allowed: coverage.allowed,
    because: coverage.because[locale],
    cover: coverage.allowed ? coverage.cover : null,
    violates: coverage.allowed ? null : coverage.citation,
    day: asked.day,
  };
}

async function handedTasksPage(_: unknown, args: LedgerArguments & PageArguments, context: Ctx) {
  const query = ledgerQuery(args, context.caller);
  const page = await context.service.projections
    .documents(handedTasks)
    .find({ ...query, ...pageOf(args), reverse: true });
  return connection(page, args, ({ doc }) => doc);
}

export const admissionQueries = {
  async taskAdmission(_: unknown, { id }: { id: string }, context: Ctx) {
    const row = await context.service.projections.documents(admissions).get(id);
    return row && sees(context, row) ? row : null;
  },
  taskAdmissions,
  mayHandDown,
  handedTasks: handedTasksPage,
  handedTaskFigures: (_: unknown, args: LedgerArguments, { service, caller }: Ctx) =>
    figuresOf(service.projections, args, caller),
};

const application = ({ state }: AdmissionRow) => state.application;
type Town = AdmissionRow['state']['application']['towns'][number];

/** What each town said. */
function opinions({ state }: AdmissionRow) {
  const { asked, given } = state.consultation;
  return application({ state } as AdmissionRow).towns.map((town) => {
    const opinion = given.find((one) => one.organ === town.organ);
    const request = asked.find((one) => one.organ === town.organ);
    return { town, opinion, request };
  });
}
type TownOpinion = ReturnType<typeof opinions>[number];

const TaskAdmission = {
  applicant: (row: AdmissionRow) => organ(row.applicant),
  applicantName: (row: AdmissionRow) => application(row).applicant.organName,
  task: (row: AdmissionRow) => application(row).task,
  towns: opinions,
  legalityReview: (row: AdmissionRow) => application(row).legalityReview,
  due: ({ state }: AdmissionRow) => (isPending(state) ? state.due : null),
  overdue: isOverdue,
  review: ({ state }: AdmissionRow) =>
    state.review && {
      passed: state.review.outcome === 'PASSED',
      organName: state.review.organName,
      opinion: state.review.opinion,
    },
  decision: ({ state }: AdmissionRow) => ('decision' in state ? state.decision : null),
  endedEarly: ({ state }: AdmissionRow) => (state.status === 'ENDED' ? state.early : null),
  appliedBy: ({ applied }: AdmissionRow) => author(applied),
  appliedAt: ({ applied }: AdmissionRow) => applied.recordedAt,
  reason: ({ applied }: AdmissionRow) => applied.reason,
  basis: ({ applied }: AdmissionRow) => applied.basis,
  async steps(row: AdmissionRow, args: PageArguments, { service }: Ctx) {
    const page = await service.projections
      .documents(admissionSteps)
      .find({ index: 'bySubject', where: { subject: row.id }, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
};

const AdmissionTown = {
  town: ({ town }: TownOpinion) => organ((town as Town).organ),
  townName: ({ town }: TownOpinion) => town.organName,
  due: ({ request }: TownOpinion) => request?.due,
  agrees: ({ opinion }: TownOpinion) => opinion && opinion.position === 'AGREE',
  text: ({ opinion }: TownOpinion) => opinion?.text,
  documentNumber: ({ opinion }: TownOpinion) => opinion?.documentNumber,
  lapsed: ({ request, opinion }: TownOpinion) => !opinion && request?.lapsed === true,
};

const HandedTask = {
  town: ({ receiver }: HandedTaskRow) => organ(receiver.organ),
  townName: ({ receiver }: HandedTaskRow) => receiver.organName,
  issuer: ({ issuer }: HandedTaskRow) => organ(issuer.organ),
  issuerName: ({ issuer }: HandedTaskRow) => issuer.organName,
  listed: ({ cover }: HandedTaskRow) => cover !== null,
  violates: ({ citation }: HandedTaskRow) => citation,
  recordedBy: ({ recorded }: HandedTaskRow) => author(recorded),
  recordedAt: ({ recorded }: HandedTaskRow) => recorded.recordedAt,
  reason: ({ recorded }: HandedTaskRow) => recorded.reason,
  basis: ({ recorded }: HandedTaskRow) => recorded.basis,
};

const TaskCover = {
  admission: (cover: { admission?: string }, _: unknown, { service }: Ctx) =>
    cover.admission ? service.projections.documents(admissions).get(cover.admission) : null,
  item: (cover: { list?: string; code?: string }, _: unknown, context: Ctx) =>
    cover.list && cover.code
      ? itemAsOf(context.service.projections, cover.list, cover.code, { effectiveAt: todayOf(context) })
      : null,
};

const CountByOrgan = { organ: ({ id }: { id: string | null }) => organ(id) };

export const admissionTypes = {
  TaskAdmission,
  AdmissionTown,
  HandedTask,
  TaskCover,
  CountByOrgan,
  RecordedStep,
};
