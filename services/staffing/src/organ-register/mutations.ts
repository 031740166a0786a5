import type { Refusal } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { StaffingContext } from '../context.ts';
import {
  type AbolishOrganInput,
  type Change,
  type ConfirmOrganInput,
  changesOf,
  type MergeOrgansInput,
  mergerTarget,
  newOrgan,
  type RegisterOrgansInput,
  type RenameOrganInput,
  type ReviseOrganInput,
  requireWithin,
  type SplitOrganInput,
  trimmed,
} from './input.ts';
import { type NewOrgan, type Organ, registerOf, registerOfId } from './organ.ts';
import { type OrganCommand, organRegister } from './organ-register.ts';
import { MAX_MERGED } from './organ-rules.ts';
import { limitExceeded, nothingNamed, notThere } from './refusals.ts';
import type { OrganNode } from './resolvers.ts';
import { changedBy, type OrganEvent, organRegisterStream } from './state.ts';

/** The mutations of schema.graphql. A registrar acts within the token's division only. */

interface Args<I> {
  input: I;
}

interface Done {
  events: (StoredEvent & OrganEvent)[];
  repeated: boolean;
  pending: boolean;
  /** The organ as it is after the command, whether or not that changed it. */
  organ(id: string): OrganNode;
}

/** The day from which a change holds: today where none is given. */
const dayOf = (context: StaffingContext, { effectiveFrom }: Change): string =>
  effectiveFrom ?? todayOf(context);

async function carryOut(
  context: StaffingContext,
  operation: string,
  input: Change,
  division: string,
  command: OrganCommand,
): Promise<Done> {
  const { effectiveFrom } = command;
  const { events, state, repeated, pending } = await mutate(
    context.staffing,
    context.locale,
    organRegister,
    organRegisterStream(registerOf(division)),
    command,
    // A retry is known by what was sent: sent again tomorrow, the day that it holds from by default is another.
    commandContext(context, operation, input.change, {
      division,
      effectiveAt: effectiveFrom,
      content: input,
    }),
  );
  const recorded = events as Done['events'];
  return {
    events: recorded,
    repeated,
    pending,
    organ(id) {
      const changed = recorded.flatMap(changedBy).findLast((organ) => organ.id === id);
      const organ = changed ?? state.organs.get(id)?.at(-1);
      if (!organ) throw new Error(`${operation} was accepted for ${id}, which is not on record`);
      return { organ, asOf: { effectiveAt: effectiveFrom } };
    },
  };
}

/** The organs named, by the fields they are named in: of one register and within the caller's division, or refused. */
async function entitled(context: StaffingContext, named: readonly [string, string][]): Promise<Organ[]> {
  const register = registerOfId(named[0]?.[1] ?? '') ?? '';
  const { state } = await load(context.staffing.commands, organRegister, organRegisterStream(register));
  return named.map(([field, id]) => {
    const organ = state.organs.get(id)?.at(-1);
    if (!organ) throw refusalError(notThere(id, state, field) as Refusal);
    requireDivision(context, organ.division, field);
    return organ;
  });
}

async function entitledOne(context: StaffingContext, field: string, id: string): Promise<Organ> {
  const [organ] = await entitled(context, [[field, id]]);
  return organ as Organ;
}

function requireOwn(
  context: StaffingContext,
  organs: readonly NewOrgan[],
  path: (i: number) => string,
): void {
  for (const [i, organ] of organs.entries()) requireDivision(context, organ.division, `${path(i)}.division`);
}

async function registerOrgans(_: unknown, { input }: Args<RegisterOrgansInput>, context: StaffingContext) {
  const { division } = input;
  requireDivision(context, division, 'division');
  const organs = input.organs.map((organ) => newOrgan(organ, division));
  requireWithin(division, organs, 'organs');
  const { repeated, pending, ...done } = await carryOut(context, 'registerOrgans', input, division, {
    type: 'RegisterOrgans',
    register: registerOf(division),
    organs,
    effectiveFrom: dayOf(context, input),
  });
  const registered = done.events.flatMap((event) =>
    event.type === 'OrganRegistered' ? [done.organ(event.data.organ.id)] : [],
  );
  return { organs: registered, repeated, pending };
}

/** What the mutations of one organ have in common; `command` is what is asked of the register. */
async function changeOne(
  context: StaffingContext,
  operation: string,
  input: Change & { organ: string },
  command: OrganCommand,
) {
  const { division } = await entitledOne(context, 'organ', input.organ);
  const { organ, repeated, pending } = await carryOut(context, operation, input, division, command);
  return { organ: organ(input.organ), repeated, pending };
}

function renameOrgan(_: unknown, { input }: Args<RenameOrganInput>, context: StaffingContext) {
  const { organ, shortName } = input;
  return changeOne(context, 'renameOrgan', input, {
    type: 'RenameOrgan',
    organ,
    name: trimmed(input.name),
    ...(shortName !== undefined && { shortName: trimmed(shortName) }),
    effectiveFrom: dayOf(context, input),
  });
}

function reviseOrgan(_: unknown, { input }: Args<ReviseOrganInput>, context: StaffingContext) {
  return changeOne(context, 'reviseOrgan', input, {
    type: 'ReviseOrgan',
    organ: input.organ,
    changes: changesOf(input),
    effectiveFrom: dayOf(context, input),
  });
}

function confirmOrgan(_: unknown, { input }: Args<ConfirmOrganInput>, context: StaffingContext) {
  const { organ } = input;
  return changeOne(context, 'confirmOrgan', input, {
    type: 'ConfirmOrgan',
    organ,
    effectiveFrom: dayOf(context, input),
  });
}

function abolishOrgan(_: unknown, { input }: Args<AbolishOrganInput>, context: StaffingContext) {
  return changeOne(context, 'abolishOrgan', input, {
    type: 'AbolishOrgan',
    organ: input.organ,
    successors: input.successors ?? [],
    effectiveFrom: dayOf(context, input),
  });
}

async function mergeOrgans(_: unknown, { input }: Args<MergeOrgansInput>, context: StaffingContext) {
  const { sources } = input;
  const target = mergerTarget(input);
  if (sources.length > MAX_MERGED) {
    throw refusalError(limitExceeded('sources', sources.length, MAX_MERGED));
  }
  const [first] = await entitled(context, [
    ...sources.map((id, i): [string, string] => [`sources[${i}]`, id]),
    ...('id' in target ? [['into', target.id] as [string, string]] : []),
  ]);
  if (!first || sources.length === 0) throw refusalError(nothingNamed);
  const into = 'id' in target ? target.id : newOrgan(target.organ, first.division);
  if (typeof into !== 'string') requireOwn(context, [into], () => 'intoNew');
  const { events, organ, repeated, pending } = await carryOut(context, 'mergeOrgans', input, first.division, {
    type: 'MergeOrgans',
    register: registerOf(first.division),
    sources,
    into,
    effectiveFrom: dayOf(context, input),
  });
  const merged = events.flatMap((event) => (event.type === 'OrgansMerged' ? [event.data.into.id] : []));
  return { organ: organ(merged[0] as string), repeated, pending };
}

async function splitOrgan(_: unknown, { input }: Args<SplitOrganInput>, context: StaffingContext) {
  const { source } = input;
  const { division } = await entitledOne(context, 'source', source);
  const into = input.into.map((organ) => newOrgan(organ, division));
  requireOwn(context, into, (i) => `into[${i}]`);
  const { events, organ, repeated, pending } = await carryOut(context, 'splitOrgan', input, division, {
    type: 'SplitOrgan',
    register: registerOf(division),
    source,
    into,
    sourceContinues: input.sourceContinues ?? false,
    effectiveFrom: dayOf(context, input),
  });
  const founded = events.flatMap((event) => (event.type === 'OrganSplit' ? event.data.into : []));
  return { source: organ(source), into: founded.map(({ id }) => organ(id)), repeated, pending };
}

export const organMutations = {
  registerOrgans,
  renameOrgan,
  reviseOrgan,
  confirmOrgan,
  mergeOrgans,
  splitOrgan,
  abolishOrgan,
};
