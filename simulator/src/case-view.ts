/** A case as the simulated people see it. */

export type Level = 'WORKER' | 'TOWN' | 'COUNTY' | 'JOINT';
export type Status =
  | 'REPORTED'
  | 'REFUSED'
  | 'ACCEPTED'
  | 'FILED'
  | 'HANDLING'
  | 'SUSPENDED'
  | 'HANDLED'
  | 'FED_BACK'
  | 'VERIFIED'
  | 'CLOSED'
  | 'EVALUATED'
  | 'VOIDED'
  | 'MERGED';

export interface TaskView {
  id: string;
  organ: { id: string };
  role: 'LEAD' | 'COOPERATE';
  status: 'WAITING' | 'ASSIGNED' | 'ACCEPTED' | 'DONE' | 'RETURNED' | 'WITHDRAWN';
}

export interface CaseView {
  id: string;
  status: Status;
  level: Level;
  gridId: string | null;
  closeBy: string | null;
  route: { kind: 'ITEM' | 'MATTER' | 'NONE'; lead: { organ: { id: string } } | null };
  limits: { handle: { amount: number; unit: string } };
  tasks: TaskView[];
  clocks: { task: string | null; due: string | null; overdue: boolean }[];
  meeting: { documentNumber: string } | null;
  suspension: { until: string } | null;
  suspensionAsked: { until: string } | null;
  extensionAsked: { amount: number } | null;
  extensions: number;
  denial: { task: string } | null;
}

/** What is asked of every answer. */
export const CASE_FIELDS = `id status level gridId closeBy
  route { kind lead { organ { id } } } limits { handle { amount unit } }
  tasks { id organ { id } role status } clocks { task due overdue }
  meeting { documentNumber } suspension { until } suspensionAsked { until } extensionAsked { amount } extensions
  denial { task }`;

/** Whether time alone may have changed the case since it was looked at. */
export const mayHaveChanged = ({ status, clocks, suspension }: CaseView, now: string): boolean =>
  status === 'MERGED' ||
  suspension !== null ||
  clocks.some(({ due, overdue }) => !overdue && due !== null && due <= now);

/** Of the present handling: withdrawn tasks are those of an earlier one. */
export const leadOf = ({ tasks }: CaseView): TaskView | undefined =>
  tasks.findLast(({ role, status }) => role === 'LEAD' && status !== 'WITHDRAWN');
