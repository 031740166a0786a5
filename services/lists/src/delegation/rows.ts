import type { Basis } from '@dutyledger/event-store/event-store';
import { documents, temporal } from '@dutyledger/read-store/read-store';
import type { Provenance } from '../duty-list/rows.ts';
import type {
  CapacityAssessment,
  DelegationDecision,
  Evaluation,
  OrganRef,
  Power,
  Proposal,
  TownClass,
  TownOpinion,
} from './events.ts';

/** Rows of the read model of powers and delegations (L-5). */

export interface PowerRow extends Power {
  id: string;
  county: string;
}

/** A power in a town, as long as a delegation gives it to the town. */
export interface HoldingRow {
  power: string;
  code: string;
  county: string;
  town: string;
  townName: string;
  /** The organ that receives powers for the town. */
  holder: OrganRef;
  former: OrganRef;
  delegation: string;
  from: string;
  trialUntil: string | null;
  scope: string;
  ground: Basis[];
  documentNumber: string;
}

export type DelegationStatus = 'PROPOSED' | 'WITHDRAWN' | 'REFUSED' | 'IN_FORCE' | 'RECALLED';

export interface DelegationRow extends Proposal {
  county: string;
  status: DelegationStatus;
  opinions: TownOpinion[];
  assessments: CapacityAssessment[];
  decision: DelegationDecision | null;
  /** The last one per town. */
  evaluations: Evaluation[];
  recalls: { powers: string[]; towns: string[]; from: string; documentNumber: string }[];
  /** Pairs of power and town that it still gives. */
  holding: number;
  proposed: Provenance;
}

export interface TownClassRow extends TownClass {
  county: string;
  town: string;
}

export interface DelegationHistoryRow {
  id: string;
  delegation: string;
  change: string;
  details: unknown;
  position: number;
  effectiveFrom: string;
  provenance: Provenance;
}

export const powers = temporal<PowerRow>()('powers', {
  byCounty: ['county', 'code'],
  byField: ['county', 'field', 'code'],
});
export const holdings = temporal<HoldingRow>()('powerHoldings', {
  byTown: ['town', 'code'],
  byPower: ['power', 'town'],
  byDelegation: ['delegation', 'town', 'code'],
  byCounty: ['county', 'town', 'code'],
});
export const delegations = documents<DelegationRow>()('delegations', {
  byCounty: ['county', 'id'],
  byStatus: ['county', 'status', 'id'],
});
export const townClasses = temporal<TownClassRow>()('townClasses', { byCounty: ['county', 'town'] });
export const delegationHistory = documents<DelegationHistoryRow>()('delegationHistory', {
  byDelegation: ['delegation', 'position'],
});

export const holdingId = (power: string, town: string): string => `${power}@${town}`;
