import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import type { ApplyAdjustment, Seen } from './adjusted.ts';
import type { DraftChange } from './draft.ts';
import { dutyList } from './duty-list.ts';
import type { DutyListEvent } from './events.ts';
import { added, approved, duty, item, known, opened, passed, published, submitted } from './samples.ts';
import { draftItems } from './state.ts';

const other = item({ name: '另一项' });
const first = [opened(), added('1'), added('2', other), published(1, '2026-01-01')];
const id = 'adjustment:370114-1';

const apply = (
  changes: DraftChange[],
  seen: Seen[] = [],
  effectiveFrom: string | null = null,
): ApplyAdjustment => ({
  type: 'ApplyAdjustment',
  adjustment: id,
  changes,
  seen,
  organs: known,
  atOnce:
    effectiveFrom === null
      ? null
      : {
          effectiveFrom,
          documentNumber: '章政发〔2026〕8号',
          review: passed.data,
          opinions: [],
          approval: approved.data,
        },
});
const transfer: DraftChange = { change: 'REVISE', code: '1', changes: { leads: [duty('5')] } };
const stale = { code: 'CONFLICT' as const, rule: 'L-4', field: 'code' };

describe('L-4 an adjustment that reaches a list', () => {
  test('L-4 is staged in the draft, and takes it out of its procedure', () => {
    const draft: DutyListEvent = { type: 'ItemRevised', data: { code: '2', changes: { remarks: '草案' } } };
    given(dutyList, ...first, draft, submitted(3))
      .when(apply([transfer]))
      .then(
        { type: 'ProcedureVoided', data: { stage: 'LEGALITY_REVIEW' } },
        { type: 'ItemRevised', data: { code: '1', changes: { leads: [duty('5')] }, adjustment: id } },
      );
  });

  test('L-4 or is an edition of its own at once, whatever the draft holds', () => {
    const draft: DutyListEvent = { type: 'ItemRevised', data: { code: '1', changes: { remarks: '草案' } } };
    given(dutyList, ...first, draft, submitted(3))
      .when(apply([transfer, { change: 'RETIRE', code: '2', successors: ['1'] }], [], '2026-03-01'))
      .thenState((state) => {
        if (state.status !== 'open') throw new Error('unreachable');
        expect(state.editions).toMatchObject([{ edition: 1 }, { edition: 2, effectiveFrom: '2026-03-01' }]);
        expect([...draftItems(state).keys()]).toEqual(['1']);
        expect(state).toMatchObject({ draftNumber: 3, procedure: { stage: 'LEGALITY_REVIEW' } });
        expect(state.adjusting.size).toBe(0);
      });
  });

  test('L-4 refuses what is not what the applicant saw: changed, gone, or changed in the draft', () => {
    const seen: Seen[] = [{ code: '1', fields: { leads: [duty('1', '登记管理、查处违法')] } }];
    const changed: DutyListEvent = {
      type: 'ItemRevised',
      data: { code: '1', changes: { leads: [duty('5')] } },
    };
    given(dutyList, ...first)
      .when(apply([transfer], seen))
      .thenState((state) => expect(state).toMatchObject({ draftNumber: 3 }));
    given(dutyList, ...first, changed)
      .when(apply([transfer], seen))
      .thenRefused(stale);
    given(dutyList, ...first, changed)
      .when(apply([transfer], seen, '2026-03-01'))
      .thenState((state) => expect(state).toMatchObject({ editions: [{ edition: 1 }, { edition: 2 }] }));
    const gone: DutyListEvent = { type: 'ItemRetired', data: { code: '1' } };
    given(dutyList, ...first, gone, published(2, '2026-02-01'))
      .when(apply([transfer], seen, '2026-03-01'))
      .thenRefused(stale);
  });

  test('L-4 refuses an edition before the one in force, and one without a document', () => {
    given(dutyList, ...first)
      .when(apply([transfer], [], '2025-12-31'))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-3', field: 'effectiveFrom' });
    const command = apply([transfer], [], '2026-03-01');
    given(dutyList, ...first)
      .when({ ...command, atOnce: command.atOnce && { ...command.atOnce, documentNumber: ' ' } })
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-3', field: 'documentNumber' });
  });
});
