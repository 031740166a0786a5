import { given, recorded } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import { duty, known, organ } from '../duty-list/samples.ts';
import { integratedMatter, type MatterCommand, type MatterEvent } from './integrated-matter.ts';
import { type MatterContent, type MatterFacts, type MatterGiven, matterContent } from './matter.ts';
import { matterChanges } from './read-model.ts';

const days = (amount: number) => ({ amount, unit: 'WORKING_DAYS' as const });
const step = (id: string, by: string, limit: ReturnType<typeof days> | null, ...after: string[]) => ({
  id,
  name: `步骤${id}`,
  organ: `organ:${by}`,
  organName: known.get(`organ:${by}`)?.name ?? null,
  limit,
  after,
});
const facts: MatterFacts = { organs: known, items: new Map([['list:370114-1/8', '河道采砂管理']]) };
const matter: MatterGiven = {
  name: '非法采砂“一件事”',
  leads: [duty('2', '牵头查处')],
  participants: [duty('1', '打击涉砂犯罪'), duty('3', '吹哨、现场看护')],
  basis: [{ title: '水法', article: '第三十九条' }],
  caseClasses: ['SL.CS.*'],
  keywords: ['采砂'],
  items: [{ list: 'list:370114-1', code: '8' }],
  steps: [
    step('1', '3', days(1)),
    step('2', '2', days(2), '1'),
    step('3', '1', days(3), '1'),
    step('4', '2', days(2), '2', '3'),
  ],
  promised: days(7),
  remarks: null,
};
const content = matterContent(matter, facts) as MatterContent;
const head = { id: 'matter:370114-1', division: '370114000000' };

const drafted: MatterEvent = { type: 'IntegratedMatterDrafted', data: { ...head, content } };
const approval = {
  outcome: 'APPROVED' as const,
  body: '区委编委',
  documentNumber: '章编〔2024〕3号',
  opinion: '同意',
};
const approved: MatterEvent = { type: 'IntegratedMatterDecided', data: approval };
const published = (version: number, effectiveFrom: string, said = content): MatterEvent => ({
  type: 'IntegratedMatterPublished',
  data: { ...head, version, effectiveFrom, documentNumber: '章政办发〔2024〕9号', content: said },
  effectiveAt: effectiveFrom,
});
const draft = (changes: Partial<MatterGiven> = {}): MatterCommand => ({
  type: 'DraftMatter',
  head,
  given: { ...matter, ...changes },
  facts,
});
const publish = (
  effectiveFrom: string,
  draftNumber: number,
  said: Partial<Extract<MatterCommand, { type: 'PublishMatter' }>> = {},
): MatterCommand => ({
  type: 'PublishMatter',
  effectiveFrom,
  draftNumber,
  documentNumber: '章政办发〔2024〕9号',
  facts,
  rivals: [],
  ...said,
});
const refuses = (changes: Partial<MatterGiven>, field: string) =>
  given(integratedMatter).when(draft(changes)).thenRefused({ code: 'RULE_VIOLATED', rule: 'L-8', field });

describe('what an integrated matter says', () => {
  test('L-8 names of organs and items are filled in from the facts', () => {
    expect(content).toMatchObject({
      lead: { name: '章丘区农业农村局' },
      participants: [{ name: '章丘区公安局' }, { name: '各镇街', level: 'town' }],
      items: [{ name: '河道采砂管理' }],
    });
    given(integratedMatter).when(draft()).then(drafted);
  });
  test('L-8 refuses a second lead, none, and a lead that takes part as well', () => {
    refuses({ leads: [duty('2', 'a'), duty('5', 'b')] }, 'leads[1].organ');
    refuses({ leads: [] }, 'leads');
    refuses({ participants: [duty('1', 'a'), duty('2', 'b')] }, 'participants[1].organ');
    refuses({ participants: [duty('1', 'a'), duty('1', 'b')] }, 'participants[1].organ');
  });
  test('L-8 refuses a town, or a class of organs, as the lead', () => {
    refuses(
      { leads: [duty('3', '牵头')], participants: [], steps: [step('1', '3', days(1))] },
      'leads[0].organ',
    );
    const street = organ('7', '垛庄镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town' });
    const command = draft({ leads: [{ ...duty('7', '牵头'), organ: street.id }] }) as Extract<
      MatterCommand,
      { type: 'DraftMatter' }
    >;
    given(integratedMatter)
      .when({ ...command, facts: { ...facts, organs: new Map([...known, [street.id, street]]) } })
      .thenRefused({ rule: 'L-8', field: 'leads[0].organ' });
  });
  test('L-8 refuses organs that nobody knows, or that have ended', () => {
    refuses({ participants: [...matter.participants, duty('99', 'a')] }, 'participants[2].organ');
    refuses({ participants: [...matter.participants, duty('4', 'a')] }, 'participants[2].organ');
  });
  test('L-8 refuses a step of an organ that takes no part, of none, or without a limit', () => {
    refuses({ steps: [...matter.steps, step('5', '5', days(1))] }, 'steps[4].organ');
    refuses({ steps: [{ ...step('1', '2', days(1)), organ: null }] }, 'steps[0].organ');
    refuses({ steps: [step('1', '2', null)] }, 'steps[0].limit');
    refuses({ steps: [] }, 'steps');
  });
  test('L-8 refuses a circle, and a promise shorter than the critical path', () => {
    refuses({ steps: [step('1', '2', days(1), '2'), step('2', '2', days(1), '1')] }, 'steps');
    refuses({ promised: days(5) }, 'promised');
    given(integratedMatter)
      .when(draft({ promised: days(6) }))
      .thenState((state) => expect(state.status).toBe('open'));
  });
  test('L-8 refuses a matter without basis, triggers or duties', () => {
    refuses({ basis: [] }, 'basis');
    refuses({ basis: [{ title: ' ' }] }, 'basis[0].title');
    refuses({ caseClasses: [], keywords: [] }, 'caseClasses');
    refuses({ keywords: [''] }, 'keywords[0]');
    refuses({ participants: [duty('1', ' ')] }, 'participants[0].duty');
    refuses({ name: ' ' }, 'name');
  });
  test.each(['', '*', 'SL CS', 'SL..CS', '.SL', 'SL*CS', '<b>', 'a'.repeat(300)])(
    'L-8 refuses the case class %j',
    (code) => refuses({ caseClasses: [code] }, 'caseClasses[0]'),
  );
  test.each(['01', '河道采砂', 'SL.CS.01', 'SL.*', 'SL*', 'a_b-c/d'])(
    'L-8 takes the case class %s',
    (code) => {
      given(integratedMatter)
        .when(draft({ caseClasses: [code] }))
        .thenState((state) => expect(state.status).toBe('open'));
    },
  );
  test('L-8 refuses items that no list holds, or that are named twice', () => {
    refuses({ items: [{ list: 'list:370114-1', code: '9' }] }, 'items[0]');
    refuses({ items: [matter.items[0], matter.items[0]] as MatterGiven['items'] }, 'items[1]');
  });
  test('L-8 refuses more than a matter may hold', () => {
    given(integratedMatter)
      .when(draft({ keywords: Array.from({ length: 101 }, (_, i) => `词${i}`) }))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'keywords', details: { limit: 100, actual: 101 } });
  });
});

describe('from draft to version', () => {
  test('L-8 an approved draft is published, whole', () => {
    given(integratedMatter, drafted, approved)
      .when(publish('2024-01-01', 1))
      .then(published(1, '2024-01-01'));
  });
  test('L-8 refuses publication without the county’s approval, and of what it returned', () => {
    const refusal = { code: 'RULE_VIOLATED' as const, rule: 'L-8', field: 'matter' };
    given(integratedMatter, drafted).when(publish('2024-01-01', 1)).thenRefused(refusal);
    const returned: MatterEvent = {
      type: 'IntegratedMatterDecided',
      data: { ...approval, outcome: 'RETURNED' },
    };
    given(integratedMatter, drafted, returned).when(publish('2024-01-01', 1)).thenRefused(refusal);
  });
  test('L-8 a change of the draft voids the approval, and who looked at the former one is told', () => {
    const revised: MatterEvent = {
      type: 'IntegratedMatterRevised',
      data: { content: { ...content, promised: days(9) } },
    };
    const history = [
      drafted,
      approved,
      recorded(revised, { actor: { subject: 's', name: '王编辑', organ: null, role: 'LIST_EDITOR' } }),
    ];
    given(integratedMatter, ...history)
      .when(publish('2024-01-01', 2))
      .thenRefused({ rule: 'L-8', field: 'matter' });
    for (const command of [
      publish('2024-01-01', 1),
      { type: 'DecideMatter' as const, decision: approval, draftNumber: 1 },
      { type: 'ReviseMatter' as const, given: matter, basedOn: 1, facts },
    ]) {
      given(integratedMatter, ...history)
        .when(command)
        .thenRefused({ code: 'CONFLICT' });
    }
  });
  test('L-8 the same draft again changes nothing', () => {
    given(integratedMatter, drafted)
      .when({ type: 'ReviseMatter', given: matter, basedOn: 1, facts })
      .thenNothing();
  });
  test('L-8 refuses to decide or publish where there is no draft, or no matter', () => {
    const history = [drafted, approved, published(1, '2024-01-01')];
    given(integratedMatter, ...history)
      .when({ type: 'DecideMatter', decision: approval, draftNumber: 1 })
      .thenRefused({ code: 'RULE_VIOLATED', field: 'matter' });
    given(integratedMatter, ...history)
      .when(publish('2024-02-01', 1))
      .thenRefused({ field: 'matter' });
    given(integratedMatter).when(publish('2024-02-01', 1)).thenRefused({ code: 'NOT_FOUND' });
    given(integratedMatter, drafted).when(draft()).thenRefused({ code: 'CONFLICT' });
  });
  test('L-8 refuses a decision without body, document or opinion', () => {
    for (const field of ['body', 'documentNumber', 'opinion'] as const) {
      given(integratedMatter, drafted)
        .when({ type: 'DecideMatter', decision: { ...approval, [field]: ' ' }, draftNumber: 1 })
        .thenRefused({ rule: 'L-8', field });
    }
  });
  test('L-8 organs and items are looked at again when a draft is published', () => {
    const ended = new Map([...known, ['organ:1', organ('1', '章丘区公安局', { status: 'abolished' })]]);
    const history = [drafted, approved];
    given(integratedMatter, ...history)
      .when(publish('2024-01-01', 1, { facts: { ...facts, organs: ended } }))
      .thenRefused({ field: 'participants[0].organ' });
    given(integratedMatter, ...history)
      .when(publish('2024-01-01', 1, { facts: { ...facts, items: new Map() } }))
      .thenRefused({ field: 'items[0]' });
  });
  test('L-8 the next version is in force no earlier than the one before it', () => {
    const history = [
      drafted,
      approved,
      published(1, '2024-01-01'),
      { type: 'IntegratedMatterRevised' as const, data: { content } },
      approved,
    ];
    given(integratedMatter, ...history)
      .when(publish('2023-12-31', 2))
      .thenRefused({ field: 'effectiveFrom' });
    given(integratedMatter, ...history)
      .when(publish('2024-01-01', 2))
      .then(published(2, '2024-01-01'));
    given(integratedMatter, ...history)
      .when(publish('2024-02-01', 2, { documentNumber: ' ' }))
      .thenRefused({ field: 'documentNumber' });
  });
  test('L-8 a matter is retired after its newest version began, and for good', () => {
    const retire = (effectiveFrom: string): MatterCommand => ({
      type: 'RetireMatter',
      effectiveFrom,
      documentNumber: '号',
    });
    const retired: MatterEvent = {
      type: 'IntegratedMatterRetired',
      data: { ...head, version: 1, effectiveFrom: '2025-01-01', documentNumber: '号', name: content.name },
      effectiveAt: '2025-01-01',
    };
    const history = [drafted, approved, published(1, '2024-01-01')];
    given(integratedMatter, ...history)
      .when(retire('2025-01-01'))
      .then(retired);
    given(integratedMatter, ...history)
      .when(retire('2024-01-01'))
      .thenRefused({ field: 'effectiveFrom' });
    given(integratedMatter, drafted).when(retire('2025-01-01')).thenRefused({ field: 'matter' });
    given(integratedMatter, ...history, retired)
      .when(retire('2026-01-01'))
      .thenRefused({ code: 'CONFLICT' });
    given(integratedMatter, ...history, retired)
      .when({ type: 'ReviseMatter', given: matter, basedOn: 1, facts })
      .thenRefused({ code: 'CONFLICT', details: { retiredFrom: '2025-01-01' } });
  });
});

test('L-8 the difference of two contents tells steps one by one', () => {
  const [first, second] = content.steps;
  if (!first || !second) throw new Error('no steps');
  const after = {
    ...content,
    promised: days(9),
    steps: [first, { ...second, limit: days(3) }, step('9', '2', days(1))],
  };
  expect(matterChanges(content, after).map(({ field }) => field)).toEqual([
    'promised',
    'steps[2]',
    'steps[3]',
    'steps[4]',
    'steps[9]',
  ]);
  expect(matterChanges(content, after)[4]).toMatchObject({ before: null, after: { id: '9' } });
  expect(matterChanges(null, content)).toEqual([]);
});
