import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANGE, change, dogs, ORGANS, refused, straw } from './harness.ts';
import { l2, merged, type Request, type Story, startStory } from './refusal-story.ts';

/** Every refusal of L-2, and input that cannot be, through the API, in both languages; nothing is recorded. */

let { h, list, shared, village, draft } = {} as Story;
beforeAll(async () => {
  ({ h, list, shared, village, draft } = await startStory());
});
afterAll(() => h.end());

const UNKNOWN = 'organ:370114-9999';
const changing = (changes: object[], more: object = {}, of = list): Request => [
  CHANGE,
  { list: of, basedOn: of === list ? draft : 0, changes, change, ...more },
];
const adding = (item: object, of?: string) => changing([{ code: '9', add: { ...dogs, ...item } }], {}, of);

describe('items', () => {
  const police = { organ: ORGANS.police.id };
  const farming = { organ: ORGANS.farming.id };
  const step = (id: string, after: string[] = []) => ({ id, name: `步骤${id}`, after });

  test.each<[string, object, object]>([
    ['a second lead', { leads: [police, { organ: ORGANS.health.id }] }, l2('changes[0].item.leads[1].organ')],
    ['one lead twice', { leads: [police, police], jointlyLed: true }, l2('changes[0].item.leads[1].organ')],
    ['no lead', { leads: [] }, l2('changes[0].item.leads')],
    ['a joint lead of one', { jointlyLed: true }, l2('changes[0].item.jointlyLed')],
    [
      'a lead among the cooperators',
      { cooperators: [farming, police] },
      l2('changes[0].item.cooperators[1].organ'),
    ],
    ['a cooperator twice', { cooperators: [farming, farming] }, l2('changes[0].item.cooperators[1].organ')],
    ['no basis', { basis: [] }, l2('changes[0].item.basis')],
    [
      'a basis without a title',
      { basis: [{ title: ' ', article: '第一条' }] },
      l2('changes[0].item.basis[0].title'),
    ],
    ['no name', { name: '  ' }, l2('changes[0].item.name')],
    ['an organ that was merged', { leads: [{ organ: merged.id }] }, l2('changes[0].item.leads[0].organ')],
    [
      'a town body that is none',
      { townBody: ORGANS.street.id },
      { rule: 'S-2', field: 'changes[0].item.townBody' },
    ],
    [
      'shares outside a shared list',
      { fiscalShares: [{ ...police, percent: 100 }] },
      l2('changes[0].item.fiscalShares'),
    ],
    [
      'a handling class outside village lists',
      { handlingClass: 'ASSIST' },
      l2('changes[0].item.handlingClass'),
    ],
    ['two steps of one id', { procedure: [step('a'), step('a')] }, l2('changes[0].item.procedure[1].id')],
    ['a step after none', { procedure: [step('a', ['b'])] }, l2('changes[0].item.procedure[0].after')],
    [
      'steps in a circle',
      { procedure: [step('a', ['b']), step('b', ['a'])] },
      l2('changes[0].item.procedure'),
    ],
    [
      'a time limit of nothing',
      { procedure: [{ ...step('a'), limit: { amount: 0, unit: 'HOURS' } }] },
      l2('changes[0].item.procedure[0].limit.amount'),
    ],
    ['a keyword without letters', { keywords: ['养犬', ' '] }, l2('changes[0].item.keywords[1]')],
    ['a case class without letters', { caseClasses: [''] }, l2('changes[0].item.caseClasses[0]')],
    ['a situation without a name', { situations: [{ name: ' ' }] }, l2('changes[0].item.situations[0].name')],
    [
      'a step without a name',
      { procedure: [{ ...step('a'), name: '' }] },
      l2('changes[0].item.procedure[0].name'),
    ],
  ])('L-2 refuses %s', async (_, item, expected) => {
    await refused(h, adding(item), expected);
  });

  test('L-2 names the successors of an organ that was merged', async () => {
    const fault = await refused(
      h,
      adding({ leads: [{ organ: merged.id }] }),
      l2('changes[0].item.leads[0].organ'),
    );
    expect(fault.details).toMatchObject({ organ: merged.id, successors: [ORGANS.enforcement.id] });
  });

  test('L-2 refuses organs that staffing does not know, wherever they are named', async () => {
    const named: [object, string][] = [
      [{ leads: [{ organ: UNKNOWN }] }, 'leads[0].organ'],
      [{ cooperators: [farming, { organ: UNKNOWN }] }, 'cooperators[1].organ'],
      [{ townBody: UNKNOWN }, 'townBody'],
      [{ procedure: [{ ...step('a'), organ: UNKNOWN }] }, 'procedure[0].organ'],
    ];
    const head = await h.events.head();
    const faults = await Promise.all(named.map(([item]) => h.fault(CHANGE, { input: adding(item)[1] })));
    expect(faults).toMatchObject(named.map(([, field]) => l2(`changes[0].item.${field}`)));
    expect(await h.events.head()).toBe(head);
  });

  test.each([
    [[99.99], '99.99%'],
    [[60, 39.9], '99.9%'],
    [[33.33, 33.33, 33.33], '99.99%'],
    [[50, 50.01], '100.01%'],
  ])('L-2 refuses fiscal shares that do not add up to 100%%: %j', async (percents, told) => {
    const organs = [ORGANS.police.id, ORGANS.farming.id, ORGANS.towns.id];
    const fiscalShares = percents.map((percent, i) => ({ organ: organs[i], percent }));
    const fault = await refused(h, adding({ fiscalShares }, shared), l2('changes[0].item.fiscalShares'));
    expect(fault.message).toContain(told);
  });
  test.each<[string, object[], object]>([
    [
      'of an organ that has no part',
      [{ organ: ORGANS.health.id, percent: 100 }],
      l2('changes[0].item.fiscalShares[0].organ'),
    ],
    ['of nothing', [{ ...police, percent: 0 }], l2('changes[0].item.fiscalShares[0].percent')],
    ['below nothing', [{ ...police, percent: -1 }], l2('changes[0].item.fiscalShares[0].percent')],
    [
      'twice',
      [
        { ...police, percent: 50 },
        { ...police, percent: 50 },
      ],
      l2('changes[0].item.fiscalShares[1].organ'),
    ],
    [
      'of three decimals',
      [{ ...police, percent: 33.333 }],
      { code: 'INVALID_INPUT', field: 'changes[0].add.fiscalShares[0].percent' },
    ],
  ])('L-2 refuses a share %s', async (_, fiscalShares, expected) => {
    await refused(h, adding({ fiscalShares }, shared), expected);
  });
  test('L-2 takes shares that add up, and village items without lead and basis', async () => {
    const fiscalShares = [
      { ...police, percent: 33.33 },
      { ...farming, percent: 66.67 },
    ];
    await h.ask(CHANGE, { input: adding({ fiscalShares }, shared)[1] });
    const item = { name: '生育服务', handlingClass: 'MAY_HANDLE' };
    await h.ask(CHANGE, { input: changing([{ code: '1', add: item }], {}, village)[1] });
  });
});

describe('codes and changes', () => {
  test.each(['', ' ', ' 1', 'a b', 'a/b', '-1', `${'一二三四五六七八九十'.repeat(5)}一`])(
    'L-2 refuses the code “%s”',
    async (code) => {
      await refused(h, changing([{ code, add: dogs }]), l2('changes[0].code'));
    },
  );
  test('L-2 refuses a code that is taken, that is given twice, that belonged to another item', async () => {
    await refused(h, changing([{ code: '2', add: dogs }]), {
      ...l2('changes[0].code'),
      details: { name: straw.name },
    });
    await refused(
      h,
      changing([
        { code: '9', add: dogs },
        { code: '9', add: straw },
      ]),
      l2('changes[1].code'),
    );
    await refused(h, changing([{ code: '3', add: straw }]), {
      ...l2('changes[0].code'),
      details: { name: '流浪犬控制和处置' },
    });
  });
  test('L-2 tells every change at fault, and stages none', async () => {
    const changes = [
      { code: '8', add: dogs },
      { code: '9', add: { ...dogs, basis: [] } },
      { code: '99', revise: { domain: '公共安全' } },
    ];
    const fault = await refused(h, changing(changes), l2('changes[1].item.basis'));
    expect(fault.details?.['problems']).toMatchObject([
      { rule: 'L-2', field: 'changes[1].item.basis' },
      { code: 'NOT_FOUND', field: 'changes[2].code' },
    ]);
  });
  test.each([{ revise: { name: '无' } }, { retire: true }])(
    'L-2 %j of an item that the draft has not',
    async (one) => {
      await refused(h, changing([{ code: '404', ...one }]), {
        code: 'NOT_FOUND',
        rule: 'L-2',
        field: 'changes[0].code',
      });
    },
  );
  test.each([{}, { retire: false }, { add: dogs, retire: true }, { revise: { domain: null }, reset: true }])(
    'exactly one of add, revise, retire, reset: %#',
    async (one) => {
      await refused(h, changing([{ code: '1', ...one }]), { code: 'INVALID_INPUT', field: 'changes[0]' });
    },
  );
  test('extras are an object of strings', async () => {
    for (const extras of [[], 'text', { a: 1 }])
      await refused(h, adding({ extras }), { code: 'INVALID_INPUT', field: 'changes[0].add.extras' });
  });
});

describe('input that cannot be', () => {
  test.each<[string, () => Request, object, string]>([
    [
      'a control character',
      () => adding({ name: '犬只\u0000' }),
      { code: 'INVALID_INPUT', field: 'changes[0].add.name' },
      'U+0000',
    ],
    [
      'an unpaired surrogate',
      () => adding({ remarks: '犬\ud83d' }),
      { code: 'INVALID_INPUT', field: 'changes[0].add.remarks' },
      'surrogate',
    ],
    [
      'a text of 1 MB',
      () => adding({ remarks: 'x'.repeat(1_000_000) }),
      { code: 'LIMIT_EXCEEDED', field: 'changes[0].add.remarks' },
      '100000',
    ],
    [
      '10,001 changes',
      () => changing(Array.from({ length: 10_001 }, (_, i) => ({ code: `n${i}`, retire: true }))),
      { code: 'LIMIT_EXCEEDED', field: 'changes' },
      '10001',
    ],
    [
      'a wrong type',
      () => changing([{ code: 7, retire: true }]),
      { code: 'INVALID_INPUT', field: 'changes[0].code' },
      '7',
    ],
    [
      'a name of 201 characters',
      () => adding({ name: '长'.repeat(201) }),
      { code: 'LIMIT_EXCEEDED', field: 'changes[0].item.name' },
      '200',
    ],
    [
      'remarks of 10,001 characters',
      () => adding({ remarks: '长'.repeat(10_001) }),
      { code: 'LIMIT_EXCEEDED', field: 'changes[0].item.remarks' },
      '10000',
    ],
    [
      'a keyword of 201 characters',
      () => adding({ keywords: ['长'.repeat(201)] }),
      { code: 'LIMIT_EXCEEDED', field: 'changes[0].item.keywords[0]' },
      '200',
    ],
    [
      'a situation of 10,001 characters',
      () => adding({ situations: [{ name: '长'.repeat(10_001) }] }),
      { code: 'LIMIT_EXCEEDED', field: 'changes[0].item.situations[0].name' },
      '10000',
    ],
    [
      'more than one event can hold',
      () => adding({ situations: Array.from({ length: 200 }, () => ({ name: '长'.repeat(9_000) })) }),
      { code: 'LIMIT_EXCEEDED' },
      '',
    ],
  ])('refuses %s', async (_, request, expected, told) => {
    const fault = await refused(h, request(), expected);
    expect(fault.message).toContain(told);
  });

  const PAGE = 'query ($list: ID!, $first: Int, $after: String) { dutyList(id: $list) {';
  const PAGES = {
    items: `${PAGE} items(first: $first, after: $after) { edges { cursor } } } }`,
    editions: `${PAGE} editions(first: $first, after: $after) { edges { cursor } } } }`,
    history: `${PAGE} history(first: $first, after: $after) { edges { cursor } } } }`,
    changes: `${PAGE} draft { changes(first: $first, after: $after) { edges { cursor } } } } }`,
  };
  test.each(Object.entries(PAGES))(
    'pages of %s: cursors that were tampered with, sizes that cannot be',
    async (_, query) => {
      const { dutyList } = await h.ask(query, { list });
      const page = dutyList.draft?.changes ?? Object.values(dutyList)[0];
      const cursor: string = page.edges[0].cursor;
      const forged = [`${cursor.slice(0, -2)}xx`, 'nonsense', Buffer.from('[]').toString('base64url'), '犬'];
      for (const after of forged)
        expect(await h.fault(query, { list, after })).toMatchObject({
          code: 'INVALID_INPUT',
          field: 'after',
        });
      expect(await h.fault(query, { list, first: 0 })).toMatchObject({
        code: 'INVALID_INPUT',
        field: 'first',
      });
      expect(await h.fault(query, { list, first: 201 })).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        field: 'first',
      });
    },
  );
  test('clocks that cannot be', async () => {
    const query =
      'query ($list: ID!, $asOf: AsOf) { dutyList(id: $list) { edition(asOf: $asOf) { number } } }';
    for (const asOf of [
      { effectiveAt: '2025-02-30' },
      { recordedAt: '2025-01-01' },
      { recordedAt: '2025-01-01T00:00:00' },
    ])
      expect(await h.fault(query, { list, asOf })).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

test('after all of it the drafts are as they were', async () => {
  const { dutyList } = await h.ask(
    'query ($list: ID!) { dutyList(id: $list) { draft { number revised } } }',
    { list },
  );
  expect(dutyList.draft).toEqual({ number: draft, revised: 1 });
});
