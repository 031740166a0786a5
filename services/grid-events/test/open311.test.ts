import { ReadStoreError } from '@dutyledger/read-store/read-store';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { change, type Data, OTHER_TOWN, TOWN } from './harness.ts';
import { clientOf, JURISDICTION, KEYS, startOpen311, WITHIN, WITHOUT } from './open311-harness.ts';
import { county, type PersonalHarness, reader, townOperator } from './personal-harness.ts';

/** Open311 GeoReport v2 over HTTP (G-4), JSON and XML. */

let h: PersonalHarness;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  h = await startOpen311();
  client = clientOf(h);
});
afterAll(() => h.end());

const parser = new XMLParser({
  isArray: (name) =>
    ['service', 'request', 'attribute', 'value', 'error', 'endpoint', 'format'].includes(name),
  parseTagValue: false,
});
const xml = (text: string): Data => {
  expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
  return parser.parse(text);
};

const description = '夜间采砂 <3 艘> & "运砂"\n第二行';
const CASE = `query ($id: ID!) { case(id: $id) { id source class description address gridId status place { lon lat } reportedBy { subject name role } reporter { name phone } } }`;
const caseOf = async (id: string, as: object = county): Promise<Data> =>
  (await h.ask(CASE, { id: `case:${id}` }, as)).case;
const posted = async (fields: Record<string, string | number> = {}, headers = {}): Promise<string> => {
  const { status, json } = await client.post({ ...WITHIN, description, ...fields }, headers);
  expect({ status, json }).toMatchObject({ status: 200 });
  return json[0].service_request_id;
};
const one = async (id: string, fields: Record<string, string> = {}): Promise<Data> =>
  (await client.get(`v2/requests/${id}.json`, { jurisdiction_id: JURISDICTION, ...fields })).json[0];
const refusedWith = (answer: { status: number; json: Data }, status: number, words: RegExp) =>
  expect({ status: answer.status, json: answer.json }).toEqual({
    status,
    json: [{ code: status, description: expect.stringMatching(words) }],
  });

describe('discovery and services', () => {
  test('discovery tells the endpoint, its formats, and when the catalogue changed, in both formats', async () => {
    for (const path of ['discovery', 'v2/discovery']) {
      const { json, type, headers } = await client.get(`${path}.json`, '');
      expect(type).toBe('application/json; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(json).toMatchObject({
        contact: '衢江区社会治理中心 & 热线',
        endpoints: [
          {
            specification: 'http://wiki.open311.org/GeoReport_v2',
            url: 'https://311.example.cn/open311/v2',
            type: 'production',
            formats: ['text/xml', 'application/json'],
          },
        ],
      });
      expect(json.changeset).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
    const { text, type } = await client.get('discovery.xml', '');
    expect(type).toBe('text/xml; charset=utf-8');
    expect(xml(text).discovery).toMatchObject({
      contact: '衢江区社会治理中心 & 热线',
      endpoints: { endpoint: [{ formats: { format: ['text/xml', 'application/json'] } }] },
    });
  });

  test('services are the classes in force, without patterns; of an area without any there are none', async () => {
    const { json } = await client.get('v2/services.json');
    const sand = {
      service_code: 'SL.采砂',
      service_name: '非法采砂',
      description: '河道内 <采砂> & 运砂',
      metadata: true,
      type: 'realtime',
      keywords: '水利',
      group: '水利',
    };
    expect(json.map((each: Data) => each.service_code)).toEqual(['0207', 'SL.采砂', '市容.垃圾']);
    expect(json[1]).toEqual(sand);
    expect(json[2]).toMatchObject({ description: '暴露垃圾', group: '' });
    const { services } = xml((await client.get('v2/services.xml')).text);
    expect(services.service[1]).toEqual({ ...sand, metadata: 'true' });
    const elsewhere = { jurisdiction_id: 'zhangqiu.example' };
    expect((await client.get('v2/services.json', elsewhere)).json).toEqual([]);
    expect(xml((await client.get('v2/services.xml', elsewhere)).text)).toMatchObject({ services: '' });
  });

  test('the definition of a service asks for the town; in a town nothing is to be asked', async () => {
    const code = encodeURIComponent('SL.采砂');
    const { json } = await client.get(`v2/services/${code}.json`);
    expect(json).toMatchObject({
      service_code: 'SL.采砂',
      attributes: [{ code: 'division', datatype: 'singlevaluelist', required: false, order: 1 }],
    });
    expect(json.attributes[0].values).toContainEqual({ key: TOWN, name: '高家镇' });
    const { service_definition: definition } = xml((await client.get(`v2/services/${code}.xml`)).text);
    expect(definition.attributes.attribute[0].values.value).toContainEqual({ key: TOWN, name: '高家镇' });
    const town = await client.get(`v2/services/${code}.json`, { jurisdiction_id: 'gaojia.example' });
    expect(town.json).toEqual({ service_code: 'SL.采砂', attributes: [] });
    for (const unknown of ['SL.x', '市容.*', 'a/b', '%00', 'x'.repeat(300)]) {
      const path = `v2/services/${encodeURIComponent(unknown)}.json`;
      expect(await client.get(path)).toMatchObject({ status: 404, json: [{ code: 404 }] });
    }
  });
});

describe('posting a request', () => {
  test('G-4 a post is a case: in the grid of its point, from the application, its reporter sealed', async () => {
    const reporter = { first_name: '小明', last_name: '欧阳', phone: '138 5700 4321' };
    const more = {
      address_string: '高家镇盈川村口',
      media_url: 'https://pic.example.cn/1.jpg?a=1',
      email: 'a@b.cn',
      device_id: 'd',
      account_id: '7',
    };
    const { json } = await client.post({ ...WITHIN, description, ...reporter, ...more });
    expect(json).toEqual([
      {
        service_request_id: expect.stringMatching(/^330803-[0-9a-f]{16}$/),
        service_notice: 'Received, to be accepted. Use the id to follow it.',
        account_id: null,
      },
    ]);
    const id = json[0].service_request_id;
    expect(await caseOf(id)).toMatchObject({
      source: 'CITIZEN',
      class: 'SL.采砂',
      description: `${description}\nmedia_url: https://pic.example.cn/1.jpg?a=1`,
      address: '高家镇盈川村口',
      gridId: expect.stringMatching(/^grid:330803-/),
      place: { lat: 28.9512345, lon: 119.0512345 },
      reportedBy: { subject: 'open311:app', name: '应用app', role: 'INTEGRATOR' },
      reporter: { name: '欧***', phone: '138****4321' },
    });
    const plain = await h.ask(
      'query ($id: ID!) { reporterOf(case: $id, purpose: "回访") { name phone email } }',
      { id: `case:${id}` },
      reader,
    );
    expect(plain.reporterOf).toEqual({ name: '欧阳小明', phone: '13857004321', email: 'a@b.cn' });
  });

  test('in XML alike; a hotline reports as a hotline; a name is enough, and none is needed', async () => {
    const { status, text, type } = await client.post(
      { ...WITHIN, api_key: KEYS.hotline, first_name: 'Ming', last_name: 'Li' },
      {},
      'xml',
    );
    expect({ status, type }).toEqual({ status: 200, type: 'text/xml; charset=utf-8' });
    const [request] = xml(text).service_requests.request;
    expect(request).toMatchObject({ service_notice: /./, account_id: '' });
    const found = await caseOf(request.service_request_id);
    expect(found).toMatchObject({
      source: 'HOTLINE',
      description: '非法采砂',
      reporter: { name: 'M******' },
    });
    expect((await caseOf(await posted())).reporter).toBeNull();
  });

  test('a grid by its code, a town by its attribute, a town as the area, a town for what cannot be placed', async () => {
    expect(await caseOf(await posted({ lat: '', long: '', address_id: 'A-01' }))).toMatchObject({
      gridId: /^grid:/,
    });
    const address = { lat: '', long: '', address_string: '全旺镇 1 号' };
    const chosen = await posted({ ...address, 'attribute[division]': OTHER_TOWN });
    expect((await caseOf(chosen, { ...townOperator, division: OTHER_TOWN })).address).toBe('全旺镇 1 号');
    const town = await posted({ ...address, jurisdiction_id: 'gaojia.example' });
    expect(await caseOf(town, townOperator)).toMatchObject({ gridId: null });
    const set = 'mutation ($input: SetClassPolicyInput!) { setClassPolicy(input: $input) { repeated } }';
    const manager = { roles: ['GRID_MANAGER'], division: '370114000000', subject: 'm' } as const;
    const setting = {
      division: '370114000000',
      caseClass: 'X.1',
      name: '其他',
      limits: [],
      change,
    };
    await h.ask(set, { input: setting }, manager);
    const other = await posted({ ...WITHOUT, jurisdiction_id: 'zhangqiu.example', service_code: 'X.1' });
    expect(await caseOf(other, { ...townOperator, division: '370114101000' })).toMatchObject({
      gridId: null,
    });
  });

  test('with an Idempotency-Key the same post is one case; without, each is one', async () => {
    const key = { 'idempotency-key': 'retry-1' };
    const first = await posted({}, key);
    expect(await posted({}, key)).toBe(first);
    expect(await posted({})).not.toBe(await posted({}));
    refusedWith(await client.post({ ...WITHIN, description: 'another' }, key), 409, /idempotency key/);
    refusedWith(await client.post({ ...WITHIN }, { 'idempotency-key': 'x'.repeat(101) }), 400, /100/);
  });

  test('what is not fit is refused with one error that says why, and leaves nothing', async () => {
    const before = await h.events.head();
    const long = 'x'.repeat(2_001);
    for (const [fields, status, words] of [
      [{ api_key: '' }, 403, /missing/],
      [{ api_key: 'no-such-key' }, 403, /not valid/],
      [{ api_key: KEYS.hotline, jurisdiction_id: 'gaojia.example' }, 403, /not for this jurisdiction/],
      [{ jurisdiction_id: '' }, 400, /jurisdiction_id was not provided/],
      [{ jurisdiction_id: 'nowhere' }, 404, /jurisdiction_id was not found/],
      [{ service_code: '' }, 400, /service_code was not provided/],
      [{ service_code: 'SL.x' }, 404, /service_code was not found/],
      [{ service_code: '市容.*' }, 404, /service_code was not found/],
      [{ lat: '', long: '' }, 400, /location was not provided/],
      [{ long: '' }, 400, /together/],
      [{ lat: '91' }, 400, /lat is a number of degrees/],
      [{ long: '-180.1' }, 400, /long is a number of degrees/],
      [{ lat: 'NaN' }, 400, /lat is/],
      [{ lat: '1e1' }, 400, /lat is/],
      [{ lat: '0', long: '0.0' }, 400, /both 0/],
      [{ ...WITHOUT }, 400, /no known grid/],
      [{ lat: '', long: '', address_id: 'B-99' }, 400, /address_id/],
      [{ lat: '', long: '', address_string: 'x'.repeat(201) }, 400, /address_string/],
      [{ lat: '', long: '', address_string: '某处' }, 400, /attribute\[division\]/],
      [{ 'attribute[division]': '370114101000' }, 400, /town of the jurisdiction/],
      [{ 'attribute[other]': '1' }, 400, /attribute/],
      [{ description: long }, 400, /2000/],
      [{ description: 'x'.repeat(1_990), media_url: 'https://x.cn/1' }, 400, /together/],
      [{ description: 'a\u0000b' }, 400, /control character/],
      [{ address_string: 'a\nb' }, 400, /control character/],
      [{ media_url: 'file:///etc/passwd' }, 400, /http/],
      [{ media_url: 'javascript:alert(1)' }, 400, /http/],
      [{ phone: '12' }, 400, /telephone number/],
      [{ email: 'nobody' }, 400, /e-mail/],
      [{ first_name: 'x'.repeat(101) }, 400, /name/],
    ] as const) {
      refusedWith(await client.post({ ...WITHIN, description, ...fields }), status, words);
    }
    const zh = await client.post({ ...WITHIN, lat: '91' }, { 'accept-language': 'zh-CN' }, 'xml');
    expect(xml(zh.text).errors.error).toEqual([
      { code: '400', description: expect.stringMatching(/lat 应为/) },
    ]);
    expect(await h.events.head()).toBe(before);
  });

  test('a body that is too large, of another type, not in UTF-8, twice the same or empty is refused', async () => {
    const url = `${h.url}/open311/v2/requests.json`;
    const type = { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' };
    for (const [body, headers, status] of [
      ['x='.padEnd(70_000, 'x'), type, 413],
      ['{"api_key": 1}', { ...type, 'content-type': 'application/json' }, 415],
      [Buffer.from([0x61, 0x3d, 0xff]), type, 400],
      ['description=%ff', type, 400],
      ['api_key=a&api_key=b', type, 400],
      ['a=&'.repeat(201), type, 400],
      ['', type, 400],
    ] as const) {
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect({ status: answer.status, json: await answer.json() }).toMatchObject({
        status,
        json: [{ code: status }],
      });
    }
  });
});

describe('reading requests', () => {
  test('anybody sees how a request stands, and roughly where; who sent it sees what they sent; nobody who reported it', async () => {
    const sent = {
      description: '情况 \u{1F6A7}',
      address_string: '盈川村 17 号',
      first_name: '小红',
      last_name: '诸葛',
      phone: '13900001111',
    };
    const id = await posted(sent);
    const seen = await one(id);
    expect(seen).toEqual({
      service_request_id: id,
      status: 'open',
      status_notes: 'Received, to be accepted.',
      service_name: '非法采砂',
      service_code: 'SL.采砂',
      description: null,
      agency_responsible: null,
      service_notice: null,
      requested_datetime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_datetime: expect.stringMatching(/Z$/),
      expected_datetime: null,
      address: null,
      address_id: null,
      zipcode: null,
      lat: 28.951,
      long: 119.051,
      media_url: null,
    });
    const own = {
      description: sent.description,
      address: sent.address_string,
      lat: 28.9512345,
      long: 119.0512345,
    };
    expect(await one(id, { api_key: KEYS.app })).toEqual({ ...seen, ...own });
    expect(await one(id, { api_key: KEYS.hotline })).toEqual(seen);
    const all = await client.get('v2/requests.xml', { jurisdiction_id: JURISDICTION, api_key: KEYS.app });
    for (const secret of ['诸葛', '小红', '1111']) expect(all.text).not.toContain(secret);
    const inXml = xml(all.text).service_requests.request.find((each: Data) => each.service_request_id === id);
    expect(inXml).toMatchObject({ description: sent.description, zipcode: '', lat: '28.9512345' });
    expect((await client.get(`v2/tokens/${id}.json`)).json).toEqual([{ service_request_id: id, token: id }]);
    const chinese = await client.get(`v2/requests/${id}.json`, { jurisdiction_id: JURISDICTION }, 'zh-CN');
    expect(chinese.json[0].status_notes).toBe('已登记，等待受理。');
  });

  test('it follows the case through its life, and tells the sender what was fed back', async () => {
    const id = await posted();
    const step = (name: string, type: string, more: object = {}) =>
      h.ask(
        `mutation ($input: ${type}Input!) { ${name}(input: $input) { pending } }`,
        { input: { id: `case:${id}`, change, ...more } },
        townOperator,
      );
    await step('acceptCase', 'AcceptCase', { file: true });
    const filed = await one(id);
    expect(filed).toMatchObject({ status: 'open', status_notes: 'Filed, to be dispatched.' });
    expect(filed.expected_datetime > filed.requested_datetime).toBe(true);
    await step('settleCase', 'SettleCase', { result: { text: '已清理，联系人王某' } });
    expect(await one(id)).toMatchObject({ status_notes: 'Handled, to be verified.' });
    expect((await one(id, { api_key: KEYS.app })).status_notes).toBe('已清理，联系人王某');
    await step('verifyCase', 'VerifyCase', { result: { text: '属实' }, close: true });
    expect(await one(id)).toMatchObject({ status: 'closed', status_notes: 'Closed.' });
    const closed = await client.get('v2/requests.json', { jurisdiction_id: JURISDICTION, status: 'closed' });
    expect(closed.json.map((each: Data) => each.service_request_id)).toEqual([id]);
    const open = await client.get('v2/requests.json', { jurisdiction_id: JURISDICTION, status: 'open' });
    expect(open.json.every((each: Data) => each.status === 'open' && each.service_request_id !== id)).toBe(
      true,
    );
    await step('reopenCase', 'ReopenCase', { explanation: '群众反映未解决' });
    expect(await one(id)).toMatchObject({ status: 'open' });
    const refused = await posted();
    await h.ask(
      'mutation ($input: RefuseCaseInput!) { refuseCase(input: $input) { pending } }',
      { input: { id: `case:${refused}`, explanation: '不属于受理范围', change } },
      townOperator,
    );
    expect(await one(refused)).toMatchObject({ status: 'closed', status_notes: 'Not accepted.' });
  });

  test('what the public did not report is not shown, nor what lies in another area', async () => {
    const patrol = (await h.report({ source: 'GRID_PATROL', reporter: null })).slice('case:'.length);
    const inGraph = (await h.report({ reporter: null })).slice('case:'.length);
    refusedWith(await client.get(`v2/requests/${patrol}.json`), 404, /service_request_id/);
    refusedWith(await client.get(`v2/tokens/${patrol}.json`), 404, /token/);
    expect(await one(inGraph)).toMatchObject({ status: 'open', service_name: '非法采砂' });
    const elsewhere = { jurisdiction_id: 'zhangqiu.example' };
    refusedWith(await client.get(`v2/requests/${inGraph}.json`, elsewhere), 404, /service_request_id/);
    const named = { jurisdiction_id: JURISDICTION, service_request_id: `${patrol}, ${inGraph},${inGraph},x` };
    expect((await client.get('v2/requests.json', named)).json).toHaveLength(1);
  });

  test('by service, by dates, page by page, the newest first', async () => {
    await h.travelTo('2027-01-04T00:00:00.000Z');
    const older = await posted({ service_code: '市容.垃圾' });
    await h.travelTo('2027-01-04T00:00:01.000Z');
    const ids = [await posted({ service_code: '市容.垃圾' }), older];
    const rubbish = { jurisdiction_id: JURISDICTION, service_code: '市容.垃圾,X.9' };
    const idsOf = async (fields: Record<string, string>) =>
      (await client.get('v2/requests.json', { ...rubbish, ...fields })).json.map(
        (each: Data) => each.service_request_id,
      );
    expect(await idsOf({})).toEqual(ids);
    expect(await idsOf({ page_size: '1' })).toEqual([ids[0]]);
    expect(await idsOf({ page_size: '1', page: '2' })).toEqual([ids[1]]);
    expect(await idsOf({ page_size: '1', page: '3' })).toEqual([]);
    expect(await idsOf({ status: 'open,closed' })).toEqual(ids);
    const now = Date.parse('2027-01-04T00:00:01Z');
    const at = (days: number) => new Date(now + days * 86_400_000).toISOString();
    expect(await idsOf({ start_date: at(-89), end_date: at(1) })).toEqual(ids);
    expect(await idsOf({ start_date: at(-1) })).toEqual(ids);
    expect(await idsOf({ end_date: at(-1) })).toEqual([]);
    expect(await idsOf({ end_date: '2020-01-01T00:00:00+08:00' })).toEqual([]);
  });

  test('what cannot be asked is refused with what would be', async () => {
    for (const [fields, words] of [
      [{ start_date: '2026-01-01' }, /time zone/],
      [{ start_date: '2026-02-30T00:00:00Z' }, /time zone/],
      [{ start_date: '2026-01-02T00:00:00Z', end_date: '2026-01-01T00:00:00Z' }, /behind/],
      [{ start_date: '2026-01-01T00:00:00Z', end_date: '2026-06-01T00:00:00Z' }, /90 days/],
      [{ status: 'new' }, /open, closed/],
      [{ page_size: '1001' }, /1000/],
      [{ page_size: '0' }, /1 to/],
      [{ page: '21' }, /start_date/],
      [{ service_request_id: Array.from({ length: 201 }, (_, i) => i).join() }, /200/],
    ] as const) {
      refusedWith(
        await client.get('v2/requests.json', { jurisdiction_id: JURISDICTION, ...fields }),
        400,
        words,
      );
    }
    refusedWith(
      await client.get('v2/requests.json', { jurisdiction_id: JURISDICTION, api_key: 'x' }),
      403,
      /not valid/,
    );
    refusedWith(await client.get('v2/services.json', ''), 400, /jurisdiction_id was not provided/);
    refusedWith(await client.get('v2/tokens.json'), 400, /token was not provided/);
    refusedWith(await client.get('v2/others.json'), 404, /address/);
    refusedWith(await client.get('services.json'), 404, /address/);
    for (const path of ['v2/services', 'v2/services.html', 'v2/.xml']) {
      const { status, text } = await client.get(path);
      expect({ status, code: xml(text).errors.error[0].code }).toEqual({ status: 404, code: '404' });
    }
    const put = await fetch(`${h.url}/open311/v2/services.json`, { method: 'PUT' });
    expect({ status: put.status, json: await put.json() }).toMatchObject({
      status: 405,
      json: [{ code: 405 }],
    });
    const post = await fetch(`${h.url}/open311/v2/services.json`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
    });
    expect(post.status).toBe(405);
  });
});

test('a key may ask so often a minute, and is told when it may again', async () => {
  const asked = { jurisdiction_id: JURISDICTION, api_key: KEYS.slow };
  await h.travelTo('2027-01-04T01:00:00.000Z');
  for (let i = 0; i < 2; i++) expect((await client.get('v2/services.json', asked)).status).toBe(200);
  const refused = await client.get('v2/services.json', asked);
  refusedWith(refused, 429, /at most 2 a minute/);
  expect(refused.headers.get('retry-after')).toBe('30');
  expect((await client.get('v2/services.json')).status).toBe(200);
  await h.travelTo('2027-01-04T01:00:30.000Z');
  expect((await client.get('v2/services.json', asked)).status).toBe(200);
});

test('a read model that is built anew shows the same', async () => {
  const before = (
    await client.get('v2/requests.json', {
      jurisdiction_id: JURISDICTION,
      api_key: KEYS.app,
      end_date: '2027-01-05T00:00:00Z',
    })
  ).json;
  await h.service.projections.rebuild('serviceRequests');
  const after = (
    await client.get('v2/requests.json', {
      jurisdiction_id: JURISDICTION,
      api_key: KEYS.app,
      end_date: '2027-01-05T00:00:00Z',
    })
  ).json;
  expect(after).toEqual(before);
});

test('a store that is away is 503; a defect is 500 and says nothing but the number to quote', async () => {
  const reading = vi.spyOn(h.service.projections, 'documents');
  const all = { jurisdiction_id: JURISDICTION };
  reading.mockImplementationOnce(() => {
    throw new ReadStoreError('UNAVAILABLE', 'at 10.0.0.1');
  });
  refusedWith(await client.get('v2/requests.json', all), 503, /^The store is not available now/);
  reading.mockImplementationOnce(() => {
    throw new Error('secret');
  });
  refusedWith(
    await client.get('v2/requests.json', all),
    500,
    /^Internal error\. Quote [0-9a-f-]{36} to the operators\.$/,
  );
  expect((await client.get('v2/requests.json', all)).status).toBe(200);
});
