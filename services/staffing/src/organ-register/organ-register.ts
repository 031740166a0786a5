import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Envelope,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { isLive, type NewOrgan, type Organ } from './organ.ts';
import { liveNamed, problemsOf, violation } from './organ-rules.ts';

/**
 * The register of organs of one county (or city, or province): S-1, S-2. One aggregate, because its rules speak of
 * several organs at once: names and credit codes are unique, a town has at most nine bodies, a merger touches
 * several organs in the same instant.
 */

export type OrganEvent =
  | Fact<'OrganRegistered', { organ: Organ }>
  | Fact<'OrganRenamed', { organ: string; name: string; shortName: string | null; formerName: string }>
  | Fact<'OrganRevised', { organ: string; changes: OrganChanges }>
  | Fact<'OrganConfirmed', { organ: string }>
  | Fact<'OrgansMerged', { sources: string[]; into: string }>
  | Fact<'OrganSplit', { source: string; into: string[]; sourceContinues: boolean }>
  | Fact<'OrganAbolished', { organ: string; successors: string[] }>;

/** Fields that may change without changing what the organ is. */
export type OrganChanges = Partial<Pick<Organ, 'aliases' | 'shortName' | 'superior' | 'creditCode' | 'kind'>>;

export interface OrganRegister {
  register: string;
  organs: IMap<string, Organ>;
  /** Numbers given out so far; an id is never given twice. */
  numbered: number;
}

export type OrganCommand =
  | { type: 'RegisterOrgans'; register: string; organs: NewOrgan[]; effectiveFrom: string }
  | { type: 'RenameOrgan'; organ: string; name: string; shortName: string | null; effectiveFrom: string }
  | { type: 'ReviseOrgan'; organ: string; changes: OrganChanges; effectiveFrom: string }
  | { type: 'ConfirmOrgan'; organ: string; effectiveFrom: string }
  | {
      type: 'MergeOrgans';
      register: string;
      sources: string[];
      into: string | NewOrgan;
      effectiveFrom: string;
    }
  | {
      type: 'SplitOrgan';
      register: string;
      source: string;
      into: NewOrgan[];
      sourceContinues: boolean;
      effectiveFrom: string;
    }
  | { type: 'AbolishOrgan'; organ: string; successors: string[]; effectiveFrom: string };

const initial: OrganRegister = { register: '', organs: IMap(), numbered: 0 };

function evolve(state: OrganRegister, event: OrganEvent, envelope: Envelope): OrganRegister {
  const change = (id: string, changes: Partial<Organ>): OrganRegister => ({
    ...state,
    organs: state.organs.update(id, (organ) => ({
      ...(organ as Organ),
      ...changes,
      effectiveFrom: envelope.effectiveAt,
    })),
  });
  switch (event.type) {
    case 'OrganRegistered': {
      const { organ } = event.data;
      const register = organ.id.slice('organ:'.length, organ.id.lastIndexOf('-'));
      return { register, organs: state.organs.set(organ.id, organ), numbered: state.numbered + 1 };
    }
    case 'OrganRenamed':
      return change(event.data.organ, { name: event.data.name, shortName: event.data.shortName });
    case 'OrganRevised':
      return change(event.data.organ, event.data.changes);
    case 'OrganConfirmed':
      return change(event.data.organ, { status: 'active' });
    case 'OrgansMerged':
      return {
        ...state,
        organs: event.data.sources.reduce(
          (organs, id) =>
            organs.update(id, (organ) => ({
              ...(organ as Organ),
              status: 'merged' as const,
              successors: [event.data.into],
              effectiveFrom: envelope.effectiveAt,
            })),
          state.organs,
        ),
      };
    case 'OrganSplit':
      return event.data.sourceContinues
        ? state
        : change(event.data.source, { status: 'abolished', successors: event.data.into });
    case 'OrganAbolished':
      return change(event.data.organ, { status: 'abolished', successors: event.data.successors });
    default:
      return assertNever(event);
  }
}

function decide(command: OrganCommand, state: OrganRegister): Decision<OrganEvent> {
  switch (command.type) {
    case 'RegisterOrgans':
      return registerOrgans(command.register, command.organs, command.effectiveFrom, state);
    case 'RenameOrgan':
      return renameOrgan(command, state);
    case 'ReviseOrgan':
      return reviseOrgan(command, state);
    case 'ConfirmOrgan': {
      const organ = state.organs.get(command.organ);
      if (!organ || !isLive(organ)) return refuse(notThere(command.organ, organ));
      return organ.status === 'active'
        ? accept()
        : accept<OrganEvent>({
            type: 'OrganConfirmed',
            data: { organ: organ.id },
            effectiveAt: command.effectiveFrom,
          });
    }
    case 'MergeOrgans':
      return mergeOrgans(command, state);
    case 'SplitOrgan':
      return splitOrgan(command, state);
    case 'AbolishOrgan':
      return abolishOrgan(command, state);
    default:
      return assertNever(command);
  }
}

/** All or none; the first problem found is reported with its place in the list. */
function registerOrgans(
  register: string,
  organs: NewOrgan[],
  effectiveFrom: string,
  state: OrganRegister,
): Decision<OrganEvent> {
  const events: OrganEvent[] = [];
  let after = state;
  for (const [i, given] of organs.entries()) {
    const problem = problemsOf(given, after, `organs[${i}]`);
    if (problem) return refuse(problem);
    const event = registered(register, given, effectiveFrom, after);
    after = evolve(after, event, ENVELOPE_OF_A_DRAFT);
    events.push(event);
  }
  return accept(...events);
}

/** `evolve` looks at the envelope for dates alone, and a registration carries its own. */
const ENVELOPE_OF_A_DRAFT: Envelope = {
  actor: { subject: '', name: '', organ: null, role: '' },
  reason: '',
  basis: [],
  effectiveAt: '',
  recordedAt: '',
};

function registered(
  register: string,
  given: NewOrgan,
  effectiveFrom: string,
  state: OrganRegister,
): OrganEvent {
  const { provisional, ...fields } = given;
  const organ: Organ = {
    ...fields,
    id: `organ:${register}-${String(state.numbered + 1).padStart(4, '0')}`,
    status: provisional ? 'provisional' : 'active',
    effectiveFrom,
    successors: [],
  };
  return { type: 'OrganRegistered', data: { organ }, effectiveAt: effectiveFrom };
}

function renameOrgan(
  command: Extract<OrganCommand, { type: 'RenameOrgan' }>,
  state: OrganRegister,
): Decision<OrganEvent> {
  const organ = state.organs.get(command.organ);
  if (!organ || !isLive(organ)) return refuse(notThere(command.organ, organ));
  if (organ.name === command.name && organ.shortName === command.shortName) return accept();
  const early = tooEarly(organ, command.effectiveFrom);
  if (early) return refuse(early);
  const namesake = liveNamed(state, command.name, organ, organ);
  if (namesake) {
    return refuse(
      violation('name', {
        en: `${command.name} is the name of ${namesake.id} already.`,
        'zh-CN': `“${command.name}”已是 ${namesake.id} 的名称。`,
      }),
    );
  }
  const { name, shortName } = command;
  return accept<OrganEvent>({
    type: 'OrganRenamed',
    data: { organ: organ.id, name, shortName, formerName: organ.name },
    effectiveAt: command.effectiveFrom,
  });
}

function reviseOrgan(
  command: Extract<OrganCommand, { type: 'ReviseOrgan' }>,
  state: OrganRegister,
): Decision<OrganEvent> {
  const organ = state.organs.get(command.organ);
  if (!organ || !isLive(organ)) return refuse(notThere(command.organ, organ));
  const changes = Object.fromEntries(
    Object.entries(command.changes).filter(
      ([field, value]) => JSON.stringify(organ[field as keyof Organ]) !== JSON.stringify(value),
    ),
  ) as OrganChanges;
  if (Object.keys(changes).length === 0) return accept();
  const early = tooEarly(organ, command.effectiveFrom);
  if (early) return refuse(early);
  const problem = problemsOf({ ...organ, ...changes, provisional: false }, state, 'changes', organ);
  if (problem) return refuse(problem);
  return accept<OrganEvent>({
    type: 'OrganRevised',
    data: { organ: organ.id, changes },
    effectiveAt: command.effectiveFrom,
  });
}

function mergeOrgans(
  command: Extract<OrganCommand, { type: 'MergeOrgans' }>,
  state: OrganRegister,
): Decision<OrganEvent> {
  const { into, sources, effectiveFrom } = command;
  const leaving = leavingOrgans(sources, effectiveFrom, state);
  if (!Array.isArray(leaving)) return refuse(leaving);
  const events: OrganEvent[] = [];
  let target: string;
  if (typeof into === 'string') {
    const organ = state.organs.get(into);
    if (!organ || !isLive(organ)) return refuse(notThere(into, organ, 'into'));
    if (sources.includes(into)) {
      return refuse(
        violation('into', { en: 'An organ cannot be merged into itself.', 'zh-CN': '机构不能并入自身。' }),
      );
    }
    target = into;
  } else {
    const problem = problemsOf(into, withoutOrgans(state, sources), 'into');
    if (problem) return refuse(problem);
    const event = registered(command.register, into, effectiveFrom, state);
    events.push(event);
    target = (event as Extract<OrganEvent, { type: 'OrganRegistered' }>).data.organ.id;
  }
  const stranded = strandedBy(sources, state);
  if (stranded) return refuse(stranded);
  return accept<OrganEvent>(...events, {
    type: 'OrgansMerged',
    data: { sources, into: target },
    effectiveAt: effectiveFrom,
  });
}

function splitOrgan(
  command: Extract<OrganCommand, { type: 'SplitOrgan' }>,
  state: OrganRegister,
): Decision<OrganEvent> {
  const { source, into, sourceContinues, effectiveFrom } = command;
  const leaving = leavingOrgans([source], effectiveFrom, state);
  if (!Array.isArray(leaving)) return refuse(leaving);
  if (into.length + (sourceContinues ? 1 : 0) < 2) {
    return refuse(
      violation('into', { en: 'A split leaves at least two organs.', 'zh-CN': '拆分后至少应有两个机构。' }),
    );
  }
  const without = sourceContinues ? state : withoutOrgans(state, [source]);
  const decision = registerOrgans(command.register, into, effectiveFrom, without);
  if (!decision.ok) return decision;
  if (!sourceContinues) {
    const stranded = strandedBy([source], state);
    if (stranded) return refuse(stranded);
  }
  const ids = decision.events.flatMap((event) =>
    event.type === 'OrganRegistered' ? [event.data.organ.id] : [],
  );
  return accept<OrganEvent>(...decision.events, {
    type: 'OrganSplit',
    data: { source, into: ids, sourceContinues },
    effectiveAt: effectiveFrom,
  });
}

function abolishOrgan(
  command: Extract<OrganCommand, { type: 'AbolishOrgan' }>,
  state: OrganRegister,
): Decision<OrganEvent> {
  const { organ: id, successors, effectiveFrom } = command;
  const leaving = leavingOrgans([id], effectiveFrom, state);
  if (!Array.isArray(leaving)) return refuse(leaving);
  for (const [i, successor] of successors.entries()) {
    const organ = state.organs.get(successor);
    if (!organ || !isLive(organ) || successor === id)
      return refuse(notThere(successor, organ, `successors[${i}]`));
  }
  const stranded = strandedBy([id], state);
  if (stranded) return refuse(stranded);
  return accept<OrganEvent>({
    type: 'OrganAbolished',
    data: { organ: id, successors },
    effectiveAt: effectiveFrom,
  });
}

/** The organs that are to end, or why one of them cannot. */
function leavingOrgans(ids: string[], effectiveFrom: string, state: OrganRegister): Organ[] | Refusal {
  if (ids.length === 0) {
    return violation('sources', { en: 'No organ is named.', 'zh-CN': '未指定机构。' });
  }
  const organs: Organ[] = [];
  for (const [i, id] of ids.entries()) {
    const organ = state.organs.get(id);
    if (!organ || !isLive(organ)) return notThere(id, organ, `sources[${i}]`);
    if (organs.includes(organ)) {
      return violation(`sources[${i}]`, {
        en: `${organ.name} is named twice.`,
        'zh-CN': `“${organ.name}”重复。`,
      });
    }
    const early = tooEarly(organ, effectiveFrom);
    if (early) return early;
    organs.push(organ);
  }
  return organs;
}

/** An organ that has organs below it cannot end before they were given another superior. */
function strandedBy(ids: string[], state: OrganRegister): Refusal | undefined {
  const below = state.organs.find(
    (organ) =>
      isLive(organ) && organ.superior !== null && ids.includes(organ.superior) && !ids.includes(organ.id),
  );
  if (!below) return undefined;
  return violation('sources', {
    en: `${below.name} (${below.id}) is subordinate to it; give it another superior first.`,
    'zh-CN': `“${below.name}”(${below.id})隶属于该机构,请先调整其上级机构。`,
  });
}

const withoutOrgans = (state: OrganRegister, ids: string[]): OrganRegister => ({
  ...state,
  organs: state.organs.deleteAll(ids),
});

/** Changes of one organ are recorded in the order in which they take effect. */
function tooEarly(organ: Organ, effectiveFrom: string): Refusal | undefined {
  if (effectiveFrom >= organ.effectiveFrom) return undefined;
  return violation(
    'effectiveFrom',
    {
      en: `${organ.name} is on record as of ${organ.effectiveFrom}; a change cannot take effect before that, on ${effectiveFrom}.`,
      'zh-CN': `“${organ.name}”的现状自 ${organ.effectiveFrom} 起生效,变更不能早于该日(${effectiveFrom})生效。`,
    },
    { onRecordFrom: organ.effectiveFrom },
  );
}

function notThere(id: string, organ: Organ | undefined, field = 'organ'): Refusal {
  if (!organ) {
    return {
      code: 'NOT_FOUND',
      rule: 'S-1',
      field,
      message: { en: `No organ has the id ${id}.`, 'zh-CN': `没有编号为 ${id} 的机构。` },
    };
  }
  return violation(
    field,
    {
      en: `${organ.name} (${id}) ended on ${organ.effectiveFrom} (${organ.status}).`,
      'zh-CN': `“${organ.name}”(${id})已于 ${organ.effectiveFrom} ${organ.status === 'merged' ? '并入其他机构' : '撤销'}。`,
    },
    { status: organ.status, successors: organ.successors },
  );
}

export const organRegister: Decider<OrganRegister, OrganCommand, OrganEvent> = { initial, evolve, decide };

export const organRegisterStream = (register: string): string => `staffing.organRegister-${register}`;
