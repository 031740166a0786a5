import { describe, expect, test } from 'vitest';
import type { Counter, CounterCommand, CounterEvent } from '../test/counter.ts';
import { counter } from '../test/counter.ts';
import type { Decider } from './decider.ts';
import { accept, refuse } from './decider.ts';
import { given, recorded } from './given-when-then.ts';

const raised = (by: number): CounterEvent => ({ type: 'CounterRaised', data: { by } });
const closed: CounterEvent = { type: 'CounterClosed', data: {} };
const raise: CounterCommand = { type: 'RaiseCounter', by: 3 };

describe('given / when / then', () => {
  test('holds where the decider does as expected', () => {
    given(counter).when(raise).then(raised(3));
    given(counter, raised(1)).when({ type: 'CloseCounter' }).then(closed);
    given(counter, closed).when({ type: 'CloseCounter' }).thenNothing();
    given(counter, closed).when(raise).thenRefused({ code: 'RULE_VIOLATED', rule: 'T-1', field: 'counter' });
    given(counter, raised(4))
      .when(raise)
      .thenState(({ total }) => expect(total).toBe(7));
  });

  test('gives evolve the envelope', () => {
    const other = { subject: 'u-2', name: '李敏', organ: null, role: 'test' };
    given(counter, recorded(raised(1), { actor: other }), { ...raised(1), effectiveAt: '2027-01-01' })
      .when(raise)
      .thenState(({ trace }) =>
        expect(trace).toEqual(['u-2 2026-01-01', 'test-subject 2027-01-01', 'test-subject 2026-01-01']),
      );
  });

  test('compares facts as they would be stored', () => {
    given(counter)
      .when(raise)
      .then({ type: 'CounterRaised', data: { by: 3, note: undefined } });
  });

  test('says what went otherwise', () => {
    expect(() => given(counter).when(raise).then(raised(4))).toThrow(
      /other facts than expected[\s\S]*by: [34]/,
    );
    expect(() => given(counter).when(raise).thenNothing()).toThrow(/other facts than expected/);
    expect(() => given(counter, closed).when(raise).then(raised(3))).toThrow(
      'it was refused: RULE_VIOLATED T-1 counter The counter is closed',
    );
    expect(() => given(counter).when(raise).thenRefused({})).toThrow('accepted with: CounterRaised');
    expect(() => given(counter, closed).when(raise).thenRefused({ rule: 'T-2' })).toThrow(/T-2/);
    expect(() =>
      given(counter, closed)
        .when(raise)
        .thenRefused({ details: { a: 1 } }),
    ).toThrow(/refused otherwise/);
  });

  test('finds deciders that change state, are not repeatable, or refuse by a rule without citing it', () => {
    const broken = (over: Partial<Decider<Counter, CounterCommand, CounterEvent>>) =>
      given({ ...counter, ...over }).when(raise);
    expect(() =>
      broken({
        decide: (_, state) => {
          state.trace.push('changed');
          return accept();
        },
      }),
    ).toThrow(TypeError);
    let calls = 0;
    expect(() => broken({ decide: () => accept(raised(calls++)) })).toThrow('answered differently');
    const uncited = broken({
      decide: () => refuse({ code: 'RULE_VIOLATED', rule: 'T-1', message: { 'zh-CN': '否', en: 'No' } }),
    });
    expect(() => uncited.thenRefused({ rule: 'T-1' })).toThrow('must name its rule and citation');
    const unfoldable = broken({
      evolve: () => {
        throw new Error('cannot evolve');
      },
    });
    expect(() => unfoldable.then(raised(3))).toThrow('cannot evolve');
  });
});
