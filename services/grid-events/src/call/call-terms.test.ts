import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { type CallTermsEvent, type CallTermsGiven, callTerms, type SetCallTerms } from './call-terms.ts';

const division = '330803000000';
const set = (given: CallTermsGiven, more: Partial<SetCallTerms> = {}): SetCallTerms => ({
  type: 'SetCallTerms',
  division,
  effectiveFrom: '2026-04-01',
  given,
  today: '2026-03-02',
  ...more,
});
const was = (given: CallTermsGiven, effectiveFrom = '2026-04-01'): CallTermsEvent => ({
  type: 'CallTermsSet',
  data: { division, effectiveFrom, ...given },
});
const limit = (amount: number) => ({
  limits: [
    { kind: 'EMERGENCY' as const, step: 'ON_SITE' as const, limit: { amount, unit: 'MINUTES' as const } },
  ],
});
const unset = { limits: [{ kind: 'EMERGENCY' as const, step: 'ON_SITE' as const, limit: null }] };

describe('the terms of calls in a county', () => {
  test('G-9 hold from a day on, each setting by itself', () => {
    given(callTerms)
      .when(set({ ...limit(20), scale: 'THREE_GRADES' }))
      .then({ ...was({ ...limit(20), scale: 'THREE_GRADES' }), effectiveAt: '2026-04-01' });
    given(callTerms, was({ ...limit(20), scale: 'THREE_GRADES' }))
      .when(set({ ...limit(20), overdue: 'NONE', scale: 'THREE_GRADES' }))
      .then({ ...was({ limits: [], overdue: 'NONE' }), effectiveAt: '2026-04-01' });
  });

  test('G-9 set again as they are change nothing; null is the default again', () => {
    given(callTerms, was(limit(20)))
      .when(set(limit(20)))
      .thenNothing();
    given(callTerms).when(set(unset)).thenNothing();
    given(callTerms, was(limit(20)))
      .when(set({ ...unset, scale: null }))
      .then({ ...was(unset), effectiveAt: '2026-04-01' });
  });

  test('G-9 set before a later setting hold until that', () => {
    given(callTerms, was(limit(20), '2026-06-01'))
      .when(set(limit(15)))
      .then({ ...was(limit(15)), effectiveAt: '2026-04-01' });
  });

  test('G-9 refuses limits out of range or twice, of towns, of the past, or nothing at all', () => {
    for (const amount of [0, -1, 1.5, Number.NaN, 525_601])
      given(callTerms)
        .when(set(limit(amount)))
        .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-9', field: 'limits[0].limit' });
    given(callTerms)
      .when(set({ limits: [...limit(20).limits, ...unset.limits] }))
      .thenRefused({ field: 'limits[1]' });
    given(callTerms)
      .when(set({ limits: [] }))
      .thenRefused({ field: 'limits' });
    given(callTerms)
      .when(set(limit(20), { effectiveFrom: '2026-03-01' }))
      .thenRefused({ field: 'effectiveFrom' });
    given(callTerms)
      .when(set(limit(20), { division: '330803114000' }))
      .thenRefused({ field: 'division' });
  });
});
