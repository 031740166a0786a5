import { expect, test } from 'vitest';
import { embeddedNode } from './embedded.ts';
import { cli } from './harness.ts';
import { County, change } from './reforms/county.ts';

const TOWN = '370114101000';

test('L-5 dutyledger may-exercise: who may, who may not, and a power that nobody has', async () => {
  const node = await embeddedNode();
  try {
    const county = new County(node, '370114000000');
    const [police = ''] = await county.register([
      { name: '济南市章丘区公安局', shortName: '区公安局', kind: 'DEPARTMENT' },
      { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
    ]);
    const basis = [{ title: '济南市文明养犬管理条例(2021)', article: '第三十条' }];
    const powers = [{ code: 'GA-015', name: '对犬只伤人的处罚', kind: 'PENALTY', holder: police, basis }];
    await county.ask(
      'mutation ($input: RegisterPowersInput!) { registerPowers(input: $input) { registered } }',
      { input: { county: county.division, powers, effectiveFrom: '2024-01-01', change } },
    );
    const token = await node.token({ roles: ['INTEGRATOR'] });
    const may = (...args: string[]) =>
      cli({ url: node.url, dataDir: '' }, 'may-exercise', ...args, '--town', '370114101', '--token', token);

    const yes = await may('GA-015', '--organ', '区公安局', '--lang', 'en');
    expect(yes).toMatchObject({ code: 0 });
    expect(yes.stdout).toMatch(/^Yes \(by statute\): 济南市章丘区公安局 holds/);
    expect(yes.stdout).toContain('济南市文明养犬管理条例(2021) 第三十条');
    const no = await may(
      'power:370114/GA-015',
      '--organ',
      '垛庄镇人民政府',
      '--filed',
      '2024-05-20',
      '--json',
    );
    expect(JSON.parse(no.stdout)).toMatchObject({ allowed: false, through: null, holder: { id: police } });
    const before = await may('GA-015', '--organ', police, '--on', '2023-12-31');
    expect(before.stdout).toMatch(/^不可以：2023-12-31 .*法无授权不可为/);
    expect(await may('GA-015', '--organ', '区城管局')).toMatchObject({ code: 1 });
    expect(await may('GA-015', '--organ', police, '--on', '2023-13-01')).toMatchObject({ code: 2 });
  } finally {
    await node.stop();
  }
});
