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
  [police = '', justice = ''] = await county.register([
    { name: '济南市章丘区公安局', shortName: '区公安局', kind: 'DEPARTMENT' },
    { name: '济南市章丘区司法局', kind: 'DEPARTMENT' },
    { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
  ]);
  list = await county.open('TERRITORIAL', justice);
  const items = [{ name: '犬只登记与养犬违法查处', leads: [{ organ: police }], basis }];
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
