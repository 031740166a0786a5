import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBus } from '@dutyledger/bus/open';
import { openEventStore } from '@dutyledger/event-store/open';
import { createGateway } from '@dutyledger/gateway/gateway';
import { GPS, jpeg } from '@dutyledger/grid-events/attachment/pictures.fixture';
import { readOpen311 } from '@dutyledger/grid-events/open311/settings';
import { openOwnStores } from '@dutyledger/grid-events/own-stores';
import { startGridEvents } from '@dutyledger/grid-events/service';
import { openReadStore } from '@dutyledger/read-store/open';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder } from './harness.ts';

/** What grid-events offers beside the graph, through the gateway of the distributed form: each behind its own port. */

const COUNTY = '370114000000';
const worker = { roles: ['GRID_WORKER'], division: '370114101000', subject: 'worker' } as const;
const MAX_BYTES = 20 * 1024 * 1024;

const running = new AsyncDisposableStack();
let service: string;
let gateway: string;
let issue: (as: DevelopmentToken) => Promise<string>;
/** As the gateway would send it; for the service itself. */
let inside: string;

beforeAll(async () => {
  const dataDir = folder();
  const sqlite = (name: string): string => `sqlite:${join(dataDir, `${name}.db`)}`;
  const events = await openEventStore(sqlite('events'));
  running.defer(() => events.close());
  const readStore = await openReadStore(sqlite('read'));
  running.defer(() => readStore.close());
  const bus = await openBus(sqlite('bus'));
  running.defer(() => bus.close());
  const own = await openOwnStores({
    keys: sqlite('keys'),
    blobs: `file:${join(dataDir, 'blobs')}`,
    masterKeys: { developmentFile: join(dataDir, 'master.key') },
  });
  running.defer(() => own.close());

  const internal = internalTokens('the secret between gateway and services, of the tests');
  const logger = createLogger({ name: 'test', level: 'silent' });
  const settings = {
    url: 'https://311.example.cn/open311/v2',
    contact: '章丘区社会治理中心',
    keyService: '向章丘区社会治理中心申请',
    jurisdictions: [{ id: 'zhangqiu.example', division: COUNTY }],
    keys: [],
  };
  const gridEvents = await startGridEvents({
    ...{ events, readStore, bus, ...own, verifier: internal.verifier, logger, production: false },
    open311: readOpen311(JSON.stringify(settings)),
  });
  running.defer(() => gridEvents.stop());
  service = await gridEvents.subgraph.listen({ port: 0 });

  const issuer = await devIssuer(dataDir);
  issue = issuer.issue;
  const nobody = 'http://127.0.0.1:1/graphql';
  const before = await createGateway({
    supergraphSdl: await readFile(
      new URL('../supergraph.graphql', import.meta.resolve('@dutyledger/gateway/gateway')),
      'utf8',
    ),
    subgraphs: { staffing: nobody, lists: nobody, gridEvents: `${service}/graphql` },
    ...{ verifier: issuer.verifier, internalTokens: internal, production: false, logger },
  });
  running.defer(() => before.stop());
  gateway = await before.listen({ port: 0 });
  inside = await internal.sign({ ...worker, name: '员', organ: null });
});
afterAll(() => running.disposeAsync());

const sent = async (url: string, token: string, content: Uint8Array<ArrayBuffer>) =>
  fetch(`${url}/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg', 'accept-language': 'en' },
    body: content,
  });

test('G-4 a file goes up and comes down through the gateway, as its caller’s; the service does not take callers’ own tokens', async () => {
  const token = await issue(worker);
  const content = new Uint8Array(jpeg());
  const taken = await sent(gateway, token, content);
  expect(taken.status).toBe(201);
  const { sha256, bytes } = (await taken.json()) as { sha256: string; bytes: number };

  const got = await fetch(`${gateway}/attachments/${sha256}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect([got.status, got.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  const file = Buffer.from(await got.arrayBuffer());
  expect([hash('sha256', file), file.byteLength, file.includes(GPS)]).toEqual([sha256, bytes, false]);

  const another = { authorization: `Bearer ${await issue({ ...worker, subject: 'another' })}` };
  expect((await fetch(`${gateway}/attachments/${sha256}`, { headers: another })).status).toBe(404);
  expect((await fetch(`${gateway}/attachments/${sha256}`)).status).toBe(401);
  expect((await sent(service, token, content)).status).toBe(401);
});

test('G-4 a file above 20 MiB is refused, by the service and through the gateway, in the same words', async () => {
  const large = new Uint8Array(MAX_BYTES + 1);
  const refused = await Promise.all([
    sent(service, inside, large),
    sent(gateway, await issue(worker), large),
  ]);
  for (const answer of refused) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED', details: { limit: MAX_BYTES } } }],
    });
  }
});

test('Open311 is read through the gateway without a token', async () => {
  const discovery = await fetch(`${gateway}/open311/discovery.json`);
  expect(discovery.status).toBe(200);
  expect(await discovery.json()).toMatchObject({
    contact: '章丘区社会治理中心',
    endpoints: [{ url: 'https://311.example.cn/open311/v2' }],
  });
  const services = await fetch(`${gateway}/open311/v2/services.json?jurisdiction_id=zhangqiu.example`);
  expect([services.status, await services.json()]).toEqual([200, []]);
});
