import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { type HandedTask, handedTask } from './handed-task.ts';

const handed: HandedTask = {
  id: 'handedTask:330803-1',
  county: '330803000000',
  town: '330803114000',
  grid: 'grid:330803-000001',
  gridCode: '330803114001',
  issuer: { organ: 'organ:330803-0001', organName: '衢江区水利局' },
  title: '水表抄录',
  what: '逐户抄录水表',
  day: '2026-06-20',
};
const today = '2026-06-20';
const citation = { title: 'DutyLedger domain rules', article: 'G-3' };
const task = 'admission:330803-1';

describe('a task that is handed to a grid', () => {
  test('G-3 is recorded with what admitted it, or as one that nothing did', () => {
    given(handedTask)
      .when({ type: 'HandTaskToGrid', handed, today, task })
      .then({ type: 'TaskHandedToGrid', data: { ...handed, task } });
    given(handedTask)
      .when({ type: 'RecordUnadmittedTask', handed, today, arrival: 'REFUSED', citation })
      .then({ type: 'UnadmittedGridTaskRecorded', data: { ...handed, arrival: 'REFUSED', citation } });
    given(handedTask, { type: 'TaskHandedToGrid', data: { ...handed, task } })
      .when({ type: 'HandTaskToGrid', handed, today, task })
      .thenRefused({ code: 'CONFLICT' });
  });

  test('G-3 says what, who and when', () => {
    for (const [more, field] of [
      [{ title: '' }, 'title'],
      [{ what: ' ' }, 'what'],
      [{ issuer: { organ: null, organName: '' } }, 'issuerName'],
      [{ day: '2026-06-21' }, 'day'],
    ] as const)
      given(handedTask)
        .when({ type: 'HandTaskToGrid', handed: { ...handed, ...more }, today, task })
        .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-3', field });
  });
});
