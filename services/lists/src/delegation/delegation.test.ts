import type { RefusalCode } from '@dutyledger/event-store/decider';
import { given } from '@dutyledger/event-store/given-when-then';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PowerCommand, powerRegister } from './delegation.ts';
import type {
  CapacityAssessment,
  DelegationDecision,
  Power,
  PowerEvent,
  Proposal,
  TownRef,
} from './events.ts';
import { addMonths } from './months.ts';
import { initial, type PowerRegister } from './state.ts';

const TOWNS = ['370114101000', '370114102000'].map((town, i) => ({
  town,
  organ: `organ:370114-010${i + 1}`,
  name: `镇${i + 1}人民政府`,
}));
const [STRONG, WEAK] = TOWNS.map(({ town }) => town) as [string, string];

const power = (code: string): Power => ({
  code,
  name: `对${code}的处罚`,
  kind: 'PENALTY',
  field: '市容环卫',
  basis: [{ title: '城市市容和环境卫生管理条例', article: '第三十四条' }],
  holder: { organ: 'organ:370114-0004', name: '区综合行政执法局' },
  item: null,
});

const proposal: Proposal = {
  id: 'delegation:370114-1',
  title: '赋权事项清单',
  powers: ['1', '2'],
  towns: TOWNS,
  scope: '辖区内全部案件，跨镇案件除外',
  ground: [{ title: '中华人民共和国行政处罚法', article: '第二十四条' }],
  trialMonths: 6,
  evaluationMonths: 12,
};
const { id: delegation } = proposal;

const registered: PowerEvent[] = ['1', '2'].map((code) => ({
  type: 'PowerRegistered',
  data: { power: power(code) },
}));
const proposed: PowerEvent = { type: 'DelegationProposed', data: proposal };
const opinion = (town: string, accepts = true): PowerEvent => ({
  type: 'DelegationOpinionGiven',
  data: {
    delegation,
    opinion: {
      ...(TOWNS.find((entry) => entry.town === town) ?? { town, organ: '', name: '' }),
      accepts,
      text: accepts ? '同意承接' : '执法人员不足',
      documentNumber: null,
    },
  },
});
const assessment = (town: string, passed = true): CapacityAssessment => ({
  town,
  passed,
  assessor: { organ: 'organ:370114-0006', name: '区委编办' },
  assessedOn: '2026-01-20',
  criteria: [{ name: '执法人员', met: passed, finding: passed ? '12 人' : '1 人' }],
});
const assessed = (town: string, passed = true): PowerEvent => ({
  type: 'CapacityAssessed',
  data: { delegation, assessment: assessment(town, passed) },
});
const decision: DelegationDecision = {
  approved: true,
  body: '区政府常务会议',
  documentNumber: '章政发〔2026〕1号',
  text: '同意',
  towns: [STRONG],
  from: '2026-03-01',
  trialUntil: '2026-09-01',
  evaluationDue: '2026-09-01',
  handed: {
    title: proposal.title,
    powers: ['1', '2'].map((code) => ({ code, name: power(code).name, former: power(code).holder })),
    towns: TOWNS.slice(0, 1),
  },
};
const decided = (changes: Partial<DelegationDecision> = {}): PowerEvent => {
  const data = { delegation, decision: { ...decision, ...changes } };
  return { type: 'DelegationDecided', data, effectiveAt: data.decision.from ?? '2026-02-01' };
};
const ready = [...registered, proposed, opinion(STRONG), assessed(STRONG)];
const decide = (changes: object = {}): PowerCommand => ({
  type: 'DecideDelegation',
  delegation,
  approved: true,
  body: '区政府常务会议',
  documentNumber: '章政发〔2026〕1号',
  text: '同意',
  towns: null,
  from: '2026-03-01',
  ...changes,
});
const recall = (changes: object = {}): PowerCommand => ({
  type: 'RecallPowers',
  delegation,
  powers: null,
  towns: null,
  from: '2027-01-01',
  body: '区政府常务会议',
  documentNumber: '章政发〔2026〕9号',
  ...changes,
});
const recalled = (powers: string[], from = '2027-01-01'): PowerEvent => ({
  type: 'PowersRecalled',
  data: {
    delegation,
    recall: {
      powers,
      towns: [STRONG],
      from,
      body: '区政府常务会议',
      documentNumber: '章政发〔2026〕9号',
    },
  },
  effectiveAt: from,
});
const refusedAs = (field: string, code: RefusalCode = 'RULE_VIOLATED') =>
  ({ code, rule: 'L-5', field }) as const;

describe('the register of powers', () => {
  test('L-5 registers, revises, and passes by what is there already', () => {
    const other = { ...power('2'), name: '对随地吐痰的处罚' };
    given(powerRegister, ...registered)
      .when({ type: 'RegisterPowers', powers: [power('1'), other, power('3')] })
      .then(
        { type: 'PowerRevised', data: { power: other } },
        { type: 'PowerRegistered', data: { power: power('3') } },
      );
    given(powerRegister, ...registered)
      .when({ type: 'RegisterPowers', powers: [power('1')] })
      .thenNothing();
  });

  test('L-5 refuses powers without basis, name or fit code, twice, none or too many', () => {
    const when = (...powers: Power[]) => given(powerRegister).when({ type: 'RegisterPowers', powers });
    when({ ...power('1'), basis: [] }).thenRefused(refusedAs('powers[0].basis'));
    when({ ...power('1'), name: ' ' }).thenRefused(refusedAs('powers[0].name'));
    when({ ...power('1'), code: 'a b' }).thenRefused(refusedAs('powers[0].code'));
    when(power('1'), power('1')).thenRefused(refusedAs('powers'));
    when().thenRefused(refusedAs('powers', 'LIMIT_EXCEEDED'));
    when(...Array.from({ length: 501 }, (_, i) => power(`${i}`))).thenRefused(
      refusedAs('powers', 'LIMIT_EXCEEDED'),
    );
  });

  test('L-5 a power that is abolished is nobody’s, and cannot be abolished again', () => {
    const abolish = { type: 'AbolishPower', code: '1', from: '2026-06-01' } as const;
    const abolished: PowerEvent = {
      type: 'PowerAbolished',
      data: { code: '1' },
      effectiveAt: '2026-06-01',
    };
    given(powerRegister, ...ready, decided())
      .when(abolish)
      .then(abolished);
    given(powerRegister, ...registered, abolished)
      .when(abolish)
      .thenRefused(refusedAs('power', 'NOT_FOUND'));
    given(powerRegister, ...ready, abolished)
      .when(decide())
      .thenRefused(refusedAs('powers'));
  });

  test('L-5 a town’s class is set, taken back, and not set to what it is', () => {
    const set = (code: string | null): PowerCommand => ({
      type: 'SetTownClass',
      town: STRONG,
      class: code === null ? null : { code, name: '经济发达镇' },
    });
    const fact: PowerEvent = {
      type: 'TownClassSet',
      data: { town: STRONG, class: { code: 'STRONG', name: '经济发达镇' } },
    };
    given(powerRegister).when(set('STRONG')).then(fact);
    given(powerRegister, fact).when(set('STRONG')).thenNothing();
    given(powerRegister, fact)
      .when(set(null))
      .then({ type: 'TownClassSet', data: { town: STRONG, class: null } });
    given(powerRegister).when(set(' ')).thenRefused(refusedAs('class.code'));
  });
});

describe('a delegation is proposed', () => {
  const propose = (changes: Partial<Proposal> = {}): PowerCommand => ({
    type: 'ProposeDelegation',
    proposal: { ...proposal, ...changes },
  });

  test('L-5 proposes powers of the register to towns', () => {
    given(powerRegister, ...registered)
      .when(propose())
      .then(proposed);
  });

  test.each<[string, Partial<Proposal>, string]>([
    ['unknown powers', { powers: ['1', '9'] }, 'powers'],
    ['a power twice', { powers: ['1', '1'] }, 'powers'],
    ['a town twice', { towns: [...TOWNS, ...TOWNS] }, 'towns'],
    ['no ground', { ground: [] }, 'ground'],
    ['no scope', { scope: ' ' }, 'scope'],
    ['no title', { title: '' }, 'title'],
    ['a trial of two and a half years', { trialMonths: 30 }, 'trialMonths'],
    ['no regular evaluation', { evaluationMonths: 0 }, 'evaluationMonths'],
  ])('L-5 refuses %s', (_, changes, field) => {
    given(powerRegister, ...registered)
      .when(propose(changes))
      .thenRefused(refusedAs(field));
  });

  test('L-5 refuses none and too many', () => {
    const after = given(powerRegister, ...registered);
    after.when(propose({ powers: [] })).thenRefused(refusedAs('powers', 'LIMIT_EXCEEDED'));
    after.when(propose({ towns: [] })).thenRefused(refusedAs('towns', 'LIMIT_EXCEEDED'));
    const many = Array.from({ length: 3_000 }, (_, i) => `${i}`);
    const towns = Array.from({ length: 40 }, (_, i) => ({ town: `${i}`, organ: '', name: '' }));
    after.when(propose({ powers: many, towns })).thenRefused(refusedAs('powers', 'LIMIT_EXCEEDED'));
  });

  test('L-5 refuses what another delegation gives the same town already', () => {
    given(powerRegister, ...ready, decided())
      .when(propose({ id: 'delegation:370114-2', powers: ['2'] }))
      .thenRefused(refusedAs('powers'));
  });
});

describe('towns and their capacity', () => {
  test('L-5 a town says whether it takes the powers on; only a town that is asked', () => {
    const give = (event: PowerEvent) =>
      ({ type: 'GiveDelegationOpinion', ...event.data }) as unknown as PowerCommand;
    given(powerRegister, ...registered, proposed)
      .when(give(opinion(WEAK, false)))
      .then(opinion(WEAK, false));
    given(powerRegister, ...registered, proposed)
      .when(give(opinion('370114103000')))
      .thenRefused(refusedAs('town'));
  });

  test('L-5 an assessment names what it looked at and cannot pass over what is not met', () => {
    const assess = (changes: Partial<CapacityAssessment>): PowerCommand => ({
      type: 'AssessCapacity',
      delegation,
      assessment: { ...assessment(STRONG), ...changes },
    });
    const after = given(powerRegister, ...registered, proposed);
    after.when(assess({})).then(assessed(STRONG));
    after.when(assess({ criteria: [] })).thenRefused(refusedAs('criteria', 'LIMIT_EXCEEDED'));
    after
      .when(assess({ criteria: [{ name: '执法人员', met: false, finding: '1 人' }] }))
      .thenRefused(refusedAs('passed'));
    after
      .when(assess({ criteria: [{ name: '', met: true, finding: '有' }] }))
      .thenRefused(refusedAs('criteria[0].name'));
    after.when(assess({ town: '370114103000' })).thenRefused(refusedAs('town'));
  });
});

describe('evaluations that do not come', () => {
  const look = (today: string): PowerCommand => ({
    type: 'RecordEvaluationDue',
    delegation,
    town: STRONG,
    today,
  });
  const overdue = (due: string): PowerEvent => ({
    type: 'DelegationEvaluationOverdue',
    data: { delegation, overdue: { title: proposal.title, town: TOWNS[0] as TownRef, due } },
  });
  const evaluated: PowerEvent = {
    type: 'DelegationEvaluated',
    data: {
      delegation,
      evaluation: { town: STRONG, result: 'IMPROVE', on: '2026-09-20', text: '补证', next: '2027-09-20' },
    },
  };

  test('L-5 a town without the evaluation that was due is on record, once for each day that was due', () => {
    const held = given(powerRegister, ...ready, decided());
    held.when(look('2026-09-01')).thenNothing();
    held.when(look('2026-09-02')).then(overdue('2026-09-01'));
    const missed = [...ready, decided(), overdue('2026-09-01')];
    given(powerRegister, ...missed)
      .when(look('2026-10-01'))
      .thenNothing();
    given(powerRegister, ...missed, evaluated)
      .when(look('2027-09-20'))
      .thenNothing();
    given(powerRegister, ...missed, evaluated)
      .when(look('2027-09-21'))
      .then(overdue('2027-09-20'));
  });

  test('L-5 a town that holds nothing any more is not missed, one that holds a part is', () => {
    const dropped: PowerEvent = { type: 'DelegationEvaluationDropped', data: { delegation, town: STRONG } };
    given(powerRegister, ...ready, decided(), recalled(['1', '2']))
      .when(look('2026-09-02'))
      .then(dropped);
    given(powerRegister, ...ready, decided(), recalled(['1']))
      .when(look('2026-09-02'))
      .then(overdue('2026-09-01'));
    given(powerRegister, ...ready)
      .when(look('2026-09-02'))
      .thenNothing();
  });
});

describe('the county decides', () => {
  test('L-5 delegates to every town that accepted and passed, on trial first', () => {
    given(powerRegister, ...ready, opinion(WEAK, false))
      .when(decide())
      .then(decided());
  });

  test('L-5 without a trial the first evaluation is due after its months', () => {
    const [, , , ...rest] = ready;
    const untried: PowerEvent = { type: 'DelegationProposed', data: { ...proposal, trialMonths: 0 } };
    given(powerRegister, ...registered, untried, ...rest)
      .when(decide())
      .then(decided({ trialUntil: null, evaluationDue: '2027-03-01' }));
  });

  test('L-5 refuses a town that failed its assessment, was not assessed, declines or said nothing', () => {
    const both = decide({ towns: [STRONG, WEAK] });
    for (const facts of [
      [opinion(WEAK), assessed(WEAK, false)],
      [opinion(WEAK)],
      [opinion(WEAK, false), assessed(WEAK)],
      [assessed(WEAK)],
    ]) {
      given(powerRegister, ...ready, ...facts)
        .when(both)
        .thenRefused(refusedAs('towns'));
    }
    given(powerRegister, ...registered, proposed)
      .when(decide())
      .thenRefused(refusedAs('towns'));
  });

  test('L-5 refuses an approval without day, body, document or words; a refusal needs no day', () => {
    const after = given(powerRegister, ...ready);
    after.when(decide({ from: null })).thenRefused(refusedAs('from'));
    after.when(decide({ body: '' })).thenRefused(refusedAs('body'));
    after.when(decide({ documentNumber: ' ' })).thenRefused(refusedAs('documentNumber'));
    after.when(decide({ text: '' })).thenRefused(refusedAs('text'));
    after.when(decide({ approved: false, from: null, text: '暂缓' })).then({
      type: 'DelegationDecided',
      data: {
        delegation,
        decision: {
          ...decision,
          approved: false,
          text: '暂缓',
          towns: [],
          from: null,
          trialUntil: null,
          evaluationDue: null,
          handed: null,
        },
      },
    });
  });

  test('L-5 a decision comes once, and not after a withdrawal', () => {
    const withdrawn: PowerEvent = { type: 'DelegationWithdrawn', data: { delegation } };
    given(powerRegister, ...ready, decided())
      .when(decide())
      .thenRefused(refusedAs('delegation'));
    given(powerRegister, ...ready, withdrawn)
      .when(decide())
      .thenRefused(refusedAs('delegation'));
    given(powerRegister, ...ready)
      .when({ type: 'WithdrawDelegation', delegation })
      .then(withdrawn);
    given(powerRegister, ...ready, decided())
      .when({ type: 'WithdrawDelegation', delegation })
      .thenRefused(refusedAs('delegation'));
    given(powerRegister).when(decide()).thenRefused(refusedAs('delegation', 'NOT_FOUND'));
  });

  test('L-5 a town that held the power until a later day gets it again from that day on, not before', () => {
    const second: Proposal = {
      ...proposal,
      id: 'delegation:370114-2',
      towns: [TOWNS[0] as (typeof TOWNS)[0]],
    };
    const of = (event: PowerEvent): PowerEvent =>
      ({ ...event, data: { ...event.data, delegation: second.id } }) as PowerEvent;
    const again = [
      ...ready,
      decided(),
      recalled(['1', '2']),
      { type: 'DelegationProposed', data: second } as const,
      of(opinion(STRONG)),
      of(assessed(STRONG)),
    ];
    given(powerRegister, ...again)
      .when(decide({ delegation: second.id, from: '2026-12-01' }))
      .thenRefused(refusedAs('from'));
    given(powerRegister, ...again)
      .when(decide({ delegation: second.id, from: '2027-01-01' }))
      .thenState((state) => expect(state.held.get(`1@${STRONG}`)).toHaveLength(2));
  });
});

describe('evaluation and recall', () => {
  const evaluate = (changes: object = {}): PowerCommand => ({
    type: 'EvaluateDelegation',
    delegation,
    town: STRONG,
    result: 'CONTINUE',
    on: '2026-08-31',
    text: '办理规范',
    ...changes,
  });

  test('L-5 an evaluation says when the next one is due', () => {
    given(powerRegister, ...ready, decided())
      .when(evaluate())
      .then({
        type: 'DelegationEvaluated',
        data: {
          delegation,
          evaluation: {
            town: STRONG,
            result: 'CONTINUE',
            on: '2026-08-31',
            text: '办理规范',
            next: '2027-08-31',
          },
        },
      });
  });

  test('L-5 refuses an evaluation before the powers were held, of a stranger, without words', () => {
    const after = given(powerRegister, ...ready, decided());
    after.when(evaluate({ on: '2026-02-28' })).thenRefused(refusedAs('on'));
    after.when(evaluate({ town: WEAK })).thenRefused(refusedAs('town'));
    after.when(evaluate({ text: '' })).thenRefused(refusedAs('text'));
    given(powerRegister, ...ready)
      .when(evaluate())
      .thenRefused(refusedAs('delegation'));
  });

  test('L-5 recalls whole or in part', () => {
    const after = given(powerRegister, ...ready, decided());
    after.when(recall()).then(recalled(['1', '2']));
    after.when(recall({ powers: ['2'], towns: [STRONG] })).then(recalled(['2']));
    given(powerRegister, ...ready, decided(), recalled(['2']))
      .when(recall())
      .then(recalled(['1']));
  });

  test('L-5 refuses a recall of what is not delegated, to strangers, too early, without document', () => {
    const after = given(powerRegister, ...ready, decided());
    after.when(recall({ powers: ['9'], towns: [STRONG] })).thenRefused(refusedAs('powers'));
    after.when(recall({ towns: [WEAK] })).thenRefused(refusedAs('towns'));
    after.when(recall({ from: '2026-03-01' })).thenRefused(refusedAs('from'));
    after.when(recall({ documentNumber: '' })).thenRefused(refusedAs('documentNumber'));
    after.when(recall({ body: '' })).thenRefused(refusedAs('body'));
    after.when(recall({ powers: [], towns: [STRONG] })).thenRefused(refusedAs('powers', 'LIMIT_EXCEEDED'));
    given(powerRegister, ...ready, decided(), recalled(['1', '2']))
      .when(recall())
      .thenRefused(refusedAs('powers'));
    given(powerRegister, ...ready)
      .when(recall())
      .thenRefused(refusedAs('delegation'));
  });
});

test('L-5 months that end on a day the month does not have end on its last (民法典 art. 202)', () => {
  expect(addMonths('2026-08-31', 6)).toBe('2027-02-28');
  expect(addMonths('2027-08-31', 6)).toBe('2028-02-29');
  expect(addMonths('2026-11-15', 3)).toBe('2027-02-15');
});

test('L-5 whatever is proposed, decided and recalled: on every day each power has one holder in each town', () => {
  const day = fc
    .integer({ min: 0, max: 400 })
    .map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10));
  const codes = fc.subarray(['1', '2', '3'], { minLength: 1 });
  const towns = fc.subarray([STRONG, WEAK], { minLength: 1 });
  const step = fc.record({ number: fc.integer({ min: 1, max: 4 }), codes, towns, day, act: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let state: PowerRegister = initial;
      const run = (command: PowerCommand) => {
        const outcome = powerRegister.decide(command, state);
        if (!outcome.ok) return;
        for (const { effectiveAt = '2026-01-01', ...event } of outcome.events) {
          state = powerRegister.evolve(state, event as PowerEvent, {
            effectiveAt,
            actor: { subject: '', name: '', organ: null, role: '' },
            reason: '',
            basis: [],
            recordedAt: '',
          });
        }
      };
      run({ type: 'RegisterPowers', powers: ['1', '2', '3'].map(power) });
      for (const [i, one] of steps.entries()) {
        const id = `delegation:370114-${one.number}`;
        if (one.act === 0) {
          const fresh = `${id}-${i}`;
          const refs = TOWNS.filter(({ town }) => one.towns.includes(town));
          run({
            type: 'ProposeDelegation',
            proposal: { ...proposal, id: fresh, powers: one.codes, towns: refs },
          });
          for (const { town } of refs) {
            const { data } = opinion(town) as Extract<PowerEvent, { type: 'DelegationOpinionGiven' }>;
            run({ type: 'GiveDelegationOpinion', delegation: fresh, opinion: data.opinion });
            run({ type: 'AssessCapacity', delegation: fresh, assessment: assessment(town) });
          }
          run({ ...(decide({ from: one.day }) as object), delegation: fresh } as PowerCommand);
        } else {
          for (const known of state.delegations.keys()) {
            const changes = { from: one.day, powers: one.act === 1 ? null : one.codes, towns: null };
            run({ ...(recall(changes) as object), delegation: known } as PowerCommand);
          }
        }
      }
      for (const spans of state.held.values()) {
        for (const [i, span] of spans.entries()) {
          const next = spans[i + 1];
          if (span.to !== null) expect(span.from < span.to).toBe(true);
          if (next) expect(span.to !== null && span.to <= next.from).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});
