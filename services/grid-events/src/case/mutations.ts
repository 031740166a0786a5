import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import type { Naming } from '../attachment/claim.ts';
import type { Limit } from '../class-policy/policy.ts';
import type { GridEventsContext } from '../context.ts';
import { carryOut, organNamed, organsNamed, requireCase } from './carry-out.ts';
import type { MergeTarget, StaffCommand, TaskToGive } from './commands.ts';
import type { Evaluation, Level, SuspensionCause } from './events.ts';
import { type ResultInput, reportCase, resultOf } from './report.ts';
import { cases } from './rows.ts';

/** Mutations of cases, each one step (case.ts says when it is possible and for whom). */

type Ctx = GridEventsContext;
type Step = Exclude<StaffCommand, { type: 'ReportCase' }>;

/** A mutation on a case: `stepOf` makes the command out of its input. */
function step<T extends object>(
  operation: string,
  stepOf: (input: T, context: Ctx, naming: Naming) => Step | Promise<Step>,
) {
  return async (_: unknown, { input }: { input: T & { id: string; change: ChangeInput } }, context: Ctx) => {
    const row = await requireCase(context, input.id);
    const scope = { division: row.division, content: input };
    const around = commandContext(context, operation, input.change, scope);
    const { id, county, division, state } = row;
    const naming = {
      operation,
      change: input.change,
      case: id,
      county,
      division,
      person: state.facts.reporter,
    };
    return carryOut(context, id, row, await stepOf(input, context, naming), around);
  };
}

interface Explained {
  explanation: string;
}
interface OnTask {
  task: string;
}
interface Decided extends Explained {
  approve: boolean;
}

const why = ({ explanation }: Explained) => ({ reason: explanation.trim() });

interface TaskInput extends Omit<TaskToGive, 'organName' | 'after' | 'limit'> {
  after?: string[] | null;
  limit?: Limit | null;
}

async function tasksOf(given: TaskInput[] | null | undefined, context: Ctx): Promise<TaskToGive[] | null> {
  if (!given) return null;
  const organs = await organsNamed(
    context,
    given.map(({ organ }) => organ),
    'tasks',
  );
  return given.flatMap(({ key, name, role, after, limit }, i) => {
    const organ = organs[i];
    return organ
      ? [{ key, name: name.trim(), role, after: after ?? [], limit: limit ?? null, ...organ }]
      : [];
  });
}

async function mergeTarget({ grid }: Ctx, id: string): Promise<MergeTarget> {
  const row = await grid.projections.documents(cases).get(id);
  return row ? { id, county: row.county, status: row.status } : null;
}

export const caseMutations = {
  reportCase,
  acceptCase: step<{ file?: boolean | null }>('acceptCase', ({ file }) => ({
    type: 'AcceptCase',
    file: file ?? false,
  })),
  refuseCase: step<Explained>('refuseCase', (input) => ({ type: 'RefuseCase', ...why(input) })),
  fileCase: step('fileCase', () => ({ type: 'FileCase' })),
  settleCase: step<{ result: ResultInput }>('settleCase', async ({ result }, context, naming) => ({
    type: 'SettleCase',
    result: await resultOf(context, result, naming),
  })),
  escalateCase: step<Explained & { to?: Level | null }>('escalateCase', (input) => ({
    type: 'EscalateCase',
    to: input.to ?? null,
    ...why(input),
  })),
  sendBackCase: step<Explained>('sendBackCase', (input) => ({ type: 'SendBackCase', ...why(input) })),
  holdJointMeeting: step<{ participants: string[]; decision: string; documentNumber: string }>(
    'holdJointMeeting',
    async ({ participants, decision, documentNumber }, context) => ({
      type: 'HoldJointMeeting',
      participants: await organsNamed(context, participants, 'participants'),
      decision: decision.trim(),
      documentNumber: documentNumber.trim(),
    }),
  ),
  dispatchCase: step<{ tasks?: TaskInput[] | null }>('dispatchCase', async ({ tasks }, context) => ({
    type: 'DispatchCase',
    tasks: await tasksOf(tasks, context),
  })),
  acceptCaseTask: step<OnTask>('acceptCaseTask', ({ task }) => ({ type: 'AcceptTask', task })),
  finishCaseTask: step<OnTask & { result: ResultInput }>(
    'finishCaseTask',
    async ({ task, result }, context, naming) => ({
      type: 'FinishTask',
      task,
      result: await resultOf(context, result, naming),
    }),
  ),
  returnCaseTask: step<OnTask & Explained>('returnCaseTask', (input) => ({
    type: 'ReturnTask',
    task: input.task,
    ...why(input),
  })),
  denyCaseDuty: step<OnTask & { proposed: string; ground: string }>(
    'denyCaseDuty',
    async ({ task, proposed, ground }, context) => ({
      type: 'DenyDuty',
      task,
      proposed: await organNamed(context, proposed, 'proposed'),
      ground: ground.trim(),
    }),
  ),
  transferCaseTask: step<OnTask & Explained & { to: string }>('transferCaseTask', async (input, context) => ({
    type: 'TransferTask',
    task: input.task,
    to: await organNamed(context, input.to, 'to'),
    ...why(input),
  })),
  giveCaseFeedback: step<{ text: string }>('giveCaseFeedback', ({ text }) => ({
    type: 'GiveFeedback',
    text: text.trim(),
  })),
  verifyCase: step<{ result: ResultInput; close?: boolean | null }>(
    'verifyCase',
    async ({ result, close }, context, naming) => ({
      type: 'VerifyCase',
      result: await resultOf(context, result, naming),
      close: close ?? false,
    }),
  ),
  reworkCase: step<Explained & { tasks?: string[] | null }>('reworkCase', (input) => ({
    type: 'ReworkCase',
    tasks: input.tasks ?? null,
    ...why(input),
  })),
  closeCase: step('closeCase', () => ({ type: 'CloseCase' })),
  evaluateCase: step<Omit<Evaluation, 'comment'> & { comment?: string | null }>(
    'evaluateCase',
    ({ by, responded, resolved, satisfied, comment }) => ({
      type: 'EvaluateCase',
      evaluation: { by, responded, resolved, satisfied, comment: comment?.trim() ?? null },
    }),
  ),
  requestCaseSuspension: step<Explained & { cause: SuspensionCause; until: string }>(
    'requestCaseSuspension',
    (input) => ({
      type: 'RequestSuspension',
      cause: input.cause,
      until: input.until,
      ...why(input),
    }),
  ),
  decideCaseSuspension: step<Decided>('decideCaseSuspension', (input) => ({
    type: 'DecideSuspension',
    approve: input.approve,
    ...why(input),
  })),
  resumeCase: step('resumeCase', () => ({ type: 'ResumeCase' })),
  requestCaseExtension: step<Explained & { amount: number }>('requestCaseExtension', (input) => ({
    type: 'RequestExtension',
    amount: input.amount,
    ...why(input),
  })),
  decideCaseExtension: step<Decided>('decideCaseExtension', (input) => ({
    type: 'DecideExtension',
    approve: input.approve,
    ...why(input),
  })),
  superviseCase: step<{ text: string; organs?: string[] | null }>(
    'superviseCase',
    async ({ text, organs }, context) => ({
      type: 'SuperviseCase',
      text: text.trim(),
      organs: await organsNamed(context, organs ?? [], 'organs'),
    }),
  ),
  voidCase: step<Explained>('voidCase', (input) => ({ type: 'VoidCase', ...why(input) })),
  reopenCase: step<Explained & { thirdParty?: string | null }>('reopenCase', (input) => ({
    type: 'ReopenCase',
    thirdParty: input.thirdParty?.trim() ?? null,
    ...why(input),
  })),
  mergeCase: step<Explained & { into: string }>('mergeCase', async (input, context) => ({
    type: 'MergeCase',
    into: await mergeTarget(context, input.into),
    ...why(input),
  })),
  unmergeCase: step<Explained>('unmergeCase', (input) => ({ type: 'UnmergeCase', ...why(input) })),
  linkCase: step<{ to: string; note: string }>('linkCase', ({ to, note }) => ({
    type: 'LinkCase',
    to,
    note: note.trim(),
  })),
};
