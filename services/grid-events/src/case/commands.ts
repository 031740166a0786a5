import type { ClassPolicy, Limit } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';
import type { Route } from '../routing/route.ts';
import type { Timing } from './clocks.ts';
import type { CaseFacts, Evaluation, Level, Result, SuspensionCause } from './events.ts';
import type { Status } from './state.ts';

/** What can be asked of a case. */

/** Who asks: what the guards look at. */
export interface Party {
  roles: readonly string[];
  organ: string | null;
  organName: string | null;
  /** Where the caller's rights end. */
  division: string;
  /** Of a grid worker on the roster: the grids that they answer for. Null for everybody else. */
  grids: readonly string[] | null;
}

/** A task to be given out; `after` names keys of the same dispatch. */
export interface TaskToGive extends OrganName {
  key: string;
  name: string;
  role: 'LEAD' | 'COOPERATE';
  after: string[];
  limit: Limit | null;
}

/** What is known of the case to merge into; null: there is none. */
export type MergeTarget = { id: string; county: string; status: Status } | null;

export type StaffCommand =
  | {
      type: 'ReportCase';
      facts: CaseFacts;
      route: Route;
      policy: ClassPolicy;
      /** Null: that of its source. */
      level: Level | null;
      /** What the grid worker did about it at once. */
      settled: Result | null;
    }
  /** `file`: and files it in the same breath. */
  | { type: 'AcceptCase'; file: boolean }
  | { type: 'RefuseCase'; reason: string }
  | { type: 'FileCase' }
  | { type: 'SettleCase'; result: Result }
  | { type: 'EscalateCase'; to: Level | null; reason: string }
  | { type: 'SendBackCase'; reason: string }
  | { type: 'HoldJointMeeting'; participants: OrganName[]; decision: string; documentNumber: string }
  /** Null: as its route says. */
  | { type: 'DispatchCase'; tasks: TaskToGive[] | null }
  | { type: 'AcceptTask'; task: string }
  | { type: 'FinishTask'; task: string; result: Result }
  | { type: 'ReturnTask'; task: string; reason: string }
  | { type: 'DenyDuty'; task: string; proposed: OrganName; ground: string }
  | { type: 'TransferTask'; task: string; to: OrganName; reason: string }
  | { type: 'GiveFeedback'; text: string }
  | { type: 'VerifyCase'; result: Result; close: boolean }
  /** Null: the lead's task. */
  | { type: 'ReworkCase'; reason: string; tasks: string[] | null }
  | { type: 'CloseCase' }
  | { type: 'EvaluateCase'; evaluation: Evaluation }
  | { type: 'RequestSuspension'; cause: SuspensionCause; reason: string; until: string }
  | { type: 'DecideSuspension'; approve: boolean; reason: string }
  | { type: 'ResumeCase' }
  | { type: 'RequestExtension'; reason: string; amount: number }
  | { type: 'DecideExtension'; approve: boolean; reason: string }
  /** No organs: those that have tasks to do. */
  | { type: 'SuperviseCase'; text: string; organs: OrganName[] }
  | { type: 'VoidCase'; reason: string }
  | { type: 'ReopenCase'; reason: string; thirdParty: string | null }
  | { type: 'MergeCase'; into: MergeTarget; reason: string }
  | { type: 'UnmergeCase'; reason: string }
  | { type: 'LinkCase'; to: string; note: string };

/** What follows from elsewhere, carried out by the service itself. Told again, or too late, it is nothing. */
export type SystemCommand =
  | { type: 'RecordTime' }
  | { type: 'SettleDuty'; dispute: string; handler: OrganName }
  /** A case was merged into this one, or no longer is; `told`: the to-do that says so. */
  | { type: 'RecordMerger'; case: string; merged: boolean; told: string }
  /** The case that it was merged into has closed, or (`ended`) it was voided or refused and this one goes on by itself. */
  | { type: 'CloseMerged'; with: string; ended?: boolean };

export type CaseCommand = { timing: Timing } & ((StaffCommand & { by: Party }) | SystemCommand);

export type CommandType = CaseCommand['type'];
export type Of<T extends CommandType> = Extract<CaseCommand, { type: T }>;
