import type { Role } from '@dutyledger/subgraph-kit/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode } from './embedded.ts';
import { cli } from './harness.ts';
import { added, County, change } from './reforms/county.ts';

/** Questions that people ask on the command line. */

const TOWN = '370114101000';
const basis = [{ title: '济南市文明养犬管理条例(2021)', article: '第三十条' }];

let node: Standalone;
let county: County;
let police: string;
let list: string;
beforeAll(async () => {
  node = await embeddedNode();
  county = new County(node, '370114000000');
  let justice: string;
  let town: string;
  [police = '', justice = '', town = ''] = await county.register([
    { name: '济南市章丘区公安局', shortName: '区公安局', kind: 'DEPARTMENT' },
    { name: '济南市章丘区司法局', kind: 'DEPARTMENT' },
    { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
  ]);
  list = await county.open('TERRITORIAL', justice);
  const items = [
    { name: '犬只登记与养犬违法查处', leads: [{ organ: police }], basis },
    {
      name: '畜禽免疫',
      domain: '城市管理',
      leads: [{ organ: police }],
      cooperators: [{ organ: town }],
      basis,
    },
  ];
  await county.publish(list, await county.stage(list, 0, added(items)), justice);
});
afterAll(() => node.stop());

async function ask(role: Role, ...args: string[]) {
  const token = await node.token({ roles: [role], division: '370114000000' });
  return cli({ url: node.url, dataDir: '' }, ...args, '--token', token);
}

test('L-5 may-exercise: who may, who may not, and a power that nobody has', async () => {
  const powers = [{ code: 'GA-015', name: '对犬只伤人的处罚', kind: 'PENALTY', holder: police, basis }];
  await county.ask(
    'mutation ($input: RegisterPowersInput!) { registerPowers(input: $input) { registered } }',
    { input: { county: county.division, powers, effectiveFrom: '2024-01-01', change } },
  );
  await county.settled();
  const may = (...args: string[]) => ask('INTEGRATOR', 'may-exercise', ...args, '--town', '370114101');

  const yes = await may('GA-015', '--organ', '区公安局', '--lang', 'en');
  expect(yes).toMatchObject({ code: 0 });
  expect(yes.stdout).toMatch(/^Yes \(by statute\): 济南市章丘区公安局 holds/);
  expect(yes.stdout).toContain('济南市文明养犬管理条例(2021) 第三十条');
  const no = await may('power:370114/GA-015', '--organ', '垛庄镇人民政府', '--filed', '2024-05-20', '--json');
  expect(JSON.parse(no.stdout)).toMatchObject({ allowed: false, through: null, holder: { id: police } });
  const before = await may('GA-015', '--organ', police, '--on', '2023-12-31');
  expect(before.stdout).toMatch(/^不可以：2023-12-31 .*法无授权不可为/);
  expect(await may('GA-015', '--organ', '区城管局')).toMatchObject({ code: 1 });
  expect(await may('GA-015', '--organ', police, '--on', '2023-13-01')).toMatchObject({ code: 2 });
});

test('search: items by words, and none', async () => {
  const search = (...args: string[]) => ask('INTEGRATOR', 'search', '--division', '370114', ...args);
  const found = await search('登记 犬');
  expect(found.stdout).toMatch(/^找到 1 项\n[\s\S]*犬只登记与养犬违法查处 +济南市章丘区公安局/);
  const none = await search('航天', '--json');
  expect(JSON.parse(none.stdout)).toMatchObject({ found: 0, edges: [] });
});

test('L-4 adjustments: where they stand, and which are over their limit', async () => {
  const input = {
    applicant: police,
    title: '补充群众说法',
    documentNumber: '章公函〔2026〕7号',
    changes: [{ list, kind: 'REVISE', code: '1', item: { keywords: ['狗证'] } }],
    change,
  };
  await county.ask(
    'mutation ($input: SubmitAdjustmentInput!) { submitAdjustment(input: $input) { pending } }',
    { input },
  );
  await county.settled();
  const adjustments = (...args: string[]) => ask('AUDITOR', 'adjustments', '--division', '370114', ...args);
  expect((await adjustments()).stdout).toMatch(/补充群众说法 +济南市章丘区公安局 +1 +编办审核 +\d{4}-/);
  expect((await adjustments('--overdue', '--lang', 'en')).stdout).toBe('There are no adjustments.\n');
});

test('L-12 burden: all that a town carries, by part, kind and domain; what came since; item by item', async () => {
  const burden = (...args: string[]) => ask('AUDITOR', 'burden', '--town', '370114101', ...args);
  const shown = await burden('--since', '2023-06-01', '--items');
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^.*垛庄.*有效的事项共 1 项，点名 1 项，因“各镇街”承担 0 项/);
  expect(shown.stdout).toContain('与 2023-06-01 的 0 项相比：增加 1 项，减少 0 项，净减 -1 项');
  expect(shown.stdout).toMatch(/责任 +配合 +1 +1\n清单 +属地管理事项责任清单 +1 +1\n领域 +城市管理 +1 +1/);
  expect(shown.stdout).toMatch(/2 +畜禽免疫 +配合 +TERRITORIAL 清单 +是/);
  const json = JSON.parse((await burden('--items', '--json')).stdout);
  expect(json).toMatchObject({
    town: TOWN,
    all: { total: 1 },
    named: { total: 1 },
    items: [{ code: '2', name: '畜禽免疫', role: 'COOPERATE', named: true, list: { id: list } }],
  });
  const before = JSON.parse((await burden('--on', '2023-06-01', '--json')).stdout);
  expect(before).toMatchObject({ all: { total: 0 }, effectiveAt: '2023-06-01' });
  expect(before).not.toHaveProperty('items');
  expect(await burden('--on', '2023-06-31')).toMatchObject({ code: 2 });
});

test('L-4 proposals: to whom, answered or not, until when', async () => {
  const item = (name: string) => ({ name, content: '列入市级事项', reason: '区级无经费', basis });
  const input = {
    division: county.division,
    proposer: police,
    addresseeName: '济南市公安局',
    title: '完善目录的建议',
    documentNumber: '章公〔2026〕8号',
    items: [item('犬只留检场所建设'), item('养犬信息系统')],
    change,
  };
  const { proposeUpward } = await county.ask<{ proposeUpward: { proposal: { id: string } } }>(
    'mutation ($input: ProposeUpwardInput!) { proposeUpward(input: $input) { proposal { id } } }',
    { input },
  );
  const answer = {
    proposal: proposeUpward.proposal.id,
    documentNumber: '济公函〔2026〕3号',
    answeredOn: '2026-01-05',
    answers: [{ number: 1, outcome: 'ACCEPTED', text: '列入下一版目录' }],
    change,
  };
  await county.ask(
    'mutation ($input: RecordUpwardAnswerInput!) { recordUpwardAnswer(input: $input) { pending } }',
    { input: answer },
  );
  await county.settled();
  const proposals = (...args: string[]) => ask('AUDITOR', 'proposals', '--division', '370114', ...args);
  expect((await proposals()).stdout).toMatch(
    /完善目录的建议 +济南市章丘区公安局 +济南市公安局 +1\/2 +待答复 +\d{4}-/,
  );
  const [json] = JSON.parse((await proposals('--status', 'OPEN', '--json')).stdout);
  expect(json.items).toMatchObject([{ answer: { outcome: 'ACCEPTED' } }, { answer: null }]);
  expect((await proposals('--status', 'ANSWERED', '--lang', 'en')).stdout).toBe('There are no proposals.\n');
  expect(await proposals('--status', 'LOST')).toMatchObject({ code: 2 });
});
