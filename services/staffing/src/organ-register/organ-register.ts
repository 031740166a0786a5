import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { LEVEL_NAMES, levelOf, type NewOrgan, type Organ, registerOf } from './organ.ts';
import { MAX_MERGED, MAX_REGISTERED, problemsOf, stranded } from './organ-rules.ts';
import { limitExceeded, nothingNamed, notThere, tooEarly, violation } from './refusals.ts';
import {
  evolve,
  initial,
  type OrganChanges,
  type OrganEvent,
  type OrganField,
  type OrganRegister,
  withOrgan,
} from './state.ts';

/**
 * The register of organs of one county (or city, or province): S-1, S-2. One aggregate, because its rules speak of
 * several organs at once: names and credit codes are unique, a town has at most nine bodies, a merger touches
 * several organs in the same instant. Events, state and `evolve` are in state.ts, the rules in organ-rules.ts.
 */

/** Every command says from which day on it holds; facts of one organ are recorded in the order of their days. */
export type OrganCommand = { effectiveFrom: string } & (
  | { type: 'RegisterOrgans'; register: string; organs: NewOrgan[] }
  /** `shortName` left out: as it is. */
  | { type: 'RenameOrgan'; organ: string; name: string; shortName?: string | null }
  | { type: 'ReviseOrgan'; organ: string; changes: OrganChanges }
  | { type: 'ConfirmOrgan'; organ: string }
  | { type: 'MergeOrgans'; register: string; sources: string[]; into: string | NewOrgan }
  | { type: 'SplitOrgan'; register: string; source: string; into: NewOrgan[]; sourceContinues: boolean }
  | { type: 'AbolishOrgan'; organ: string; successors: string[] }
);
type Command<T extends OrganCommand['type']> = Extract<OrganCommand, { type: T }>;

function decide(command: OrganCommand, state: OrganRegister): Decision<OrganEvent> {
  switch (command.type) {
    case 'RegisterOrgans':
      return registerOrgans(command.register, command.organs, command.effectiveFrom, state, 'organs');
    case 'RenameOrgan':
      return renameOrgan(command, state);
    case 'ReviseOrgan':
      return reviseOrgan(command, state);
    case 'ConfirmOrgan':
      return confirmOrgan(command, state);
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

type Registered = Extract<OrganEvent, { type: 'OrganRegistered' }>;

/** All or none; the first problem found is reported with its place in the list. */
function registerOrgans(
  register: string,
  organs: NewOrgan[],
  effectiveFrom: string,
  state: OrganRegister,
  path: string,
): Decision<Registered> {
  if (organs.length > MAX_REGISTERED) return refuse(limitExceeded(path, organs.length, MAX_REGISTERED));
  const events: Registered[] = [];
  let after = state;
  for (const [i, given] of organs.entries()) {
    const decision = registerOrgan(register, given, effectiveFrom, after, `${path}[${i}]`);
    if (!decision.ok) return decision;
    after = decision.events.reduce(evolve, after);
    events.push(...decision.events);
  }
  return accept(...events);
}

function registerOrgan(
  register: string,
  given: NewOrgan,
  effectiveFrom: string,
  state: OrganRegister,
  path: string,
): Decision<Registered> {
  if (registerOf(given.division) !== register) {
    return refuse(
      violation(`${path}.division`, {
        en: `Organs of ${given.division} belong to the register of ${registerOf(given.division)}, not to that of ${register}.`,
        'zh-CN': `${given.division} 的机构应登记在 ${registerOf(given.division)}，而不是 ${register}。`,
      }),
    );
  }
  const level = levelOf(given.division);
  if (level === undefined || (given.kind !== 'ORGAN_CLASS' && (given.level ?? level) !== level)) {
    return refuse(
      violation(`${path}.level`, {
        en: `The level of an organ is that of its division (${level ?? 'none'}); only a class of organs may state another.`,
        'zh-CN': `机构层级取决于其行政区划(${level ? LEVEL_NAMES[level]['zh-CN'] : '无'}),仅机构统称可另行指定。`,
      }),
    );
  }
  const { provisional, ...fields } = given;
  const organ: Organ = {
    ...fields,
    level: given.level ?? level,
    id: `organ:${register}-${String(state.organs.size + 1).padStart(4, '0')}`,
    status: provisional ? 'provisional' : 'active',
    effectiveFrom,
    successors: [],
  };
  const problem = problemsOf(organ, state, path);
  return problem
    ? refuse(problem)
    : accept({ type: 'OrganRegistered', data: { organ }, effectiveAt: effectiveFrom });
}

function renameOrgan(command: Command<'RenameOrgan'>, state: OrganRegister): Decision<OrganEvent> {
  const { name, effectiveFrom } = command;
  const organ = changeable(command.organ, 'organ', effectiveFrom, state);
  if ('code' in organ) return refuse(organ);
  const shortName = command.shortName === undefined ? organ.shortName : command.shortName;
  if (organ.name === name && organ.shortName === shortName) return accept();
  const aliases = new Set(organ.aliases).add(organ.name);
  aliases.delete(name);
  const renamed = { ...organ, name, shortName, aliases: [...aliases], effectiveFrom };
  const problem = problemsOf(renamed, state, '');
  if (problem) return refuse(problem);
  return accept<OrganEvent>({
    type: 'OrganRenamed',
    data: { organ: renamed, formerName: organ.name },
    effectiveAt: effectiveFrom,
  });
}

function reviseOrgan(command: Command<'ReviseOrgan'>, state: OrganRegister): Decision<OrganEvent> {
  const { changes, effectiveFrom } = command;
  const organ = changeable(command.organ, 'organ', effectiveFrom, state);
  if ('code' in organ) return refuse(organ);
  const fields = (Object.keys(changes) as OrganField[]).filter(
    (field) => JSON.stringify(organ[field]) !== JSON.stringify(changes[field]),
  );
  if (fields.length === 0) return accept();
  const kind = changes.kind ?? organ.kind;
  const level = kind === 'ORGAN_CLASS' ? organ.level : (levelOf(organ.division) ?? organ.level);
  const revised = { ...organ, ...changes, level, effectiveFrom };
  const problem = problemsOf(revised, state, '');
  if (problem) return refuse(problem);
  return accept<OrganEvent>({
    type: 'OrganRevised',
    data: { organ: revised, fields },
    effectiveAt: effectiveFrom,
  });
}

function confirmOrgan(command: Command<'ConfirmOrgan'>, state: OrganRegister): Decision<OrganEvent> {
  const { effectiveFrom } = command;
  const organ = changeable(command.organ, 'organ', effectiveFrom, state);
  if ('code' in organ) return refuse(organ);
  if (organ.status === 'active') return accept();
  const confirmed: Organ = { ...organ, status: 'active', effectiveFrom };
  return accept<OrganEvent>({
    type: 'OrganConfirmed',
    data: { organ: confirmed },
    effectiveAt: effectiveFrom,
  });
}

function mergeOrgans(command: Command<'MergeOrgans'>, state: OrganRegister): Decision<OrganEvent> {
  const { into, sources, effectiveFrom } = command;
  if (sources.length > MAX_MERGED) return refuse(limitExceeded('sources', sources.length, MAX_MERGED));
  const leaving = leavingOrgans(sources, effectiveFrom, state);
  if (!Array.isArray(leaving)) return refuse(leaving);
  const merged = leaving.map((organ): Organ => ({ ...organ, status: 'merged', effectiveFrom }));
  const founding =
    typeof into === 'string'
      ? accept<Registered>()
      : registerOrgan(command.register, into, effectiveFrom, merged.reduce(withOrgan, state), 'intoNew');
  if (!founding.ok) return founding;
  const target =
    typeof into === 'string' ? mergeTarget(into, command, state) : founding.events[0]?.data.organ;
  if (target === undefined) throw new Error('a merger into a new organ registers it');
  if ('code' in target) return refuse(target);
  return accept<OrganEvent>(...founding.events, {
    type: 'OrgansMerged',
    data: { sources: merged.map((organ) => ({ ...organ, successors: [target.id] })), into: target },
    effectiveAt: effectiveFrom,
  });
}

function mergeTarget(id: string, command: Command<'MergeOrgans'>, state: OrganRegister): Organ | Refusal {
  if (command.sources.includes(id)) {
    return violation('into', { en: 'An organ cannot be merged into itself.', 'zh-CN': '机构不能并入自身。' });
  }
  return notThere(id, state, 'into', command.effectiveFrom) ?? newest(id, state);
}

function splitOrgan(command: Command<'SplitOrgan'>, state: OrganRegister): Decision<OrganEvent> {
  const { source: id, sourceContinues, effectiveFrom } = command;
  if (command.into.length > MAX_MERGED) return refuse(limitExceeded('into', command.into.length, MAX_MERGED));
  if (command.into.length + (sourceContinues ? 1 : 0) < 2) {
    return refuse(
      violation('into', { en: 'A split leaves at least two organs.', 'zh-CN': '拆分后至少应有两个机构。' }),
    );
  }
  const organ = sourceContinues
    ? changeable(id, 'source', effectiveFrom, state)
    : leavingOrgan(id, [id], 'source', effectiveFrom, state);
  if ('code' in organ) return refuse(organ);
  const ended: Organ = { ...organ, status: 'abolished', effectiveFrom };
  const without = sourceContinues ? state : withOrgan(state, ended);
  const founding = registerOrgans(command.register, command.into, effectiveFrom, without, 'into');
  if (!founding.ok) return founding;
  const into = founding.events.map((event) => event.data.organ);
  const successors = into.map((successor) => successor.id);
  return accept<OrganEvent>(...founding.events, {
    type: 'OrganSplit',
    data: { source: sourceContinues ? organ : { ...ended, successors }, into },
    effectiveAt: effectiveFrom,
  });
}

function abolishOrgan(command: Command<'AbolishOrgan'>, state: OrganRegister): Decision<OrganEvent> {
  const { organ: id, effectiveFrom } = command;
  const organ = leavingOrgan(id, [id], 'organ', effectiveFrom, state);
  if ('code' in organ) return refuse(organ);
  const successors = [...new Set(command.successors)];
  const abolished: Organ = { ...organ, status: 'abolished', effectiveFrom, successors };
  const after = withOrgan(state, abolished);
  for (const [i, successor] of command.successors.entries()) {
    const missing = notThere(successor, after, `successors[${i}]`, effectiveFrom);
    if (missing) return refuse(missing);
  }
  return accept<OrganEvent>({
    type: 'OrganAbolished',
    data: { organ: abolished },
    effectiveAt: effectiveFrom,
  });
}

/** The newest state of an organ. Callers have made sure that it is on record. */
function newest(id: string, state: OrganRegister): Organ {
  const organ = state.organs.get(id)?.at(-1);
  if (!organ) throw new Error(`${id} is not on record`);
  return organ;
}

/** The newest state of an organ that is to change, or why it cannot. */
const changeable = (id: string, path: string, from: string, state: OrganRegister): Organ | Refusal =>
  notThere(id, state, path) ?? tooEarly(id, state, from) ?? newest(id, state);

/** An organ that is to end together with others, or why it cannot. */
const leavingOrgan = (
  id: string,
  together: string[],
  path: string,
  from: string,
  state: OrganRegister,
): Organ | Refusal => stranded(id, together, state, from, path) ?? changeable(id, path, from, state);

function leavingOrgans(ids: string[], from: string, state: OrganRegister): Organ[] | Refusal {
  if (ids.length === 0) return nothingNamed;
  const organs: Organ[] = [];
  for (const [i, id] of ids.entries()) {
    const organ = leavingOrgan(id, ids, `sources[${i}]`, from, state);
    if ('code' in organ) return organ;
    if (ids.indexOf(id) < i) {
      return violation(`sources[${i}]`, {
        en: `${organ.name} is named twice.`,
        'zh-CN': `“${organ.name}”重复。`,
      });
    }
    organs.push(organ);
  }
  return organs;
}

export const organRegister: Decider<OrganRegister, OrganCommand, OrganEvent> = { initial, evolve, decide };
