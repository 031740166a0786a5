import type { Limit } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';

/** Who owns a case by the lists, as it stood on the day of the report (G-7). A case keeps its route for good. */

export type RouteTarget =
  | { kind: 'ITEM'; list: string; edition: number; code: string; name: string }
  | { kind: 'MATTER'; matter: string; version: number; name: string }
  /** No list carries the class: the town's triage decides, and the gap is reported to lists. */
  | { kind: 'NONE' };

export interface RouteStep {
  id: string;
  name: string;
  /** Null where the list leaves open who acts. */
  organ: string | null;
  organName: string | null;
  limit: Limit | null;
  /** Ids of the steps that must be done before; steps that do not wait for each other run in parallel. */
  after: string[];
}

export interface Route {
  target: RouteTarget;
  /** Null where no list carries the class, or the item names no lead (village lists). */
  lead: OrganName | null;
  /** Of a jointly led item the further leads as well. */
  cooperators: (OrganName & { duty: string })[];
  steps: RouteStep[];
}
