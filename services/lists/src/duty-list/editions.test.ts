import { given } from '@dutyledger/event-store/given-when-then';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Correction } from './changes.ts';
import { dutyList } from './duty-list.ts';
import type { DutyListEvent } from './events.ts';
import {
  added,
  approved,
  change,
  duty,
  item,
  known,
  opened,
  organ,
  passed,
  publish,
  published,
} from './samples.ts';
import { contentOn, type DutyList, draftItems } from './state.ts';

const violated = (field: string) => ({ code: 'RULE_VIOLATED' as const, rule: 'L-3', field });

const first = [opened(), added('1'), published(1, '2024-01-01')];
const revised: DutyListEvent = { type: 'ItemRevised', data: { code: '1', changes: { domain: '公共安全' } } };

const correct = (
  edition: number,
  effectiveFrom: string,
  corrections: Correction[],
  documentNumber = '勘〔2024〕1号',
) => ({
  type: 'CorrectEdition' as const,
  edition,
  effectiveFrom,
  documentNumber,
  corrections,
  organs: known,
});
const misprint: Correction = { kind: 'REVISE', code: '1', changes: { name: '犬只登记' } };

describe('L-3 publication', () => {
  test('L-3 publishes what was staged, reviewed and approved, as one event', () => {
    given(dutyList, opened(), added('1'), added('2', item({ name: '另一项' })), passed, approved)
      .when(publish('2024-07-01', 2))
      .thenState((state) => {
        expect(state).toMatchObject({
          editions: [{ edition: 1, effectiveFrom: '2024-07-01', corrections: 0 }],
        });
        if (state.status === 'open') expect(state.draft.size).toBe(0);
      });
  });

  test('L-3 refuses an empty draft', () =>
    given(dutyList, ...first)
      .when(publish('2024-07-01', 1))
      .thenRefused(violated('list')));

  test('L-3 refuses a draft that was not reviewed, was returned, or was not approved', () => {
    given(dutyList, opened(), added('1'), approved)
      .when(publish('2024-07-01', 1))
      .thenRefused(violated('list'));
    given(dutyList, opened(), added('1'), passed)
      .when(publish('2024-07-01', 1))
      .thenRefused(violated('list'));
    const returned: DutyListEvent = {
      ...passed,
      data: { ...passed.data, outcome: 'RETURNED', opinion: '依据不足' },
    };
    given(dutyList, opened(), added('1'), returned, approved)
      .when(publish('2024-07-01', 1))
      .thenRefused(violated('list'));
  });

  test('L-3 an objection has to be answered by the approval', () => {
    const objection: DutyListEvent = {
      type: 'OpinionGiven',
      data: { organ: 'organ:2', organName: '区农业农村局', position: 'OBJECT', text: '无承接能力' },
    };
    given(dutyList, opened(), added('1'), passed, objection, approved)
      .when(publish('2024-07-01', 1))
      .thenRefused(violated('overruling'));
    const overruled: DutyListEvent = { ...approved, data: { ...approved.data, overruling: '已增配人员' } };
    given(dutyList, opened(), added('1'), passed, objection, overruled)
      .when(publish('2024-07-01', 1))
      .thenState((state) => expect(state).toMatchObject({ editions: [{ edition: 1 }] }));
  });

  test('L-3 refuses a draft that went on since the publisher looked', () =>
    given(dutyList, opened(), added('1'), added('2', item({ name: '另一项' })), passed, approved)
      .when(publish('2024-07-01', 1))
      .thenRefused({ code: 'CONFLICT', rule: 'L-3', field: 'draftNumber' }));

  test('L-3 refuses an effective day before that of the edition before, and a missing document', () => {
    const history = [...first, revised, passed, approved];
    given(dutyList, ...history)
      .when(publish('2023-12-31', 2))
      .thenRefused(violated('effectiveFrom'));
    given(dutyList, ...history)
      .when(publish('2024-02-01', 2, ' '))
      .thenRefused(violated('documentNumber'));
  });

  test('L-2 refuses to publish for an organ that ended after the item was staged', () => {
    const organs = new Map(known).set('organ:1', organ('1', '章丘区公安局', { status: 'abolished' }));
    given(dutyList, opened(), added('1'), passed, approved)
      .when({ ...publish('2024-07-01', 1), organs })
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-2', field: 'item.leads[0].organ' });
  });
});

describe('L-3 correction', () => {
  test('L-3 a correction is a new record with an earlier effective date', () => {
    given(dutyList, ...first, revised, published(2, '2025-01-01'))
      .when(correct(1, '2024-01-01', [misprint]))
      .then({
        type: 'EditionCorrected',
        data: {
          edition: 1,
          correction: 1,
          effectiveFrom: '2024-01-01',
          documentNumber: '勘〔2024〕1号',
          corrections: [misprint],
        },
        effectiveAt: '2024-01-01',
      });
  });

  test('L-3 it holds until the next known change of the item', () => {
    given(dutyList, ...first, revised, published(2, '2025-01-01'))
      .when(correct(1, '2024-06-01', [misprint]))
      .thenState((state) => {
        if (state.status !== 'open') throw new Error('unreachable');
        const on = (day: string) => contentOn(state.items.get('1'), day)?.name;
        expect([on('2024-05-31'), on('2024-06-01'), on('2024-12-31'), on('2025-01-01')]).toEqual([
          item().name,
          '犬只登记',
          '犬只登记',
          item().name,
        ]);
      });
  });

  test('L-3 a correction shows through what is staged in the draft', () => {
    given(dutyList, ...first, revised)
      .when(correct(1, '2024-01-01', [misprint]))
      .thenState((state) => {
        if (state.status !== 'open') throw new Error('unreachable');
        expect(draftItems(state).get('1')).toMatchObject({ name: '犬只登记', domain: '公共安全' });
      });
  });

  test('L-3 an item left out is added, one that stood there by mistake is struck', () => {
    const add: Correction = { kind: 'ADD', code: '2', item: item({ name: '漏列事项' }) };
    given(dutyList, ...first)
      .when(correct(1, '2024-01-01', [add, { kind: 'STRIKE', code: '1' }]))
      .thenState((state) => {
        if (state.status === 'open') expect([...draftItems(state).keys()]).toEqual(['2']);
      });
  });

  test('L-3 refuses what the edition does not allow', () => {
    const refused = (command: ReturnType<typeof correct>, refusal: object) =>
      given(dutyList, ...first, revised, published(2, '2025-01-01'))
        .when(command)
        .thenRefused(refusal);
    refused(correct(3, '2024-01-01', [misprint]), { code: 'NOT_FOUND', rule: 'L-3', field: 'edition' });
    refused(correct(1, '2023-12-31', [misprint]), violated('effectiveFrom'));
    refused(correct(1, '2025-01-01', [misprint]), violated('effectiveFrom'));
    refused(correct(1, '2024-01-01', [misprint], ''), violated('documentNumber'));
    refused(correct(1, '2024-01-01', []), { code: 'LIMIT_EXCEEDED', field: 'corrections' });
    refused(correct(1, '2024-01-01', [misprint, misprint]), violated('corrections'));
    refused(correct(1, '2024-01-01', [{ ...misprint, code: '9' }]), violated('corrections[0].code'));
    refused(
      correct(1, '2024-01-01', [{ kind: 'ADD', code: '1', item: item() }]),
      violated('corrections[0].code'),
    );
    refused(
      correct(1, '2024-01-01', [{ kind: 'REVISE', code: '1', changes: { name: item().name } }]),
      violated('corrections[0].changes'),
    );
    refused(
      correct(1, '2024-01-01', [{ kind: 'REVISE', code: '1', changes: { leads: [duty('1'), duty('5')] } }]),
      {
        rule: 'L-2',
        field: 'corrections[0].item.leads[1].organ',
      },
    );
  });
});

describe('properties', () => {
  const codes = fc.constantFrom('1', '2', '3');
  const changes = fc.array(
    fc.oneof(
      fc.record({
        change: fc.constant('ADD' as const),
        code: codes,
        item: fc.constantFrom('甲', '乙').map((name) => item({ name })),
      }),
      fc.record({
        change: fc.constant('REVISE' as const),
        code: codes,
        changes: fc.record({ domain: fc.constantFrom('甲', '乙', null) }),
      }),
      fc.record({ change: fc.constantFrom('RETIRE' as const, 'RESET' as const), code: codes }),
    ),
    { maxLength: 12 },
  );
  const envelope = {
    actor: { subject: 's', name: 'n', organ: null, role: 'r' },
    reason: 'r',
    basis: [],
    recordedAt: 't',
  };
  const run = (state: DutyList, command: Parameters<typeof dutyList.decide>[0]): DutyList => {
    const decision = dutyList.decide(command, state);
    if (!decision.ok) return state;
    return decision.events.reduce(
      (before, event) =>
        dutyList.evolve(before, event, { ...envelope, effectiveAt: event.effectiveAt ?? '2024-01-01' }),
      state,
    );
  };

  test('L-3 what is published is what the draft showed, and equal content has an equal digest', () => {
    fc.assert(
      fc.property(changes, changes, (one, two) => {
        const digests = [one, two].reduce<{ state: DutyList; day: number; seen: [string, string][] }>(
          (before, batch) => {
            let state = before.state;
            for (const entry of batch) state = run(state, change([entry]));
            for (const event of [passed, approved])
              state = dutyList.evolve(state, event, { ...envelope, effectiveAt: '' });
            if (state.status !== 'open') throw new Error('unreachable');
            const shown = draftItems(state);
            const decision = dutyList.decide(publish(`2024-01-0${before.day}`, state.draftNumber), state);
            if (!decision.ok) return { state, day: before.day, seen: before.seen };
            const [event] = decision.events;
            if (event?.type !== 'EditionPublished') throw new Error('one event publishes');
            state = run(state, publish(`2024-01-0${before.day}`, state.draftNumber));
            if (state.status !== 'open') throw new Error('unreachable');
            expect(draftItems(state)).toEqual(shown);
            expect(event.data.itemCount).toBe(shown.size);
            const content = JSON.stringify([...shown].sort(([a], [b]) => (a < b ? -1 : 1)));
            return { state, day: before.day + 1, seen: [...before.seen, [content, event.data.digest]] };
          },
          {
            state: run(dutyList.initial, { type: 'OpenDutyList', head: opened().data as never }),
            day: 1,
            seen: [],
          },
        ).seen;
        for (const [a, x] of digests) for (const [b, y] of digests) expect(x === y).toBe(a === b);
      }),
    );
  });

  test('a retried change yields no new events', () => {
    fc.assert(
      fc.property(changes, (batch) => {
        let state = run(dutyList.initial, { type: 'OpenDutyList', head: opened().data as never });
        for (const entry of batch) {
          const before = state;
          state = run(state, change([entry]));
          if (state === before || entry.change !== 'REVISE') continue;
          const again = dutyList.decide(change([entry]), state);
          expect(again.ok && again.events).toEqual([]);
        }
      }),
    );
  });
});
