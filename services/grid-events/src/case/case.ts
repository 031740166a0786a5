import { type Decider, type Decision, refuse, type Text } from '@dutyledger/event-store/decider';
import * as arrival from './arrival.ts';
import type { CaseCommand, CommandType, Of } from './commands.ts';
import * as ending from './ending.ts';
import type { CaseEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { forbidden, type Guard } from './guards.ts';
import * as handling from './handling.ts';
import * as merging from './merging.ts';
import * as pausing from './pausing.ts';
import { absent, exists, outOfOrder } from './refusals.ts';
import { type Case, initial, type KnownCase, OPEN, STATUSES, type Status } from './state.ts';
import * as time from './time.ts';

/**
 * The whole life of a case (G-5, G-6, G-8) as one table: which step is possible in which status, who takes it, and what
 * the case is afterwards. Nothing else is reachable. The steps themselves are in the files beside this one, by topic.
 */

interface Transition {
  /** As in "… is not possible now". */
  step: Text;
  from: readonly Status[];
  /** SAME: it stays in the status that it is in. */
  to: readonly (Status | 'SAME')[];
  by: Guard;
}

const at = (en: string, zh: string): Text => ({ en, 'zh-CN': zh });
const DESK = ['REPORTED', 'ACCEPTED', 'FILED'] as const;
const DONE = ['CLOSED', 'EVALUATED'] as const;
const SAME = ['SAME'] as const;

// biome-ignore format: a table is read by its columns.
export const TRANSITIONS = {
  // Arrival and the four levels
  AcceptCase:        { from: ['REPORTED'],            to: ['ACCEPTED', 'FILED'],      by: 'LEVEL',     step: at('Acceptance', '受理') },
  RefuseCase:        { from: ['REPORTED'],            to: ['REFUSED'],                by: 'LEVEL',     step: at('Refusal', '不予受理') },
  FileCase:          { from: ['ACCEPTED'],            to: ['FILED'],                  by: 'LEVEL',     step: at('Filing', '立案') },
  SettleCase:        { from: DESK,                    to: ['FED_BACK', 'CLOSED'],     by: 'LEVEL',     step: at('Settlement by the level itself', '自行处置') },
  EscalateCase:      { from: [...DESK, 'HANDLING'],   to: ['REPORTED', 'FILED'],      by: 'LEVEL',     step: at('Escalation', '上报上级') },
  SendBackCase:      { from: DESK,                    to: ['REPORTED', 'FILED'],      by: 'LEVEL',     step: at('Return to the level below', '退回下级') },
  HoldJointMeeting:  { from: ['FILED', 'HANDLING'],   to: SAME,                       by: 'LEVEL',     step: at('A joint meeting', '联席会商') },
  // Handling in parallel
  DispatchCase:      { from: ['FILED', 'HANDLING'],   to: ['HANDLING'],               by: 'LEVEL',     step: at('Dispatch', '派遣') },
  AcceptTask:        { from: ['HANDLING'],            to: SAME,                       by: 'TASK',      step: at('Taking a task on', '签收任务') },
  FinishTask:        { from: ['HANDLING'],            to: ['SAME', 'HANDLED'],        by: 'TASK',      step: at('Finishing a task', '办结任务') },
  ReturnTask:        { from: ['HANDLING'],            to: SAME,                       by: 'TASK',      step: at('Returning a task', '退回任务') },
  DenyDuty:          { from: ['HANDLING'],            to: SAME,                       by: 'TASK',      step: at('Denying the duty', '提出非本单位职责') },
  TransferTask:      { from: ['HANDLING'],            to: SAME,                       by: 'LEVEL',     step: at('Transfer', '转办') },
  GiveFeedback:      { from: ['HANDLED'],             to: ['FED_BACK'],               by: 'HANDLER',   step: at('Feedback', '反馈') },
  VerifyCase:        { from: ['FED_BACK'],            to: ['VERIFIED', 'CLOSED'],     by: 'LEVEL',     step: at('Verification', '核实') },
  ReworkCase:        { from: ['FED_BACK'],            to: ['HANDLING', 'FILED'],      by: 'LEVEL',     step: at('Rework', '返工') },
  // Suspension, extension, supervision
  RequestSuspension: { from: ['HANDLING'],            to: SAME,                       by: 'HANDLER',   step: at('Asking for suspension', '申请中止') },
  DecideSuspension:  { from: ['HANDLING'],            to: ['SAME', 'SUSPENDED'],      by: 'COUNTY',    step: at('Deciding on suspension', '审批中止') },
  ResumeCase:        { from: ['SUSPENDED'],           to: ['HANDLING'],               by: 'HANDLER',   step: at('Resuming', '恢复处置') },
  RequestExtension:  { from: ['HANDLING'],            to: SAME,                       by: 'HANDLER',   step: at('Asking for extension', '申请延期') },
  DecideExtension:   { from: ['HANDLING'],            to: SAME,                       by: 'COUNTY',    step: at('Deciding on extension', '审批延期') },
  SuperviseCase:     { from: OPEN,                    to: SAME,                       by: 'COUNTY',    step: at('Supervision', '督办') },
  // Ends
  CloseCase:         { from: ['VERIFIED'],            to: ['CLOSED'],                 by: 'LEVEL',     step: at('Closing', '结案') },
  EvaluateCase:      { from: DONE,                    to: ['EVALUATED'],              by: 'EVALUATOR', step: at('Evaluation', '评价') },
  VoidCase:          { from: OPEN,                    to: ['VOIDED'],                 by: 'PLATFORM',  step: at('Voiding', '作废') },
  ReopenCase:        { from: [...DONE, 'REFUSED'],    to: ['REPORTED', 'FILED'],      by: 'REOPENER',  step: at('Reopening', '重新办理') },
  MergeCase:         { from: [...DESK, 'HANDLING'],   to: ['MERGED'],                 by: 'PLATFORM',  step: at('Merging', '并案') },
  UnmergeCase:       { from: ['MERGED'],              to: [...DESK, 'HANDLING'],      by: 'PLATFORM',  step: at('Unmerging', '撤销并案') },
  LinkCase:          { from: STATUSES,                to: SAME,                       by: 'PLATFORM',  step: at('Linking', '关联') },
  // What time and other parts of the service do
  RecordTime:        { from: STATUSES,                to: ['SAME', 'HANDLING'],       by: 'SYSTEM',    step: at('Time', '计时') },
  SettleDuty:        { from: STATUSES,                to: SAME,                       by: 'SYSTEM',    step: at('A settled dispute', '争议办结') },
  RecordMerger:      { from: STATUSES,                to: SAME,                       by: 'SYSTEM',    step: at('A merger', '并案') },
  CloseMerged:       { from: STATUSES,                to: ['SAME', 'CLOSED', ...DESK, 'HANDLING'], by: 'SYSTEM', step: at('Closing with another', '随并结案') },
} satisfies Record<Exclude<CommandType, 'ReportCase'>, Transition>;

type Steps = {
  [T in Exclude<CommandType, 'ReportCase'>]: (command: Of<T>, state: KnownCase) => Decision<CaseEvent>;
};

const STEPS: Steps = {
  ...arrival.steps,
  ...handling.steps,
  ...pausing.steps,
  ...ending.steps,
  ...merging.steps,
  ...time.steps,
};

function decide(command: CaseCommand, state: Case): Decision<CaseEvent> {
  if (command.type === 'ReportCase')
    return state.status === 'ABSENT' ? arrival.report(command) : refuse(exists(state.facts.id));
  if (state.status === 'ABSENT') return refuse(absent);
  const transition: Transition = TRANSITIONS[command.type];
  if (!transition.from.includes(state.status))
    return refuse(outOfOrder(transition.step, state.status, transition.from));
  const refusal = forbidden(transition.by, command, state);
  if (refusal) return refuse(refusal);
  const step = STEPS[command.type] as (of: CaseCommand, state: KnownCase) => Decision<CaseEvent>;
  return step(command, state);
}

export const gridCase: Decider<Case, CaseCommand, CaseEvent> = { initial, evolve, decide };
