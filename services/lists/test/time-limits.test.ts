import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
