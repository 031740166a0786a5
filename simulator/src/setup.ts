import { readFile } from 'node:fs/promises';
import { type Api, BASIS } from './api.ts';
import { type Cast, manager } from './cast.ts';
import { CLASSES } from './classes.ts';
import { type County, EACH_TOWN, OFFICES } from './county.ts';

/** Sets the county up through the public endpoint: organs, grids and people, limits of classes, a duty list in force. */

const change = { reason: '模拟运行准备', basis: BASIS };
const catalogue = new URL(
  '../data/samples/event_types.csv',
  import.meta.resolve('@dutyledger/grid-events/service'),
);
/** Of the catalogue: with limits, and the names of other classes. */
const STANDARDS = ['某市区(数字城管)', '深圳坪山区'];

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export async function setUp(api: Api, county: County): Promise<Cast> {
  const ids = await registerOrgans(api, county);
  const idOf = (name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`${name} was not registered`);
    return id;
  };
  await importPlaces(api, county);
  await importClasses(api, county);
  await publishList(api, county, idOf);
  await routesKnown(api, county);
  return {
    governments: new Map(
      county.organs.flatMap(({ kind, name, division }) =>
        kind === 'TOWN_GOVERNMENT' && division ? [[division, idOf(name)]] : [],
      ),
    ),
    departments: county.organs
      .filter(({ kind, name }) => kind === 'DEPARTMENT' && !(OFFICES as readonly string[]).includes(name))
      .map(({ name }) => idOf(name)),
    platformOrgan: idOf(OFFICES[2]),
  };
}

async function registerOrgans(api: Api, county: County): Promise<Map<string, string>> {
  const query = `mutation ($input: RegisterOrgansInput!) {
    registerOrgans(input: $input) { organs { id name } } }`;
  const input = { division: county.code, organs: county.organs, effectiveFrom: '2020-01-01', change };
  type Answer = { registerOrgans: { organs: { id: string; name: string }[] } };
  const { organs } = (await api.ask<Answer>(manager(county), query, { input })).registerOrgans;
  // Lists has to hear of the last one.
  const last = organs.at(-1)?.id;
  const known = 'query ($organ: ID!) { mayHandDown(issuer: $organ, town: $organ) { allowed } }';
  await api.once(
    () => api.ask(manager(county), known, { organ: last }).catch(() => null),
    (answer) => answer !== null,
    'lists hears of organs',
  );
  return new Map(organs.map(({ id, name }) => [name, id]));
}

async function importPlaces(api: Api, county: County): Promise<void> {
  const features = county.grids.map(({ boundary, box: _, ...properties }) => ({
    ...{ type: 'Feature', properties, geometry: boundary },
  }));
  await importFile(api, county, 'importGrids', {
    fileName: 'grids.geojson',
    content: base64(JSON.stringify({ type: 'FeatureCollection', features })),
  });
  const people = county.workers.map(({ number, name, post, town, grid, subject }) =>
    [number, name, POSTS[post] ?? '网格员', town, grid, subject].join(','),
  );
  await importFile(api, county, 'importGridWorkers', {
    fileName: 'workers.csv',
    content: base64(['工号,姓名,岗位,所属镇街,网格编码,账号', ...people].join('\n')),
  });
}

const POSTS: Readonly<Record<string, string>> = { GRID_LEADER: '网格长', INFORMATION_OFFICER: '网格信息员' };

async function importFile(
  api: Api,
  county: County,
  name: 'importGrids' | 'importGridWorkers',
  file: { fileName: string; content: string },
): Promise<void> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { applied problems { row heading value cause } } }`;
  const input = { division: county.code, ...file, change };
  type Report = { applied: boolean; problems: object[] };
  const report = (await api.ask<Record<string, Report>>(manager(county), query, { input }))[name];
  if (!report?.applied) throw new Error(`${name}: ${JSON.stringify(report?.problems.slice(0, 3))}`);
}

async function importClasses(api: Api, county: County): Promise<void> {
  const content = base64(await readFile(catalogue, 'utf8'));
  for (const standard of STANDARDS) {
    const query = `mutation ($input: ImportCaseClassesInput!) {
      importCaseClasses(input: $input) { accepted problems { row cause } } }`;
    const input = { division: county.code, fileName: 'event_types.csv', content, standard, change };
    type Answer = { importCaseClasses: { accepted: boolean; problems: object[] } };
    const { importCaseClasses: report } = await api.ask<Answer>(manager(county), query, { input });
    if (!report.accepted) throw new Error(`${standard}: ${JSON.stringify(report.problems.slice(0, 3))}`);
  }
  // Of the city's appearance whatever takes too long goes a level up; of all else it is supervised, as by default.
  const query = 'mutation ($input: SetClassPolicyInput!) { setClassPolicy(input: $input) { repeated } }';
  const policy = { division: county.code, caseClass: '市容环境.*', escalation: 'NEXT_LEVEL', change };
  await api.ask(manager(county), query, { input: policy });
}

const DRAFT = 'draft { number asked { organ { id } } }';
interface Draft {
  number: number;
  asked: { organ: { id: string } }[];
}

/** Every step of the procedure from the draft to the edition; what organs say comes on paper. */
async function publishList(api: Api, county: County, idOf: (name: string) => string): Promise<void> {
  const by = manager(county);
  const opened = await api.ask<{ openDutyList: { list: { id: string } } }>(
    by,
    'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }',
    {
      input: {
        ...{ division: county.code, kind: 'TERRITORIAL', title: '网格事件职责清单（模拟）' },
        // The key gives it the same id in every run.
        ...{ maintainer: idOf(OFFICES[0]), change: { ...change, idempotencyKey: 'simulator' } },
      },
    },
  );
  const list = opened.openDutyList.list.id;
  const take = async (name: string, input: object): Promise<Draft> => {
    const query = `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
      ${name}(input: $input) { ${DRAFT} } }`;
    const answer = await api.ask<Record<string, { draft: Draft }>>(by, query, {
      input: { list, ...input, change },
    });
    return answer[name]?.draft as Draft;
  };
  const { number: draftNumber } = await take('changeDraft', { basedOn: 0, changes: itemsOf(county, idOf) });
  await take('submitDraft', { draftNumber });
  const papers = '模拟〔2026〕2号';
  const review = { organ: idOf(OFFICES[1]), passed: true, opinion: '合法', documentNumber: papers };
  const { asked } = await take('recordLegalityReview', review);
  for (const { organ } of asked) {
    await take('recordOpinion', { organ: organ.id, agrees: true, text: '同意', documentNumber: papers });
  }
  await take('recordApproval', { body: '区委编委', documentNumber: papers });
  const query =
    'mutation ($input: PublishEditionInput!) { publishEdition(input: $input) { edition { number } } }';
  const input = { list, draftNumber, effectiveFrom: '2024-01-01', documentNumber: papers, change };
  await api.ask(by, query, { input });
}

const listed = CLASSES.filter(({ lead }) => lead !== undefined);

function itemsOf(county: County, idOf: (name: string) => string): object[] {
  const organ = (name: string | null): string => idOf(name === null ? EACH_TOWN : `${county.name}${name}`);
  return listed.map(({ code, lead, cooperators }, i) => ({
    code: String(i + 1),
    add: {
      name: code.replace('.', '：'),
      domain: '网格事件',
      leads: [{ organ: organ(lead ?? null), duty: '主体责任' }],
      cooperators: cooperators.map((each) => ({ organ: organ(each), duty: '配合处置' })),
      basis: [{ title: '山东省乡镇人民政府工作条例' }],
      caseClasses: [code],
    },
  }));
}

/** Grid-events has to hear of the edition. */
async function routesKnown(api: Api, county: County): Promise<void> {
  const query = `query ($division: DivisionCode!, $caseClass: String!) {
    routeFor(division: $division, caseClass: $caseClass) { kind lead { organ { id } } } }`;
  for (const { code: caseClass } of listed) {
    const variables = { division: county.towns[0]?.code, caseClass };
    type Answer = { routeFor: { kind: string; lead: object | null } };
    await api.once(
      () => api.ask<Answer>(manager(county), query, variables),
      ({ routeFor }) => routeFor.kind === 'ITEM' && routeFor.lead !== null,
      `grid-events hears of ${caseClass}`,
    );
  }
}
