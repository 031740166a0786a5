import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import type { Correction } from './changes.ts';
import { dutyList } from './duty-list.ts';
import type { DutyListEvent } from './events.ts';
import { emptyItem, type ItemContent } from './item.ts';
import { conflictsOf, type Resolution } from './rebase.ts';
import { added, approved, change, item, opened, passed, publish, published, submitted } from './samples.ts';
import { draftItems } from './state.ts';

const revised = (code: string, changes: Partial<ItemContent>): DutyListEvent => ({
  type: 'ItemRevised',
  data: { code, changes },
});
const other = item({ name: '另一项' });
const first = [opened(), added('1'), added('2', other), published(1, '2026-01-01')];

/** An adjustment applied at once: an edition beside the draft. */
const adjusted = (
  edition: number,
  ...changes: Extract<DutyListEvent, { type: 'ItemAdjusted' }>['data'][]
) => {
  const publication = published(edition, '2026-02-01');
  if (publication.type !== 'EditionPublished') throw new Error('unreachable');
  const review = passed.data;
  const adjustment = { id: 'adjustment:1', review, opinions: [], approval: approved.data };
  return [
    ...changes.map((data): DutyListEvent => ({ type: 'ItemAdjusted', data })),
    { ...publication, data: { ...publication.data, adjustment } } satisfies DutyListEvent,
  ];
};
const adjust = (code: string, changes: Partial<ItemContent>) => ({
  code,
  adjustment: 'adjustment:1',
  staged: { change: 'REVISE' as const, changes },
});
const corrected = (correction: Correction): DutyListEvent => ({
  type: 'EditionCorrected',
  data: {
    edition: 1,
    correction: 1,
    effectiveFrom: '2026-01-01',
    documentNumber: '勘〔2026〕1号',
    corrections: [correction],
  },
});
const rebase = (draftNumber: number, ...resolutions: Resolution[]) => ({
  type: 'RebaseDraft' as const,
  draftNumber,
  resolutions,
});
const mine = (code: string, field: string | null = null): Resolution => ({ code, field, take: 'MINE' });
const theirs = (code: string, field: string | null = null): Resolution => ({ code, field, take: 'THEIRS' });
const superseded = { code: 'CONFLICT' as const, rule: 'L-3', field: 'list' };
const onto = (edition: number, ...conflicts: string[]): DutyListEvent => ({
  type: 'DraftRebased',
  data: { edition, conflicts },
});
const look = (...history: DutyListEvent[]) => {
  let found: ReturnType<typeof conflictsOf> = [];
  given(dutyList, ...history)
    .when({ type: 'RebaseDraft', draftNumber: -1, resolutions: [] })
    .thenRefused({ code: 'CONFLICT' });
  const envelope = {
    actor: { subject: 's', name: 'n', organ: null, role: 'r' },
    reason: 'r',
    basis: [],
    recordedAt: 't',
    effectiveAt: '2026-01-01',
  };
  const state = history.reduce((before, event) => dutyList.evolve(before, event, envelope), dutyList.initial);
  if (state.status === 'open') found = conflictsOf(state);
  return found;
};

describe('L-3 a draft that another edition overtook', () => {
  const apart = [
    ...first,
    revised('1', { remarks: '草案' }),
    ...adjusted(2, adjust('2', { domain: '公共安全' })),
  ];

  test('L-3 nothing further is done with it before it is rebased', () => {
    const steps = [...first, revised('1', { remarks: '草案' }), submitted(3), passed, approved];
    given(dutyList, ...steps, ...adjusted(2, adjust('2', { domain: '公共安全' })))
      .when(publish('2026-03-01', 3))
      .thenRefused(superseded);
    given(dutyList, ...apart)
      .when(change([{ change: 'REVISE', code: '1', changes: { remarks: '再改' } }]))
      .thenRefused(superseded);
  });

  test('L-3 is carried over where the two do not touch, with its steps', () => {
    const steps = [...first, revised('1', { remarks: '草案' }), submitted(3), passed, approved];
    given(dutyList, ...steps, ...adjusted(2, adjust('2', { domain: '公共安全' })))
      .when(rebase(3))
      .then(onto(2));
    given(dutyList, ...steps, ...adjusted(2, adjust('2', { domain: '公共安全' })), onto(2))
      .when(publish('2026-03-01', 3))
      .thenState((state) => {
        if (state.status !== 'open') throw new Error('unreachable');
        expect(draftItems(state).get('1')).toMatchObject({ remarks: '草案' });
        expect(draftItems(state).get('2')).toMatchObject({ domain: '公共安全' });
      });
  });

  test('L-3 changes of one item in different fields do not conflict', () => {
    const history = [
      ...first,
      revised('1', { remarks: '草案' }),
      ...adjusted(2, adjust('1', { domain: '公共安全' })),
    ];
    expect(look(...history)).toEqual([]);
    given(dutyList, ...history)
      .when(rebase(3))
      .then(onto(2));
  });

  const together = [
    ...first,
    revised('1', { domain: '自然资源', remarks: '草案' }),
    ...adjusted(2, adjust('1', { domain: '公共安全', category: '甲' })),
  ];

  test('L-3 shows conflicts item by item, field by field', () => {
    const [conflict] = look(...together);
    expect(conflict).toMatchObject({ code: '1', change: 'REVISE', fields: ['domain'] });
    expect([conflict?.base?.domain, conflict?.theirs?.domain, conflict?.mine?.domain]).toEqual([
      '城市管理',
      '公共安全',
      '自然资源',
    ]);
  });

  test('L-3 the editor resolves each conflict; one that is left is named', () => {
    given(dutyList, ...together)
      .when(rebase(3))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-3', field: 'resolutions' });
    given(dutyList, ...together)
      .when(rebase(3, mine('1', 'remarks')))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-3', field: 'resolutions' });
    given(dutyList, ...together)
      .when(rebase(3, mine('1', 'domain')))
      .then(onto(2, '1'));
    given(dutyList, ...together)
      .when(rebase(3, theirs('1')))
      .then({ type: 'ItemReset', data: { code: '1' } }, revised('1', { remarks: '草案' }), onto(2, '1'));
  });

  test('L-3 resolving a conflict takes the draft out of its procedure and moves its number', () =>
    given(dutyList, ...together)
      .when(rebase(3, mine('1')))
      .thenState((state) =>
        expect(state).toMatchObject({ procedure: null, draftNumber: 4, base: { edition: 2 } }),
      ));

  test('L-3 an item that is gone, or that appeared, is in conflict as a whole', () => {
    const retired = (code: string) => ({
      code,
      adjustment: 'adjustment:1',
      staged: { change: 'RETIRE' as const },
    });
    const gone = [...first, revised('1', { domain: '自然资源' }), ...adjusted(2, retired('1'))];
    expect(look(...gone)).toMatchObject([{ code: '1', theirs: null, fields: [] }]);
    given(dutyList, ...gone)
      .when(rebase(3, theirs('1')))
      .then({ type: 'ItemReset', data: { code: '1' } }, onto(2, '1'));
    given(dutyList, ...gone)
      .when(rebase(3, mine('1')))
      .then(
        { type: 'ItemReset', data: { code: '1' } },
        added('1', item({ domain: '自然资源' })),
        onto(2, '1'),
      );
    const appeared = (name: string) => [
      ...first,
      added('3', item({ name: '新增事项' })),
      ...adjusted(2, {
        code: '3',
        adjustment: 'adjustment:1',
        staged: { change: 'ADD', item: { ...emptyItem, ...item({ name, remarks: '调整' }) } },
      }),
    ];
    given(dutyList, ...appeared('别的事项'))
      .when(rebase(3, mine('3')))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-2', field: 'resolutions' });
    given(dutyList, ...appeared('新增事项'))
      .when(rebase(3, mine('3')))
      .then({ type: 'ItemReset', data: { code: '3' } }, revised('3', { remarks: null }), onto(2, '3'));
    const retiring: DutyListEvent = { type: 'ItemRetired', data: { code: '2' } };
    given(dutyList, ...first, retiring, ...adjusted(2, adjust('2', { domain: '公共安全' })))
      .when(rebase(3, mine('2')))
      .then(onto(2, '2'));
    given(dutyList, ...first, retiring, ...adjusted(2, retired('2')))
      .when(rebase(3, mine('2')))
      .then({ type: 'ItemReset', data: { code: '2' } }, onto(2, '2'));
  });

  test('L-3 nothing happens to a draft that nothing overtook, nor on a draft that moved on', () => {
    given(dutyList, ...first, revised('1', { remarks: '草案' }))
      .when(rebase(3))
      .thenNothing();
    given(dutyList, ...together)
      .when(rebase(2, mine('1')))
      .thenRefused({ code: 'CONFLICT', rule: 'L-3', field: 'draftNumber' });
  });
});

describe('L-3 a draft and a correction', () => {
  test('L-3 of another field: the correction shows through, the draft goes on', () =>
    given(
      dutyList,
      ...first,
      revised('1', { domain: '自然资源' }),
      submitted(3),
      passed,
      approved,
      corrected({ kind: 'REVISE', code: '1', changes: { name: '犬只登记' } }),
    )
      .when(publish('2026-03-01', 3))
      .thenState((state) => {
        if (state.status !== 'open') throw new Error('unreachable');
        expect(draftItems(state).get('1')).toMatchObject({ name: '犬只登记', domain: '自然资源' });
      }));

  test('L-3 of the same field, or of an item that it strikes: the draft is rebased first', () => {
    const steps = [...first, revised('1', { domain: '自然资源' }), submitted(3), passed, approved];
    for (const correction of [
      { kind: 'REVISE' as const, code: '1', changes: { domain: '公共安全' } },
      { kind: 'STRIKE' as const, code: '1' },
    ]) {
      given(dutyList, ...steps, corrected(correction))
        .when(publish('2026-03-01', 3))
        .thenRefused(superseded);
    }
  });
});
