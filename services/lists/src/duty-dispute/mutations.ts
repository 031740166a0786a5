import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { broken } from '@dutyledger/event-store/rule-texts';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { type Acting, OFFICERS, requireOrgan, speakFor } from '../acting.ts';
import type { OrganName } from '../consultation.ts';
import type { ListsContext } from '../context.ts';
import { itemAsOf } from '../duty-list/queries.ts';
import { actingContext } from '../list-command.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import { countyOf } from '../task-admission/coverage.ts';
import { newId, notShownYet } from '../task-admission/mutations.ts';
import { type DutyDisputeCommand, dutyDispute, type Timing } from './duty-dispute.ts';
import { absentGap, type DutyGapCommand, dutyGap, dutyGapStream, gapIdOf } from './duty-gap.ts';
import { type DisputeRow, disputes, gaps } from './read-model.ts';
import { absent, notParty } from './refusals.ts';
import { type Dispute, dutyDisputeStream, type Matter, type Position } from './state.ts';

/** Mutations of disputes and gaps (L-7). */

type Ctx = ListsContext;
type Input<T> = { input: T & { change: ChangeInput } };
/** A command without what every command carries. */
type Step = DutyDisputeCommand extends infer C
  ? C extends { timing: Timing }
    ? Omit<C, 'timing'>
    : never
  : never;

async function carryOut(context: Ctx, id: string, division: string, step: Step, around: CommandContext) {
  const { service, locale, now } = context;
  const today = todayOf(context);
  const limits = await stageLimitsOn(service.projections, division, today);
  const command = { ...step, timing: { now: now.toISOString(), today, limits } } as DutyDisputeCommand;
  const done = await mutate(service, locale, dutyDispute, dutyDisputeStream(id), command, around);
  const dispute = await service.projections.documents(disputes).get(id);
  if (!dispute) throw refusalError(notShownYet);
  return { dispute, repeated: done.repeated, pending: done.pending };
}

function onDispute(
  context: Ctx,
  operation: string,
  input: { id: string; change: ChangeInput },
  { division }: DisputeRow,
  step: Step,
  acting?: Acting,
) {
  const around = actingContext(context, operation, input.change, { division, content: input }, acting);
  return carryOut(context, input.id, division, step, around);
}

async function requireDispute({ service }: Ctx, id: string): Promise<DisputeRow> {
  const row = await service.projections.documents(disputes).get(id);
  if (row) return row;
  throw refusalError(absent);
}

/** Of county staff: within the caller's division. */
async function ownDispute(context: Ctx, id: string): Promise<DisputeRow> {
  const row = await requireDispute(context, id);
  requireDivision(context, row.division, 'id');
  return row;
}

async function nameOf(context: Ctx, id: string, field: string): Promise<OrganName> {
  const organ = await requireOrgan(context, id, field);
  return { organ: organ.id, organName: organ.name };
}

/** Speaks for an organ in a dispute: its own people, or an editor from paper. */
function speak(
  context: Ctx,
  { organ, organName }: OrganName,
  division: string,
  documentNumber?: string | null,
) {
  return speakFor(context, {
    organ: { id: organ, name: organName },
    own: OFFICERS,
    documentNumber,
    division,
    what: { en: 'The position', 'zh-CN': '意见' },
  });
}

interface OpenInput {
  division: string;
  item?: { list: string; code: string } | null;
  caseReference?: string | null;
  caseClass?: string | null;
  description: string;
  firstReceiver: string;
  returnedBy: string;
  parties: string[];
  ground: string;
  documentNumber?: string | null;
}

async function openDutyDispute(_: unknown, { input }: Input<OpenInput>, context: Ctx) {
  const { change, documentNumber } = input;
  const division = countyOf(input.division);
  const returnedBy = await nameOf(context, input.returnedBy, 'returnedBy');
  const acting = speak(context, returnedBy, division, documentNumber);
  const dispute: Omit<Dispute, 'id'> = {
    division,
    matter: await matterOf(context, input),
    firstReceiver: await nameOf(context, input.firstReceiver, 'firstReceiver'),
    returnedBy,
    ground: input.ground.trim(),
    parties: await Promise.all(input.parties.map((id, i) => nameOf(context, id, `parties[${i}]`))),
  };
  const around = actingContext(context, 'openDutyDispute', change, { division, content: input }, acting);
  const id = newId('dispute', division, around.commandId);
  const step = { type: 'OpenDispute' as const, dispute: { id, ...dispute } };
  return carryOut(context, id, division, step, around);
}

async function matterOf(context: Ctx, input: OpenInput): Promise<Matter> {
  const { item: named, caseReference, caseClass, description } = input;
  const rest = {
    caseReference: caseReference?.trim() || null,
    caseClass: caseClass?.trim() || null,
    description: description.trim(),
  };
  if (!named) return { item: null, ...rest };
  const { caseClasses: _, ...item } = await listedItem(context, named);
  return { item, ...rest };
}

async function listedItem(context: Ctx, { list, code }: { list: string; code: string }) {
  const asOf = { effectiveAt: todayOf(context) };
  const found = await itemAsOf(context.service.projections, list, code, asOf);
  if (found) {
    const { edition, content } = found.version.doc;
    return { list, code, name: content.name, edition, caseClasses: content.caseClasses };
  }
  throw refusalError(
    broken('L-7', 'item', {
      en: `The list ${list} has no item ${code} in force.`,
      'zh-CN': `清单 ${list} 现行版本没有事项 ${code}。`,
    }),
  );
}

interface PositionInput {
  id: string;
  organ: string;
  handler: string;
  text: string;
  documentNumber?: string | null;
}

async function positionOf(
  context: Ctx,
  { organ, handler, text, documentNumber }: PositionInput,
): Promise<Position> {
  return {
    ...(await nameOf(context, organ, 'organ')),
    handler: await nameOf(context, handler, 'handler'),
    text: text.trim(),
    ...(documentNumber && { documentNumber: documentNumber.trim() }),
  };
}

async function takeDisputePosition(_: unknown, { input }: Input<PositionInput>, context: Ctx) {
  const row = await requireDispute(context, input.id);
  const position = await positionOf(context, input);
  const acting = speak(context, position, row.division, input.documentNumber);
  return onDispute(context, 'takeDisputePosition', input, row, { type: 'TakePosition', position }, acting);
}

async function referDispute(
  _: unknown,
  { input }: Input<{ id: string; organ: string; text: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireDispute(context, input.id);
  const by = await nameOf(context, input.organ, 'organ');
  if (!row.parties.includes(by.organ)) throw refusalError(notParty(row.state.dispute, by));
  const acting = speak(context, by, row.division, input.documentNumber);
  const step = { type: 'ReferDispute' as const, by, text: input.text.trim() };
  return onDispute(context, 'referDispute', input, row, step, acting);
}

async function giveDisputeOpinion(_: unknown, { input }: Input<PositionInput>, context: Ctx) {
  const row = await ownDispute(context, input.id);
  const opinion = await positionOf(context, input);
  const acting = speakFor(context, {
    organ: { id: opinion.organ, name: opinion.organName },
    own: ['LIST_EDITOR'],
    documentNumber: input.documentNumber,
    division: row.division,
    what: { en: 'The opinion', 'zh-CN': '协调意见' },
  });
  const step = { type: 'GiveDisputeOpinion' as const, opinion };
  return onDispute(context, 'giveDisputeOpinion', input, row, step, acting);
}

interface RuleInput {
  id: string;
  handler: string;
  body: string;
  documentNumber: string;
  reasons: string;
}

async function ruleDispute(_: unknown, { input }: Input<RuleInput>, context: Ctx) {
  const row = await ownDispute(context, input.id);
  const ruling = {
    handler: await nameOf(context, input.handler, 'handler'),
    body: input.body.trim(),
    documentNumber: input.documentNumber.trim(),
    reasons: input.reasons.trim(),
  };
  return onDispute(context, 'ruleDispute', input, row, { type: 'RuleDispute', ruling });
}

async function withdrawDispute(
  _: unknown,
  { input }: Input<{ id: string; documentNumber?: string | null }>,
  context: Ctx,
) {
  const row = await requireDispute(context, input.id);
  const by = row.state.dispute.returnedBy;
  const acting = speak(context, by, row.division, input.documentNumber);
  return onDispute(context, 'withdrawDispute', input, row, { type: 'WithdrawDispute', by }, acting);
}

const pauseDispute = async (_: unknown, { input }: Input<{ id: string }>, context: Ctx) =>
  onDispute(context, 'pauseDispute', input, await ownDispute(context, input.id), { type: 'PauseDispute' });

const resumeDispute = async (_: unknown, { input }: Input<{ id: string }>, context: Ctx) =>
  onDispute(context, 'resumeDispute', input, await ownDispute(context, input.id), { type: 'ResumeDispute' });

interface GapInput {
  division: string;
  caseClass: string;
  caseReference?: string | null;
  description: string;
}

async function reportGap(_: unknown, { input }: Input<GapInput>, context: Ctx) {
  const { change, division: place } = input;
  requireDivision(context, place, 'division');
  const division = countyOf(place);
  const caseClass = input.caseClass.trim();
  const around = commandContext(context, 'reportGap', change, { division, content: input });
  const caseReference = input.caseReference?.trim() || null;
  const report = { division, place, caseClass, caseReference, description: input.description.trim() };
  return onGap(context, gapIdOf(division, caseClass), { type: 'ReportGap', report }, around);
}

async function closeGap(
  _: unknown,
  { input }: Input<{ id: string; item: { list: string; code: string } }>,
  context: Ctx,
) {
  const row = await context.service.projections.documents(gaps).get(input.id);
  if (!row) throw refusalError(absentGap);
  const { division } = row;
  requireDivision(context, division, 'id');
  const { edition: _edition, ...item } = await listedItem(context, input.item);
  const around = commandContext(context, 'closeGap', input.change, { division, content: input });
  return onGap(context, input.id, { type: 'CloseGap', item }, around);
}

async function onGap(context: Ctx, id: string, command: DutyGapCommand, around: CommandContext) {
  const { service, locale } = context;
  const done = await mutate(service, locale, dutyGap, dutyGapStream(id), command, around);
  const gap = await service.projections.documents(gaps).get(id);
  if (!gap) throw refusalError(notShownYet);
  return { gap, repeated: done.repeated, pending: done.pending };
}

export const disputeMutations = {
  openDutyDispute,
  takeDisputePosition,
  referDispute,
  giveDisputeOpinion,
  ruleDispute,
  withdrawDispute,
  pauseDispute,
  resumeDispute,
  reportGap,
  closeGap,
};
