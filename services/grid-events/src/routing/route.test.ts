import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outgoing } from '@dutyledger/contracts/event-contract';
import { EditionPublished } from '@dutyledger/contracts/lists';
import { EditionItemPublished } from '@dutyledger/contracts/lists-items';
import { IntegratedMatterPublished, IntegratedMatterRetired } from '@dutyledger/contracts/lists-matters';
import { type OrganFacts, OrganRegistered, OrgansMerged } from '@dutyledger/contracts/staffing';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { type Copy, openCopy } from '@dutyledger/read-store/copy';
import { openReadStore } from '@dutyledger/read-store/open';
import type { ReadStore } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyOrgans, organs } from '../organs.ts';
import { copyRouting, ROUTING } from './copy.ts';
import { patternsFor } from './patterns.ts';
import { NO_ROUTE, type RouteSources, routeOf } from './route.ts';

const PROVINCE = '370000000000';
const COUNTY = '370114000000';
const TOWN = '370114101000';
const VILLAGE = '370114101200';
const ELSEWHERE = '371302000000';
const LEAD = 'organ:370114-0001';

type Message = ReturnType<typeof outgoing>['event'];
type Publication = Omit<Parameters<typeof outgoing>[1], 'stored' | 'data'>;

let folder: string;
let store: ReadStore;
let copies = 0;
let said = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dutyledger-routes-'));
  store = await openReadStore(`sqlite:${join(folder, 'read.db')}`);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** A recorded event, later than all before it. */
function stored(stream: string) {
  said += 1;
  const recordedAt = new Date(Date.UTC(2024, 0, 1) + said * 1_000).toISOString();
  const metadata = {
    actor: { subject: 's', name: 'n', organ: null, role: 'LIST_PUBLISHER' },
    reason: 'r',
    basis: [],
    commandId: 'c',
    commandDigest: 'd',
    correlationId: 'c',
    causationId: 'c',
    division: COUNTY,
    effectiveAt: '2024-01-01',
  };
  const place = { stream, revision: said, position: said, recordedAt };
  return { id: uuidFrom('test', said), type: 'T', version: 1, data: {}, metadata, ...place };
}

const say = (
  contract: Parameters<typeof outgoing>[0],
  stream: string,
  data: object,
  more: Publication = {},
) => outgoing(contract, { stored: stored(stream), data, ...more }).event;

const edition = (list: string, division: string, number: number, effectiveFrom: string): Message =>
  say(EditionPublished, list, {
    listId: list,
    kind: 'TERRITORIAL',
    division,
    title: 't',
    edition: number,
    effectiveFrom,
    documentNumber: null,
    itemCount: 1,
    added: 1,
    revised: 0,
    retired: 0,
    digest: 'a'.repeat(64),
  });

const organ = (id: string) => ({ organ: id, name: id, duty: '' });

function item(
  list: string,
  division: string,
  number: number,
  effectiveFrom: string,
  caseClasses: string[] | null,
  more: object = {},
): Message {
  const content = {
    name: '事项',
    caseClasses,
    jointlyLed: false,
    leads: [organ(LEAD)],
    cooperators: [],
    steps: [],
    basis: [],
    ...more,
  };
  const data = { listId: list, kind: 'TERRITORIAL', division, edition: number, effectiveFrom, code: '1' };
  const told = { ...data, item: caseClasses && content, ...more };
  return say(EditionItemPublished, list, told, { subject: `${list}/1` });
}

function matter(id: string, division: string, version: number, effectiveFrom: string, caseClasses: string[]) {
  const head = { matterId: id, division, name: '一件事', version, effectiveFrom, documentNumber: null };
  const limit = { amount: 5, unit: 'WORKING_DAYS' };
  return say(IntegratedMatterPublished, id, {
    ...head,
    lead: organ(LEAD),
    participants: [organ('organ:370114-0002')],
    caseClasses,
    keywords: [],
    items: [],
    steps: [{ id: '1', name: '查处', organ: LEAD, organName: '水利局', limit, after: [] }],
    criticalPath: ['1'],
    promised: limit,
  });
}

const retired = (id: string, division: string, version: number, effectiveFrom: string): Message =>
  say(IntegratedMatterRetired, id, {
    matterId: id,
    division,
    name: '一件事',
    version,
    effectiveFrom,
    documentNumber: null,
  });

const facts = (id: string, more: Partial<OrganFacts>): OrganFacts => ({
  id,
  name: `${id} 现名`,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: COUNTY,
  superior: null,
  creditCode: null,
  status: 'active',
  effectiveFrom: '2019-01-01',
  successors: [],
  ...more,
});

const registered = (id: string, more: Partial<OrganFacts>) =>
  say(OrganRegistered, 'staffing.organRegister-370114', { organ: facts(id, more) });

/** Fresh copies that have taken these messages over. */
async function having(
  messages: readonly Message[],
  ofStaffing: readonly Message[] = [],
): Promise<RouteSources> {
  copies += 1;
  const routing = await openCopy(store, `routing${copies}`, 1, ROUTING);
  const staffing = await openCopy(store, `organs${copies}`, 1, [organs]);
  await feed(routing, copyRouting, messages);
  await feed(staffing, copyOrgans, ofStaffing);
  return { routing, organs: staffing };
}

async function feed(copy: Copy, take: typeof copyRouting, messages: readonly Message[]): Promise<void> {
  const done = Promise.withResolvers<void>();
  const writing = copy.whileWriting(async (writer) => {
    for (const message of messages) await take(writer, message);
    done.resolve();
  });
  await done.promise;
  await writing.stop();
}

const target = async (sources: RouteSources, division: string, caseClass: string, on = '2025-06-01') =>
  (await routeOf(sources, { division, caseClass, on })).target;

describe('G-7 the item or matter that a class leads to', () => {
  test('of the edition in force on the day of the report, with its number', async () => {
    const sources = await having([
      item('list:a', COUNTY, 1, '2025-01-01', ['A.1']),
      edition('list:a', COUNTY, 1, '2025-01-01'),
      edition('list:a', COUNTY, 2, '2025-03-01'),
      item('list:a', COUNTY, 3, '2025-05-01', null),
      edition('list:a', COUNTY, 3, '2025-05-01'),
    ]);
    const of = (number: number) => ({
      kind: 'ITEM',
      list: 'list:a',
      edition: number,
      code: '1',
      name: '事项',
    });
    expect(await target(sources, VILLAGE, 'A.1', '2024-12-31')).toEqual({ kind: 'NONE' });
    expect(await target(sources, VILLAGE, 'A.1', '2025-01-01')).toEqual(of(1));
    expect(await target(sources, TOWN, 'A.1', '2025-02-28')).toEqual(of(1));
    expect(await target(sources, TOWN, 'A.1', '2025-03-01')).toEqual(of(2));
    expect(await target(sources, TOWN, 'A.1', '2025-05-01')).toEqual({ kind: 'NONE' });
    expect(await target(sources, ELSEWHERE, 'A.1', '2025-03-01')).toEqual({ kind: 'NONE' });
  });

  test('an item comes with the number of its edition, also while word of the edition is on its way', async () => {
    const first = item('list:a', COUNTY, 1, '2025-01-01', ['A.1']);
    const second = item('list:a', COUNTY, 2, '2025-03-01', ['A.1']);
    expect(await target(await having([first]), TOWN, 'A.1')).toMatchObject({ edition: 1 });
    const sources = await having([first, edition('list:a', COUNTY, 1, '2025-01-01'), second]);
    expect(await target(sources, TOWN, 'A.1', '2025-02-28')).toMatchObject({ edition: 1 });
    expect(await target(sources, TOWN, 'A.1', '2025-03-01')).toMatchObject({ edition: 2 });
  });

  test('a correction holds for its time, whatever was published since', async () => {
    const sources = await having([
      item('list:a', COUNTY, 1, '2025-01-01', ['A.1']),
      edition('list:a', COUNTY, 1, '2025-01-01'),
      item('list:a', COUNTY, 2, '2025-06-01', ['A.1']),
      edition('list:a', COUNTY, 2, '2025-06-01'),
      item('list:a', COUNTY, 1, '2025-03-01', ['B.1']),
    ]);
    expect(await target(sources, TOWN, 'A.1', '2025-02-01')).toMatchObject({ edition: 1 });
    expect(await target(sources, TOWN, 'A.1', '2025-04-01')).toEqual({ kind: 'NONE' });
    expect(await target(sources, TOWN, 'B.1', '2025-04-01')).toMatchObject({ edition: 1 });
    expect(await target(sources, TOWN, 'A.1', '2025-06-01')).toMatchObject({ edition: 2 });
  });

  test('a matter beats an item, a named class a pattern, a nearer division one farther up', async () => {
    const published = [
      item('list:province', PROVINCE, 1, '2025-01-01', ['SL.CS', 'X.1']),
      edition('list:province', PROVINCE, 1, '2025-01-01'),
      item('list:county', COUNTY, 4, '2025-01-01', ['SL.*', 'X.1']),
      edition('list:county', COUNTY, 4, '2025-01-01'),
      item('list:wide', TOWN, 1, '2025-01-01', ['*']),
      edition('list:wide', TOWN, 1, '2025-01-01'),
    ];
    const sources = await having(published);
    expect(await target(sources, TOWN, 'SL.CS')).toMatchObject({ list: 'list:province' });
    expect(await target(sources, TOWN, 'SL.QT')).toMatchObject({ list: 'list:county', edition: 4 });
    expect(await target(sources, TOWN, 'X.1')).toMatchObject({ list: 'list:county' });
    expect(await target(sources, VILLAGE, 'Y.1')).toMatchObject({ list: 'list:wide' });
    expect(await target(sources, COUNTY, 'Y.1')).toEqual({ kind: 'NONE' });
    const matters = [
      matter('matter:1', PROVINCE, 1, '2025-02-01', ['S*']),
      matter('matter:1', PROVINCE, 2, '2025-03-01', ['S*']),
      retired('matter:1', PROVINCE, 2, '2025-08-01'),
    ];
    const both = await having([...published, ...matters]);
    expect(await target(both, TOWN, 'SL.CS', '2025-01-31')).toMatchObject({ kind: 'ITEM' });
    expect(await target(both, TOWN, 'SL.CS', '2025-02-01')).toMatchObject({ kind: 'MATTER', version: 1 });
    expect(await target(both, TOWN, 'SL.CS', '2025-07-31')).toMatchObject({ matter: 'matter:1', version: 2 });
    expect(await target(both, TOWN, 'SL.CS', '2025-08-01')).toMatchObject({ list: 'list:province' });
    const { lead, cooperators, steps } = await routeOf(both, {
      division: TOWN,
      caseClass: 'SL.CS',
      on: '2025-06-01',
    });
    expect(lead).toEqual({ organ: LEAD, organName: LEAD });
    expect(cooperators).toEqual([{ organ: 'organ:370114-0002', organName: 'organ:370114-0002', duty: '' }]);
    expect(steps).toEqual([
      {
        id: '1',
        name: '查处',
        organ: LEAD,
        organName: LEAD,
        limit: { amount: 5, unit: 'WORKING_DAYS' },
        after: [],
      },
    ]);
  });

  test('what a list prohibits is nobody’s duty, and repeated or late messages change nothing', async () => {
    const first = item('list:a', COUNTY, 1, '2025-01-01', ['A.1']);
    const second = item('list:a', COUNTY, 2, '2025-02-01', ['B.1']);
    const sources = await having([
      edition('list:a', COUNTY, 1, '2025-01-01'),
      item('list:n', COUNTY, 1, '2025-01-01', ['N.1'], { kind: 'NEGATIVE' }),
      edition('list:n', COUNTY, 1, '2025-01-01'),
      first,
      second,
      first,
      second,
    ]);
    expect(await target(sources, TOWN, 'N.1')).toEqual({ kind: 'NONE' });
    expect(await target(sources, TOWN, 'A.1')).toEqual({ kind: 'NONE' });
    expect(await target(sources, TOWN, 'B.1')).toMatchObject({ kind: 'ITEM' });
  });
});

describe('G-7 who acts', () => {
  const towns = 'organ:370114-0003';
  const street = 'organ:370114-0008';
  const staffing = () => [
    registered(LEAD, {}),
    registered(towns, { kind: 'ORGAN_CLASS', level: 'town', name: '各镇街' }),
    registered('organ:370114-0004', { kind: 'ORGAN_CLASS', name: '有关部门' }),
    registered('organ:370114-0007', {
      kind: 'TOWN_GOVERNMENT',
      level: 'town',
      division: TOWN,
      status: 'abolished',
    }),
    registered(street, { kind: 'TOWN_GOVERNMENT', level: 'town', division: TOWN, name: '垛庄镇人民政府' }),
    registered('organ:370114-0009', { kind: 'VILLAGE_ORGANISATION', level: 'village', division: VILLAGE }),
    registered('organ:370114-0010', { kind: 'ORGAN_CLASS', level: 'village', name: '村居' }),
  ];
  const listed = (more: object) => [
    item('list:a', COUNTY, 1, '2025-01-01', ['A'], more),
    edition('list:a', COUNTY, 1, '2025-01-01'),
  ];
  const ask = async (more: object, division: string, later: () => Message[] = () => []) =>
    routeOf(await having(listed(more), [...staffing(), ...later()]), {
      division,
      caseClass: 'A',
      on: '2025-01-01',
    });

  test('for each town the list names, the town of the case; a step without an organ is the lead’s', async () => {
    const steps = [
      { id: '1', name: '巡查', organ: null, organName: null, limit: null, after: [] },
      { id: '2', name: '协助', organ: 'organ:370114-0010', organName: '村居', limit: null, after: ['1'] },
      { id: '3', name: '会商', organ: 'organ:370114-0004', organName: '有关部门', limit: null, after: ['1'] },
    ];
    const more = { leads: [{ ...organ(towns), name: '各镇街' }], cooperators: [organ(LEAD)], steps };
    const town = { organ: street, organName: '垛庄镇人民政府' };
    const village = { organ: 'organ:370114-0009', organName: 'organ:370114-0009 现名' };
    expect(await ask(more, VILLAGE)).toMatchObject({
      lead: town,
      cooperators: [{ organ: LEAD, organName: LEAD }],
      steps: [town, village, { organ: null, organName: null, after: ['1'] }],
    });
    expect(await ask(more, COUNTY)).toMatchObject({
      target: { kind: 'ITEM' },
      lead: null,
      steps: [{ organ: null }, {}, {}],
    });
  });

  test('of a jointly led item the first leads and the others cooperate; nobody in particular is left out', async () => {
    const more = {
      leads: [organ(LEAD), { organ: street, name: '垛庄镇', duty: '属地' }],
      cooperators: [organ('organ:370114-0004'), organ(towns)],
    };
    expect(await ask({ ...more, jointlyLed: true }, TOWN)).toMatchObject({
      lead: { organ: LEAD },
      cooperators: [{ organ: street, organName: '垛庄镇', duty: '属地' }],
    });
  });

  test('for an organ that was merged since, the one it was merged into', async () => {
    const into = facts('organ:370114-0020', { name: '新局' });
    const merged = () => [say(OrgansMerged, 'staffing.organRegister-370114', { sources: [LEAD], into })];
    expect(await ask({}, TOWN, merged)).toMatchObject({ lead: { organ: into.id, organName: '新局' } });
  });
});

describe('G-7 the choice, against a plain reading of the rule', () => {
  const DIVISIONS = [PROVINCE, COUNTY, TOWN, VILLAGE, ELSEWHERE];
  const DAYS = ['2025-01-01', '2025-02-01', '2025-03-01', '2025-04-01'];
  const caseClass = fc
    .array(fc.constantFrom('A', 'B', '.'), { minLength: 1, maxLength: 4 })
    .map((c) => c.join(''));
  const written = fc.tuple(caseClass, fc.boolean()).map(([text, wide]) => (wide ? `${text}*` : text));
  const version = fc.record({
    day: fc.constantFrom(...DAYS),
    classes: fc.option(fc.uniqueArray(written, { minLength: 0, maxLength: 3 })),
  });
  const owner = fc.record({
    division: fc.constantFrom(...DIVISIONS),
    isMatter: fc.boolean(),
    versions: fc.array(version, { minLength: 1, maxLength: 3 }),
  });

  test('patterns: a class is one of those that all patterns of its beginnings stand for', () => {
    expect(patternsFor('SL.C')).toEqual(['SL.C', 'SL.C*', 'SL.*', 'SL*', 'S*', '*']);
  });

  test('any lists and matters, any question', async () => {
    const question = fc.record({
      division: fc.constantFrom(...DIVISIONS),
      asked: caseClass,
      on: fc.constantFrom('2024-12-31', ...DAYS),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(owner, { maxLength: 4 }),
        fc.array(question, { minLength: 5, maxLength: 5 }),
        async (owners, questions) => {
          const messages: Message[] = [];
          const known = owners.map(({ division, isMatter, versions }, i) => {
            const id = `${isMatter ? 'matter' : 'list'}:${i}`;
            const inOrder = [...versions].sort((a, b) => (a.day < b.day ? -1 : 1));
            for (const [n, { day, classes }] of inOrder.entries()) {
              if (!isMatter) {
                messages.push(item(id, division, n + 1, day, classes));
                messages.push(edition(id, division, n + 1, day));
              } else if (classes) messages.push(matter(id, division, n + 1, day, classes));
              else messages.push(retired(id, division, n + 1, day));
            }
            return { id, division, isMatter, versions: inOrder };
          });
          const sources = await having(messages);
          for (const { division, asked, on } of questions) {
            const found = known.flatMap(({ id, division: place, isMatter, versions }) => {
              const inForce = versions.filter(({ day }) => day <= on);
              const near = [division, ...ancestors(division)].indexOf(place);
              const fits = (inForce.at(-1)?.classes ?? []).filter((one) =>
                one.endsWith('*') ? asked.startsWith(one.slice(0, -1)) : one === asked,
              );
              // A class that is named is the longest that can be said of it.
              const length = Math.max(...fits.map((one) => (one === asked ? 100 : one.length)));
              return near < 0 || fits.length === 0
                ? []
                : [{ id, isMatter, near, length, number: inForce.length }];
            });
            found.sort(
              (a, b) =>
                Number(b.isMatter) - Number(a.isMatter) ||
                b.length - a.length ||
                a.near - b.near ||
                (a.id < b.id ? -1 : 1),
            );
            const [first] = found;
            const expected = !first
              ? NO_ROUTE.target
              : first.isMatter
                ? { kind: 'MATTER', matter: first.id, version: first.number, name: '一件事' }
                : { kind: 'ITEM', list: first.id, edition: first.number, code: '1', name: '事项' };
            expect(await target(sources, division, asked, on)).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
