import { assertNever, type Fact } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { isLive, type Organ } from './organ.ts';

/** Events, state and `evolve` of the register of organs; its commands and `decide` are in organ-register.ts. */

/**
 * Each event carries the organs it concerns as they are afterwards. Read models, other services' copies and whoever
 * reads the raw log need no fold to know what an organ was, and `publish` stays a pure function of one event.
 */
export type OrganEvent =
  | Fact<'OrganRegistered', { organ: Organ }>
  | Fact<'OrganRenamed', { organ: Organ; formerName: string }>
  | Fact<'OrganRevised', { organ: Organ; fields: OrganField[] }>
  | Fact<'OrganConfirmed', { organ: Organ }>
  | Fact<'OrgansMerged', { sources: Organ[]; into: Organ }>
  /** The source goes on or ends; its status says so. */
  | Fact<'OrganSplit', { source: Organ; into: Organ[] }>
  | Fact<'OrganAbolished', { organ: Organ }>;

export const ORGAN_EVENTS: readonly OrganEvent['type'][] = [
  'OrganRegistered',
  'OrganRenamed',
  'OrganRevised',
  'OrganConfirmed',
  'OrgansMerged',
  'OrganSplit',
  'OrganAbolished',
];

/** Fields that may change without changing what the organ is. */
export type OrganField = 'aliases' | 'shortName' | 'superior' | 'creditCode' | 'kind';
export type OrganChanges = Partial<Pick<Organ, OrganField>>;

/** An organ's states in the order in which they take effect; each holds until the next, the last without end. */
export type OrganLife = readonly Organ[];

export interface OrganRegister {
  /** Never shrinks: ended organs still answer for what they did, and no id is given twice. */
  organs: IMap<string, OrganLife>;
  /** Who ever bore a name or a credit code, was below an organ or a body of a town: where the rules have to look. */
  bearers: IMap<string, readonly string[]>;
}

/** Keys of `bearers`. */
export const bearing = {
  name: (name: string) => `name:${name}`,
  creditCode: (code: string) => `creditCode:${code}`,
  superior: (id: string) => `superior:${id}`,
  bodyOf: (town: string) => `bodyOf:${town}`,
};

export const initial: OrganRegister = { organs: IMap(), bearers: IMap() };

/** The organs that an event changed, as they are afterwards. */
export function changedBy(event: OrganEvent): Organ[] {
  switch (event.type) {
    case 'OrganRegistered':
    case 'OrganRenamed':
    case 'OrganRevised':
    case 'OrganConfirmed':
    case 'OrganAbolished':
      return [event.data.organ];
    case 'OrgansMerged':
      return event.data.sources;
    case 'OrganSplit':
      return isLive(event.data.source) ? [] : [event.data.source];
    default:
      return assertNever(event);
  }
}

export const evolve = (state: OrganRegister, event: OrganEvent): OrganRegister =>
  changedBy(event).reduce(withOrgan, state);

export function withOrgan(state: OrganRegister, organ: Organ): OrganRegister {
  // A state that is replaced on its first day was never in force.
  const earlier = (state.organs.get(organ.id) ?? []).filter(
    ({ effectiveFrom }) => effectiveFrom < organ.effectiveFrom,
  );
  const keys = [
    bearing.name(organ.name),
    ...(organ.creditCode === null ? [] : [bearing.creditCode(organ.creditCode)]),
    ...(organ.superior === null ? [] : [bearing.superior(organ.superior)]),
    ...(organ.kind === 'TOWN_BODY' ? [bearing.bodyOf(organ.division)] : []),
  ];
  return {
    organs: state.organs.set(organ.id, [...earlier, organ]),
    bearers: keys.reduce(
      (bearers, key) => bearers.update(key, [], (ids) => (ids.includes(organ.id) ? ids : [...ids, organ.id])),
      state.bearers,
    ),
  };
}

export const organRegisterStream = (register: string): string => `staffing.organRegister-${register}`;
