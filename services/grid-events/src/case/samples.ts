import type { ClassPolicy } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';
import { NO_ROUTE, type Route } from '../routing/route.ts';
import { gridCase } from './case.ts';
import type { CaseCommand, Party, StaffCommand, SystemCommand } from './commands.ts';
import type { CaseEvent, CaseFacts } from './events.ts';
import type { Case, KnownCase } from './state.ts';

/** For tests: a case of illegal sand mining in Qujiang, and who deals with it. */

export const COUNTY = '330803000000';
export const TOWN = '330803114000';

export const water: OrganName = { organ: 'organ:330803-0001', organName: '衢州市衢江区水利局' };
export const police: OrganName = { organ: 'organ:330803-0002', organName: '衢州市公安局衢江分局' };
export const planning: OrganName = {
  organ: 'organ:330803-0004',
  organName: '衢州市自然资源和规划局衢江分局',
};
export const forestry: OrganName = { organ: 'organ:330803-0003', organName: '衢州市衢江区林业局' };
const townOffice: OrganName = { organ: 'organ:330803-0020', organName: '高家镇人民政府' };
const platform: OrganName = { organ: 'organ:330803-0005', organName: '衢江区社会治理中心' };

const party = (roles: string[], division: string, who: OrganName | null): Party => ({
  roles,
  organ: who?.organ ?? null,
  organName: who?.organName ?? null,
  division,
  grids: null,
});
export const worker = party(['GRID_WORKER'], TOWN, null);
export const town = party(['TOWN_OPERATOR'], TOWN, townOffice);
export const county = party(['COUNTY_OPERATOR'], COUNTY, platform);
export const officer = (who: OrganName): Party => party(['DEPARTMENT_OFFICER'], COUNTY, who);
export const stranger = party(
  ['TOWN_OPERATOR', 'DEPARTMENT_OFFICER', 'COUNTY_OPERATOR'],
  '370114000000',
  null,
);

export const policy: ClassPolicy = {
  caseClass: 'SL.采砂',
  name: '非法采砂',
  version: 1,
  limits: {
    accept: { amount: 30, unit: 'MINUTES' },
    file: { amount: 2, unit: 'WORKING_HOURS' },
    dispatch: { amount: 2, unit: 'WORKING_HOURS' },
    handle: { amount: 5, unit: 'WORKING_DAYS' },
    verify: { amount: 1, unit: 'WORKING_DAYS' },
  },
  amberAtShare: 0.8,
  escalation: 'NEXT_LEVEL',
};

/** The water bureau leads; police and planning work beside it; who closes the case waits for both branches. */
export const route: Route = {
  target: { kind: 'MATTER', matter: 'matter:330803-1', version: 1, name: '非法采砂“一件事”' },
  lead: water,
  cooperators: [{ ...forestry, duty: '林地核查' }],
  steps: [
    { id: '1', name: '现场查处', ...water, limit: { amount: 1, unit: 'WORKING_DAYS' }, after: [] },
    { id: '2', name: '现场秩序', ...police, limit: { amount: 4, unit: 'HOURS' }, after: [] },
    { id: '3', name: '鉴定价值', ...planning, limit: null, after: ['1', '2'] },
  ],
};
export { NO_ROUTE };

export const facts: CaseFacts = {
  id: 'case:330803-1',
  county: COUNTY,
  division: TOWN,
  grid: 'grid:330803-1',
  source: 'CITIZEN',
  class: 'SL.采砂',
  subclass: null,
  description: '衢江高家段夜间采砂',
  place: { lon: 118.97, lat: 28.98 },
  address: null,
  urgency: 'ORDINARY',
  reporter: null,
  attachments: [],
  followUpOf: null,
};

/** Thursday, 5 March 2026, 10:00 in China. */
export const START = '2026-03-05T02:00:00.000Z';
export const china = (text: string): string => new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString();

export const staff = (command: StaffCommand, by: Party, now = START): CaseCommand =>
  ({ ...command, by, timing: { now } }) as CaseCommand;
export const system = (command: SystemCommand, now: string): CaseCommand => ({ ...command, timing: { now } });
export const time = (now: string): CaseCommand => system({ type: 'RecordTime' }, now);

export const reporting = (more: Partial<CaseFacts> = {}, rest: object = {}): StaffCommand => ({
  type: 'ReportCase',
  facts: { ...facts, ...more },
  route,
  policy,
  level: null,
  settled: null,
  ...rest,
});

const envelope = {
  actor: { subject: 's', name: 'n', organ: null, role: 'r' },
  reason: 'r',
  basis: [],
  effectiveAt: '2026-03-05',
  recordedAt: START,
};
const evolve = (state: Case, event: CaseEvent): Case => gridCase.evolve(state, event, envelope);

/** What has happened after these commands, each of which must be accepted. */
export function told(...commands: CaseCommand[]): CaseEvent[] {
  const events: CaseEvent[] = [];
  let state: Case = gridCase.initial;
  for (const command of commands) {
    const decision = gridCase.decide(command, state);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.message.en}`);
    events.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  }
  return events;
}

export const stateAfter = (events: readonly CaseEvent[]): KnownCase => {
  const state = events.reduce(evolve, gridCase.initial);
  if (state.status === 'ABSENT') throw new Error('no case');
  return state;
};

export const result = { text: '已制止并查处', attachments: [] };
const why = { reason: '情况需要' };

/** The steps of the plain way, each by who takes it. */
export const reported = staff(reporting(), town);
export const escalated = staff({ type: 'EscalateCase', to: null, ...why }, town);
export const filed = staff({ type: 'AcceptCase', file: true }, county);
export const dispatched = staff({ type: 'DispatchCase', tasks: null }, county);
export const done = (task: string, who: OrganName, now = START): CaseCommand =>
  staff({ type: 'FinishTask', task, result }, officer(who), now);
/** Up to the handling by the departments, and up to verification. */
export const toHandling = [reported, escalated, filed, dispatched];
export const toVerification = [
  ...toHandling,
  done('1', water),
  done('2', police),
  done('3', planning),
  done('4', forestry),
  staff({ type: 'GiveFeedback', text: '已查处' }, officer(water)),
];
