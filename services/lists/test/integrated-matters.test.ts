import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimeLimit } from '../src/duty-list/item.ts';
import { parseLimit } from '../src/procedure/duration.ts';
import {
  APPROVE,
  announce,
  change,
  fact,
  LEGALITY,
  type ListsHarness,
  legality,
  OPINION,
  openList,
  PUBLISH,
  refused,
  SUBMIT,
  stage,
  startListsHarness,
} from './harness.ts';
import {
  APPROVER,
  approveMatter,
  DECIDE_MATTER,
  DRAFT_MATTER,
  days,
  draftMatter,
  dumping,
  matterStep,
  PUBLISH_MATTER,
  publishMatter,
  RETIRE_MATTER,
  REVISE_MATTER,
} from './matters.ts';

/**
 * L-8 and L-9 as Zhejiang has them (ZJ): 67 items of territorial duty and 13 integrated matters of one county, built
 * through the API; a town whistles and the one department that leads is named with all who take part. Rows and matters
 * are the project's samples; all figures come out of queries.
 */

interface Matter {
  name: string;
  lead: { organ: string; duty: string };
  participants: { organ: string; duty: string }[];
  basis: object[];
  caseClasses: string[];
  keywords: string[];
  items: string[];
  steps: { id: string; name: string; organ: string; limit: string; after: string[] }[];
  promised: string;
}

type Row = Record<
  '序号' | '事项名称' | '领域' | '主体责任' | '配合责任' | '镇街角色' | '依据' | '条款' | '来源性质',
  string
>;

const QUJIANG = '330803000000';
const GAOJIA = '330803114000';
const samples = new URL('../data/samples/', import.meta.url);
let h: ListsHarness;
/** The same, asked in Qujiang. */
let q: ListsHarness;
let list: string;
const ids = new Map<string, string>();
const matters = new Map<string, string>();
const rows = (await readRows()).filter(({ 序号 }) => 序号 !== '17');
/** The sand mining first, then as many as it takes. */
const items = [
  ...rows.filter(({ 序号 }) => 序号 === '92'),
  ...rows.filter(({ 序号 }) => 序号 !== '92'),
].slice(0, 67);

async function readRows(): Promise<Row[]> {
  return parse(await readFile(new URL('duty_items.csv', samples)), { columns: true, bom: true });
}
const sampleMatters = JSON.parse(
  await readFile(new URL('integrated_matters.json', samples), 'utf8'),
) as Matter[];

beforeAll(async () => {
  h = await startListsHarness();
  q = Object.create(h, {
    ask: {
      value: (query: string, variables?: Record<string, unknown>, as: object = {}) =>
        h.ask(query, variables, { division: QUJIANG, organ: 'organ:330803-0901', ...as }),
    },
  });
  await registerOrgans();
  await publishItems();
  for (const sample of sampleMatters) {
    const matter = await draftMatter(q, contentOf(sample), QUJIANG);
    await publishMatter(q, matter, 1, '2021-03-01');
    matters.set(sample.name, matter);
  }
});
afterAll(() => h.end());

const register = (number: number, name: string, facts: object = {}) => ({
  ...fact(number, name, { division: QUJIANG, ...facts }),
  id: `organ:330803-${String(number).padStart(4, '0')}`,
});

/** Every organ that a matter names, one department for each domain of the items, and the town. */
async function registerOrgans() {
  const departments = new Set([
    ...sampleMatters.flatMap(({ lead, participants }) => [lead, ...participants].map(({ organ }) => organ)),
    ...items.map(({ 领域 }) => `${领域}主管部门`),
  ]);
  const organs = [...departments].map((name, i) =>
    name === '各镇街' ? register(i + 1, name, { kind: 'ORGAN_CLASS', level: 'town' }) : register(i + 1, name),
  );
  organs.push(register(900, '高家镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town', division: GAOJIA }));
  organs.push(register(901, '衢江区委编办', { kind: 'PARTY_OFFICE' }), register(902, '衢江区司法局'));
  for (const { name, id } of organs) ids.set(name, id);
  await announce(h, organs);
}
const idOf = (name: string): string => ids.get(name) ?? `organ:330803-${name}`;
const limitOf = (text: string): TimeLimit => parseLimit(text) as TimeLimit;

/** Items whose role says so are led by each town, the others by the department of their domain. */
async function publishItems() {
  list = await openList(q, {
    division: QUJIANG,
    title: '衢江区“属地管理”事项责任清单',
    maintainer: 'organ:330803-0901',
  });
  const adds = items.map((row) => {
    const department = { organ: idOf(`${row.领域}主管部门`), duty: row.主体责任 };
    const towns = { organ: idOf('各镇街'), duty: row.配合责任 || row.主体责任 };
    const [lead, other] = row.镇街角色.startsWith('主体') ? [towns, department] : [department, towns];
    return {
      code: row.序号,
      add: {
        name: row.事项名称,
        domain: row.领域,
        leads: [lead],
        cooperators: [other],
        basis: [{ title: row.依据, ...(row.条款 && { article: row.条款 }) }],
        remarks: `样例：${row.来源性质}`,
      },
    };
  });
  await stage(q, list, 0, adds);
  await q.ask(SUBMIT, { input: { list, draftNumber: 67, change } });
  const review = await q.ask(LEGALITY, { input: legality(list, { organ: 'organ:330803-0902' }) });
  for (const { organ } of review.recordLegalityReview.draft.asked) {
    const opinion = { organ: organ.id, agrees: true, text: '同意', documentNumber: '复函〔2021〕1号' };
    await q.ask(OPINION, { input: { list, ...opinion, change } });
  }
  const documentNumber = '衢江政发〔2021〕1号';
  await q.ask(APPROVE, { input: { list, body: '区委编委', documentNumber, change } });
  await q.ask(PUBLISH, {
    input: { list, draftNumber: 67, effectiveFrom: '2021-01-01', documentNumber, change },
  });
}

const contentOf = ({
  lead,
  participants,
  items: codes,
  steps,
  promised,
  name,
  basis,
  caseClasses,
  keywords,
}: Matter) => ({
  name,
  basis,
  caseClasses,
  keywords,
  leads: [{ ...lead, organ: idOf(lead.organ) }],
  participants: participants.map((one) => ({ ...one, organ: idOf(one.organ) })),
  items: codes.map((code) => ({ list, code })),
  steps: steps.map((one) => ({ ...one, organ: idOf(one.organ), limit: limitOf(one.limit) })),
  promised: limitOf(promised),
});

const RESPONSIBLE = /* GraphQL */ `
  query ($division: DivisionCode!, $caseClass: String, $text: String, $asOf: AsOf) {
    responsible(division: $division, caseClass: $caseClass, text: $text, asOf: $asOf) {
      integratedMatters {
        matter { id name version } score because
        lead { name duty }
        participants { name listedAs duty }
        steps { planned { layer critical step { name limit { amount unit } after } } responsible { name } }
      }
      matches { item { code name integratedMatters { id name } } }
    }
  }
`;

describe('a county with 67 items and 13 integrated matters', () => {
  test('L-8 L-12 the figures come out of queries', async () => {
    const { dutyList, integratedMatters } = await q.ask(
      /* GraphQL */ `
        query ($list: ID!, $division: DivisionCode!) {
          dutyList(id: $list) { figures { total byLeadLevel { departments towns } } }
          integratedMatters(division: $division, first: 200) {
            edges {
              node {
                name lead { level } participants { name } items { code list { id } }
                plan { total { text exact } linear { text } saved { amount } reserve { amount } unlimited }
              }
            }
          }
        }
      `,
      { list, division: QUJIANG },
    );
    const { total, byLeadLevel } = dutyList.figures;
    expect(total).toBe(67);
    expect(byLeadLevel.departments + byLeadLevel.towns).toBe(67);
    const nodes = integratedMatters.edges.map(({ node }: { node: Record<string, never> }) => node);
    expect(nodes).toHaveLength(13);
    for (const { lead, items: drawn, plan, participants } of nodes) {
      expect(lead).toEqual({ level: 'county' });
      expect(participants.length).toBeGreaterThan(1);
      expect(drawn.length).toBeGreaterThan(0);
      expect(plan).toMatchObject({ total: { exact: true }, unlimited: 0 });
      expect(plan.saved.amount).toBeGreaterThan(0);
      expect(plan.reserve.amount).toBeGreaterThanOrEqual(0);
    }
  });

  test.each([
    ['by its case class', { caseClass: 'SL.CS.02' }, 0.95],
    ['by a class that is named', { caseClass: '水域管理.非法采砂' }, 1],
    ['by what people say', { text: '有人在衢江里偷偷挖沙' }, 0.9],
    ['by its keyword', { text: '非法采砂' }, 1],
  ])(
    'L-9 a town whistles: illegal sand mining is found %s, the water bureau leads',
    async (_, asked, score) => {
      const { responsible } = await q.ask(
        RESPONSIBLE,
        { division: GAOJIA, ...asked },
        { roles: ['TOWN_OPERATOR'] },
      );
      const [answer] = responsible.integratedMatters;
      expect(answer).toMatchObject({
        matter: { id: matters.get('河道非法采砂治理“一件事”'), version: 1 },
        score,
        lead: { name: '区水利局' },
      });
      const names = answer.participants.map(({ name }: { name: string }) => name);
      expect(names).toEqual(['区公安分局', '区林业局', '区自然资源和规划分局', '高家镇人民政府']);
      expect(answer.participants[3]).toMatchObject({ listedAs: '各镇街', duty: '巡查发现、吹哨，看护现场' });
      expect(answer.because).toContain('led by 区水利局');
      const byLayer = Map.groupBy(
        answer.steps as { planned: { layer: number }; responsible: { name: string } }[],
        ({ planned }) => planned.layer,
      );
      expect([...byLayer.values()].map((steps) => steps.map(({ responsible: { name } }) => name))).toEqual([
        ['高家镇人民政府'],
        ['区水利局'],
        ['区水利局', '区公安分局', '区林业局', '区自然资源和规划分局'],
        ['区水利局'],
        ['高家镇人民政府'],
      ]);
    },
  );

  test('L-9 the item says which matter draws on it, and the matter which items', async () => {
    const { responsible } = await q.ask(RESPONSIBLE, { division: GAOJIA, text: '河道非法采砂治理' });
    const item = responsible.matches.find(
      (match: { item: { code: string } }) => match.item.code === '92',
    ).item;
    expect(item.integratedMatters).toEqual([
      { id: matters.get('河道非法采砂治理“一件事”'), name: '河道非法采砂治理“一件事”' },
    ]);
  });

  test('L-9 what no matter is opened by, is answered by the items alone', async () => {
    const unknown = await q.ask(RESPONSIBLE, { division: GAOJIA, caseClass: 'XX' });
    expect(unknown.responsible).toMatchObject({ integratedMatters: [], matches: [] });
    const elsewhere = await q.ask(RESPONSIBLE, { division: '330802000000', text: '非法采砂' });
    expect(elsewhere.responsible.integratedMatters).toEqual([]);
    const before = await q.ask(RESPONSIBLE, {
      division: GAOJIA,
      text: '非法采砂',
      asOf: { effectiveAt: '2021-02-28' },
    });
    expect(before.responsible.integratedMatters).toEqual([]);
  });

  test('L-8 an organ knows the matters that it leads or takes part in; a county those of one lead', async () => {
    const { _entities, integratedMatters } = await q.ask(
      /* GraphQL */ `
        query ($organs: [_Any!]!, $division: DivisionCode!, $lead: ID!) {
          _entities(representations: $organs) { ... on Organ { integratedMatters { edges { node { name lead { name } } } } } }
          integratedMatters(division: $division, lead: $lead) { edges { node { name } } }
        }
      `,
      {
        organs: [{ __typename: 'Organ', id: idOf('区公安分局') }],
        division: QUJIANG,
        lead: idOf('区公安分局'),
      },
    );
    const named = sampleMatters.filter(({ lead, participants }) =>
      [lead, ...participants].some(({ organ }) => organ === '区公安分局'),
    );
    expect(_entities[0].integratedMatters.edges).toHaveLength(named.length);
    expect(integratedMatters.edges).toHaveLength(2);
  });

  test('L-8 its picture names those who act and the time saved', async () => {
    const { integratedMatter } = await q.ask(
      'query ($id: ID!) { integratedMatter(id: $id) { picture plan { linear { text } total { text } saved { text } criticalPath } } }',
      {
        id: matters.get('河道非法采砂治理“一件事”'),
      },
    );
    const { plan, picture } = integratedMatter;
    expect(plan).toEqual({
      linear: { text: '20 days 4 hours' },
      total: { text: '15 days 4 hours' },
      saved: { text: '5 days' },
      criticalPath: ['1', '2', '5', '7', '8'],
    });
    for (const words of ['区自然资源和规划分局', '20 days 4 hours', 'saved 5 days (25%)'])
      expect(picture).toContain(words);
  });
});

const STATE = /* GraphQL */ `
  query ($id: ID!, $asOf: AsOf) {
    integratedMatter(id: $id, asOf: $asOf) {
      version promised { amount } documentNumber effectiveFrom effectiveTo
      versions { edges { node { number effectiveFrom decision { approved body } publishedBy { name } } } }
      history { edges { node { change version changes { field } author { name role } reason recordedAt } } }
    }
  }
`;

describe('from draft to version and away', () => {
  const as = { roles: ['LIST_EDITOR'] } as const;

  test('L-8 drafted, decided, published, revised, retired: every state as of both clocks', async () => {
    const id = await draftMatter(h, dumping);
    const draft =
      'query ($matter: ID!) { integratedMatterDraft(matter: $matter) { number name plan { total { text } } changes { field } decision { approved } by { name } } }';
    expect((await h.ask(draft, { matter: id })).integratedMatterDraft).toMatchObject({
      number: 1,
      plan: { total: { text: '9 working days' } },
      decision: null,
      by: { name: '李编辑' },
    });
    expect((await h.ask(STATE, { id })).integratedMatter).toBeNull();
    expect(await publishMatter(h, id, 1, '2024-01-01')).toMatchObject({ version: 1, matter: { version: 1 } });
    expect((await h.ask(draft, { matter: id })).integratedMatterDraft).toBeNull();

    const revision = { matter: id, basedOn: 1, content: { ...dumping, promised: days(9) }, change };
    const revised = (await h.ask(REVISE_MATTER, { input: revision })).reviseIntegratedMatter;
    expect(revised.draft).toMatchObject({
      number: 2,
      version: 1,
      changes: [{ field: 'promised' }],
      decision: null,
    });
    await publishMatter(h, id, 2, '2024-06-01');
    await h.ask(RETIRE_MATTER, {
      input: { matter: id, effectiveFrom: '2025-01-01', documentNumber: '号', change },
    });

    const state = async (effectiveAt: string, recordedAt?: string) =>
      (await h.ask(STATE, { id, asOf: { effectiveAt, ...(recordedAt && { recordedAt }) } })).integratedMatter;
    expect(await state('2023-12-31')).toBeNull();
    expect(await state('2024-05-31')).toMatchObject({
      version: 1,
      promised: { amount: 10 },
      effectiveTo: '2024-06-01',
    });
    const last = await state('2024-12-31');
    expect(last).toMatchObject({ version: 2, promised: { amount: 9 }, effectiveTo: '2025-01-01' });
    expect(await state('2025-01-01')).toBeNull();

    const entries = last.history.edges.map(({ node }: { node: { change: string } }) => node);
    expect(entries.map(({ change: what }: { change: string }) => what)).toEqual([
      'RETIRED',
      'PUBLISHED',
      'APPROVED',
      'REVISED',
      'PUBLISHED',
      'APPROVED',
      'DRAFTED',
    ]);
    expect(entries[1].changes).toEqual([{ field: 'promised' }]);
    expect(entries[2].author).toEqual({ name: '李编辑', role: 'COUNTY_APPROVER' });
    expect(last.versions.edges.map(({ node }: { node: { number: number } }) => node.number)).toEqual([2, 1]);
    // Before the second version was recorded, the first was known to hold on that day.
    const known = entries[3].recordedAt;
    expect(await state('2024-12-31', known)).toMatchObject({ version: 1, effectiveTo: null });

    const difference = await h.ask(
      `query ($matter: ID!, $from: AsOf!, $to: AsOf!) { integratedMatterDifference(matter: $matter, from: $from, to: $to) {
        before { version } after { version } changes { field before after } } }`,
      { matter: id, from: { effectiveAt: '2024-01-01' }, to: { effectiveAt: '2024-07-01' } },
    );
    expect(difference.integratedMatterDifference).toEqual({
      before: { version: 1 },
      after: { version: 2 },
      changes: [{ field: 'promised', before: days(10), after: days(9) }],
    });
  });

  test('L-8 a case class opens one matter of a division at a time', async () => {
    const publication = async (matter: string, effectiveFrom: string) => {
      await approveMatter(h, matter, 1);
      const documentNumber = '章政办发〔2027〕9号';
      return { matter, draftNumber: 1, effectiveFrom, documentNumber, change };
    };
    const content = (name: string, ...caseClasses: string[]) => ({ ...dumping, name, caseClasses });
    const first = await draftMatter(h, content('夜间偷倒“一件事”', 'SR.91', 'ZX.*'));
    await publishMatter(h, first, 1, '2027-01-01');
    const taken = { code: 'RULE_VIOLATED', rule: 'L-8' };
    const same = await publication(await draftMatter(h, content('工地偷倒“一件事”', 'SR.91')), '2027-06-01');
    const fault = await refused(h, [PUBLISH_MATTER, same], { ...taken, field: 'caseClasses[0]' });
    expect(fault.message).toContain('夜间偷倒“一件事”');
    const wide = await publication(
      await draftMatter(h, content('执行“一件事”', 'QS.01', 'ZX.01.*')),
      '2027-06-01',
    );
    await refused(h, [PUBLISH_MATTER, wide], { ...taken, field: 'caseClasses[1]' });
    // What is named goes before what a pattern stands for; another division has its own.
    await publishMatter(h, await draftMatter(h, content('个案执行“一件事”', 'ZX.01')), 1, '2027-06-01');
    const retirement = { matter: first, effectiveFrom: '2027-06-01', documentNumber: '号', change };
    await h.ask(RETIRE_MATTER, { input: retirement });
    for (const input of [same, wide]) await h.ask(PUBLISH_MATTER, { input });
  });

  test('L-8 a retried request drafts one matter and publishes once', async () => {
    const keyed = { ...change, idempotencyKey: 'draft-1' };
    const input = {
      division: '370114000000',
      content: { ...dumping, name: '重试', caseClasses: ['SR.07'] },
      change: keyed,
    };
    const first = (await h.ask(DRAFT_MATTER, { input })).draftIntegratedMatter;
    const again = (await h.ask(DRAFT_MATTER, { input })).draftIntegratedMatter;
    expect([again.id, again.repeated]).toEqual([first.id, true]);
    await approveMatter(h, first.id, 1);
    const publication = {
      matter: first.id,
      draftNumber: 1,
      effectiveFrom: '2024-01-01',
      documentNumber: '号',
    };
    const request = { input: { ...publication, change: { ...change, idempotencyKey: 'publish-1' } } };
    await h.ask(PUBLISH_MATTER, request);
    expect((await h.ask(PUBLISH_MATTER, request)).publishIntegratedMatter).toMatchObject({
      version: 1,
      repeated: true,
    });
  });

  const police = dumping.participants[0]?.organ ?? '';
  test.each([
    [
      'a second lead',
      { leads: [...dumping.leads, { organ: police, duty: '也牵头' }], participants: [] },
      'leads[1].organ',
    ],
    ['a lead among those that take part', { participants: dumping.leads }, 'participants[0].organ'],
    [
      'a step of an organ that takes no part',
      { participants: dumping.participants.slice(0, 1) },
      'steps[0].organ',
    ],
    [
      'steps in a circle',
      {
        steps: [
          matterStep('1', '甲', { id: police }, days(1), '2'),
          matterStep('2', '乙', { id: police }, days(1), '1'),
        ],
      },
      'steps',
    ],
    ['a promise shorter than the critical path', { promised: days(8) }, 'promised'],
    [
      'an organ that nobody knows',
      { participants: [{ organ: 'organ:370114-9999', duty: '协同' }] },
      'participants[0].organ',
    ],
    ['a case class that is none', { caseClasses: ['SR 03'] }, 'caseClasses[0]'],
    ['no basis', { basis: [] }, 'basis'],
    ['an item that no list holds', { items: [{ list: 'list:370114-none', code: '1' }] }, 'items[0]'],
  ])('L-8 refuses %s', async (_, content, field) => {
    const input = { division: '370114000000', content: { ...dumping, ...content }, change };
    await refused(h, [DRAFT_MATTER, input, as], { code: 'RULE_VIOLATED', rule: 'L-8', field });
  });

  test('L-8 refuses items of a list that has nothing to do with the division', async () => {
    const input = {
      division: '370114000000',
      content: { ...dumping, items: [{ list, code: '92' }] },
      change,
    };
    await refused(h, [DRAFT_MATTER, input, as], { code: 'RULE_VIOLATED', rule: 'L-8', field: 'items[0]' });
  });

  test('L-8 refuses publication undecided or returned, decisions by others, and other divisions', async () => {
    const matter = await draftMatter(h, { ...dumping, name: '未决' });
    const publication = { matter, draftNumber: 1, effectiveFrom: '2024-01-01', documentNumber: '号', change };
    await refused(h, [PUBLISH_MATTER, publication], { code: 'RULE_VIOLATED', rule: 'L-8', field: 'matter' });
    const decision = {
      matter,
      draftNumber: 1,
      approved: false,
      body: '区委编委',
      documentNumber: '号',
      opinion: '补充依据',
      change,
    };
    await refused(h, [DECIDE_MATTER, decision, as], { code: 'NOT_PERMITTED' });
    await refused(h, [DECIDE_MATTER, decision, { ...APPROVER, division: QUJIANG }], {
      code: 'NOT_PERMITTED',
      field: 'matter',
    });
    await h.ask(DECIDE_MATTER, { input: decision }, APPROVER);
    const fault = await refused(h, [PUBLISH_MATTER, publication], { code: 'RULE_VIOLATED', rule: 'L-8' });
    expect(fault.message).toContain('补充依据');
    const elsewhere = { roles: ['AUDITOR'], division: QUJIANG } as const;
    const draft = 'query ($matter: ID!) { integratedMatterDraft(matter: $matter) { number } }';
    expect(await h.fault(draft, { matter }, elsewhere)).toMatchObject({ code: 'NOT_PERMITTED' });
    await refused(h, [DECIDE_MATTER, { ...decision, matter: 'matter:370114-none' }, APPROVER], {
      code: 'NOT_FOUND',
    });
  });

  test('L-8 drafts of a division are listed for those who work on them', async () => {
    const drafts =
      'query ($division: DivisionCode!) { integratedMatterDrafts(division: $division) { edges { node { name } } } }';
    const { integratedMatterDrafts } = await h.ask(drafts, { division: '370114000000' });
    expect(integratedMatterDrafts.edges).toEqual([{ node: { name: '未决' } }]);
  });

  test('L-8 other services learn of every version, whole, and of the retirement', async () => {
    const types: string[] = [];
    let sand: Record<string, unknown> | undefined;
    const wanted = 13 + 2 + 1 + 1 + 4 + 1;
    const all = Promise.withResolvers<void>();
    const reading = h.bus.subscribe({ group: 'test', topics: ['dutyledger.lists.v1'] }, async (event) => {
      if (!event.type.includes('IntegratedMatter')) return;
      types.push(event.type);
      const data = event.data as Record<string, unknown>;
      if (data['name'] === '河道非法采砂治理“一件事”') sand = data;
      if (types.length === wanted) all.resolve();
    });
    await all.promise;
    await reading.stop();
    expect(types.filter((type) => type.endsWith('Retired.v1'))).toHaveLength(2);
    expect(sand).toMatchObject({
      division: QUJIANG,
      version: 1,
      criticalPath: ['1', '2', '5', '7', '8'],
      promised: { amount: 16, unit: 'CALENDAR_DAYS' },
    });
  });

  test('L-8 the read model can be built anew to the same content', async () => {
    const { rebuildListsReadModel } = await h.ask(
      'mutation ($input: RebuildReadModelInput!) { rebuildListsReadModel(input: $input) { digestBefore digestAfter } }',
      { input: { name: 'lists.procedures' } },
      { roles: ['SYSTEM_ADMIN'] },
    );
    expect(rebuildListsReadModel.digestAfter).toBe(rebuildListsReadModel.digestBefore);
  });
});
