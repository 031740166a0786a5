import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { isWithin } from '@dutyledger/reference-data/divisions';
import type { CaseCommand, Party } from './commands.ts';
import type { CaseFacts, Level } from './events.ts';
import { levelName, notTheirs } from './refusals.ts';
import { type KnownCase, leadTask } from './state.ts';

/** Who may take a step: by role, organ and division. */

export type Guard =
  /** Who works at the level that the case is at. */
  | 'LEVEL'
  /** The same, or the county platform. */
  | 'PLATFORM'
  /** The county platform. */
  | 'COUNTY'
  /** The organ whose task it is. */
  | 'TASK'
  /** The organ that leads, or the level. */
  | 'HANDLER'
  /** Reporter's word taken down by an office, or the town's own. */
  | 'EVALUATOR'
  /** Office, reporter's word, or somebody who looked at it from outside. */
  | 'REOPENER'
  | 'SYSTEM';

const OPERATORS: Record<Level, readonly string[]> = {
  WORKER: ['GRID_WORKER', 'TOWN_OPERATOR'],
  TOWN: ['TOWN_OPERATOR'],
  COUNTY: ['COUNTY_OPERATOR'],
  JOINT: ['COUNTY_OPERATOR'],
};
/** Who acts for an organ of its own. */
const OFFICERS = ['DEPARTMENT_OFFICER', 'TOWN_OPERATOR'];
const COUNTY = ['COUNTY_OPERATOR'];

const has = ({ roles }: Party, wanted: readonly string[]): boolean =>
  roles.some((role) => wanted.includes(role));

function atLevel(by: Party, { level, facts }: KnownCase): boolean {
  const place = level === 'COUNTY' || level === 'JOINT' ? facts.county : facts.division;
  if (!has(by, OPERATORS[level]) || !isWithin(place, by.division)) return false;
  return level !== 'WORKER' || has(by, OPERATORS.TOWN) || inOwnGrid(by, facts);
}

/** A grid worker acts in the grids that the roster gives them; where there is no roster, in their division. */
export const inOwnGrid = ({ grids }: Party, { grid }: CaseFacts): boolean =>
  grids === null || (grid !== null && grids.includes(grid));

const atCounty = (by: Party, { facts }: KnownCase): boolean =>
  has(by, COUNTY) && isWithin(facts.county, by.division);

const actsFor = (by: Party, organ: string | undefined): boolean =>
  organ !== undefined && by.organ === organ && has(by, OFFICERS);

const inPlace = (by: Party, { facts }: KnownCase, roles: readonly string[]): boolean =>
  has(by, roles) && isWithin(facts.division, by.division);

const officeOf = (level: Level): Text => {
  const { en, 'zh-CN': zh } = levelName(level);
  return { en: `${en} of the place`, 'zh-CN': `当地${zh}` };
};
const COUNTY_OFFICE: Text = { en: 'the county platform', 'zh-CN': '区县指挥平台' };

type Staff = Extract<CaseCommand, { by: Party }>;

/** The refusal when whoever asks may not; undefined when they may. */
export function forbidden(guard: Guard, command: CaseCommand, state: KnownCase): Refusal | undefined {
  if (!('by' in command)) return undefined;
  const { by } = command;
  switch (guard) {
    case 'LEVEL':
      return atLevel(by, state) ? undefined : notTheirs(officeOf(state.level), OPERATORS[state.level]);
    case 'PLATFORM': {
      const roles = [...new Set([...OPERATORS[state.level], ...COUNTY])];
      return atLevel(by, state) || atCounty(by, state) ? undefined : notTheirs(officeOf(state.level), roles);
    }
    case 'COUNTY':
      return atCounty(by, state) ? undefined : notTheirs(COUNTY_OFFICE, COUNTY);
    case 'TASK':
      return ofTask(command, state);
    case 'HANDLER':
      return actsFor(by, leadTask(state)?.organ) || atLevel(by, state)
        ? undefined
        : notTheirs(leadOr(state), [...OFFICERS, ...OPERATORS[state.level]]);
    case 'EVALUATOR':
      return command.type === 'EvaluateCase' ? evaluator(command, state) : undefined;
    case 'REOPENER':
      return command.type === 'ReopenCase' ? reopener(command, state) : undefined;
    case 'SYSTEM':
      throw new Error(`${command.type} is no step of staff`);
    default:
      return guard satisfies never;
  }
}

function ofTask(command: Staff, { tasks }: KnownCase): Refusal | undefined {
  const task = 'task' in command ? tasks.find(({ id }) => id === command.task) : undefined;
  // A task that is not there is refused by the step itself.
  if (!task || actsFor(command.by, task.organ)) return undefined;
  return notTheirs({ en: task.organName, 'zh-CN': `“${task.organName}”` }, OFFICERS);
}

function leadOr(state: KnownCase): Text {
  const lead = leadTask(state);
  const office = officeOf(state.level);
  if (!lead) return office;
  return {
    en: `${lead.organName}, which leads, or ${office.en}`,
    'zh-CN': `牵头单位“${lead.organName}”或${office['zh-CN']}`,
  };
}

/** Offices that take down what a reporter says. */
const HEARERS = ['TOWN_OPERATOR', 'COUNTY_OPERATOR', 'INTEGRATOR'];

function evaluator({ by, evaluation }: Extract<Staff, { type: 'EvaluateCase' }>, state: KnownCase) {
  const town = evaluation.by === 'TOWN';
  const roles = town ? ['TOWN_OPERATOR'] : HEARERS;
  if (inPlace(by, state, roles)) return undefined;
  const who = town
    ? { en: 'the town', 'zh-CN': '当地镇街' }
    : { en: 'an office that heard the reporter', 'zh-CN': '回访上报人的单位' };
  return notTheirs(who, roles);
}

function reopener({ by, thirdParty }: Extract<Staff, { type: 'ReopenCase' }>, state: KnownCase) {
  const roles = thirdParty === null ? HEARERS : ['COUNTY_OPERATOR', 'INSPECTOR'];
  if (inPlace(by, state, roles)) return undefined;
  return notTheirs(
    thirdParty === null
      ? { en: 'an office of the place', 'zh-CN': '当地受理单位' }
      : { en: 'the county platform or an inspector', 'zh-CN': '区县指挥平台或巡查员' },
    roles,
  );
}
