import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APPROVE,
  announce,
  CHANGE,
  CORRECT,
  COUNTY,
  change,
  DISCARD,
  dogs,
  LEGALITY,
  legality,
  OPEN,
  OPINION,
  ORGANS,
  openList,
  PUBLISH,
  publish,
  REBASE,
  REQUEST,
  ready,
  refused,
  review,
  SUBMIT,
  stage,
  straw,
} from './harness.ts';
import { l2, l3, merged, type Request, type Story, startStory } from './refusal-story.ts';

/** Every refusal of L-1 and L-3 and of “every event says”, through the API, in both languages; nothing is recorded. */

let { h, list, draft } = {} as Story;
beforeAll(async () => {
  ({ h, list, draft } = await startStory());
});
afterAll(() => h.end());

const changing = (changes: object[], more: object = {}, of = list): Request => [
  CHANGE,
  { list: of, basedOn: of === list ? draft : 0, changes, change, ...more },
];

describe('L-1 lists', () => {
  const opening = (input: object, as?: object): Request => [
    OPEN,
    { division: COUNTY, kind: 'POWER', title: '权力清单', maintainer: ORGANS.staffing.id, change, ...input },
    as,
  ];
  test.each<[string, object, object]>([
    ['no title', { title: ' ' }, { code: 'RULE_VIOLATED', rule: 'L-1', field: 'title' }],
    [
      'a title that is too long',
      { title: '长'.repeat(201) },
      { code: 'RULE_VIOLATED', rule: 'L-1', field: 'title' },
    ],
    ['a maintainer that was merged', { maintainer: merged.id }, l2('maintainer')],
    ['another division', { division: '370112000000' }, { code: 'NOT_PERMITTED', field: 'division' }],
    [
      'a division that does not exist',
      { division: '999999000000' },
      { code: 'INVALID_INPUT', field: 'division' },
    ],
    ['an unknown kind', { kind: 'WISH_LIST' }, { code: 'INVALID_INPUT', field: 'kind' }],
  ])('refuses %s', async (_, input, expected) => {
    await refused(h, opening(input), expected);
  });
  test('refuses who is not an editor, and editors of another division', async () => {
    await refused(h, opening({}, { roles: ['LIST_PUBLISHER'] }), { code: 'NOT_PERMITTED' });
    await refused(h, opening({}, { division: '370112000000' }), { code: 'NOT_PERMITTED', field: 'division' });
  });
});

/** A well-formed input of every mutation of a list. */
const commands = (of: string): [string, string, object][] => [
  ['changeDraft', CHANGE, { list: of, basedOn: 0, changes: [], change }],
  ['discardDraft', DISCARD, { list: of, change }],
  ['submitDraft', SUBMIT, { list: of, draftNumber: 0, change }],
  ['rebaseDraft', REBASE, { list: of, draftNumber: 0, change }],
  ['requestOpinions', REQUEST, { list: of, organs: [ORGANS.police.id], change }],
  ['recordLegalityReview', LEGALITY, legality(of)],
  [
    'recordOpinion',
    OPINION,
    { list: of, organ: ORGANS.police.id, agrees: true, text: '同意', documentNumber: '号', change },
  ],
  ['recordApproval', APPROVE, { list: of, body: '区委编委', documentNumber: '章编〔2024〕1号', change }],
  [
    'publishEdition',
    PUBLISH,
    { list: of, draftNumber: 99, effectiveFrom: '2026-01-01', documentNumber: '号', change },
  ],
  [
    'correctEdition',
    CORRECT,
    {
      list: of,
      edition: 1,
      effectiveFrom: '2024-01-01',
      documentNumber: '号',
      corrections: [{ code: '2', strike: true }],
      change,
    },
  ],
];

describe.each(commands('list:370114-none').map(([name], i) => [name, i] as const))('%s', (_, i) => {
  const command = (of: string, more: object = {}): [string, object] => {
    const [, query, input] = commands(of)[i] as [string, string, object];
    return [query, { ...input, ...more }];
  };
  test('L-1 refuses a list that is not there', async () => {
    await refused(h, command('list:370114-none'), { code: 'NOT_FOUND', rule: 'L-1', field: 'list' });
  });
  test('refuses the list of another division, and callers who only read', async () => {
    const [query, input] = command(list);
    await refused(h, [query, input, { division: '370112000000' }], { code: 'NOT_PERMITTED', field: 'list' });
    await refused(h, [query, input, { division: '370114101000' }], { code: 'NOT_PERMITTED', field: 'list' });
    await refused(h, [query, input, { roles: ['AUDITOR', 'INTEGRATOR'] }], { code: 'NOT_PERMITTED' });
  });
  describe('EVERY-EVENT every change says why and on what ground', () => {
    test.each<[string, object, object]>([
      ['no reason', { reason: ' ' }, { code: 'RULE_VIOLATED', rule: 'EVERY-EVENT', field: 'change.reason' }],
      ['no basis', { basis: [] }, { code: 'RULE_VIOLATED', rule: 'EVERY-EVENT', field: 'change.basis' }],
      [
        'a nameless basis',
        { basis: [{ title: '' }] },
        { code: 'RULE_VIOLATED', rule: 'EVERY-EVENT', field: 'change.basis[0].title' },
      ],
      [
        'a reason of 2,001 characters',
        { reason: '因'.repeat(2_001) },
        { code: 'LIMIT_EXCEEDED', field: 'change.reason' },
      ],
      [
        'a blank idempotency key',
        { idempotencyKey: ' ' },
        { code: 'INVALID_INPUT', field: 'change.idempotencyKey' },
      ],
    ])('refuses %s', async (_, more, expected) => {
      await refused(h, command(list, { change: { ...change, ...more } }), expected);
    });
  });
});

describe('two editors of one draft', () => {
  test('L-3 the second is told what changed and by whom', async () => {
    const request = changing([{ code: '1', revise: { domain: '公共安全' } }], { basedOn: draft - 1 });
    const fault = await refused(h, [request[0], request[1], { name: '王编辑' }], {
      code: 'CONFLICT',
      rule: 'L-3',
      field: 'basedOn',
    });
    expect(fault.message).toContain('李编辑');
    expect(fault.message).toContain(change.reason);
    expect(fault.details).toMatchObject({
      draftNumber: draft,
      changedSince: [{ code: '1', by: '李编辑', organ: ORGANS.staffing.id, fields: ['remarks'] }],
    });
  });
  test('L-3 an editor cannot have looked at a draft that does not exist yet', async () => {
    await refused(h, changing([{ code: '1', revise: { domain: '公共安全' } }], { basedOn: draft + 1 }), {
      code: 'INVALID_INPUT',
      rule: 'L-3',
      field: 'basedOn',
    });
  });
  test('L-3 a draft that was thrown away under the second editor is told as well', async () => {
    const of = await openList(h);
    await stage(h, of, 0, [{ code: '1', add: dogs }]);
    await publish(h, of, '2024-01-01', 1);
    const seen = (await stage(h, of, 1, [{ code: '1', revise: { remarks: '拟修改' } }])).number;
    await h.ask(DISCARD, { input: { list: of, change } }, { name: '王编辑' });
    const request = changing([{ code: '1', revise: { domain: '公共安全' } }], { basedOn: seen }, of);
    const fault = await refused(h, request, { code: 'CONFLICT', rule: 'L-3', field: 'basedOn' });
    expect(fault.message).toContain('王编辑');
  });
});

const publishing = (more: object = {}, of = list): Request => [
  PUBLISH,
  {
    list: of,
    draftNumber: draft,
    effectiveFrom: '2026-01-01',
    documentNumber: '章政发〔2026〕1号',
    change,
    ...more,
  },
];
const reviewing = (of: string, more: object = {}): Request => [LEGALITY, legality(of, more)];
const opinion = (of: string, more: object = {}): Request => [
  OPINION,
  {
    list: of,
    organ: ORGANS.police.id,
    agrees: false,
    text: '职责应由综合执法承担',
    documentNumber: '章公函〔2024〕1号',
    change,
    ...more,
  },
];
const approval = (of: string, more: object = {}): Request => [
  APPROVE,
  { list: of, body: '区委编委', documentNumber: '章编〔2024〕1号', change, ...more },
];

/** An untouched list with a submitted draft: dogs, which concern the police, farming and the street. */
async function submitted(): Promise<string> {
  const of = await openList(h);
  await stage(h, of, 0, [{ code: '1', add: dogs }]);
  await h.ask(SUBMIT, { input: { list: of, draftNumber: 1, change } });
  return of;
}

describe('L-3 steps before publication', () => {
  let [fresh, asked, heard] = ['', '', ''];
  beforeAll(async () => {
    fresh = await submitted();
    asked = await submitted();
    await h.ask(LEGALITY, { input: legality(asked) });
    heard = await openList(h);
    await stage(h, heard, 0, [{ code: '1', add: dogs }]);
    await review(h, heard, 1);
  });
  const none = () => l3('list');
  test.each<[string, () => Request, () => object]>([
    ['a review without an opinion', () => reviewing(fresh, { opinion: ' ' }), () => l3('opinion')],
    ['a review by an organ that was merged', () => reviewing(fresh, { organ: merged.id }), () => l2('organ')],
    ['an opinion without text', () => opinion(asked, { text: '' }), () => l3('text')],
    ['an opinion of an organ that was merged', () => opinion(asked, { organ: merged.id }), () => l2('organ')],
    [
      'an opinion of an organ that was not asked',
      () => opinion(asked, { organ: ORGANS.health.id }),
      () => l3('organ'),
    ],
    ['an approval by nobody', () => approval(heard, { body: ' ' }), () => l3('body')],
    [
      'an approval without a document',
      () => approval(heard, { documentNumber: '' }),
      () => l3('documentNumber'),
    ],
    [
      'a document number of 101 characters',
      () => approval(heard, { documentNumber: '号'.repeat(101) }),
      () => l3('documentNumber'),
    ],
    ['a review of what was not submitted', () => reviewing(list), none],
    ['an opinion on what was not reviewed', () => opinion(fresh), none],
    ['an approval before the review', () => approval(fresh), none],
    ['an approval before the opinions', () => approval(asked), none],
    ['a publication before the approval', () => publishing({ draftNumber: 1 }, heard), none],
    ['a submission twice', () => [SUBMIT, { list: fresh, draftNumber: 1, change }], none],
    ['a review twice', () => reviewing(asked), none],
  ])('refuses %s', async (_, request, expected) => {
    await refused(h, request(), expected());
  });
  test.each<[string, () => Request, string]>([
    ['a review by who is no reviewer', () => reviewing(fresh, { documentNumber: null }), 'LEGALITY_REVIEWER'],
    [
      'a review for another organ',
      () => [LEGALITY, legality(fresh), { roles: ['LEGALITY_REVIEWER'], organ: ORGANS.police.id }],
      'LEGALITY_REVIEWER',
    ],
    ['an opinion for another organ', () => opinion(asked, { documentNumber: null }), 'DEPARTMENT_OFFICER'],
    [
      'an opinion of a department for another',
      () =>
        [...opinion(asked).slice(0, 2), { roles: ['DEPARTMENT_OFFICER'], organ: ORGANS.farming.id }] as never,
      'DEPARTMENT_OFFICER',
    ],
    [
      'an approval by an editor',
      () => [...approval(heard).slice(0, 2), { roles: ['LIST_EDITOR'] }] as never,
      'COUNTY_APPROVER',
    ],
  ])('refuses %s, and says who may', async (_, request, who) => {
    const fault = await refused(h, request(), { code: 'NOT_PERMITTED' });
    expect(fault.message).toContain(who);
  });
  test('refuses submissions, reviews, opinions and approvals of nothing', async () => {
    const empty = await openList(h);
    await refused(h, [SUBMIT, { list: empty, draftNumber: 0, change }], l3('list'));
    for (const request of [reviewing, opinion, approval]) await refused(h, request(empty), l3('list'));
    await refused(h, publishing({ draftNumber: 0 }, empty), l3('list'));
  });
  test('refuses to publish before every step is done, and again after any further change', async () => {
    const of = await openList(h);
    let number = (await stage(h, of, 0, [{ code: '1', add: dogs }])).number;
    const attempt = (expected: object) => refused(h, publishing({ draftNumber: number }, of), expected);
    const submit = () => h.ask(SUBMIT, { input: { list: of, draftNumber: number, change } });
    expect((await attempt(l3('list'))).message).toContain('submitted');
    await submit();
    expect((await attempt(l3('list'))).message).toContain('legality review');
    await h.ask(LEGALITY, { input: legality(of, { passed: false, opinion: '依据不足' }) });
    expect((await attempt(l3('list'))).message).toContain('依据不足');
    await submit();
    await h.ask(LEGALITY, { input: legality(of) });
    expect((await attempt(l3('list'))).message).toContain('opinions');
    await h.ask(OPINION, { input: opinion(of)[1] });
    for (const organ of [ORGANS.farming.id, ORGANS.street.id])
      await h.ask(OPINION, { input: opinion(of, { organ, agrees: true })[1] });
    expect((await attempt(l3('list'))).message).toContain('approved');
    const objected = await refused(h, approval(of), l3('overruling'));
    expect(objected.message).toContain(ORGANS.police.name);
    expect(objected.details).toMatchObject({ objections: [{ text: '职责应由综合执法承担' }] });
    await h.ask(APPROVE, { input: approval(of, { overruling: '条例第六条已明确' })[1] });
    number = (await stage(h, of, number, [{ code: '1', revise: { remarks: '再改' } }])).number;
    expect((await attempt(l3('list'))).message).toContain('submitted');
  });
  test('refuses a draft that went on since, and says who changed what', async () => {
    const fault = await refused(h, publishing({ draftNumber: draft - 1 }), {
      code: 'CONFLICT',
      rule: 'L-3',
      field: 'draftNumber',
    });
    expect(fault.message).toContain('李编辑');
    expect(fault.details).toMatchObject({
      draftNumber: draft,
      changedSince: [{ code: '1', reason: change.reason }],
    });
  });
  test('refuses everything on a draft that a correction overtook, until it is rebased', async () => {
    const of = await openList(h);
    await stage(h, of, 0, [{ code: '1', add: dogs }]);
    await publish(h, of, '2024-01-01', 1);
    await stage(h, of, 1, [{ code: '1', revise: { remarks: '草案' } }]);
    await ready(h, of, 2);
    const correction = { edition: 1, effectiveFrom: '2024-02-01', documentNumber: '勘〔2024〕1号', change };
    const corrections = [{ code: '1', revise: { remarks: '勘误' } }];
    await h.ask(CORRECT, { input: { list: of, ...correction, corrections } });
    const overtaken = { code: 'CONFLICT', rule: 'L-3', field: 'list' };
    const changes = [{ code: '2', add: straw }];
    const requests: Request[] = [
      changing(changes, { basedOn: 2 }, of),
      [SUBMIT, { list: of, draftNumber: 2, change }],
      [LEGALITY, legality(of)],
      opinion(of),
      approval(of),
      publishing({ draftNumber: 2 }, of),
    ];
    for (const request of requests) {
      const fault = await refused(h, request, overtaken);
      expect(fault.details).toMatchObject({ baseEdition: 1, edition: 1, conflicts: ['1'] });
    }
    const resolutions = [{ code: '1', field: 'remarks', take: 'MINE' }];
    await h.ask(REBASE, { input: { list: of, draftNumber: 2, resolutions, change } });
    expect(await stage(h, of, 3, changes)).toMatchObject({ added: 1, revised: 1 });
  });
  test('refuses a publication before the edition before it, without a document, on no day', async () => {
    await ready(h, list, draft);
    const early = await refused(h, publishing({ effectiveFrom: '2024-12-31' }), l3('effectiveFrom'));
    expect(early.details).toMatchObject({ edition: 2, effectiveFrom: '2025-01-01' });
    await refused(h, publishing({ documentNumber: ' ' }), l3('documentNumber'));
    await refused(h, publishing({ documentNumber: '号'.repeat(101) }), l3('documentNumber'));
    for (const effectiveFrom of ['2025-02-29', '2026-1-1', '20260101', 'tomorrow', ''])
      await refused(h, publishing({ effectiveFrom }), { code: 'INVALID_INPUT', field: 'effectiveFrom' });
  });
  test('refuses to publish a duty of an organ that ended after it was staged', async () => {
    const of = await openList(h);
    const going = { ...ORGANS.health, id: 'organ:370114-0102', name: '章丘区旧局' };
    await announce(h, [going]);
    await stage(h, of, 0, [{ code: '1', add: { ...straw, leads: [{ organ: going.id }] } }]);
    await ready(h, of, 1);
    await announce(h, [{ ...going, status: 'abolished', successors: [ORGANS.health.id] }]);
    const fault = await refused(h, publishing({ draftNumber: 1 }, of), {
      code: 'RULE_VIOLATED',
      rule: 'L-2',
      field: 'item.leads[0].organ',
    });
    expect(fault.details).toMatchObject({ code: '1', successors: [ORGANS.health.id] });
  });
});

describe('L-3 corrections', () => {
  const correcting = (corrections: object[], more: object = {}): Request => [
    CORRECT,
    {
      list,
      edition: 1,
      effectiveFrom: '2024-03-01',
      documentNumber: '勘〔2025〕1号',
      corrections,
      change,
      ...more,
    },
  ];
  const rename = { code: '1', revise: { name: '养犬管理' } };
  test.each<[string, Request | (() => Request), object]>([
    [
      'an edition that there is none of',
      () => correcting([rename], { edition: 3 }),
      { code: 'NOT_FOUND', rule: 'L-3', field: 'edition' },
    ],
    [
      'a day before the edition',
      () => correcting([rename], { effectiveFrom: '2023-12-31' }),
      l3('effectiveFrom'),
    ],
    [
      'a day after the edition',
      () => correcting([rename], { effectiveFrom: '2025-01-01' }),
      l3('effectiveFrom'),
    ],
    ['no document', () => correcting([rename], { documentNumber: '' }), l3('documentNumber')],
    [
      'what the edition says already',
      () => correcting([{ code: '1', revise: { name: dogs.name } }]),
      l3('corrections[0].changes'),
    ],
    ['nothing', () => correcting([]), { code: 'LIMIT_EXCEEDED', field: 'corrections' }],
    ['an item twice', () => correcting([rename, rename]), l3('corrections')],
    ['an item that is not in it', () => correcting([{ code: '9', strike: true }]), l3('corrections[0].code')],
    [
      'an item that is in it as left out',
      () => correcting([{ code: '1', add: dogs }]),
      l3('corrections[0].code'),
    ],
    [
      'to an item that breaks a rule',
      () => correcting([{ code: '1', revise: { basis: [] } }]),
      l2('corrections[0].item.basis'),
    ],
    [
      'one of two at once',
      () => correcting([{ code: '1', strike: true, revise: {} }]),
      { code: 'INVALID_INPUT', field: 'corrections[0]' },
    ],
    ['a code that cannot be', () => correcting([{ code: 'a/b', add: dogs }]), l2('corrections[0].code')],
    [
      'the code of another item',
      () =>
        correcting([{ code: '3', add: { ...dogs, name: '另一事项' } }], {
          edition: 2,
          effectiveFrom: '2025-03-01',
        }),
      l2('corrections[0].code'),
    ],
    [
      '501 items',
      () => correcting(Array.from({ length: 501 }, (_, i) => ({ code: `x${i}`, strike: true }))),
      { code: 'LIMIT_EXCEEDED', field: 'corrections' },
    ],
  ])('refuses %s', async (_, request, expected) => {
    await refused(h, typeof request === 'function' ? request() : request, expected);
  });
});

test('after all of it the drafts are as they were', async () => {
  const { dutyList } = await h.ask(
    'query ($list: ID!) { dutyList(id: $list) { draft { number revised } } }',
    { list },
  );
  expect(dutyList.draft).toEqual({ number: draft, revised: 1 });
});
