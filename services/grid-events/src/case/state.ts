import type { ClassPolicy } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';
import type { Route } from '../routing/route.ts';
import type { CaseFacts, Clock, Evaluation, Level, Result, SuspensionCause, TaskSpec } from './events.ts';

/** What a case is at any moment: evolve.ts makes it out of events, case.ts has the rules, the read model keeps it as it is. */

export const STATUSES = [
  'REPORTED',
  'REFUSED',
  'ACCEPTED',
  'FILED',
  'HANDLING',
  'SUSPENDED',
  'HANDLED',
  'FED_BACK',
  'VERIFIED',
  'CLOSED',
  'EVALUATED',
  'VOIDED',
  'MERGED',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Task extends TaskSpec {
  /** WAITING for others, given to its organ, taken on, done, or returned and to be transferred. */
  status: 'WAITING' | 'ASSIGNED' | 'ACCEPTED' | 'DONE' | 'RETURNED' | 'WITHDRAWN';
  result: Result | null;
  returnReason: string | null;
}

export interface Denial {
  task: string;
  by: OrganName;
  proposed: OrganName;
  ground: string;
}

export interface KnownCase {
  status: Status;
  facts: CaseFacts;
  reportedAt: string;
  level: Level;
  route: Route;
  policy: ClassPolicy;
  /** Who accepted it. */
  handler: OrganName | null;
  /** The clock of the whole case first where one runs, then those of tasks. */
  clocks: Clock[];
  /** Whether a clock of the phase has led to the escalation of its class already. */
  escalated: boolean;
  /** When it must be closed by; null until it is filed. */
  closeBy: string | null;
  tasks: Task[];
  /** How many of them belong to an earlier handling: before it was reopened, or went to another level. */
  earlier: number;
  /** "Not our duty", until that is settled. */
  denial: Denial | null;
  meeting: { participants: OrganName[]; decision: string; documentNumber: string } | null;
  result: Result | null;
  feedback: string | null;
  verification: Result | null;
  refusal: string | null;
  reworks: number;
  transfers: number;
  reopenings: number;
  problemOrder: boolean;
  supervisions: { cause: 'ORDER' | 'OVERDUE'; text: string; organs: OrganName[] }[];
  suspensionAsked: { cause: SuspensionCause; reason: string; until: string; by: OrganName } | null;
  suspension: { cause: SuspensionCause; from: string; until: string } | null;
  /** Days of all suspensions, added up: as they were approved, less what an earlier resumption left. */
  suspendedDays: number;
  extensionAsked: { reason: string; by: OrganName; amount: number } | null;
  extensions: number;
  closedAt: string | null;
  onTime: boolean | null;
  evaluations: Evaluation[];
  mergedInto: string | null;
  /** Where it goes back to when it is unmerged. */
  beforeMerge: { status: Status; clocks: Clock[]; escalated: boolean } | null;
  /** Cases that were merged into this one. */
  absorbed: string[];
  links: { to: string; note: string }[];
}

export type Case = { status: 'ABSENT' } | KnownCase;

export const initial: Case = { status: 'ABSENT' };

/** Somebody still has to do something about it. */
export const OPEN: readonly Status[] = [
  'REPORTED',
  'ACCEPTED',
  'FILED',
  'HANDLING',
  'SUSPENDED',
  'HANDLED',
  'FED_BACK',
  'VERIFIED',
];

export const isOpen = ({ status }: KnownCase): boolean => OPEN.includes(status);

/** Given to its organ and not done. */
export const isRunning = ({ status }: Task): boolean => status === 'ASSIGNED' || status === 'ACCEPTED';

/** The task that leads in the present handling. */
export const leadTask = ({ tasks, earlier }: KnownCase): Task | undefined =>
  tasks.slice(earlier).find(({ role, status }) => role === 'LEAD' && status !== 'WITHDRAWN');

export const clockOf = ({ clocks }: KnownCase, of: string): Clock | undefined =>
  clocks.find((clock) => clock.of === of);
