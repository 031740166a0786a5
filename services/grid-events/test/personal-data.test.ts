import { copyFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTY, change, type Data, OTHER_TOWN } from './harness.ts';
import {
  auditor,
  county,
  type PersonalHarness,
  REPORTER,
  reader,
  reportInput,
  startPersonalHarness,
  townOperator,
} from './personal-harness.ts';

/** Reporters as persons through GraphQL: sealed, read on record, masked, erased (G-4). */

let h: PersonalHarness;
beforeAll(async () => {
  h = await startPersonalHarness();
});
afterAll(() => h.end());

const OF = `query ($case: ID!, $purpose: String!) {
  reporterOf(case: $case, purpose: $purpose) { person erased name phone address }
}`;
const MASKED = `query ($id: ID!) { case(id: $id) { reporter { person erased name phone hasAddress } } }`;
const ACTS = `query ($county: DivisionCode!, $case: ID, $person: ID) {
  personalDataActs(county: $county, case: $case, person: $person) {
    edges { node { act person case purpose by { subject role } } }
  }
}`;
const ERASE = `mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { person repeated pending } }`;
const EXPORT = `query ($person: ID!, $purpose: String!) {
  personalDataOf(person: $person, purpose: $purpose) {
    reporter { name phone address erased } recordedAt erasedAt cases { edges { node { case division } } }
  }
}`;

const reporterOf = async (id: string, as: object = townOperator, purpose = '回访核实'): Promise<Data> =>
  (await h.ask(OF, { case: id, purpose }, as)).reporterOf;
const acts = async (filter: object): Promise<Data[]> =>
  (await h.ask(ACTS, { county: COUNTY, ...filter }, auditor)).personalDataActs.edges.map(
    ({ node }: { node: Data }) => node,
  );

const PLAIN = { name: '欧阳小明', phone: '13857004321', address: REPORTER.address };

describe('reading', () => {
  test('G-4 the town of the case reads who reported it, for a stated purpose, and every reading is on record', async () => {
    const id = await h.report();
    expect(await reporterOf(id)).toMatchObject({ ...PLAIN, erased: false });
    expect(await reporterOf(id, reader, '办理投诉')).toMatchObject(PLAIN);
    expect(await acts({ case: id })).toMatchObject([
      { act: 'READ', purpose: '办理投诉', by: { subject: 'reader', role: 'PERSONAL_DATA_READER' } },
      { act: 'READ', purpose: '回访核实', by: { subject: 'town', role: 'TOWN_OPERATOR' } },
    ]);
    const anonymous = await h.report({ reporter: null });
    expect(await reporterOf(anonymous)).toBeNull();
  });

  test('G-4 others who handle the case see it masked', async () => {
    const id = await h.report();
    const { reporter } = (await h.ask(MASKED, { id })).case;
    expect(reporter).toMatchObject({ name: '欧***', phone: '138****4321', hasAddress: true, erased: false });
  });

  test('G-4 nobody else reads it, nobody without a purpose, nobody of another town', async () => {
    const id = await h.report();
    const ask = (as: object, purpose = '回访核实') => h.fault(OF, { case: id, purpose }, as);
    for (const role of ['COUNTY_OPERATOR', 'AUDITOR', 'SYSTEM_ADMIN', 'DEPARTMENT_OFFICER', 'GRID_WORKER']) {
      expect(await ask({ ...county, roles: [role] })).toMatchObject({ code: 'NOT_PERMITTED' });
    }
    expect(await ask({ ...townOperator, division: OTHER_TOWN })).toMatchObject({ code: 'NOT_PERMITTED' });
    for (const purpose of ['', '  ', 'x', 'x'.repeat(501)]) {
      const fault = await ask(townOperator, purpose);
      expect(fault).toMatchObject({ code: 'RULE_VIOLATED', rule: 'G-4', field: 'purpose' });
      expect(fault.citation?.title).toContain('个人信息保护法');
    }
    expect(await h.fault(ACTS, { county: COUNTY }, townOperator)).toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await acts({ case: id })).toEqual([]);
  });
});

describe('persons', () => {
  test('G-4 the same number in another spelling is the same person, and says what changed', async () => {
    const reporter = { name: '周某', phone: '+86 139-1111-2222' };
    const first = await reporterOf(await h.report({ reporter }));
    const again = await reporterOf(
      await h.report({ reporter: { phone: '１３９１１１１２２２２', address: '新址' } }),
    );
    expect(again).toEqual({ ...first, address: '新址' });
    expect((await reporterOf(await h.report({ reporter: { name: '周某' } }))).person).not.toBe(first.person);
  });

  test('G-4 a report that is sent again is one case and one person; with another reporter it is another report', async () => {
    const keyed = { ...change, idempotencyKey: 'again' };
    const input = { reporter: { name: '吴某' }, change: keyed };
    const id = await h.report(input);
    const head = await h.events.head();
    expect(await h.report(input)).toBe(id);
    expect(await h.events.head()).toBe(head);
    const other = reportInput({ ...input, reporter: { name: '郑某' } });
    const query = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { repeated } }';
    expect(await h.fault(query, { input: other }, townOperator)).toMatchObject({ code: 'CONFLICT' });
  });

  test('G-4 what is no contact is refused without being repeated', async () => {
    const query = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { repeated } }';
    const head = await h.events.head();
    for (const [reporter, field] of [
      [{}, 'phone'],
      [{ address: '只有地址' }, 'phone'],
      [{ phone: '1380000SECRET' }, 'phone'],
      [{ name: 'x'.repeat(101) }, 'name'],
      [{ name: '某', address: 'x'.repeat(301) }, 'address'],
    ] as const) {
      const fault = await h.fault(query, { input: reportInput({ reporter }) }, townOperator);
      expect(fault).toMatchObject({ code: 'INVALID_INPUT', rule: 'G-4', field: `reporter.${field}` });
      expect(JSON.stringify(fault)).not.toContain('SECRET');
    }
    expect(await h.events.head()).toBe(head);
  });

  test('G-4 a person is told everything that is held, and that is on record too', async () => {
    const reporter = { name: '冯某', phone: '0570-3838383' };
    const ids = [await h.report({ reporter }), await h.report({ reporter })];
    const { person } = await reporterOf(ids[0] ?? '');
    const held = (await h.ask(EXPORT, { person, purpose: '本人申请查阅' }, reader)).personalDataOf;
    expect(held.reporter).toEqual({ name: '冯某', phone: '05703838383', address: null, erased: false });
    expect(held.cases.edges.map(({ node }: Data) => node.case).sort()).toEqual(ids.sort());
    expect(await acts({ person })).toMatchObject([{ act: 'EXPORTED', case: null }, { act: 'READ' }]);
    const elsewhere = { ...reader, division: '330802000000' };
    for (const as of [elsewhere, { ...reader, division: townOperator.division }]) {
      expect(await h.fault(EXPORT, { person, purpose: '查阅' }, as)).toMatchObject({ code: 'NOT_PERMITTED' });
    }
    expect(await h.fault(EXPORT, { person: 'person:none', purpose: '查阅' }, reader)).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('erasure', () => {
  const erase = (person: string, more: object = {}) => ({
    input: { person, request: '2026-信访-17', change: { ...change, ...more } },
  });

  test('G-4 an erased person reads as erased everywhere and for good, and who comes back is somebody new', async () => {
    const reporter = { name: '陈某某', phone: '13700001111' };
    const id = await h.report({ reporter });
    const { person } = await reporterOf(id);
    for (const role of ['COUNTY_OPERATOR', 'AUDITOR', 'TOWN_OPERATOR'] as const) {
      expect(await h.fault(ERASE, erase(person), { ...county, roles: [role] })).toMatchObject({
        code: 'NOT_PERMITTED',
      });
    }
    expect(await h.fault(ERASE, erase(person), { ...reader, division: townOperator.division })).toMatchObject(
      {
        code: 'NOT_PERMITTED',
      },
    );
    expect(await h.fault(ERASE, erase(person, { basis: [] }), reader)).toMatchObject({ rule: 'EVERY-EVENT' });
    const keyed = erase(person, { idempotencyKey: 'erase' });
    expect((await h.ask(ERASE, keyed, reader)).erasePerson).toMatchObject({ person, repeated: false });
    expect((await h.ask(ERASE, keyed, reader)).erasePerson.repeated).toBe(true);
    expect((await h.ask(ERASE, erase(person), reader)).erasePerson.repeated).toBe(false);

    const erased = { person, erased: true, name: null, phone: null };
    expect(await reporterOf(id)).toEqual({ ...erased, address: null });
    expect((await h.ask(MASKED, { id })).case.reporter).toMatchObject(erased);
    const held = (await h.ask(EXPORT, { person, purpose: '本人查阅' }, reader)).personalDataOf;
    expect(held.reporter).toMatchObject({ erased: true, name: null });
    expect(held.erasedAt).toEqual(expect.any(String));
    expect((await acts({ person })).map(({ act }) => act)).toEqual(['ERASED', 'READ']);
    expect((await reporterOf(await h.report({ reporter }))).person).not.toBe(person);
  });

  test('G-4 a report that comes again after the erasure of its reporter does not bring the person back', async () => {
    const input = {
      reporter: { name: '褚某', phone: '13700002222' },
      change: { ...change, idempotencyKey: 'late' },
    };
    const { person } = await reporterOf(await h.report(input));
    await h.ask(ERASE, erase(person), reader);
    const query = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { repeated } }';
    expect(await h.fault(query, { input: reportInput(input) }, townOperator)).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('G-4 keys that an older back-up of the key store brings back are destroyed again at the start', async () => {
    const id = await h.report({ reporter: { name: '卫某', phone: '13700003333' } });
    const { person } = await reporterOf(id);
    const identity = { kind: `phone in ${COUNTY}`, value: '13700003333' };
    expect(await h.own.vault.keyFor('unused', identity)).toBe(person);
    const [keys, older] = [`${h.folder}/keys.db`, `${h.folder}/older.db`];
    await h.own.vault.destroy(['somebody-else']);
    await copyFile(keys, older);
    await h.ask(ERASE, erase(person), reader);
    await h.restart(undefined, () => copyFile(older, keys));
    await expect.poll(() => h.own.vault.mark(person, 'x')).toBeUndefined();
    expect(await reporterOf(id)).toMatchObject({ erased: true });
  });
});
