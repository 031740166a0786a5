import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { isLive, type NewOrgan, type Organ } from './organ.ts';
import { organRegister } from './organ-register.ts';
import { MAX_ALIASES, MAX_MERGED, MAX_NAME, MAX_REGISTERED } from './organ-rules.ts';
import type { OrganEvent } from './state.ts';

const REGISTER = '370114';
const COUNTY = '370114000000';
const TOWN = '370114101000';
const VILLAGE = '370114101201';
const DAY = '2026-01-01';
const LATER = '2026-06-01';

const idOf = (n: number): string => `organ:${REGISTER}-${String(n).padStart(4, '0')}`;

const draft = (name: string, fields: Partial<NewOrgan> = {}): NewOrgan => ({
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: null,
  division: COUNTY,
  superior: null,
  creditCode: null,
  provisional: false,
  ...fields,
});

const organ = (n: number, name: string, fields: Partial<Organ> = {}): Organ => ({
  id: idOf(n),
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: COUNTY,
  superior: null,
  creditCode: null,
  status: 'active',
  effectiveFrom: DAY,
  successors: [],
  ...fields,
});

const registered = (of: Organ): OrganEvent => ({
  type: 'OrganRegistered',
  data: { organ: of },
  effectiveAt: of.effectiveFrom,
});

const water = organ(1, '水务局');
const farms = organ(2, '农业农村局');
const town = organ(3, '垛庄镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town', division: TOWN });
const inTown = { kind: 'TOWN_BODY', level: 'town', division: TOWN, superior: town.id } as const;
const county = [registered(water), registered(farms), registered(town)];
const body = (n: number, fields: Partial<Organ> = {}): OrganEvent =>
  registered(organ(n, `职能机构${n}`, { ...inTown, ...fields }));
const nineBodies = Array.from({ length: 9 }, (_, i) => body(i + 4));

const abolished = (of: Organ, effectiveFrom: string, successors: string[] = []): OrganEvent => ({
  type: 'OrganAbolished',
  data: { organ: { ...of, status: 'abolished', effectiveFrom, successors } },
  effectiveAt: effectiveFrom,
});

const register = (...organs: NewOrgan[]) =>
  ({ type: 'RegisterOrgans', register: REGISTER, organs, effectiveFrom: DAY }) as const;
const rename = (id: string, name: string, effectiveFrom = LATER) =>
  ({ type: 'RenameOrgan', organ: id, name, effectiveFrom }) as const;
const revise = (id: string, changes: Partial<Organ>, effectiveFrom = LATER) =>
  ({ type: 'ReviseOrgan', organ: id, changes, effectiveFrom }) as const;
const merge = (sources: string[], into: string | NewOrgan, effectiveFrom = LATER) =>
  ({ type: 'MergeOrgans', register: REGISTER, sources, into, effectiveFrom }) as const;
const split = (source: string, into: NewOrgan[], sourceContinues = false, effectiveFrom = LATER) =>
  ({ type: 'SplitOrgan', register: REGISTER, source, into, sourceContinues, effectiveFrom }) as const;
const abolish = (id: string, successors: string[] = [], effectiveFrom = LATER) =>
  ({ type: 'AbolishOrgan', organ: id, successors, effectiveFrom }) as const;

const violated = (field: string, rule = 'S-1') => ({ code: 'RULE_VIOLATED', rule, field }) as const;

describe('S-1 registration', () => {
  test('S-1 registers organs with numbers that go on', () => {
    given(organRegister, ...county)
      .when(register(draft('教育局'), draft('卫生院', { kind: 'INSTITUTION', provisional: true })))
      .then(
        registered(organ(4, '教育局')),
        registered(organ(5, '卫生院', { kind: 'INSTITUTION', status: 'provisional' })),
      );
  });
  test('S-1 derives the level from the division, and takes that of a class as given', () => {
    given(organRegister)
      .when(
        register(
          draft('垛庄镇派出所', { kind: 'STATIONED_UNIT', division: TOWN }),
          draft('某村村民委员会', { kind: 'VILLAGE_ORGANISATION', division: VILLAGE }),
          draft('各镇街', { kind: 'ORGAN_CLASS', level: 'town' }),
        ),
      )
      .then(
        registered(organ(1, '垛庄镇派出所', { kind: 'STATIONED_UNIT', level: 'town', division: TOWN })),
        registered(
          organ(2, '某村村民委员会', { kind: 'VILLAGE_ORGANISATION', level: 'village', division: VILLAGE }),
        ),
        registered(organ(3, '各镇街', { kind: 'ORGAN_CLASS', level: 'town' })),
      );
  });
  test('S-1 registers nothing when nothing is given', () => {
    given(organRegister).when(register()).thenNothing();
  });
  test('S-1 refuses a name without text and one that is too long', () => {
    given(organRegister)
      .when(register(draft('甲'), draft('')))
      .thenRefused(violated('organs[1].name'));
    given(organRegister)
      .when(register(draft('长'.repeat(MAX_NAME + 1))))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'organs[0].name' });
    given(organRegister)
      .when(register(draft('甲', { shortName: '' })))
      .thenRefused(violated('organs[0].shortName'));
  });
  test('S-1 refuses aliases without text, too long or too many', () => {
    given(organRegister)
      .when(register(draft('甲', { aliases: ['乙', ''] })))
      .thenRefused(violated('organs[0].aliases[1]'));
    given(organRegister)
      .when(register(draft('甲', { aliases: ['长'.repeat(MAX_NAME + 1)] })))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'organs[0].aliases[0]' });
    given(organRegister)
      .when(register(draft('甲', { aliases: Array.from({ length: MAX_ALIASES + 1 }, (_, i) => `${i}`) })))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'organs[0].aliases' });
  });
  test('S-1 refuses more organs than one command takes', () => {
    given(organRegister)
      .when(register(...Array.from({ length: MAX_REGISTERED + 1 }, (_, i) => draft(`局${i}`))))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'organs' });
  });
  test('S-1 refuses a name that is taken at the place, in the register or in the same call', () => {
    given(organRegister, ...county)
      .when(register(draft('水务局')))
      .thenRefused({ ...violated('organs[0].name'), details: { organ: water.id } });
    given(organRegister)
      .when(register(draft('教育局'), draft('教育局')))
      .thenRefused(violated('organs[1].name'));
  });
  test('S-1 lets organs at different places bear one name', () => {
    given(organRegister, ...county)
      .when(register(draft('水务局', { division: TOWN }), draft('水务局', { superior: farms.id })))
      .then(
        registered(organ(4, '水务局', { division: TOWN, level: 'town' })),
        registered(organ(5, '水务局', { superior: farms.id })),
      );
  });
  test('S-1 refuses a name that is free on the day but taken later', () => {
    given(organRegister, registered({ ...water, effectiveFrom: '2027-01-01' }))
      .when(register(draft('水务局')))
      .thenRefused(violated('organs[0].name'));
  });
  test('S-1 refuses a name whose bearer ends only later, and gives it away from that day on', () => {
    const ending = [...county, abolished(water, LATER)];
    given(organRegister, ...ending)
      .when(register(draft('水务局')))
      .thenRefused(violated('organs[0].name'));
    given(organRegister, ...ending)
      .when({ ...register(draft('水务局')), effectiveFrom: LATER })
      .then(registered(organ(4, '水务局', { effectiveFrom: LATER })));
  });
  test('S-1 refuses a credit code that another organ holds', () => {
    const creditCode = '11370114004188XXXX';
    given(organRegister, registered({ ...water, creditCode }))
      .when(register(draft('教育局', { creditCode })))
      .thenRefused({ ...violated('organs[0].creditCode'), details: { organ: water.id } });
  });
  test('S-1 refuses organs of another register and of the whole country', () => {
    given(organRegister)
      .when(register(draft('公安局', { division: '370112000000' })))
      .thenRefused(violated('organs[0].division'));
    given(organRegister)
      .when({ ...register(draft('公安部', { division: '000000000000' })), register: '000000' })
      .thenRefused(violated('organs[0].level'));
  });
  test('S-1 refuses a level that is not that of the division', () => {
    given(organRegister)
      .when(register(draft('水务局', { level: 'town' })))
      .thenRefused(violated('organs[0].level'));
  });
  test.each(['TOWN_GOVERNMENT', 'STATIONED_UNIT', 'VILLAGE_ORGANISATION'] as const)(
    'S-1 refuses %s in a county division',
    (kind) => {
      given(organRegister)
        .when(register(draft('甲', { kind })))
        .thenRefused(violated('organs[0].kind'));
    },
  );
  test('S-1 refuses a superior that is unknown, ended or not there yet', () => {
    given(organRegister)
      .when(register(draft('甲', { superior: idOf(9) })))
      .thenRefused({ code: 'NOT_FOUND', rule: 'S-1', field: 'organs[0].superior' });
    given(organRegister, ...county, abolished(water, LATER))
      .when(register(draft('甲', { superior: water.id })))
      .thenRefused(violated('organs[0].superior'));
    given(organRegister, registered({ ...water, effectiveFrom: LATER }))
      .when(register(draft('甲', { superior: water.id })))
      .thenRefused(violated('organs[0].superior'));
  });
});

describe('S-2 structure of towns', () => {
  test('S-2 registers nine functional bodies', () => {
    const drafts = Array.from({ length: 9 }, (_, i) =>
      draft(`职能机构${i + 4}`, { kind: 'TOWN_BODY', division: TOWN, superior: town.id }),
    );
    given(organRegister, ...county)
      .when(register(...drafts))
      .then(...nineBodies);
  });
  test('S-2 refuses the tenth functional body', () => {
    given(organRegister, ...county, ...nineBodies)
      .when(register(draft('第十个', { kind: 'TOWN_BODY', division: TOWN, superior: town.id })))
      .thenRefused({
        ...violated('organs[0].kind', 'S-2'),
        details: { bodies: 9, most: 9, day: DAY },
      });
  });
  test('S-2 refuses a body that would be the tenth on a later day', () => {
    given(organRegister, ...county, ...nineBodies.slice(0, 8), body(12, { effectiveFrom: LATER }))
      .when(register(draft('第十个', { kind: 'TOWN_BODY', division: TOWN, superior: town.id })))
      .thenRefused({ ...violated('organs[0].kind', 'S-2'), details: { bodies: 9, most: 9, day: LATER } });
  });
  test('S-2 refuses to make an organ the tenth body by revision', () => {
    const office = organ(13, '办公室', { level: 'town', division: TOWN, superior: town.id });
    given(organRegister, ...county, ...nineBodies, registered(office))
      .when(revise(office.id, { kind: 'TOWN_BODY' }))
      .thenRefused(violated('kind', 'S-2'));
  });
  test('S-2 gives a place free again when a body has ended', () => {
    const first = organ(4, '职能机构4', inTown);
    given(organRegister, ...county, ...nineBodies, abolished(first, DAY))
      .when(register(draft('新机构', { kind: 'TOWN_BODY', division: TOWN, superior: town.id })))
      .then(registered(organ(13, '新机构', inTown)));
  });
  test('S-2 refuses a body without its town government as superior', () => {
    const bodyDraft = draft('党政办', { kind: 'TOWN_BODY', division: TOWN });
    given(organRegister, ...county)
      .when(register(bodyDraft))
      .thenRefused(violated('organs[0].superior'));
    given(organRegister, ...county)
      .when(register({ ...bodyDraft, superior: water.id }))
      .thenRefused(violated('organs[0].superior'));
    given(organRegister, ...county)
      .when(register({ ...bodyDraft, division: '370114016000', superior: town.id }))
      .thenRefused(violated('organs[0].superior'));
  });
  test('S-2 refuses a town government that becomes something else while it has bodies', () => {
    given(organRegister, ...county, body(4))
      .when(revise(town.id, { kind: 'INSTITUTION' }))
      .thenRefused(violated('kind'));
  });
});

describe('S-1 changes of one organ', () => {
  test('S-1 renames from a day on and keeps the former name as an alias', () => {
    given(organRegister, ...county)
      .when({ ...rename(water.id, '水利局'), shortName: '水利' })
      .then({
        type: 'OrganRenamed',
        data: {
          organ: { ...water, name: '水利局', shortName: '水利', aliases: ['水务局'], effectiveFrom: LATER },
          formerName: '水务局',
        },
        effectiveAt: LATER,
      });
  });
  test('S-1 a name taken back is no alias any more, and the short name stays when none is given', () => {
    const renamed = { ...water, name: '水利局', shortName: '水利', aliases: ['水务局'] };
    given(organRegister, registered(renamed))
      .when(rename(water.id, '水务局'))
      .then({
        type: 'OrganRenamed',
        data: {
          organ: { ...renamed, name: '水务局', aliases: ['水利局'], effectiveFrom: LATER },
          formerName: '水利局',
        },
        effectiveAt: LATER,
      });
  });
  test('S-1 renaming to the same name changes nothing', () => {
    given(organRegister, ...county)
      .when(rename(water.id, '水务局'))
      .thenNothing();
  });
  test('S-1 refuses to rename to a name that is taken, without text or too long', () => {
    given(organRegister, ...county)
      .when(rename(water.id, '农业农村局'))
      .thenRefused(violated('name'));
    given(organRegister, ...county)
      .when(rename(water.id, ''))
      .thenRefused(violated('name'));
    given(organRegister, ...county)
      .when(rename(water.id, '长'.repeat(MAX_NAME + 1)))
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'name' });
  });
  test('S-1 revises only what differs', () => {
    given(organRegister, ...county)
      .when(revise(water.id, { aliases: ['水利局'], shortName: null, superior: null }))
      .then({
        type: 'OrganRevised',
        data: { organ: { ...water, aliases: ['水利局'], effectiveFrom: LATER }, fields: ['aliases'] },
        effectiveAt: LATER,
      });
    given(organRegister, ...county)
      .when(revise(water.id, { aliases: [] }))
      .thenNothing();
  });
  test('S-1 gives an organ that was taken for a class the level of its division', () => {
    const cls = organ(1, '各镇街', { kind: 'ORGAN_CLASS', level: 'town' });
    given(organRegister, registered(cls))
      .when(revise(cls.id, { kind: 'DEPARTMENT' }))
      .then({
        type: 'OrganRevised',
        data: {
          organ: { ...cls, kind: 'DEPARTMENT', level: 'county', effectiveFrom: LATER },
          fields: ['kind'],
        },
        effectiveAt: LATER,
      });
  });
  test('S-1 refuses a revision that puts an organ below itself', () => {
    const below = organ(4, '水政大队', { superior: water.id });
    given(organRegister, ...county, registered(below))
      .when(revise(water.id, { superior: below.id }))
      .thenRefused(violated('superior'));
    given(organRegister, ...county)
      .when(revise(water.id, { superior: water.id }))
      .thenRefused(violated('superior'));
  });
  test('S-1 refuses a circle of superiors that would last for a time only', () => {
    const below = organ(4, '水政大队', { superior: water.id });
    const freed: OrganEvent = {
      type: 'OrganRevised',
      data: { organ: { ...below, superior: null, effectiveFrom: '2028-01-01' }, fields: ['superior'] },
      effectiveAt: '2028-01-01',
    };
    given(organRegister, ...county, registered(below), freed)
      .when(revise(water.id, { superior: below.id }))
      .thenRefused(violated('superior'));
    given(organRegister, ...county, registered(below), freed)
      .when(revise(water.id, { superior: below.id }, '2028-01-01'))
      .then({
        type: 'OrganRevised',
        data: { organ: { ...water, superior: below.id, effectiveFrom: '2028-01-01' }, fields: ['superior'] },
        effectiveAt: '2028-01-01',
      });
  });
  test('S-1 confirms an organ met in an import, once', () => {
    const met = organ(1, '镇街综合执法队', { status: 'provisional' });
    given(organRegister, registered(met))
      .when({ type: 'ConfirmOrgan', organ: met.id, effectiveFrom: DAY })
      .then({
        type: 'OrganConfirmed',
        data: { organ: { ...met, status: 'active' } },
        effectiveAt: DAY,
      });
    given(organRegister, ...county)
      .when({ type: 'ConfirmOrgan', organ: water.id, effectiveFrom: DAY })
      .thenNothing();
  });
  test.each([
    ['renaming', rename(water.id, '水利局', '2025-12-31')],
    ['revision', revise(water.id, { aliases: ['甲'] }, '2025-12-31')],
    ['confirmation', { type: 'ConfirmOrgan', organ: water.id, effectiveFrom: '2025-12-31' } as const],
    ['merger', merge([water.id], farms.id, '2025-12-31')],
    ['split', split(water.id, [draft('甲'), draft('乙')], false, '2025-12-31')],
    ['end', abolish(water.id, [], '2025-12-31')],
  ])('S-1 refuses a %s that takes effect before the state on record', (_, command) => {
    given(organRegister, ...county)
      .when(command)
      .thenRefused({ ...violated('effectiveFrom'), details: { onRecordFrom: DAY } });
  });
  test.each([
    ['renaming', rename(water.id, '水利局'), 'organ'],
    ['revision', revise(water.id, { aliases: ['甲'] }), 'organ'],
    ['confirmation', { type: 'ConfirmOrgan', organ: water.id, effectiveFrom: LATER } as const, 'organ'],
    ['merger', merge([water.id], farms.id), 'sources[0]'],
    ['merger into it', merge([farms.id], water.id), 'into'],
    ['split', split(water.id, [draft('甲'), draft('乙')]), 'source'],
    ['end', abolish(water.id), 'organ'],
    ['succession', abolish(farms.id, [water.id]), 'successors[0]'],
  ])('S-1 refuses the %s of an organ that ended or never was', (_, command, field) => {
    given(organRegister, ...county, abolished(water, '2026-02-01'))
      .when(command)
      .thenRefused(violated(field));
    given(organRegister, registered({ ...farms, id: idOf(2) }))
      .when(command)
      .thenRefused({ code: 'NOT_FOUND', rule: 'S-1', field });
  });
});

describe('S-1 mergers, splits and ends', () => {
  const ended = (of: Organ, status: 'merged' | 'abolished', ...successors: string[]): Organ => ({
    ...of,
    status,
    effectiveFrom: LATER,
    successors,
  });

  test('S-1 merges organs into one that exists', () => {
    given(organRegister, ...county)
      .when(merge([water.id], farms.id))
      .then({
        type: 'OrgansMerged',
        data: { sources: [ended(water, 'merged', farms.id)], into: farms },
        effectiveAt: LATER,
      });
  });
  test('S-1 merges organs into one that the merger founds, under the name of one of them', () => {
    const founded = organ(4, '水务局', { effectiveFrom: LATER });
    given(organRegister, ...county)
      .when(merge([water.id, farms.id], draft('水务局')))
      .then(registered(founded), {
        type: 'OrgansMerged',
        data: {
          sources: [ended(water, 'merged', founded.id), ended(farms, 'merged', founded.id)],
          into: founded,
        },
        effectiveAt: LATER,
      });
  });
  test('S-1 refuses a merger of nothing, of one organ twice, into itself, of too many', () => {
    given(organRegister, ...county)
      .when(merge([], farms.id))
      .thenRefused(violated('sources'));
    given(organRegister, ...county)
      .when(merge([water.id, water.id], farms.id))
      .thenRefused(violated('sources[1]'));
    given(organRegister, ...county)
      .when(merge([water.id, farms.id], farms.id))
      .thenRefused(violated('into'));
    given(organRegister, ...county)
      .when(
        merge(
          Array.from({ length: MAX_MERGED + 1 }, (_, i) => idOf(i + 1)),
          farms.id,
        ),
      )
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'sources' });
  });
  test('S-1 refuses a merger into an organ that does not exist yet on the day', () => {
    given(organRegister, registered(water), registered({ ...farms, effectiveFrom: '2027-01-01' }))
      .when(merge([water.id], farms.id))
      .thenRefused(violated('into'));
  });
  test('S-1 refuses a merger into a new organ that breaks a rule', () => {
    given(organRegister, ...county)
      .when(merge([water.id], draft('农业农村局')))
      .thenRefused(violated('intoNew.name'));
  });
  test('S-1 splits an organ that ends', () => {
    const [one, two] = [
      organ(4, '水务局', { effectiveFrom: LATER }),
      organ(5, '河长办', { effectiveFrom: LATER }),
    ];
    given(organRegister, ...county)
      .when(split(water.id, [draft('水务局'), draft('河长办')]))
      .then(registered(one), registered(two), {
        type: 'OrganSplit',
        data: { source: ended(water, 'abolished', one.id, two.id), into: [one, two] },
        effectiveAt: LATER,
      });
  });
  test('S-1 splits an organ that goes on unchanged', () => {
    const founded = organ(4, '河长办', { effectiveFrom: LATER });
    given(organRegister, ...county)
      .when(split(water.id, [draft('河长办')], true))
      .then(registered(founded), {
        type: 'OrganSplit',
        data: { source: water, into: [founded] },
        effectiveAt: LATER,
      });
    given(organRegister, ...county)
      .when(split(water.id, [draft('水务局')], true))
      .thenRefused(violated('into[0].name'));
  });
  test('S-1 refuses a split that leaves fewer than two organs, or makes too many', () => {
    given(organRegister, ...county)
      .when(split(water.id, [draft('甲')]))
      .thenRefused(violated('into'));
    given(organRegister, ...county)
      .when(split(water.id, [], true))
      .thenRefused(violated('into'));
    given(organRegister, ...county)
      .when(
        split(
          water.id,
          Array.from({ length: MAX_MERGED + 1 }, (_, i) => draft(`局${i}`)),
        ),
      )
      .thenRefused({ code: 'LIMIT_EXCEEDED', field: 'into' });
  });
  test('S-1 abolishes an organ and names who answers, each once', () => {
    given(organRegister, ...county)
      .when(abolish(water.id, [farms.id, farms.id]))
      .then(abolished(water, LATER, [farms.id]));
  });
  test('S-1 refuses an organ that succeeds itself', () => {
    given(organRegister, ...county)
      .when(abolish(water.id, [water.id]))
      .thenRefused(violated('successors[0]'));
  });
  test('S-1 refuses to end an organ that has others below it, at once or on a later day', () => {
    const below = registered(organ(4, '水政大队', { superior: water.id, effectiveFrom: '2027-01-01' }));
    const stranded = { ...violated('organ'), details: { subordinate: idOf(4) } };
    given(organRegister, ...county, below)
      .when(abolish(water.id))
      .thenRefused(stranded);
    given(organRegister, ...county, below)
      .when(merge([water.id], farms.id))
      .thenRefused({ ...stranded, field: 'sources[0]' });
    given(organRegister, ...county, below)
      .when(split(water.id, [draft('甲'), draft('乙')]))
      .thenRefused({ ...stranded, field: 'source' });
  });
  test('S-1 lets an organ end together with those below it', () => {
    const below = organ(4, '水政大队', { superior: water.id });
    given(organRegister, ...county, registered(below))
      .when(merge([water.id, below.id], farms.id))
      .then({
        type: 'OrgansMerged',
        data: { sources: [ended(water, 'merged', farms.id), ended(below, 'merged', farms.id)], into: farms },
        effectiveAt: LATER,
      });
  });
  test('S-1 an organ that ended stays on record with who answers for it, and its number is not given again', () => {
    given(organRegister, registered(water), registered(farms))
      .when(merge([water.id], draft('农业农村和水务局')))
      .thenState(({ organs }) => {
        const last = organs.get(water.id)?.at(-1) as Organ;
        if (isLive(last) || last.successors[0] !== idOf(3)) throw new Error(JSON.stringify(last));
      });
  });
});
