import { problemOf } from './check.ts';
import { type Checked, parseCloudEvent } from './envelope.ts';
import type { EventContract, EventOf } from './event-contract.ts';
import {
  CaseClosed,
  CaseDispatched,
  CaseEscalated,
  CaseFiled,
  CaseOverdue,
  CaseRated,
  CaseReported,
  CaseReturned,
  ClassWithoutItem,
} from './grid-events.ts';
import { CallAnswered, CallIssued, CallOverdue, CallRated } from './grid-events-calls.ts';
import { UnadmittedGridTaskRecorded } from './grid-events-tasks.ts';
import { EditionCorrected, EditionPublished } from './lists.ts';
import { AdjustmentApplied, AdjustmentDecided } from './lists-adjustments.ts';
import { DelegationEvaluationOverdue, PowersDelegated, PowersRecalled } from './lists-delegations.ts';
import { DisputeSettled } from './lists-disputes.ts';
import { EditionItemPublished } from './lists-items.ts';
import { IntegratedMatterPublished, IntegratedMatterRetired } from './lists-matters.ts';
import { TaskAdmitted, TaskEnded, UnlistedTaskRecorded } from './lists-tasks.ts';
import { OrganChanged, OrganRegistered, OrganSplit, OrgansMerged } from './staffing.ts';

/** Every integration event there is. A new one is added here, then `npm run generate`. */
export const contracts = [
  OrganRegistered,
  OrganChanged,
  OrgansMerged,
  OrganSplit,
  EditionPublished,
  EditionCorrected,
  EditionItemPublished,
  IntegratedMatterPublished,
  IntegratedMatterRetired,
  AdjustmentDecided,
  AdjustmentApplied,
  PowersDelegated,
  DelegationEvaluationOverdue,
  PowersRecalled,
  DisputeSettled,
  TaskAdmitted,
  TaskEnded,
  UnlistedTaskRecorded,
  CaseReported,
  ClassWithoutItem,
  CaseFiled,
  CaseDispatched,
  CaseReturned,
  CaseEscalated,
  CaseOverdue,
  CaseClosed,
  CaseRated,
  CallIssued,
  CallAnswered,
  CallRated,
  CallOverdue,
  UnadmittedGridTaskRecorded,
] as const;

/** Tells the events apart by `type`. */
export type IntegrationEvent = EventOf<(typeof contracts)[number]>;

const byType = new Map<string, EventContract>(contracts.map((contract) => [contract.type, contract]));

/**
 * Checks envelope and data of anything that claims to be an integration event, on publishing and on receipt. Fields
 * that the contract does not name are accepted: a newer publisher may add optional ones within a version. An event
 * of a type or version that is not in the catalogue answers `UNKNOWN_EVENT`; consumers may pass over it.
 */
export function validate(value: unknown): Checked<IntegrationEvent> {
  const parsed = parseCloudEvent(value);
  if (!parsed.ok) return parsed;
  const { type, source, data } = parsed.event;
  const contract = byType.get(type);
  if (!contract) {
    return { ok: false, problem: { code: 'UNKNOWN_EVENT', at: '/type', message: `no contract for ${type}` } };
  }
  if (source !== `/dutyledger/${contract.service}`) {
    const message = `/source must be "/dutyledger/${contract.service}" for ${type}`;
    return { ok: false, problem: { code: 'NOT_A_CLOUD_EVENT', at: '/source', message } };
  }
  const problem = problemOf(contract.data, data, 'DATA_MISMATCH', '/data');
  return problem ? { ok: false, problem } : { ok: true, event: parsed.event as IntegrationEvent };
}
