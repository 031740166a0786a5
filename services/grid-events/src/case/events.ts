import type { Fact } from '@dutyledger/event-store/decider';
import type { Pause } from '@dutyledger/timers/limit';
import type { ClassPolicy, Limit, Phase } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';
import type { Route, RouteTarget } from '../routing/route.ts';

/**
 * The events of a case (G-4 to G-8): a storage format. They hold no personal data: who reported it is a `personId`, files
 * are named by their digest. What makes clocks run, stop or move says so in `clocks`, with the instants worked out.
 */

export type CaseSource = 'GRID_PATROL' | 'CITIZEN' | 'HOTLINE' | 'DEPARTMENT' | 'SENSOR' | 'COMMAND';

/** G-5: the grid worker at once, the town centre, the county platform, a joint meeting of departments. */
export const LEVELS = ['WORKER', 'TOWN', 'COUNTY', 'JOINT'] as const;
export type Level = (typeof LEVELS)[number];

export type Urgency = 'ORDINARY' | 'URGENT' | 'EMERGENCY';

export interface Attachment {
  /** Of the bytes, lower-case hexadecimal. */
  sha256: string;
  mediaType: string;
  bytes: number;
  name: string;
}

export interface CaseFacts {
  /** `case:<county>-<…>`. */
  id: string;
  /** 12-digit codes: of the county, and of the town or village that it lies in. */
  county: string;
  division: string;
  /** Id of the basic grid; null where none is known. */
  grid: string | null;
  source: CaseSource;
  /** Code of the class, and of the class within it where there is one. */
  class: string;
  subclass: string | null;
  description: string;
  place: { lon: number; lat: number } | null;
  address: string | null;
  urgency: Urgency;
  /** Id under which the reporter's personal data is kept; null: reported in office, or without a name. */
  reporter: string | null;
  attachments: Attachment[];
  /** The case that this one follows up. */
  followUpOf: string | null;
}

/** Of which a clock runs: the case as a whole, in its phase, or one of its tasks. */
export const WHOLE_CASE = 'case';

/** A time limit that runs (G-8). Set again it replaces the one of the same `of`. */
export interface Clock {
  /** `WHOLE_CASE`, or the id of a task. */
  of: string;
  phase: Phase;
  limit: Limit;
  /** ISO UTC with milliseconds, like all instants here. */
  startedAt: string;
  /** Only suspensions make them. */
  pauses: Pause[];
  /** Kept before it, missed from it on; null while it is paused. */
  due: string | null;
  amberAt: string | null;
  /** It has turned amber, and run out: each happens once, also to a clock that is paused or extended. */
  warned: boolean;
  overdue: boolean;
}

interface Clocked {
  clocks?: { set?: Clock[]; stop?: string[] };
}

/** What one organ has to do; tasks that do not wait for each other run in parallel. */
export interface TaskSpec {
  id: string;
  name: string;
  organ: string;
  organName: string;
  role: 'LEAD' | 'COOPERATE';
  /** Ids of tasks that must be done before. */
  after: string[];
  /** Null: that of the phase. */
  limit: Limit | null;
}

/** What was done about it. */
export interface Result {
  text: string;
  attachments: Attachment[];
}

type E<Type extends string, Data> = Fact<Type, Data & Clocked>;

export type EscalationCause = 'REASON' | 'EMERGENCY' | 'OVERDUE' | 'PROBLEM_ORDER';

/** When the whole case must be closed by: null until it is filed. Suspension and extension move it. */
interface Deadline {
  closeBy: string;
}

type Arrival =
  /** It keeps the route and the limits of its class as they stood then, for good (G-7). */
  | E<'CaseReported', CaseFacts & { level: Level; route: Route; policy: ClassPolicy; reportedAt: string }>
  /** No list carries its class: the gap is reported to lists (G-7). */
  | E<'CaseClassUnlisted', { id: string; county: string; division: string; class: string; className: string }>
  | E<'CaseAccepted', { level: Level; by: OrganName | null }>
  | E<'CaseRefused', { reason: string }>
  | E<'CaseFiled', { level: Level } & Deadline>
  /** Between levels, by hand or by itself; in `REPORTED` anew when by hand. */
  | E<'CaseEscalated', { from: Level; to: Level; cause: EscalationCause; reason: string }>
  | E<'CaseSentBack', { from: Level; to: Level; reason: string }>
  | E<'CaseJointMeetingHeld', { participants: OrganName[]; decision: string; documentNumber: string }>;

type Handling =
  /** The first time from `FILED`; later it adds tasks. `started`: ids of those whose turn it is at once. */
  | E<'CaseDispatched', { level: Level; tasks: TaskSpec[]; started: string[] }>
  | E<'CaseTaskAccepted', { task: string; organ: string }>
  /** `started`: tasks that waited for this one. `last`: all tasks are done now. */
  | E<'CaseTaskDone', { task: string; organ: string; result: Result; started: string[]; last: boolean }>
  /** For another reason than whose duty it is; it waits to be transferred. */
  | E<'CaseTaskReturned', { task: string; organ: string; reason: string }>
  /** "Not our duty": the first receiver keeps handling until the dispute that lists opens is settled (首接负责). */
  | E<
      'CaseDutyDenied',
      { id: string; county: string; class: string; className: string; target: RouteTarget; task: string } & {
        by: OrganName;
        proposed: OrganName;
        ground: string;
      }
    >
  /** The dispute was settled; when the handler is another organ, the task has moved to it. */
  | E<'CaseDutySettled', { task: string; dispute: string; handler: OrganName; moved: boolean }>
  | E<'CaseTaskTransferred', { task: string; from: OrganName; to: OrganName; reason: string }>
  /** By the level itself, without dispatching it. */
  | E<'CaseSettled', { level: Level; result: Result }>
  | E<'CaseFedBack', { text: string }>
  | E<'CaseVerified', { result: Result }>
  /** Returned at verification: these tasks are to be done again. */
  | E<'CaseReworked', { reason: string; tasks: string[] }>
  | E<'CaseMadeProblemOrder', { reworks: number; transfers: number }>;

type Pausing =
  | E<'CaseSuspensionRequested', { cause: SuspensionCause; reason: string; until: string; by: OrganName }>
  /** `until`: the last day of it; `days`: how many it may take. */
  | E<'CaseSuspended', { cause: SuspensionCause; until: string; from: string; days: number }>
  | E<'CaseSuspensionRefused', { reason: string }>
  /** By itself on its day, or before. */
  | E<'CaseResumed', { at: string } & Deadline>
  | E<'CaseExtensionRequested', { reason: string; by: OrganName; amount: number }>
  /** Every clock of the handling has so many units of its own limit more. */
  | E<'CaseExtended', { amount: number } & Deadline>
  | E<'CaseExtensionRefused', { reason: string }>;

/** Lawful causes of a suspension. */
export type SuspensionCause =
  | 'FORCE_MAJEURE'
  | 'LEGAL_PROCEEDING'
  | 'EXPERT_APPRAISAL'
  | 'SEASON_OR_WEATHER'
  | 'PARTY_UNAVAILABLE';

type Ending =
  | E<
      'CaseClosed',
      {
        level: Level;
        at: string;
        /** Null when it was closed without having been filed: a worker settled it at once. */
        closeBy: string | null;
        onTime: boolean;
        reworks: number;
        transfers: number;
        /** Cases merged into it, which close with it. */
        merged: string[];
        /** The case that it was merged into, with which it closes. */
        with: string | null;
      }
    >
  | E<'CaseEvaluated', Evaluation>
  | E<'CaseVoided', { reason: string }>
  /** `thirdParty`: who found it unsettled, when it was neither reporter nor platform (第三方回访). */
  | E<'CaseReopened', { reason: string; thirdParty: string | null; level: Level; closeBy: string | null }>
  | E<'CaseMerged', { into: string; reason: string }>
  | E<'CaseUnmerged', { from: string; reason: string }>
  /** The other side of the two above. `closed`: the case that took it in is closed already; `told`: the to-do it ends. */
  | E<'CaseAbsorbed', { case: string; closed: boolean; told: string }>
  /** `ended`: this case was voided or refused before word of the merger came; the other one goes on by itself. */
  | E<'CaseReleased', { case: string; told: string; ended?: true }>
  /** The case that it was to close with closed when this one went its own way already. */
  | E<'CaseKeptApart', { with: string }>
  | E<'CaseLinked', { to: string; note: string }>
  | E<'CaseSupervised', { cause: 'ORDER' | 'OVERDUE'; text: string; organs: OrganName[] }>;

export interface Evaluation {
  by: 'REPORTER' | 'TOWN';
  /** The three questions of the hotlines: response, resolution, satisfaction. */
  responded: boolean;
  resolved: boolean;
  satisfied: boolean;
  comment: string | null;
}

type Time =
  | E<'ClockAmber', { of: string; phase: Phase; due: string }>
  | E<'ClockOverdue', { of: string; phase: Phase; due: string; level: Level; organ: string | null }>;

export type CaseEvent = Arrival | Handling | Pausing | Ending | Time;

const PREFIX = 'gridEvents.case-';
const ID = 'case:';

export const caseStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const caseIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
