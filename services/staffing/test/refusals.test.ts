import { creditCodeCheckDigit, organisationCheckDigit } from '@dutyledger/reference-data/credit-code';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTY, change, type Harness, REGISTER, register, startHarness, TOWN } from './harness.ts';

/** What is refused, with code, rule, field and citation, and changes nothing. */

let h: Harness;
let town: string;
let water: string;
const body = `11370114${'00418812'}`;
const seventeen = body + organisationCheckDigit('00418812');
const creditCode = seventeen + creditCodeCheckDigit(seventeen);

beforeAll(async () => {
  h = await startHarness();
  [town, water] = (await register(h, [
    { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
    { name: '水务局', kind: 'DEPARTMENT', creditCode },
  ])) as [string, string];
  const bodies = Array.from({ length: 9 }, (_, i) => ({
    name: `职能机构${i + 1}`,
    kind: 'TOWN_BODY',
    division: TOWN,
    superior: town,
  }));
  await register(h, bodies);
});
afterAll(() => h.end());

const department = (name: string, fields: object = {}): object => ({ name, kind: 'DEPARTMENT', ...fields });
const registering = (organs: readonly object[], input: object = {}, as: object = {}) =>
  h.fault(
    REGISTER,
    { input: { division: COUNTY, organs, effectiveFrom: '2026-01-01', change, ...input } },
    as,
  );
const changing = (name: string, input: object, as: object = {}) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return h.fault(
    `mutation ($input: ${type}!) { ${name}(input: $input) { repeated } }`,
    { input: { effectiveFrom: '2026-03-01', change, ...input } },
    as,
  );
};
const S1 = {
  code: 'RULE_VIOLATED',
  rule: 'S-1',
  citation: { title: '地方各级人民政府机构设置和编制管理条例' },
};

describe('rules', () => {
  test('S-2 refuses the tenth functional body with its citation', async () => {
    const tenth = { name: '第十个', kind: 'TOWN_BODY', division: TOWN, superior: town };
    const fault = await registering([tenth]);
    expect(fault).toMatchObject({
      code: 'RULE_VIOLATED',
      rule: 'S-2',
      field: 'organs[0].kind',
      details: { bodies: 9, most: 9 },
    });
    expect(fault.citation?.title).toContain('最多不得超过9个');
    expect(fault.message).toContain('at most 9');
  });
  test('S-1 refuses a name and a credit code that are taken, and registers none of the call', async () => {
    expect(await registering([department('新局'), department('水务局')])).toMatchObject({
      ...S1,
      field: 'organs[1].name',
      details: { organ: water },
    });
    expect(await registering([department('新局', { creditCode })])).toMatchObject({
      ...S1,
      field: 'organs[0].creditCode',
    });
    const { organs } = await h.ask(
      `{ organs(division: "${COUNTY}", nameContains: "新局") { edges { cursor } } }`,
    );
    expect(organs.edges).toEqual([]);
  });
  test.each([
    [
      'an unknown superior',
      { superior: 'organ:370114-9999' },
      { code: 'NOT_FOUND', rule: 'S-1', field: 'organs[0].superior' },
    ],
    ['a kind that its division cannot have', { kind: 'TOWN_GOVERNMENT' }, { ...S1, field: 'organs[0].kind' }],
    ['a level that is not its division’s', { level: 'VILLAGE' }, { ...S1, field: 'organs[0].level' }],
    [
      'a division outside the registration’s',
      { division: '370100000000' },
      { ...S1, field: 'organs[0].division' },
    ],
    ['a name of spaces', { name: '  ' }, { ...S1, field: 'organs[0].name' }],
    ['a name in two lines', { name: '水务局\n分局' }, { ...S1, field: 'organs[0].name' }],
    [
      'a name that is too long',
      { name: '长'.repeat(101) },
      { code: 'LIMIT_EXCEEDED', field: 'organs[0].name' },
    ],
  ])('S-1 refuses %s', async (_, fields, fault) => {
    const as = { division: '370000000000' };
    expect(await registering([department('某局', fields)], {}, as)).toMatchObject(fault);
  });
  test('S-1 refuses organs of another register, though the registration’s division holds them', async () => {
    const input = { division: '370100000000' };
    const fault = await registering([department('某局', { division: COUNTY })], input, input);
    expect(fault).toMatchObject({ ...S1, field: 'organs[0].division' });
  });
  test.each([
    ['renameOrgan', { organ: 'organ:370114-9999', name: '甲' }, 'organ'],
    ['reviseOrgan', { organ: 'nonsense', aliases: [] }, 'organ'],
    ['confirmOrgan', { organ: 'organ:370114-9999' }, 'organ'],
    ['abolishOrgan', { organ: 'organ:370114-9999' }, 'organ'],
    ['splitOrgan', { source: 'organ:370114-9999', into: [] }, 'source'],
    ['mergeOrgans', { sources: ['organ:370114-9999'], into: 'organ:370114-0002' }, 'sources[0]'],
    ['mergeOrgans', { sources: ['organ:370114-0002'], into: 'organ:370112-0001' }, 'into'],
  ])('S-1 %s refuses an organ that is not on record', async (name, input, field) => {
    expect(await changing(name, input)).toMatchObject({ code: 'NOT_FOUND', rule: 'S-1', field });
  });
  test('S-1 refuses a change that takes effect before the state on record', async () => {
    const fault = await changing('renameOrgan', {
      organ: water,
      name: '水利局',
      effectiveFrom: '2025-12-31',
    });
    expect(fault).toMatchObject({ ...S1, field: 'effectiveFrom', details: { onRecordFrom: '2026-01-01' } });
  });
  test('S-1 refuses to abolish an organ that others are below', async () => {
    expect(await changing('abolishOrgan', { organ: town })).toMatchObject({ ...S1, field: 'organ' });
  });
  test('S-1 refuses a merger of nothing, of too many, into nothing, into two', async () => {
    expect(await changing('mergeOrgans', { sources: [], into: water })).toMatchObject({
      ...S1,
      field: 'sources',
    });
    expect(await changing('mergeOrgans', { sources: Array(31).fill(water), into: town })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      field: 'sources',
    });
    const intoNew = department('新局');
    for (const into of [{}, { into: town, intoNew }]) {
      expect(await changing('mergeOrgans', { sources: [water], ...into })).toMatchObject({
        code: 'INVALID_INPUT',
        field: 'into',
      });
    }
  });
  test('S-1 refuses a split that leaves one organ', async () => {
    expect(await changing('splitOrgan', { source: water, into: [department('甲')] })).toMatchObject({
      ...S1,
      field: 'into',
    });
  });
  test('an organ always has a kind', async () => {
    expect(await changing('reviseOrgan', { organ: water, kind: null })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'kind',
    });
  });
  test('every change says why and on what ground', async () => {
    const everyEvent = { code: 'RULE_VIOLATED', rule: 'EVERY-EVENT' };
    expect(await registering([], { change: { ...change, reason: ' ' } })).toMatchObject({
      ...everyEvent,
      field: 'change.reason',
    });
    expect(await registering([], { change: { ...change, basis: [] } })).toMatchObject({
      ...everyEvent,
      field: 'change.basis',
    });
  });
});

describe('input that cannot be', () => {
  const wrongDigit = seventeen + (creditCodeCheckDigit(seventeen) === '0' ? '1' : '0');
  test.each([
    ['an unknown division', { division: '999999000000' }, 'division', '999999000000'],
    ['a short division code', { division: '370114' }, 'division', '370114000000'],
    ['a day that does not exist', { effectiveFrom: '2026-02-30' }, 'effectiveFrom', '2026-02-30'],
    [
      'a wrong check digit, naming the right one',
      { organs: [department('某局', { creditCode: wrongDigit })] },
      'organs[0].creditCode',
      `should be ${creditCodeCheckDigit(seventeen)}`,
    ],
    ['a control character', { organs: [department('水务\u0000局')] }, 'organs[0].name', 'U+0000'],
    ['an unpaired surrogate', { organs: [department('水务\ud800局')] }, 'organs[0].name', 'surrogate'],
    ['an unknown kind', { organs: [department('某局', { kind: 'KINGDOM' })] }, 'organs[0].kind', 'KINGDOM'],
  ])('refuses %s', async (_, input, field, told) => {
    const fault = await registering([department('某局')], input);
    expect(fault).toMatchObject({ code: 'INVALID_INPUT', field });
    expect(fault.message).toContain(told);
  });
  test('refuses 1,001 organs in one call, and takes 1,000', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => department(`第${i}局`));
    const rural = { division: '370112000000' };
    expect(await registering(many(1_001), rural, rural)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      field: 'organs',
      details: { given: 1_001, most: 1_000 },
    });
    const { registerOrgans } = await h.ask(
      REGISTER,
      { input: { organs: many(1_000), change, ...rural } },
      rural,
    );
    expect(registerOrgans.organs).toHaveLength(1_000);
  });
  test('refuses an unknown division in questions', async () => {
    expect(await h.fault('{ division(code: "999999000000") { code } }')).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('a registrar acts within the token’s division', () => {
  const ofTown = { division: TOWN };
  const ofOther = { division: '370112000000' };
  const denied = { code: 'NOT_PERMITTED' };

  test('a county’s registrar in the whole county, a town’s in the town', async () => {
    const village = { name: '甲村村民委员会', kind: 'VILLAGE_ORGANISATION', division: '370114101201' };
    await h.ask(REGISTER, { input: { division: TOWN, organs: [village], change } }, ofTown);
    expect(await registering([department('某局')], {}, ofTown)).toMatchObject({
      ...denied,
      field: 'division',
    });
    expect(await registering([department('某局')], {}, ofOther)).toMatchObject({
      ...denied,
      field: 'division',
    });
  });
  test.each([
    ['renameOrgan', () => ({ organ: water, name: '甲' }), 'organ'],
    ['reviseOrgan', () => ({ organ: water, aliases: ['甲'] }), 'organ'],
    ['confirmOrgan', () => ({ organ: water }), 'organ'],
    ['abolishOrgan', () => ({ organ: water }), 'organ'],
    ['splitOrgan', () => ({ source: water, into: [department('甲'), department('乙')] }), 'source'],
    ['mergeOrgans', () => ({ sources: [water], into: town }), 'sources[0]'],
    ['mergeOrgans', () => ({ sources: [town], into: water }), 'into'],
    [
      'mergeOrgans',
      () => ({ sources: [town], intoNew: department('甲', { division: COUNTY }) }),
      'intoNew.division',
    ],
    [
      'splitOrgan',
      () => ({ source: town, into: [department('甲', { division: COUNTY })] }),
      'into[0].division',
    ],
  ])('%s of an organ outside it is refused', async (name, input, field) => {
    expect(await changing(name, input(), ofTown)).toMatchObject({ ...denied, field });
  });
  test('nothing of what was refused is on record', async () => {
    const { organ } = await h.ask(
      'query ($id: ID!) { organ(id: $id) { name history { edges { cursor } } } }',
      {
        id: water,
      },
    );
    expect(organ).toMatchObject({ name: '水务局', history: { edges: [{}] } });
  });
});
