import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { proposeOne } from './delegation-requests.ts';
import {
  COUNTY,
  change,
  type Data,
  dogs,
  type ListsHarness,
  ORGANS,
  openList,
  PUBLISH,
  publish,
  ready,
  stage,
  startListsHarness,
  TOWN,
} from './harness.ts';

/** Limits of procedures that run out while nobody looks, computed by hand, across holidays and restarts. */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());

/** An instant of China's wall clock. */
const at = (text: string) => h.travelTo(`${text.replace(' ', 'T')}:00+08:00`);

describe('an approved draft', () => {
  const DRAFT = /* GraphQL */ `
    query ($list: ID!) {
      dutyList(id: $list) {
        draft { stage due overdue }
        history(first: 200) { edges { node { change author { role } changes { after } } } }
      }
    }
  `;
  const draftOf = async (list: string): Promise<Data> => (await h.ask(DRAFT, { list })).dutyList.draft;
  const overdueSteps = async (list: string): Promise<Data[]> =>
    (await h.ask(DRAFT, { list })).dutyList.history.edges
      .map(({ node }: Data) => node)
      .filter((node: Data) => node.change === 'STAGE_OVERDUE');

  test('L-3 that nobody publishes is overdue on its day, on record once, and published all the same', async () => {
    await at('2026-02-02 09:00');
    const list = await openList(h);
    await stage(h, list, 0, [{ code: '1', add: dogs }]);
    await ready(h, list, 1);
    // Mon 2 Feb 2026 and 20 working days: 3 to 6 (4), 9 to 13 (9), Sat 14 is worked (10), 15 to 23 are off, 24 to 27
    // (14), Sat 28 is worked (15), 2 to 6 March (20).
    expect(await draftOf(list)).toEqual({ stage: 'PUBLICATION', due: '2026-03-06', overdue: false });
    await at('2026-03-06 23:59');
    expect(await overdueSteps(list)).toEqual([]);
    await h.restart();
    await at('2026-03-07 00:00');
    await h.restart();
    await at('2026-03-09 09:00');
    expect(await draftOf(list)).toMatchObject({ stage: 'PUBLICATION', overdue: true });
    expect(await overdueSteps(list)).toEqual([
      {
        change: 'STAGE_OVERDUE',
        author: { role: 'SYSTEM' },
        changes: [{ after: { stage: 'PUBLICATION', due: '2026-03-06' } }],
      },
    ]);
    const publication = { draftNumber: 1, effectiveFrom: '2026-04-01', documentNumber: '章政发〔2026〕3号' };
    await h.ask(PUBLISH, { input: { list, ...publication, change } });
    expect(await draftOf(list)).toEqual({ stage: 'EDITING', due: null, overdue: false });
  });

  test('L-3 has the days that its county gives it; published, or changed again, it has none', async () => {
    await at('2027-03-01 09:00');
    const limits = [{ stage: 'EDITION_PUBLICATION', workingDays: 2 }];
    await h.ask('mutation ($input: SetStageLimitsInput!) { setStageLimits(input: $input) { repeated } }', {
      input: { division: COUNTY, limits, change },
    });
    const [published, changed] = [await openList(h), await openList(h)];
    await stage(h, published, 0, [{ code: '1', add: dogs }]);
    await publish(h, published, '2027-03-01', 1);
    await stage(h, changed, 0, [{ code: '1', add: dogs }]);
    await ready(h, changed, 1);
    expect(await draftOf(changed)).toMatchObject({ due: '2027-03-03' });
    await stage(h, changed, 1, [{ code: '1', revise: { remarks: '再改' } }]);
    await at('2027-04-01 09:00');
    for (const list of [published, changed]) expect(await overdueSteps(list)).toEqual([]);
  });
});

describe('a dispute', () => {
  const { police, farming } = ORGANS;
  const officer = { roles: ['DEPARTMENT_OFFICER'] as const, organ: police.id };
  const step = (name: string, input: string) =>
    `mutation ($input: ${input}!) { ${name}(input: $input) { dispute { id due paused } } }`;
  const asked = async (id: string): Promise<Data> =>
    (
      await h.ask(
        'query ($id: ID!) { dutyDispute(id: $id) { due overdue steps { edges { node { step effectiveAt } } } } }',
        { id },
      )
    ).dutyDispute;

  test('L-7 five working days across the National Day of 2026, paused in the middle, the service started anew twice', async () => {
    await at('2026-09-29 10:00');
    const { openDutyDispute } = await h.ask(
      step('openDutyDispute', 'OpenDutyDisputeInput'),
      {
        input: {
          division: COUNTY,
          caseReference: 'case:370114-00018',
          description: '流浪犬伤人，应由谁捕捉',
          firstReceiver: police.id,
          returnedBy: police.id,
          parties: [police.id, farming.id],
          ground: '不属本单位职责',
          change,
        },
      },
      officer,
    );
    const { id, due } = openDutyDispute.dispute;
    // Tue 29 Sep 2026. Wed 30 (1), 1 to 7 Oct off, Thu 8 (2), Fri 9 (3), Sat 10 is worked (4), Sun 11 off, Mon 12 (5).
    expect(due).toBe('2026-10-12');
    await at('2026-10-03 12:00');
    await h.restart();
    await at('2026-10-09 11:00');
    const paused = await h.ask(step('pauseDispute', 'DisputeClockInput'), { input: { id, change } });
    expect(paused.pauseDispute.dispute).toMatchObject({ paused: true, due: null });
    await h.restart();
    await at('2026-10-12 09:00');
    expect(await asked(id)).toMatchObject({ due: null, overdue: false });
    // The 9th to the 12th are touched by the pause; 30 Sep and 8 Oct counted: Tue 13 (3), Wed 14 (4), Thu 15 (5).
    const going = await h.ask(step('resumeDispute', 'DisputeClockInput'), { input: { id, change } });
    expect(going.resumeDispute.dispute).toMatchObject({ paused: false, due: '2026-10-15' });
    await at('2026-10-15 23:59');
    expect(await asked(id)).toMatchObject({ overdue: false });
    await at('2026-10-16 00:00');
    await h.restart();
    await at('2026-10-17 00:00');
    const { overdue, steps } = await asked(id);
    expect(overdue).toBe(true);
    const missed = steps.edges.filter(({ node }: Data) => node.step === 'DisputeStageOverdue');
    expect(missed).toEqual([{ node: { step: 'DisputeStageOverdue', effectiveAt: '2026-10-16' } }]);
  });
});

describe('delegated powers', () => {
  const EVALUATIONS = /* GraphQL */ `
    query ($id: ID!, $county: DivisionCode!) {
      delegation(id: $id) {
        towns { evaluationDue evaluationOverdue }
        history { edges { node { change details effectiveFrom author { role } } } }
      }
      delegations(county: $county, evaluationOverdue: true) { edges { node { id } } }
    }
  `;
  const ended = ['EVALUATION_OVERDUE', 'EVALUATION_DROPPED'];
  const standing = async (id: string) => {
    const { delegation, delegations } = await h.ask(EVALUATIONS, { id, county: COUNTY });
    const entries = delegation.history.edges.map(({ node }: Data) => node);
    return {
      town: delegation.towns[0],
      listed: delegations.edges.length,
      entries: entries.filter(({ change }: Data) => ended.includes(change)),
    };
  };
  const delegated = async (id: string, from: string): Promise<void> => {
    const opinion = {
      delegation: id,
      town: TOWN,
      accepts: true,
      text: '同意',
      documentNumber: '垛政函〔2028〕2号',
    };
    await h.ask(
      'mutation ($input: GiveDelegationOpinionInput!) { giveDelegationOpinion(input: $input) { repeated } }',
      {
        input: { ...opinion, change },
      },
    );
    const criteria = [{ name: '执法人员', met: true, finding: '持证 12 人' }];
    const assessment = { delegation: id, town: TOWN, passed: true, assessor: ORGANS.staffing.id, criteria };
    await h.ask(
      'mutation ($input: AssessDelegationCapacityInput!) { assessDelegationCapacity(input: $input) { repeated } }',
      { input: { ...assessment, change } },
    );
    const decision = {
      approved: true,
      body: '区政府常务会议',
      documentNumber: '章政发〔2028〕6号',
      text: '同意',
      from,
    };
    await h.ask(
      'mutation ($input: DecideDelegationInput!) { decideDelegation(input: $input) { repeated } }',
      {
        input: { delegation: id, ...decision, change },
      },
    );
  };
  const RECALL = 'mutation ($input: RecallPowersInput!) { recallPowers(input: $input) { repeated } }';

  test('L-5 left without an evaluation are flagged on the day, once across restarts, and other services are told', async () => {
    await at('2028-01-10 09:00');
    const id = await proposeOne(h);
    await delegated(id, '2028-02-01');
    // Held from 1 Feb 2028, on trial for six months; evaluated at its end, then every twelve months.
    expect((await standing(id)).town).toEqual({ evaluationDue: '2028-08-01', evaluationOverdue: false });
    await at('2028-08-01 23:59');
    expect(await standing(id)).toMatchObject({ listed: 0, entries: [] });
    await h.restart();
    await at('2028-08-02 00:00');
    await h.restart();
    await at('2028-08-03 00:00');
    const missed = {
      change: 'EVALUATION_OVERDUE',
      details: { title: '赋权', due: '2028-08-01', town: { town: TOWN, organ: ORGANS.street.id } },
      effectiveFrom: '2028-08-02',
      author: { role: 'SYSTEM' },
    };
    const late = await standing(id);
    expect(late).toMatchObject({ listed: 1, town: { evaluationOverdue: true }, entries: [missed] });
    expect(late.entries).toHaveLength(1);
    const told: CloudEvent[] = [];
    const subscription = h.bus.subscribe({ group: 'assessment', topics: [LISTS_TOPIC] }, async (event) => {
      told.push(event);
    });
    const type = 'cn.dutyledger.lists.DelegationEvaluationOverdue.v1';
    const flags = () => told.filter((event) => event.type === type);
    await vi.waitUntil(() => flags().length > 0, { timeout: 60_000, interval: 20 });
    await subscription.stop();
    expect(flags().map(({ data }) => data)).toEqual([
      {
        delegation: id,
        county: COUNTY,
        title: '赋权',
        town: { division: TOWN, organ: ORGANS.street.id },
        due: '2028-08-01',
      },
    ]);
    // What is recalled meanwhile is not missed again.
    const evaluation = { delegation: id, town: TOWN, result: 'RECALL', text: '未办理案件' };
    await h.ask(
      'mutation ($input: EvaluateDelegationInput!) { evaluateDelegation(input: $input) { repeated } }',
      {
        input: { ...evaluation, change },
      },
    );
    expect((await standing(id)).town).toEqual({ evaluationDue: '2029-08-03', evaluationOverdue: false });
    const recall = {
      delegation: id,
      from: '2028-09-01',
      body: '区政府',
      documentNumber: '章政发〔2028〕9号',
    };
    await h.ask(RECALL, { input: { ...recall, change } });
    await at('2029-09-01 09:00');
    const after = await standing(id);
    expect(after.listed).toBe(0);
    expect(after.entries.map(({ change }: Data) => change)).toEqual([
      'EVALUATION_DROPPED',
      'EVALUATION_OVERDUE',
    ]);
  });
});
