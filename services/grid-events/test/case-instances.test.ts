import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import type { DevelopmentToken } from '@dutyledger/subgraph-kit/dev-issuer';
import { afterEach, expect, test, vi } from 'vitest';
import { caseStream } from '../src/case/events.ts';
import { COUNTY, change, TOWN } from './harness.ts';
import { PATIENCE, startInstances } from './instances.ts';

/** Two instances of the service on the same stores (G-8): a limit that runs out has its consequences once, whoever sees it. */

let h: Awaited<ReturnType<typeof startInstances>>;
afterEach(() => h.end());

const operator: DevelopmentToken = { roles: ['COUNTY_OPERATOR'], division: COUNTY };
const manager: DevelopmentToken = { roles: ['GRID_MANAGER'], division: COUNTY };
const SUPERVISED = 'SL.采砂';
const ESCALATED = '市容.垃圾';

test('G-8 with two instances a limit that runs out is recorded, brings supervision or escalation and is told once, also when one ends in between or is lost and another starts', async () => {
  h = await startInstances();
  const { events, bus, clock, instance } = h;
  const [first, second] = [await instance(), await instance()];
  const SET = 'mutation ($input: SetClassPolicyInput!) { setClassPolicy(input: $input) { repeated } }';
  const escalating = { division: COUNTY, caseClass: ESCALATED, escalation: 'NEXT_LEVEL', change };
  await first.ask(SET, { input: escalating }, manager);
  const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';
  /** A case of either class. */
  const report = async ({ ask }: typeof first): Promise<string[]> => {
    const ids: string[] = [];
    for (const caseClass of [SUPERVISED, ESCALATED]) {
      const input = { division: TOWN, source: 'CITIZEN', class: caseClass, description: '待处置', change };
      ids.push((await ask(REPORT, { input }, operator)).reportCase.case.id);
    }
    return ids;
  };
  const overdue = async ({ ask }: typeof first, ids: string[]): Promise<boolean> => {
    for (const id of ids) {
      const data = await ask('query ($id: ID!) { case(id: $id) { overdue } }', { id }, operator);
      if (data.case?.overdue !== true) return false;
    }
    return true;
  };
  const recorded = async (id: string): Promise<string[]> => {
    const types: string[] = [];
    for await (const page of events.readStream(caseStream(id))) types.push(...page.map(({ type }) => type));
    return types.filter((type) => type !== 'CaseReported');
  };
  const heard: { type: string; about: string }[] = [];
  const following = bus.subscribe({ topics: [GRID_EVENTS_TOPIC], group: 'test' }, async ({ type, data }) => {
    heard.push({ type: type.split('.').at(-2) ?? '', about: JSON.stringify(data) });
  });
  h.atEnd(() => following.stop());

  const cases: string[][] = [];
  const begun = async (by: typeof first): Promise<string[]> => {
    const ids = await report(by);
    cases.push(ids);
    return ids;
  };

  const one = await begun(first);
  clock.set('2026-04-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, one), PATIENCE);

  const two = await begun(second);
  await first.end();
  clock.set('2026-05-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, two), PATIENCE);

  const three = await begun(second);
  clock.set('2026-06-05T02:00:00.000Z');
  await second.lose();
  const third = await instance();
  await vi.waitUntil(() => overdue(third, three), PATIENCE);

  const fourth = await instance();
  const four = await begun(third);
  clock.set('2026-07-05T02:00:00.000Z');
  await third.lose();
  await vi.waitUntil(() => overdue(fourth, four), PATIENCE);

  // What is told of them later than this would have been told twice.
  const last = await report(fourth);
  const told = (id: string): string[] =>
    heard.filter(({ about }) => about.includes(`"${id}"`)).map(({ type }) => type);
  const all = [...cases.flat(), ...last];
  await vi.waitUntil(
    () => all.every((id) => told(id).includes(last.includes(id) ? 'CaseReported' : 'CaseOverdue')),
    PATIENCE,
  );
  for (const [supervised = '', escalated = ''] of cases) {
    expect(await recorded(supervised)).toEqual(['CaseClassUnlisted', 'ClockOverdue', 'CaseSupervised']);
    expect(told(supervised)).toEqual(['CaseReported', 'ClassWithoutItem', 'CaseOverdue']);
    expect(await recorded(escalated)).toEqual(['CaseClassUnlisted', 'ClockOverdue', 'CaseEscalated']);
    expect(told(escalated)).toEqual(['CaseReported', 'ClassWithoutItem', 'CaseOverdue', 'CaseEscalated']);
  }
});
