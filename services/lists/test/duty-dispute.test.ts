import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  COUNTY,
  change,
  type Data,
  dogs,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
  TOWN,
} from './harness.ts';

/** Disputes about duties and gaps, through GraphQL (L-7). */

const { police, farming, health, street, staffing } = ORGANS;
const officer = (organ: { id: string }) => ({ roles: ['DEPARTMENT_OFFICER'] as const, organ: organ.id });
const town = { roles: ['TOWN_OPERATOR'] as const, organ: street.id, division: TOWN };
const government = { roles: ['COUNTY_APPROVER'] as const, organ: null };

const DISPUTE = `dispute { id status due paused overdue handler { name } ruling { handler { name } documentNumber }
  positions { name handler { name } } opinion { name text } } repeated`;
const mutation = (name: string, input: string, answer = DISPUTE) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} } }`;
const OPEN_DISPUTE = mutation('openDutyDispute', 'OpenDutyDisputeInput');
const POSITION = mutation('takeDisputePosition', 'DisputePositionInput');
const REFER = mutation('referDispute', 'ReferDisputeInput');
const GIVE = mutation('giveDisputeOpinion', 'DisputePositionInput');
const RULE = mutation('ruleDispute', 'RuleDisputeInput');
const WITHDRAW = mutation('withdrawDispute', 'WithdrawDisputeInput');
const PAUSE = mutation('pauseDispute', 'DisputeClockInput');
const RESUME = mutation('resumeDispute', 'DisputeClockInput');
const GAP = 'gap { id open reports caseClass place closedBy { code } }';
const REPORT_GAP = mutation('reportGap', 'ReportGapInput', GAP);
const CLOSE_GAP = mutation('closeGap', 'CloseGapInput', GAP);

let h: ListsHarness;
let list: string;

/** An instant of China's wall clock. */
const at = (text: string) => h.travelTo(`${text.replace(' ', 'T')}:00+08:00`);

beforeAll(async () => {
  h = await startListsHarness();
  list = await openList(h);
  await stage(h, list, 0, [{ code: '1', add: { ...dogs, caseClasses: ['0201'] } }]);
  await publish(h, list, '2024-01-01', 1);
});
afterAll(() => h.end());

const dispute = (more: object = {}) => ({
  division: TOWN,
  item: { list, code: '1' },
  caseReference: 'case:370114-00017',
  description: '流浪犬伤人，应由谁捕捉',
  firstReceiver: police.id,
  returnedBy: police.id,
  parties: [police.id, farming.id],
  ground: '流浪犬收容不属公安机关职责',
  change,
  ...more,
});
const position = (id: string, organ: { id: string }, handler: { id: string }, more: object = {}) => ({
  id,
  organ: organ.id,
  handler: handler.id,
  text: '依据条例第六条',
  change,
  ...more,
});
const ruling = (id: string, more: object = {}) => ({
  id,
  handler: farming.id,
  body: '区政府常务会议',
  documentNumber: '章政字〔2026〕20号',
  reasons: '防疫与收容由农业农村部门负责',
  change,
  ...more,
});
const refer = (id: string, more: object = {}) => ({
  id,
  organ: police.id,
  text: '协商不成',
  change,
  ...more,
});

async function opened(more: object = {}): Promise<string> {
  return (await h.ask(OPEN_DISPUTE, { input: dispute(more) }, officer(police))).openDutyDispute.dispute.id;
}
/** Up to the opinion of the 编办. */
async function advised(): Promise<string> {
  const id = await opened();
  await h.ask(REFER, { input: refer(id) }, officer(police));
  await h.ask(GIVE, { input: position(id, staffing, farming) });
  return id;
}
const read = async (
  id: string,
  fields = 'status due overdue paused handler { name }',
  as?: object,
): Promise<Data> =>
  (await h.ask(`query ($id: ID!) { dutyDispute(id: $id) { ${fields} } }`, { id }, as)).dutyDispute;

/** What a settlement leads to in the lists is a to-do of its own. */
const followedUp = () => h.travelTo(h.clock.now().toISOString());

describe('a dispute', () => {
  test('L-7 that the organs cannot settle: opinion of the 编办, decision of the government; the first receiver handles it meanwhile', async () => {
    await at('2026-03-02 09:00');
    const { openDutyDispute } = await h.ask(OPEN_DISPUTE, { input: dispute() }, officer(police));
    const { id } = openDutyDispute.dispute;
    // Mon 2 March 2026 and five working days.
    expect(openDutyDispute.dispute).toMatchObject({
      status: 'NEGOTIATION',
      due: '2026-03-09',
      handler: { name: police.name },
    });
    await h.ask(POSITION, { input: position(id, police, farming) }, officer(police));
    await h.ask(POSITION, { input: position(id, farming, police) }, officer(farming));
    expect(await read(id)).toMatchObject({ status: 'NEGOTIATION', handler: { name: police.name } });
    await at('2026-03-10 00:00');
    expect(await read(id)).toMatchObject({ overdue: true, handler: { name: police.name } });
    const referred = await h.ask(REFER, { input: refer(id) }, officer(police));
    expect(referred.referDispute.dispute).toMatchObject({
      status: 'OPINION',
      due: '2026-03-17',
      overdue: false,
    });
    await at('2026-03-12 09:00');
    const advice = await h.ask(GIVE, { input: position(id, staffing, farming) });
    expect(advice.giveDisputeOpinion.dispute).toMatchObject({
      status: 'DECISION',
      due: '2026-03-26',
      opinion: { name: staffing.name },
      handler: { name: police.name },
    });
    const done = await h.ask(RULE, { input: ruling(id) }, government);
    expect(done.ruleDispute.dispute).toMatchObject({
      status: 'RULED',
      due: null,
      handler: { name: farming.name },
      ruling: { documentNumber: '章政字〔2026〕20号' },
    });
    await followedUp();
    const { matter, steps, adjustment, adjustmentRefusal } = await read(
      id,
      `matter { itemCode itemName edition } steps { edges { node { step } } } adjustmentRefusal
       adjustment { id title status applicantName changes { edges { node { kind name } } } }`,
    );
    expect(adjustmentRefusal).toBeNull();
    expect(adjustment).toMatchObject({
      title: `职责争议 ${id} 已定：“${dogs.name}”由${farming.name}负主体责任`,
      status: 'REVIEW',
      applicantName: staffing.name,
      changes: { edges: [{ node: { kind: 'TRANSFER_LEAD', name: dogs.name } }] },
    });
    expect(matter).toEqual({ itemCode: '1', itemName: dogs.name, edition: 1 });
    expect(steps.edges.map(({ node }: Data) => node.step)).toEqual([
      'DisputeOpened',
      'DisputePositionTaken',
      'DisputePositionTaken',
      'DisputeStageOverdue',
      'DisputeReferred',
      'DisputeOpinionGiven',
      'DisputeRuled',
      'DisputeFollowedUp',
    ]);
  });

  test('L-7 that the organs settle: all name the same handler, the last word of each counts', async () => {
    await at('2026-03-02 09:00');
    const id = await opened({ parties: [police.id, farming.id, street.id] });
    await h.ask(POSITION, { input: position(id, police, farming) }, officer(police));
    await h.ask(POSITION, { input: position(id, farming, police) }, officer(farming));
    await h.ask(POSITION, { input: position(id, street, farming) }, town);
    expect(await read(id)).toMatchObject({ status: 'NEGOTIATION' });
    const paper = { documentNumber: '章农函〔2026〕8号', text: '同意承担' };
    const last = await h.ask(POSITION, { input: position(id, farming, farming, paper) });
    expect(last.takeDisputePosition.dispute).toMatchObject({
      status: 'AGREED',
      handler: { name: farming.name },
    });
    await followedUp();
    await refused(h, [REFER, refer(id), officer(police)], { code: 'RULE_VIOLATED', rule: 'L-7' });
  });

  test('L-7 five working days across the Spring Festival of 2026, paused and going on after a restart', async () => {
    await at('2026-02-10 10:00');
    const id = await opened();
    // Wed 11 (1), Thu 12 (2), Fri 13 (3), Sat 14 is worked (4), 15 to 23 are off, Tue 24 (5).
    expect((await read(id)).due).toBe('2026-02-24');
    await at('2026-02-13 15:00');
    const paused = await h.ask(PAUSE, { input: { id, change } });
    expect(paused.pauseDispute.dispute).toMatchObject({ paused: true, due: null });
    await refused(h, [PAUSE, { id, change }], { code: 'RULE_VIOLATED', rule: 'L-7' });
    await at('2026-02-23 12:00');
    await h.restart();
    await at('2026-02-24 09:00');
    expect(await read(id)).toMatchObject({ paused: true, overdue: false });
    // The 13th, the worked 14th and the 24th are touched: Wed 25 (3), Thu 26 (4), Fri 27 (5).
    const going = await h.ask(RESUME, { input: { id, change } });
    expect(going.resumeDispute.dispute).toMatchObject({ paused: false, due: '2026-02-27' });
    await refused(h, [RESUME, { id, change }], { code: 'RULE_VIOLATED', rule: 'L-7' });
    await at('2026-02-27 23:59');
    expect((await read(id)).overdue).toBe(false);
    await at('2026-02-28 00:00');
    expect((await read(id)).overdue).toBe(true);
    await refused(h, [PAUSE, { id, change }], { code: 'RULE_VIOLATED', rule: 'L-7' });
    await h.restart();
    await at('2026-03-01 00:00');
    const { steps } = await read(id, 'steps { edges { node { step } } }');
    expect(steps.edges.filter(({ node }: Data) => node.step === 'DisputeStageOverdue')).toHaveLength(1);
    const { dutyDisputes } = await h.ask(
      `{ dutyDisputes(division: "${COUNTY}", overdue: true, party: "${farming.id}") { edges { node { id } } } }`,
    );
    expect(dutyDisputes.edges).toEqual([{ node: { id } }]);
  });
});

describe('refusals', () => {
  test('L-7 a step out of order is refused with the article', async () => {
    await at('2026-04-01 09:00');
    const id = await opened();
    const citation = { title: '地方各级人民政府机构设置和编制管理条例' };
    await refused(h, [GIVE, position(id, staffing, farming)], {
      code: 'RULE_VIOLATED',
      rule: 'L-7',
      citation,
    });
    await refused(h, [RULE, ruling(id), government], { code: 'RULE_VIOLATED', rule: 'L-7', citation });
    await h.ask(REFER, { input: refer(id) }, officer(police));
    await refused(h, [REFER, refer(id), officer(police)], { code: 'RULE_VIOLATED', rule: 'L-7' });
    await refused(h, [POSITION, position(id, police, farming), officer(police)], { code: 'RULE_VIOLATED' });
    await refused(h, [RULE, ruling(id), government], { code: 'RULE_VIOLATED', rule: 'L-7' });
    const ready = await advised();
    await refused(h, [GIVE, position(ready, staffing, farming)], { code: 'RULE_VIOLATED', rule: 'L-7' });
    for (const field of ['body', 'documentNumber', 'reasons']) {
      await refused(h, [RULE, ruling(ready, { [field]: ' ' }), government], { code: 'RULE_VIOLATED', field });
    }
    await h.ask(RULE, { input: ruling(ready) }, government);
    await followedUp();
    await refused(h, [RULE, ruling(ready), government], { code: 'RULE_VIOLATED', rule: 'L-7' });
  });

  test('L-7 nobody speaks for another organ, and only the government decides', async () => {
    await at('2026-04-01 09:00');
    await refused(h, [OPEN_DISPUTE, dispute(), officer(farming)], { code: 'NOT_PERMITTED' });
    await refused(h, [OPEN_DISPUTE, dispute()], { code: 'NOT_PERMITTED', field: 'documentNumber' });
    const id = await advised();
    await refused(h, [RULE, ruling(id), officer(police)], { code: 'NOT_PERMITTED' });
    await refused(h, [RULE, ruling(id), { ...government, division: '370112000000' }], {
      code: 'NOT_PERMITTED',
    });
    await refused(h, [WITHDRAW, { id, change }, officer(farming)], { code: 'NOT_PERMITTED' });
    const other = await opened();
    await refused(h, [GIVE, position(other, police, farming)], { code: 'NOT_PERMITTED' });
    await refused(h, [POSITION, position(other, health, farming), officer(health)], {
      code: 'RULE_VIOLATED',
      field: 'organ',
    });
    await refused(h, [REFER, refer(other, { organ: health.id }), officer(health)], {
      code: 'RULE_VIOLATED',
      field: 'organ',
    });
    await refused(h, [REFER, refer('dispute:370114-none'), officer(police)], { code: 'NOT_FOUND' });
    await h.ask(WITHDRAW, { input: { id: other, change } }, officer(police));
    expect(await read(other)).toMatchObject({ status: 'WITHDRAWN', handler: { name: police.name } });
    expect(await read(other, 'id', town)).toEqual({ id: other });
    expect(await read(other, 'id', { ...town, division: '370112001000' })).toBe(null);
  });

  test('L-7 a dispute is about something, between at least two, each once, the first receiver among them', async () => {
    await at('2026-04-01 09:00');
    const bad = (more: object, field: string) =>
      refused(h, [OPEN_DISPUTE, dispute(more), officer(police)], {
        code: 'RULE_VIOLATED',
        rule: 'L-7',
        field,
      });
    await bad({ item: null, caseReference: ' ' }, 'matter');
    await bad({ item: { list, code: '99' } }, 'item');
    await bad({ parties: [police.id] }, 'parties');
    await bad({ parties: [police.id, police.id, farming.id] }, 'parties');
    await bad({ firstReceiver: health.id }, 'organ');
    await bad({ parties: [farming.id, health.id] }, 'organ');
    await bad({ ground: ' ' }, 'ground');
    await bad({ description: ' ' }, 'description');
    await bad({ caseReference: 'x'.repeat(201) }, 'caseReference');
  });

  test('L-7 the same return sent twice opens one dispute', async () => {
    await at('2026-04-01 09:00');
    const input = dispute({ caseReference: 'case:twice', change: { ...change, idempotencyKey: 'return-1' } });
    for (const repeated of [false, true]) {
      expect((await h.ask(OPEN_DISPUTE, { input }, officer(police))).openDutyDispute.repeated).toBe(repeated);
    }
    const { dutyDisputes } = await h.ask(
      `{ dutyDisputes(division: "${COUNTY}", caseReference: "case:twice") { edges { cursor } } }`,
    );
    expect(dutyDisputes.edges).toHaveLength(1);
  });
});

test('L-7 a case class without an item is a gap: one per county, closed by an item that names it, open again when reported', async () => {
  await at('2026-04-01 09:00');
  const report = (more: object = {}) => ({
    division: TOWN,
    caseClass: '0201',
    caseReference: 'case:370114-00099',
    description: '没有清单事项',
    change,
    ...more,
  });
  const first = (await h.ask(REPORT_GAP, { input: report() }, town)).reportGap.gap;
  const again = (await h.ask(REPORT_GAP, { input: report({ division: COUNTY }) })).reportGap.gap;
  expect([first, again]).toMatchObject([
    { reports: 1, open: true, place: TOWN },
    { id: first.id, reports: 2, place: COUNTY },
  ]);
  const other = (await h.ask(REPORT_GAP, { input: report({ caseClass: '9901' }) }, town)).reportGap.gap;
  expect(other.id).not.toBe(first.id);
  const close = (id: string, code = '1') => ({ id, item: { list, code }, change });
  await refused(h, [CLOSE_GAP, close(other.id)], { code: 'RULE_VIOLATED', rule: 'L-7', field: 'item' });
  await refused(h, [CLOSE_GAP, close(first.id, '99')], { code: 'RULE_VIOLATED', field: 'item' });
  await refused(h, [CLOSE_GAP, close('gap:370114-none')], { code: 'NOT_FOUND' });
  await refused(h, [REPORT_GAP, report({ caseClass: ' ' }), town], {
    code: 'RULE_VIOLATED',
    field: 'caseClass',
  });
  await refused(h, [REPORT_GAP, report({ division: '370112000000' })], { code: 'NOT_PERMITTED' });
  const closed = (await h.ask(CLOSE_GAP, { input: close(first.id) })).closeGap.gap;
  expect(closed).toMatchObject({ open: false, closedBy: { code: '1' } });
  const open = async () =>
    (await h.ask(`{ dutyGaps(division: "${COUNTY}", open: true) { edges { node { id } } } }`)).dutyGaps.edges;
  expect(await open()).toEqual([{ node: { id: other.id } }]);
  await h.ask(REPORT_GAP, { input: report() }, town);
  expect(await open()).toHaveLength(2);
});

test('L-7 a read model that is built anew holds the same', async () => {
  const { rebuildListsReadModel } = await h.ask(
    'mutation { rebuildListsReadModel(input: { name: "lists.procedures" }) { digestBefore digestAfter } }',
    {},
    { roles: ['SYSTEM_ADMIN'] },
  );
  expect(rebuildListsReadModel.digestAfter).toBe(rebuildListsReadModel.digestBefore);
});
