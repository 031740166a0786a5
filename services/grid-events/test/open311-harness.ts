import { hash } from 'node:crypto';
import { readOpen311 } from '../src/open311/settings.ts';
import { COUNTY, change, type Data, TOWN } from './harness.ts';
import { type PersonalHarness, startPersonalHarness } from './personal-harness.ts';

/** The service with the Open311 adapter: two areas, two applications, three classes and a grid. */

export const KEYS = { app: 'key-of-the-app', hotline: 'key-of-the-hotline', slow: 'key-of-the-slow-one' };
export const JURISDICTION = 'qujiang.example';
/** Within the grid A, and within none. */
export const WITHIN = { lat: '28.9512345', long: '119.0512345' };
export const WITHOUT = { lat: '28.80', long: '119.30' };

const keyOf = (id: keyof typeof KEYS, more: object = {}) => ({
  id,
  name: `应用${id}`,
  sha256: hash('sha256', KEYS[id]),
  jurisdictions: [JURISDICTION],
  perMinute: 100_000,
  ...more,
});

const SETTINGS = {
  url: 'https://311.example.cn/open311/v2',
  contact: '衢江区社会治理中心 & 热线',
  keyService: '向衢江区社会治理中心申请',
  jurisdictions: [
    { id: JURISDICTION, division: COUNTY },
    { id: 'gaojia.example', division: TOWN },
    { id: 'zhangqiu.example', division: '370114000000', town: '370114101000' },
  ],
  keys: [
    keyOf('app', { jurisdictions: [JURISDICTION, 'gaojia.example', 'zhangqiu.example'] }),
    keyOf('hotline', { source: 'HOTLINE' }),
    keyOf('slow', { perMinute: 2 }),
  ],
  readsPerMinute: 100_000,
};

const manager = { roles: ['GRID_MANAGER'], division: COUNTY, subject: 'manager' } as const;
const classOf = (caseClass: string, name: string, more: object = {}) => ({
  division: COUNTY,
  caseClass,
  name,
  limits: [{ phase: 'HANDLE', limit: { amount: 2, unit: 'WORKING_DAYS' } }],
  change,
  ...more,
});
const square = [
  [119.05, 28.95],
  [119.06, 28.95],
  [119.06, 28.96],
  [119.05, 28.96],
  [119.05, 28.95],
];

export async function startOpen311(): Promise<PersonalHarness> {
  const open311 = readOpen311(JSON.stringify(SETTINGS));
  const h = await startPersonalHarness({ open311 });
  const set = 'mutation ($input: SetClassPolicyInput!) { setClassPolicy(input: $input) { repeated } }';
  for (const input of [
    classOf('SL.采砂', '非法采砂', { category: '水利', filingCondition: '河道内 <采砂> & 运砂' }),
    classOf('市容.垃圾', '暴露垃圾'),
    classOf('0207', '水污染'),
    classOf('市容.*', '市容环境'),
  ])
    await h.ask(set, { input }, manager);
  const create = 'mutation ($input: CreateGridsInput!) { createGrids(input: $input) { grids { id } } }';
  const boundary = { type: 'Polygon', coordinates: [square] };
  const grids = [{ code: 'A-01', name: '网格A', town: TOWN, households: 400, population: 1_000, boundary }];
  await h.ask(create, { input: { division: COUNTY, grids, effectiveFrom: '2020-01-01', change } }, manager);
  return h;
}

export interface Answered {
  status: number;
  type: string | null;
  text: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is that of what was asked.
  json: any;
}

async function answered(answer: Response): Promise<Answered> {
  const text = await answer.text();
  const type = answer.headers.get('content-type');
  const json: Data = type?.startsWith('application/json') ? JSON.parse(text) : undefined;
  return { status: answer.status, type, text, headers: answer.headers, json };
}

type Fields = Record<string, string | number> | string;

const form = (fields: Fields): string =>
  typeof fields === 'string'
    ? fields
    : new URLSearchParams(Object.entries(fields).map(([k, v]) => [k, String(v)])).toString();

/** Requests as a client makes them; in the county unless told otherwise. */
export const clientOf = (h: PersonalHarness) => ({
  get: async (path: string, fields: Fields = { jurisdiction_id: JURISDICTION }, language = 'en') =>
    answered(
      await fetch(`${h.url}/open311/${path}?${form(fields)}`, { headers: { 'accept-language': language } }),
    ),
  post: async (
    fields: Record<string, string | number>,
    headers: Record<string, string> = {},
    format = 'json',
  ) =>
    answered(
      await fetch(`${h.url}/open311/v2/requests.${format}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'accept-language': 'en',
          ...headers,
        },
        body: form({ api_key: KEYS.app, jurisdiction_id: JURISDICTION, service_code: 'SL.采砂', ...fields }),
      }),
    ),
});
