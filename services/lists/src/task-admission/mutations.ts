import type { Refusal } from '@dutyledger/event-store/decider';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { broken } from '@dutyledger/event-store/rule-texts';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn, requireDivision } from '@dutyledger/subgraph-kit/access';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { type Acting, requireOrgan, speakFor } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import { actingContext } from '../list-command.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import { countyOf } from './coverage.ts';
import { type AdmissionRow, admissions } from './read-model.ts';
import { absent } from './refusals.ts';
import { type Application, type Task, type Town, taskAdmissionStream } from './state.ts';
import { type TaskAdmissionCommand, type Timing, taskAdmission } from './task-admission.ts';

/** Mutations of task admissions (L-6). */

type Ctx = ListsContext;
type Input<T> = { input: T & { change: ChangeInput } };
/** A command without what every command carries. */
type Step = TaskAdmissionCommand extends infer C
  ? C extends { timing: Timing }
    ? Omit<C, 'timing'>
    : never
  : never;

async function carryOut(context: Ctx, id: string, division: string, step: Step, around: CommandContext) {
  const { service, locale } = context;
  const today = todayOf(context);
  const limits = await stageLimitsOn(service.projections, division, today);
  const command = { ...step, timing: { today, limits } } as TaskAdmissionCommand;
  const done = await mutate(service, locale, taskAdmission, taskAdmissionStream(id), command, around);
  const admission = await service.projections.documents(admissions).get(id);
  if (!admission) throw refusalError(notShownYet);
  return { admission, repeated: done.repeated, pending: done.pending };
}

/** A step of an application that is there. */
function onAdmission(
  context: Ctx,
  operation: string,
  input: { id: string; change: ChangeInput },
  { division }: AdmissionRow,
  step: Step,
  acting?: Acting,
) {
  const scope = { division, content: input };
  const around = actingContext(context, operation, input.change, scope, acting);
  return carryOut(context, input.id, division, step, around);
}

async function requireAdmission({ service }: Ctx, id: string): Promise<AdmissionRow> {
  const row = await service.projections.documents(admissions).get(id);
  if (row) return row;
  throw refusalError(absent);
}

/** Of county staff: within the caller's division. */
async function ownAdmission(context: Ctx, id: string): Promise<AdmissionRow> {
  const row = await requireAdmission(context, id);
  requireDivision(context, row.division, 'id');
  return row;
}

interface ApplyInput {
  division: string;
  applicant: string;
  documentNumber?: string | null;
  task: Task;
  towns: string[];
  silenceIsConsent: boolean;
  legalityReview: boolean;
}

const trimmed = (task: Task): Task =>
  Object.fromEntries(
    Object.entries(task).map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value]),
  ) as unknown as Task;

async function applyForTask(_: unknown, { input }: Input<ApplyInput>, context: Ctx) {
  const { documentNumber, silenceIsConsent, legalityReview, change } = input;
  const division = countyOf(input.division);
  const organ = await requireOrgan(context, input.applicant, 'applicant');
  const what = { en: 'The application', 'zh-CN': '准入申请' };
  const own = ['DEPARTMENT_OFFICER'] as const;
  const acting = speakFor(context, { organ, own, documentNumber, division, what });
  if (!isWithin(division, organ.division)) throw refusalError(elsewhere(organ.name));
  const towns = await Promise.all(input.towns.map((id, i) => townOf(context, id, division, `towns[${i}]`)));
  const around = actingContext(context, 'applyForTask', change, { division, content: input }, acting);
  const application: Application = {
    id: newId('admission', division, around.commandId),
    division,
    applicant: { organ: organ.id, organName: organ.name },
    task: trimmed(input.task),
    towns,
    legalityReview,
  };
  const step = { type: 'ApplyForTask' as const, application, silenceIsConsent };
  return carryOut(context, application.id, division, step, around);
}

/** The id follows from the command, so that a retry applies for the same thing. */
export const newId = (kind: string, division: string, commandId: string): string =>
  `${kind}:${division.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 12)}`;

async function townOf(context: Ctx, id: string, county: string, field: string): Promise<Town> {
  const organ = await requireOrgan(context, id, field);
  if (organ.kind === 'TOWN_GOVERNMENT' && isWithin(organ.division, county)) {
    return { organ: organ.id, organName: organ.name, division: organ.division };
  }
  throw refusalError(
    broken('L-6', field, {
      en: `${organ.name} is no town or street of the division ${county}.`,
      'zh-CN': `“${organ.name}”不是区划 ${county} 内的乡镇（街道）。`,
    }),
  );
}

interface OpinionInput {
  id: string;
  organ: string;
  agrees: boolean;
  text: string;
  documentNumber?: string | null;
}

async function recordTownOpinion(_: unknown, { input }: Input<OpinionInput>, context: Ctx) {
  const row = await requireAdmission(context, input.id);
  const organ = await requireOrgan(context, input.organ, 'organ');
  const { agrees, documentNumber } = input;
  const { division } = row;
  const what = { en: 'The written opinion', 'zh-CN': '书面意见' };
  const acting = speakFor(context, { organ, own: ['TOWN_OPERATOR'], documentNumber, division, what });
  const opinion = {
    organ: organ.id,
    organName: organ.name,
    position: agrees ? ('AGREE' as const) : ('OBJECT' as const),
    text: input.text.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const step = { type: 'RecordTownOpinion' as const, opinion };
  return onAdmission(context, 'recordTownOpinion', input, row, step, acting);
}

interface ReviewInput {
  id: string;
  organ: string;
  passed: boolean;
  opinion: string;
  documentNumber?: string | null;
}

async function recordTaskLegalityReview(_: unknown, { input }: Input<ReviewInput>, context: Ctx) {
  const row = await ownAdmission(context, input.id);
  const organ = await requireOrgan(context, input.organ, 'organ');
  const { passed, opinion, documentNumber } = input;
  const { division } = row;
  const what = { en: 'The legality review', 'zh-CN': '合法性审核意见' };
  const acting = speakFor(context, { organ, own: ['LEGALITY_REVIEWER'], documentNumber, division, what });
  const review = {
    organ: organ.id,
    organName: organ.name,
    outcome: passed ? ('PASSED' as const) : ('RETURNED' as const),
    opinion: opinion.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
  const step = { type: 'RecordTaskLegalityReview' as const, review };
  return onAdmission(context, 'recordTaskLegalityReview', input, row, step, acting);
}

interface DecideInput {
  id: string;
  admit: boolean;
  body: string;
  documentNumber: string;
  reasons?: string | null;
}

async function decideTask(_: unknown, { input }: Input<DecideInput>, context: Ctx) {
  const { id, admit, body, documentNumber, reasons } = input;
  const row = await ownAdmission(context, id);
  return onAdmission(context, 'decideTask', input, row, {
    type: 'DecideTask',
    admit,
    body: body.trim(),
    documentNumber: documentNumber.trim(),
    reasons: reasons?.trim() || null,
  });
}

async function withdrawTask(
  _: unknown,
  { input }: Input<{ id: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireAdmission(context, input.id);
  const { applicant } = row.state.application;
  const acting = speakForApplicant(context, row, input.documentNumber);
  return onAdmission(context, 'withdrawTask', input, row, { type: 'WithdrawTask', by: applicant }, acting);
}

function speakForApplicant(
  context: Ctx,
  row: AdmissionRow,
  documentNumber: string | null | undefined,
): Acting {
  const { organ: id, organName: name } = row.state.application.applicant;
  return speakFor(context, {
    organ: { id, name },
    own: ['DEPARTMENT_OFFICER'],
    documentNumber,
    division: row.division,
    what: { en: 'The word', 'zh-CN': '意见' },
  });
}

/** By the county, or by who applied. */
async function endTask(
  _: unknown,
  { input }: Input<{ id: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireAdmission(context, input.id);
  const county = context.caller.roles.includes('COUNTY_APPROVER') && mayActIn(context.caller, row.division);
  const acting: Acting = county
    ? { role: 'COUNTY_APPROVER' }
    : speakForApplicant(context, row, input.documentNumber);
  return onAdmission(context, 'endTask', input, row, { type: 'EndTask' }, acting);
}

export const admissionMutations = {
  applyForTask,
  recordTownOpinion,
  recordTaskLegalityReview,
  decideTask,
  withdrawTask,
  endTask,
};

const elsewhere = (organName: string): Refusal =>
  broken('L-6', 'applicant', {
    en: `${organName} has no business in this division: an application goes to the county of its own, or below its level.`,
    'zh-CN': `“${organName}”不属于该区划或其上级，不能在此申请交办。`,
  });

export const notShownYet: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    en: 'The step is recorded, but queries do not show it yet; ask again in a while.',
    'zh-CN': '该步骤已记录，但查询尚未更新，请稍后再试。',
  },
};
