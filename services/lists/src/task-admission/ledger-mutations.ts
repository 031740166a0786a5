import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { broken } from '@dutyledger/event-store/rule-texts';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import { OFFICERS, requireOrgan, speakFor } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { actingContext } from '../list-command.ts';
import { countyOf, coverageOf, violated } from './coverage.ts';
import { type HandedTask, type HandedTaskCommand, handedTask, handedTaskStream } from './handed-task.ts';
import { newId, notShownYet } from './mutations.ts';
import { type HandedTaskRow, handedTasks } from './read-model.ts';

/** Tasks handed down to towns and villages: recorded when covered, refused and entered into the ledger when not (L-6). */

type Ctx = ListsContext;

interface TaskInput {
  town: string;
  title: string;
  what: string;
  day?: string | null;
  grid: boolean;
  documentNumber?: string | null;
  change: ChangeInput;
}

interface HandDownInput extends TaskInput {
  issuer: string;
  admission?: string | null;
  item?: { list: string; code: string } | null;
  caseClass?: string | null;
}

async function record(context: Ctx, command: HandedTaskCommand, around: CommandContext) {
  const { service, locale } = context;
  const { id } = command.task;
  const done = await mutate(service, locale, handedTask, handedTaskStream(id), command, around);
  const task = await service.projections.documents(handedTasks).get(id);
  return { id, task, repeated: done.repeated, pending: done.pending };
}

/** The town government or village organisation that receives it. */
async function receiverOf(context: Ctx, id: string): Promise<OrganFacts> {
  const organ = await requireOrgan(context, id, 'town');
  if (organ.kind === 'TOWN_GOVERNMENT' || organ.kind === 'VILLAGE_ORGANISATION') return organ;
  throw refusalError(
    broken('L-6', 'town', {
      en: `${organ.name} is neither a town government nor a village organisation.`,
      'zh-CN': `“${organ.name}”不是乡镇政府（街道办事处）或村（社区）组织。`,
    }),
  );
}

const taskOf = (
  { title, what, grid, documentNumber }: TaskInput,
  receiver: OrganFacts,
  issuer: HandedTask['issuer'],
  { id, day }: Pick<HandedTask, 'id' | 'day'>,
): HandedTask => ({
  id,
  division: countyOf(receiver.division),
  receiver: { organ: receiver.id, organName: receiver.name, division: receiver.division },
  issuer,
  title: title.trim(),
  what: what.trim(),
  day,
  grid,
  documentNumber: documentNumber?.trim() || null,
});

async function handDownTask(_: unknown, { input }: { input: HandDownInput }, context: Ctx) {
  const { service, locale } = context;
  const issuer = await requireOrgan(context, input.issuer, 'issuer');
  const receiver = await receiverOf(context, input.town);
  const division = countyOf(receiver.division);
  const what = { en: 'The task', 'zh-CN': '交办事项' };
  const { documentNumber, change } = input;
  const acting = speakFor(context, { organ: issuer, own: OFFICERS, documentNumber, division, what });
  const today = todayOf(context);
  const day = input.day ?? today;
  const around = actingContext(context, 'handDownTask', change, { division, content: input }, acting);
  const id = newId('task', division, around.commandId);
  const names = { organ: issuer.id, organName: issuer.name };
  const task = taskOf(input, receiver, names, { id, day });
  const asked = { ...input, issuer: issuer.id, receiver, day };
  const coverage = await coverageOf(service.projections, service.organs, asked);
  const command: HandedTaskCommand = coverage.allowed
    ? { type: 'HandDownTask', task, today, cover: coverage.cover }
    : { type: 'RecordUnlistedTask', task, today, arrival: 'REFUSED', citation: coverage.citation };
  const done = await record(context, command, around);
  if (!done.task) throw refusalError(notShownYet);
  // A retry is answered as the first time, whatever was admitted since.
  if (done.task.cover === null) throw refusalError(unlisted(done.task, coverage.because), locale);
  return done;
}

const unlisted = ({ id, title, receiver, citation }: HandedTaskRow, because: Text): Refusal => ({
  ...broken(
    'L-6',
    'task',
    {
      en: `“${title}” may not be handed down to ${receiver.organName}. ${because.en} It is on record as unlisted work (${id}); apply for its admission first (applyForTask).`,
      'zh-CN': `“${title}”不得交办“${receiver.organName}”。${because['zh-CN']}已记入清单外交办台账（${id}）；请先按程序申请准入（applyForTask）。`,
    },
    { ledgerEntry: id },
  ),
  ...(citation && { citation }),
});

interface ReportInput extends TaskInput {
  issuer?: string | null;
  issuerName?: string | null;
  reportNumber?: string | null;
}

async function reportUnlistedTask(_: unknown, { input }: { input: ReportInput }, context: Ctx) {
  const receiver = await receiverOf(context, input.town);
  const division = countyOf(receiver.division);
  const what = { en: 'The report', 'zh-CN': '报告' };
  const { reportNumber, change } = input;
  const acting = speakFor(context, {
    organ: receiver,
    own: ['TOWN_OPERATOR'],
    documentNumber: reportNumber,
    division,
    what,
  });
  if (context.caller.organ !== receiver.id) requireDivision(context, division, 'town');
  const registered = input.issuer ? await requireOrgan(context, input.issuer, 'issuer') : null;
  const issuer = {
    organ: registered?.id ?? null,
    organName: registered?.name ?? (input.issuerName ?? '').trim(),
  };
  const today = todayOf(context);
  const day = input.day ?? today;
  const around = actingContext(context, 'reportUnlistedTask', change, { division, content: input }, acting);
  const task = taskOf(input, receiver, issuer, { id: newId('task', division, around.commandId), day });
  const citation = await violated(context.service.projections, receiver.division, day);
  const command = {
    type: 'RecordUnlistedTask' as const,
    task,
    today,
    arrival: 'REPORTED' as const,
    citation,
  };
  const done = await record(context, command, around);
  if (!done.task) throw refusalError(notShownYet);
  return done;
}

export const ledgerMutations = { handDownTask, reportUnlistedTask };
