import { given, recorded } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import { dutyList } from './duty-list.ts';
import type { ItemContent, ListKind } from './item.ts';
import { added, approved, change, duty, head, item, known, opened, passed, published } from './samples.ts';

const add = (content: Partial<ItemContent>, code = '1') =>
  change([{ change: 'ADD', code, item: item(content) }]);

/** Adding this content to an open list of that kind is refused by L-2 at that field. */
const refusesL2 = (content: Partial<ItemContent>, field: string, kind: ListKind = 'TERRITORIAL') =>
  given(dutyList, opened(kind))
    .when(add(content))
    .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-2', field: `changes[0].item.${field}` });

describe('L-1 lists', () => {
  test('L-1 a list is opened once, with a title', () => {
    given(dutyList).when({ type: 'OpenDutyList', head: head() }).then(opened());
    given(dutyList, opened())
      .when({ type: 'OpenDutyList', head: head() })
      .thenRefused({ code: 'CONFLICT', rule: 'L-1' });
    given(dutyList)
      .when({ type: 'OpenDutyList', head: { ...head(), title: '  ' } })
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-1', field: 'title' });
  });

  test('L-1 nothing can be done with a list that was never opened', () => {
    given(dutyList).when(add({})).thenRefused({ code: 'NOT_FOUND', rule: 'L-1' });
  });
});

describe('L-2 items', () => {
  test('L-2 an item is added with the names and levels that staffing has', () => {
    const given_ = item({ leads: [{ ...duty('1', '登记'), name: '别的名字', level: 'village' }] });
    given(dutyList, opened())
      .when(change([{ change: 'ADD', code: '1', item: given_ }]))
      .then(added('1', item({ leads: [duty('1', '登记')] })));
  });

  test('L-2 refuses a duty without an owner', () => refusesL2({ leads: [] }, 'leads'));

  test('L-2 a village list may name no lead', () => {
    given(dutyList, opened('VILLAGE_AFFAIRS'))
      .when(add({ leads: [], cooperators: [], basis: [], handlingClass: 'MUST_NOT_HANDLE' }))
      .then(added('1', item({ leads: [], cooperators: [], basis: [], handlingClass: 'MUST_NOT_HANDLE' })));
  });

  test('L-2 refuses a second lead unless the item is declared jointly led', () => {
    const leads = [duty('1'), duty('5')];
    refusesL2({ leads, cooperators: [] }, 'leads[1].organ');
    given(dutyList, opened())
      .when(add({ leads, cooperators: [], jointlyLed: true }))
      .then(added('1', item({ leads, cooperators: [], jointlyLed: true })));
    refusesL2({ jointlyLed: true }, 'jointlyLed');
  });

  test('L-2 refuses the lead among the cooperating organs', () =>
    refusesL2({ cooperators: [duty('2'), duty('1')] }, 'cooperators[1].organ'));

  test('L-2 refuses an organ named twice', () => {
    refusesL2({ cooperators: [duty('2'), duty('2')] }, 'cooperators[1].organ');
    refusesL2({ leads: [duty('1'), duty('1')], jointlyLed: true }, 'leads[1].organ');
  });

  test('L-2 refuses an organ that staffing does not know', () =>
    refusesL2({ cooperators: [duty('77')] }, 'cooperators[0].organ'));

  test('L-2 refuses an organ that was merged, and names who answers now', () => {
    given(dutyList, opened())
      .when(add({ leads: [duty('4')] }))
      .thenRefused({
        rule: 'L-2',
        field: 'changes[0].item.leads[0].organ',
        details: { organ: 'organ:4', successors: ['organ:5'] },
      });
  });

  test('L-2 refuses an item without basis, except in village and negative lists', () => {
    refusesL2({ basis: [] }, 'basis');
    refusesL2({ basis: [{ title: ' ' }] }, 'basis[0].title');
    given(dutyList, opened('NEGATIVE'))
      .when(add({ basis: [] }))
      .then(added('1', item({ basis: [] })));
  });

  test.each([
    [[9_990, 10], 'exactly 100%'],
    [[6_000, 3_999], undefined],
    [[6_000, 4_001], undefined],
  ])('L-2 fiscal shares %j add up to exactly 100%%', (shares, fine) => {
    const fiscalShares = shares.map((share, i) => ({
      organ: `organ:${i + 1}`,
      name: known.get(`organ:${i + 1}`)?.name ?? '',
      share,
    }));
    if (fine)
      given(dutyList, opened('SHARED'))
        .when(add({ fiscalShares }))
        .then(added('1', item({ fiscalShares })));
    else refusesL2({ fiscalShares }, 'fiscalShares', 'SHARED');
  });

  test('L-2 refuses a share of 0%, of an organ that takes no part, and outside of shared lists', () => {
    const share = (organ: string, part: number) => ({ organ, name: '', share: part });
    refusesL2(
      { fiscalShares: [share('organ:1', 10_000), share('organ:2', 0)] },
      'fiscalShares[1].percent',
      'SHARED',
    );
    refusesL2(
      { fiscalShares: [share('organ:1', 5_000), share('organ:5', 5_000)] },
      'fiscalShares[1].organ',
      'SHARED',
    );
    refusesL2({ fiscalShares: [share('organ:1', 10_000)] }, 'fiscalShares');
  });

  test('L-2 refuses a handling class outside of village lists', () =>
    refusesL2({ handlingClass: 'ASSIST' }, 'handlingClass'));

  test('S-2 refuses a town body that is none', () => {
    given(dutyList, opened())
      .when(add({ townBody: { organ: 'organ:2', name: '' } }))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'S-2', field: 'changes[0].item.townBody' });
    given(dutyList, opened())
      .when(add({ townBody: { organ: 'organ:6', name: '' } }))
      .then(added('1', item({ townBody: { organ: 'organ:6', name: '综合执法办公室' } })));
  });

  test('L-2 steps of a procedure wait for steps that exist, and never in a circle', () => {
    const step = (id: string, after: string[]) => ({
      id,
      name: id,
      organ: null,
      organName: null,
      limit: null,
      after,
    });
    refusesL2({ procedure: [step('a', ['b'])] }, 'procedure[0].after');
    refusesL2({ procedure: [step('a', ['b']), step('b', ['a'])] }, 'procedure');
    refusesL2({ procedure: [step('a', []), step('a', [])] }, 'procedure[1].id');
    const parallel = [step('a', []), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c'])];
    given(dutyList, opened())
      .when(add({ procedure: parallel }))
      .then(added('1', item({ procedure: parallel })));
  });

  test('L-2 codes are unique in the list and in one command, and well formed', () => {
    given(dutyList, opened(), added('1'))
      .when(add({ name: '另一项' }))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-2', field: 'changes[0].code' });
    given(dutyList, opened())
      .when(change([1, 2].map(() => ({ change: 'ADD' as const, code: '1', item: item() }))))
      .thenRefused({ rule: 'L-2', field: 'changes[1].code' });
    given(dutyList, opened()).when(add({}, 'a b')).thenRefused({ rule: 'L-2', field: 'changes[0].code' });
  });

  test('L-2 the code of a retired item is never given to another one', () => {
    const history = [
      opened(),
      added('1'),
      published(1, '2024-01-01'),
      { type: 'ItemRetired' as const, data: { code: '1' } },
      published(2, '2025-01-01'),
    ];
    given(dutyList, ...history)
      .when(add({ name: '另一项' }))
      .thenRefused({ rule: 'L-2', field: 'changes[0].code' });
    given(dutyList, ...history)
      .when(add({}))
      .then(added('1'));
  });

  test('L-2 all bad changes are told at once, and nothing is staged', () => {
    given(dutyList, opened())
      .when(
        change([
          { change: 'ADD', code: '1', item: item() },
          { change: 'ADD', code: '2', item: item({ leads: [] }) },
          { change: 'RETIRE', code: '3' },
        ]),
      )
      .thenRefused({ code: 'RULE_VIOLATED', field: 'changes[1].item.leads' });
  });
});

describe('L-3 the draft', () => {
  test('L-3 a revision is staged with the changed fields alone; what changes nothing is no event', () => {
    given(dutyList, opened(), added('1'))
      .when(change([{ change: 'REVISE', code: '1', changes: { domain: '公共安全', name: item().name } }]))
      .then({ type: 'ItemRevised', data: { code: '1', changes: { domain: '公共安全' } } });
    given(dutyList, opened(), added('1'))
      .when(change([{ change: 'REVISE', code: '1', changes: { domain: '城市管理' } }]))
      .thenNothing();
  });

  test('L-3 retiring what only the draft has takes it back', () => {
    given(dutyList, opened(), added('1'))
      .when(change([{ change: 'RETIRE', code: '1' }]))
      .then({ type: 'ItemReset', data: { code: '1' } });
    given(dutyList, opened(), added('1'), published(1, '2024-01-01'))
      .when(change([{ change: 'RETIRE', code: '1' }]))
      .then({ type: 'ItemRetired', data: { code: '1' } });
  });

  test('L-3 adding a retired item back as it was is a reset', () => {
    given(dutyList, opened(), added('1'), published(1, '2024-01-01'), {
      type: 'ItemRetired',
      data: { code: '1' },
    })
      .when(add({}))
      .then({ type: 'ItemReset', data: { code: '1' } });
  });

  test('L-3 the second editor is told what changed and by whom', () => {
    const first = recorded(added('1'), {
      actor: { subject: 'li', name: '李编辑', organ: null, role: 'LIST_EDITOR' },
      recordedAt: '2024-03-01T01:00:00.000Z',
      reason: '补录',
    });
    given(dutyList, opened(), first)
      .when(change([{ change: 'REVISE', code: '1', changes: { domain: '公共安全' } }], 0))
      .thenRefused({
        code: 'CONFLICT',
        rule: 'L-3',
        field: 'basedOn',
        details: {
          draftNumber: 1,
          changedSince: [
            {
              code: '1',
              number: 1,
              by: '李编辑',
              organ: null,
              at: '2024-03-01T01:00:00.000Z',
              reason: '补录',
              fields: [],
            },
          ],
        },
      });
    given(dutyList, opened(), first)
      .when(change([{ change: 'ADD', code: '2', item: item({ name: '另一项' }) }], 0))
      .then(added('2', item({ name: '另一项' })));
  });

  test('L-3 a change voids review, opinions and approval', () => {
    given(dutyList, opened(), added('1'), passed, approved)
      .when(change([{ change: 'RESET', code: '1' }]))
      .thenState((state) => expect(state).toMatchObject({ procedure: null, draftNumber: 2 }));
  });

  test('L-3 discarding nothing is nothing', () => {
    given(dutyList, opened()).when({ type: 'DiscardDraft' }).thenNothing();
    given(dutyList, opened(), added('1'))
      .when({ type: 'DiscardDraft' })
      .then({ type: 'DraftDiscarded', data: { changes: 1 } });
  });

  test('a command takes at most 20,000 changes', () => {
    const changes = Array.from({ length: 20_001 }, (_, i) => ({
      change: 'RETIRE' as const,
      code: String(i),
    }));
    given(dutyList, opened()).when(change(changes)).thenRefused({ code: 'LIMIT_EXCEEDED', field: 'changes' });
  });
});
