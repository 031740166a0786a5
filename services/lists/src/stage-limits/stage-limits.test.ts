import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { type SetStageLimits, type StageLimitsEvent, stageLimits } from './stage-limits.ts';

const division = '370114000000';
const set = (
  effectiveFrom: string,
  limits: SetStageLimits['limits'],
  more: Partial<SetStageLimits> = {},
): SetStageLimits => ({
  type: 'SetStageLimits',
  division,
  effectiveFrom,
  limits,
  today: '2026-03-02',
  ...more,
});
const was = (effectiveFrom: string, limits: SetStageLimits['limits']): StageLimitsEvent => ({
  type: 'StageLimitsSet',
  data: { division, effectiveFrom, limits },
});
const three = [{ stage: 'ADMISSION_OPINION' as const, workingDays: 3 }];
const four = [{ stage: 'ADMISSION_OPINION' as const, workingDays: 4 }];
const back = [{ stage: 'ADMISSION_OPINION' as const, workingDays: null }];

describe('limits of a county', () => {
  test('L-4 hold from a day on', () => {
    given(stageLimits)
      .when(set('2026-04-01', three))
      .then({ ...was('2026-04-01', three), effectiveAt: '2026-04-01' });
  });

  test('L-4 set again as they are change nothing; what changes is recorded alone', () => {
    const history = was('2026-03-02', three);
    given(stageLimits, history).when(set('2026-04-01', three)).thenNothing();
    given(stageLimits).when(set('2026-04-01', back)).thenNothing();
    const review = { stage: 'EDITION_APPROVAL' as const, workingDays: 7 };
    given(stageLimits, history)
      .when(set('2026-04-01', [...three, review]))
      .then({ ...was('2026-04-01', [review]), effectiveAt: '2026-04-01' });
    given(stageLimits, history)
      .when(set('2026-04-01', back))
      .then({ ...was('2026-04-01', back), effectiveAt: '2026-04-01' });
  });

  test('L-4 set before a later setting hold until that', () => {
    given(stageLimits, was('2026-06-01', three))
      .when(set('2026-05-01', four))
      .then({ ...was('2026-05-01', four), effectiveAt: '2026-05-01' });
    given(stageLimits, was('2026-06-01', three), was('2026-05-01', four))
      .when(set('2026-07-01', three))
      .thenNothing();
  });

  test('L-4 refuses limits outside 1 to 365 working days, of towns, of the past, twice, or of nothing', () => {
    for (const workingDays of [0, 366, 1.5, Number.NaN]) {
      given(stageLimits)
        .when(set('2026-04-01', [{ stage: 'ADMISSION_OPINION', workingDays }]))
        .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-4', field: 'limits[0].workingDays' });
    }
    given(stageLimits).when(set('2026-03-01', three)).thenRefused({ field: 'effectiveFrom' });
    given(stageLimits)
      .when(set('2026-04-01', [...three, ...four]))
      .thenRefused({ field: 'limits[1].stage' });
    given(stageLimits).when(set('2026-04-01', [])).thenRefused({ field: 'limits' });
    given(stageLimits)
      .when(set('2026-04-01', three, { division: '370114101000' }))
      .thenRefused({ field: 'division' });
  });
});
