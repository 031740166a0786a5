import { randomUUID } from 'node:crypto';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gridCase } from '../src/case/case.ts';
import type { CaseCommand } from '../src/case/commands.ts';
import { type CaseEvent, type CaseFacts, caseStream } from '../src/case/events.ts';
import { evolve } from '../src/case/evolve.ts';
import {
  china,
  county,
  done,
  forestry,
  officer,
  planning,
  police,
  reporting,
  result,
  staff,
  time,
  town,
  water,
} from '../src/case/samples.ts';
import { type Case, initial } from '../src/case/state.ts';
import {
  COUNTY,
  type Data,
  type GridHarness,
  OTHER_TOWN,
  refused,
  startGridHarness,
  TOWN,
} from './harness.ts';

/** G-10 on real stores: what the API answers against a recount of the raw events. */

let h: GridHarness;
beforeAll(async () => {
  h = await startGridHarness();
});
afterAll(() => h.end());

interface Dated {
  event: CaseEvent;
  day: string;
}

/** What the commands make happen, each event on the day of its command. */
function happened(commands: readonly CaseCommand[]): Dated[] {
  const all: Dated[] = [];
  let state: Case = initial;
  for (const command of commands) {
    const decision = gridCase.decide(command, state);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.message.en}`);
    state = decision.events.reduce(evolve, state);
    all.push(...decision.events.map((event) => ({ event, day: chinaDate(command.timing.now) })));
  }
  return all;
}

async function record(id: string, all: readonly Dated[], division = TOWN): Promise<void> {
  const work = randomUUID();
  await h.events.append(
    caseStream(id),
    'none',
    all.map(({ event: { type, data }, day }) => ({
      id: randomUUID(),
      type,
      version: 1,
      data,
      metadata: {
        actor: { subject: 's', name: 'n', organ: null, role: 'COUNTY_OPERATOR' },
        reason: '处置需要',
        basis: [],
        commandId: randomUUID(),
        commandDigest: 'd',
        correlationId: work,
        causationId: work,
        division,
        effectiveAt: day,
      },
    })),
  );
}

const shown = async (): Promise<void> => {
  expect(await h.service.projections.waitFor(await h.events.head(), 60_000)).toBe(true);
};

const FIELDS = `counts { measure count } closingRate { numerator denominator percent } onTimeRate { percent }
  reworkRate { percent } satisfactionRate { percent } settledInTownsRate { numerator denominator percent }`;
const QUERY = `query ($division: DivisionCode!, $from: Date!, $to: Date!, $grid: ID, $organ: ID, $class: String) {
  caseIndicators(division: $division, from: $from, to: $to, gridId: $grid, organ: $organ, class: $class)
  { ${FIELDS} byDay { key ${FIELDS} } } }`;

const asked = async (division: string, from: string, to: string, more: object = {}): Promise<Data> =>
  (await h.ask(QUERY, { division, from, to, ...more })).caseIndicators;
const countsOf = ({ counts }: Data): Record<string, number> =>
  Object.fromEntries(counts.map(({ measure, count }: Data) => [measure, count]));

/** A whole case in a few steps; `left`: it stays open. */
interface Plan {
  facts?: Partial<CaseFacts>;
  at: string;
  closedAfter: number | null;
}

const hours = (at: string, more: number): string => new Date(Date.parse(at) + more * 3_600_000).toISOString();

function settled({ facts = {}, at, closedAfter }: Plan): CaseCommand[] {
  const filed = [
    staff(reporting(facts), town, at),
    staff({ type: 'AcceptCase', file: true }, town, hours(at, 0.1)),
  ];
  if (closedAfter === null) return filed;
  const end = hours(at, closedAfter);
  return [
    ...filed,
    staff({ type: 'SettleCase', result }, town, end),
    staff({ type: 'VerifyCase', result, close: true }, town, end),
  ];
}

describe('G-10 figures of cases', () => {
  test('G-10 Tianmen, December 2016: 996 filed, 972 due, 911 closed, 737 on time are 93.72 % and 75.82 %', async () => {
    const inTime = 30;
    const late = 24 * 12;
    const plans: Plan[] = Array.from({ length: 996 }, (_, n) => {
      // The last 24 are filed so late in the month that they are due in the next one.
      const day = n < 972 ? (n % 15) + 1 : 30;
      const at = china(`2016-12-${String(day).padStart(2, '0')} 09:00`);
      if (n < 737) return { at, closedAfter: inTime };
      return { at, closedAfter: n < 911 ? late : null };
    });
    const courses = new Map(plans.map((plan) => [JSON.stringify(plan), happened(settled(plan))]));
    await Promise.all(
      plans.map((plan, n) => record(`case:330803-tm${n}`, courses.get(JSON.stringify(plan)) ?? [])),
    );
    await shown();
    const month = await asked(TOWN, '2016-12-01', '2016-12-31');
    expect(countsOf(month)).toMatchObject({ FILED: 996, DUE: 972, DUE_CLOSED: 911, DUE_ON_TIME: 737 });
    expect(month.closingRate).toEqual({ numerator: 911, denominator: 972, percent: 93.72 });
    expect(month.onTimeRate).toEqual({ percent: 75.82 });
    const next = await asked(TOWN, '2017-01-01', '2017-01-31');
    expect(countsOf(next)).toMatchObject({ DUE: 24 });
  });

  test('G-10 figures of every place, grid, organ and class are those of a recount of the raw events', async () => {
    let n = 0;
    for (let day = 2; day <= 20; day += 1) {
      for (const [division, grid, of] of [
        [TOWN, 'grid:330803-1', 'SL.采砂'],
        [TOWN, 'grid:330803-2', 'SR.01'],
        ['330803114200', null, 'SL.采砂'],
      ] as const) {
        n += 1;
        const id = `case:330803-r${n}`;
        const at = china(`2026-03-${String(day).padStart(2, '0')} 09:30`);
        await record(id, happened(course(n, { id, division, grid, class: of }, at)), division);
      }
    }
    await shown();
    const [from, to] = ['2026-03-01', '2026-04-30'];
    const events = await rawEvents();
    const grids = { grid: 'grid:330803-2' };
    for (const [division, more, picks] of [
      [COUNTY, {}, () => true],
      [TOWN, {}, ({ division: of }: CaseFacts) => of.startsWith('330803114')],
      ['330803114200', {}, ({ division: of }: CaseFacts) => of === '330803114200'],
      [TOWN, grids, ({ grid }: CaseFacts) => grid === grids.grid],
      [COUNTY, { class: 'SR.01' }, ({ class: of }: CaseFacts) => of === 'SR.01'],
    ] as const) {
      const answer = await asked(division, from, to, more);
      const recounted = recount(events, picks, from, to);
      expect(countsOf(answer)).toEqual(recounted);
      const daily = answer.byDay.map(countsOf).reduce(added, {});
      expect(daily).toEqual(recounted);
    }
    expect(countsOf(await asked(COUNTY, from, to, { organ: water.organ }))).toMatchObject({
      DUE: expect.any(Number),
      TASKS_DONE: expect.any(Number),
    });
    const digest = await h.service.projections.digest('caseIndicators');
    await h.service.projections.rebuild('caseIndicators');
    expect(await h.service.projections.digest('caseIndicators')).toBe(digest);
  });

  test('G-10 a figure opens to its cases, page by page, and adds up over the parts', async () => {
    const query = `query ($measure: CaseMeasure!, $first: Int, $after: String) {
      caseIndicators(division: "${COUNTY}", from: "2026-03-01", to: "2026-04-30") { count(measure: $measure)
        byDivision { key name count(measure: $measure) } byClass { key count(measure: $measure) }
        byOrgan { key count(measure: TASKS_DONE) }
        cases(measure: $measure, first: $first, after: $after)
        { edges { node { id } } pageInfo { hasNextPage endCursor } } } }`;
    const ids: string[] = [];
    let after: string | null = null;
    let answer: Data;
    do {
      answer = (await h.ask(query, { measure: 'CLOSED', first: 7, after })).caseIndicators;
      ids.push(...answer.cases.edges.map(({ node }: Data) => node.id));
      after = answer.cases.pageInfo.hasNextPage ? answer.cases.pageInfo.endCursor : null;
    } while (after !== null);
    expect(ids).toHaveLength(answer.count);
    expect(new Set(ids).size).toBe(ids.length);
    const total = (parts: Data[]) => parts.reduce((sum, { count }) => sum + count, 0);
    expect(total(answer.byDivision)).toBe(answer.count);
    expect(total(answer.byClass)).toBe(answer.count);
    expect(answer.byDivision).toEqual([{ key: TOWN, name: '高家镇', count: answer.count }]);
    expect(answer.byOrgan.map(({ key }: Data) => key)).toContain(water.organ);
  });

  test('G-10 refuses periods that are none, places above a county, foreign places and foreign cursors', async () => {
    const query = (args: string, rest = 'count(measure: DUE)') =>
      `query { caseIndicators(${args}) { ${rest} } }`;
    const period = 'from: "2026-03-01", to: "2026-03-31"';
    const as = { division: TOWN, roles: ['TOWN_OPERATOR' as const] };
    for (const [text, expected, who] of [
      [`division: "${COUNTY}", from: "2026-03-02", to: "2026-03-01"`, { code: 'INVALID_INPUT', field: 'to' }],
      [`division: "${COUNTY}", from: "2025-03-01", to: "2026-03-02"`, { code: 'INVALID_INPUT', field: 'to' }],
      [
        `division: "${COUNTY}", ${period}, gridId: "g", organ: "o"`,
        { code: 'INVALID_INPUT', field: 'organ' },
      ],
      [`division: "${TOWN}", ${period}, organ: "o"`, { code: 'INVALID_INPUT', field: 'division' }],
      [`division: "${COUNTY}", ${period}`, { code: 'NOT_PERMITTED' }, as],
      [`division: "330000000000", ${period}`, { code: 'NOT_PERMITTED' }],
    ] as const) {
      await refused(h, [query(text), {}, who], expected);
    }
    const cases = 'cases(measure: DUE, after: "bm9uZQ") { edges { node { id } } }';
    await refused(h, [query(`division: "${COUNTY}", ${period}`, cases), {}], { field: 'after' });
    const foreign = await asked(OTHER_TOWN, '2026-03-01', '2026-03-31', { grid: 'grid:330803-2' });
    expect(foreign.counts).toEqual([]);
  });
});

/** One of several courses that a case may take. */
function course(n: number, facts: Partial<CaseFacts>, at: string): CaseCommand[] {
  const patrolled = { ...facts, source: 'GRID_PATROL' as const };
  if (n % 4 === 0) return settled({ facts, at, closedAfter: null });
  if (n % 8 === 1) return [staff(reporting(patrolled, { settled: result }), town, at)];
  if (n % 4 === 1) return settled({ facts, at, closedAfter: n % 3 === 0 ? 500 : 2 });
  const first = [
    staff(reporting({ ...facts, source: n % 2 ? 'HOTLINE' : 'SENSOR' }), town, at),
    staff({ type: 'EscalateCase', to: null, reason: '需部门处置' }, town, hours(at, 0.1)),
  ];
  if (n % 8 === 2) {
    return [...first, staff({ type: 'VoidCase', reason: '误报' }, county, hours(at, 0.2))];
  }
  const given = [
    ...first,
    staff({ type: 'AcceptCase', file: true }, county, hours(at, 0.2)),
    staff({ type: 'DispatchCase', tasks: null }, county, hours(at, 0.3)),
    ...(n % 3 === 0 ? [time(hours(at, 48))] : []),
    done('1', water, hours(at, 50)),
    done('2', police, hours(at, 51)),
    done('3', planning, hours(at, 52)),
    done('4', forestry, hours(at, 52)),
    staff({ type: 'GiveFeedback', text: '已查处' }, officer(water), hours(at, 53)),
  ];
  const verified = staff({ type: 'VerifyCase', result, close: true }, county, hours(at, 54));
  if (n % 5 !== 0) return [...given, verified];
  return [
    ...given,
    staff({ type: 'ReworkCase', reason: '现场未清理', tasks: null }, county, hours(at, 54)),
    done('1', water, hours(at, 70)),
    staff({ type: 'GiveFeedback', text: '已清理' }, officer(water), hours(at, 71)),
    staff({ type: 'VerifyCase', result, close: true }, county, hours(at, 72)),
    staff(
      {
        type: 'EvaluateCase',
        evaluation: { by: 'TOWN', responded: true, resolved: n % 2 === 0, satisfied: true, comment: null },
      },
      town,
      hours(at, 80),
    ),
    ...(n % 10 === 0
      ? [staff({ type: 'ReopenCase', reason: '又在采', thirdParty: null }, county, hours(at, 90))]
      : []),
  ];
}

interface Raw {
  facts: CaseFacts;
  events: { event: CaseEvent; day: string }[];
}

async function rawEvents(): Promise<Raw[]> {
  const byStream = new Map<string, Raw>();
  for await (const page of h.events.readAll({ prefix: 'gridEvents.case-' })) {
    for (const stored of page as (StoredEvent & CaseEvent)[]) {
      if (stored.type === 'CaseReported') byStream.set(stored.stream, { facts: stored.data, events: [] });
      byStream.get(stored.stream)?.events.push({ event: stored, day: stored.metadata.effectiveAt });
    }
  }
  return [...byStream.values()];
}

const added = (sum: Record<string, number>, more: Record<string, number>): Record<string, number> => {
  const total = { ...sum };
  for (const [key, count] of Object.entries(more)) total[key] = (total[key] ?? 0) + count;
  return total;
};

const STEPS: Partial<Record<CaseEvent['type'], string>> = {
  CaseReported: 'REPORTED',
  CaseAccepted: 'ACCEPTED',
  CaseFiled: 'FILED',
  CaseDispatched: 'DISPATCHED',
  CaseEscalated: 'ESCALATIONS',
  CaseTaskDone: 'TASKS_DONE',
  CaseReworked: 'REWORKS',
  CaseVoided: 'VOIDED',
  CaseReopened: 'REOPENED',
  CaseEvaluated: 'EVALUATED',
  CaseSupervised: 'SUPERVISIONS',
  ClockOverdue: 'OVERDUE',
};

/** By the definitions, over whole lives of cases, without anything that the projection is made of. */
function recount(all: Raw[], picks: (facts: CaseFacts) => boolean, from: string, to: string) {
  const counts: Record<string, number> = {};
  const count = (name: string, day: string): void => {
    if (day >= from && day <= to) counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const { facts, events } of all.filter((raw) => picks(raw.facts))) {
    for (const [place, { event, day }] of events.entries()) {
      const step = STEPS[event.type];
      if (step) count(step, day);
      const before = events.slice(0, place).map((each) => each.event);
      const ranOut = (of: string): boolean => {
        const begun = before.findLastIndex(({ data }) => data.clocks?.set?.some((clock) => clock.of === of));
        return before.slice(begun).some((each) => each.type === 'ClockOverdue' && each.data.of === of);
      };
      if (event.type === 'CaseReported' && facts.source === 'GRID_PATROL') count('REPORTED_BY_PATROL', day);
      if (event.type === 'CaseReported' && ['CITIZEN', 'HOTLINE'].includes(facts.source))
        count('REPORTED_BY_PUBLIC', day);
      const timely: [CaseEvent['type'], string][] = [
        ['CaseAccepted', 'ACCEPTED_ON_TIME'],
        ['CaseFiled', 'FILED_ON_TIME'],
        ['CaseDispatched', 'DISPATCHED_ON_TIME'],
      ];
      for (const [type, name] of timely) if (event.type === type && !ranOut('case')) count(name, day);
      if (event.type === 'CaseTaskDone' && !ranOut(event.data.task)) count('TASKS_ON_TIME', day);
      if (event.type === 'CaseSettled' || (event.type === 'CaseTaskDone' && event.data.last)) {
        count('HANDLED', day);
        if (!ranOut('case')) count('HANDLED_ON_TIME', day);
      }
      if (event.type === 'CaseEvaluated') {
        if (event.data.responded) count('RESPONDED', day);
        if (event.data.resolved) count('RESOLVED', day);
        if (event.data.satisfied) count('SATISFIED', day);
      }
    }
    countEnd(
      events.map(({ event }) => event),
      count,
    );
  }
  return counts;
}

function countEnd(events: CaseEvent[], count: (name: string, day: string) => void): void {
  if (events.some(({ type }) => type === 'CaseVoided')) return;
  const closeBy = events.map(({ data }) => ('closeBy' in data ? data.closeBy : null)).findLast(Boolean);
  const reopened = events.findLastIndex(({ type }) => type === 'CaseReopened');
  const closed = events.slice(reopened + 1).find((event) => event.type === 'CaseClosed');
  if (closeBy) {
    const due = chinaDate(closeBy);
    count('DUE', due);
    if (closed) count('DUE_CLOSED', due);
    if (closed && closed.data.at <= closeBy) count('DUE_ON_TIME', due);
  }
  if (!closed) return;
  count('CLOSED', chinaDate(closed.data.at));
  count(`CLOSED_BY_${closed.data.level}`, chinaDate(closed.data.at));
  if (events.some(({ type }) => type === 'CaseReworked'))
    count('CLOSED_AFTER_REWORK', chinaDate(closed.data.at));
}
