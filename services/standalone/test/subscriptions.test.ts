import { readFileSync } from 'node:fs';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode } from './embedded.ts';
import { added, County } from './reforms/county.ts';

/** The guide for command platforms, as it is written, against a node that publishes an edition. */

const guide = readFileSync(new URL('../../../docs/guides/command-platforms.md', import.meta.url), 'utf8');
const PROGRAM = /```ts\nimport \{ createClient \} from 'graphql-ws';\n([\s\S]+?)```/.exec(guide)?.[1] ?? '';
const BODY = /-d '([^']+)'/.exec(guide)?.[1] ?? '';
const DIVISION = '370114000000';

let node: Standalone;
let token: string;

interface Running {
  client: Client;
  messages: AsyncIterableIterator<{ data: { listEvents: { cursor: string; edition: number } } }>;
}
const program = new Function(
  ...['createClient', 'url', 'token', 'division', 'after'],
  `${PROGRAM}; return { client, messages };`,
) as (create: typeof createClient, url: string, token: string, division: string, after?: string) => Running;

beforeAll(async () => {
  node = await embeddedNode();
  token = await node.token({ roles: ['INTEGRATOR'], division: DIVISION });
});
afterAll(async () => {
  await node?.stop();
});

test('an edition reaches WebSocket and event stream as the guide has it, with what the graph says of it', async () => {
  const { client, messages } = program(createClient, node.url, token, DIVISION);
  const next = messages.next();
  const stream = await fetch(`${node.url}/graphql/stream`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: BODY,
  });
  const lines = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const subscribed = /dutyledger_subscribers\{field="listEvents"\} 2/;
  while (!subscribed.test(await (await fetch(`${node.url}/metrics`)).text()));

  const county = new County(node, DIVISION);
  const [organ = ''] = await county.register([{ name: '济南市章丘区公安局', kind: 'DEPARTMENT' }]);
  const list = await county.open('TERRITORIAL', organ);
  const basis = [{ title: '济南市文明养犬管理条例(2021)', article: '第三十条' }];
  const items = added([{ name: '犬只登记', leads: [{ organ }], basis }]);
  await county.publish(list, await county.stage(list, 0, items), organ);

  const { value } = await next;
  expect(value).toEqual({
    data: {
      listEvents: {
        cursor: expect.any(String),
        event: 'EditionPublished',
        edition: 1,
        list: { title: expect.any(String), edition: { effectiveFrom: expect.any(String), itemCount: 1 } },
      },
    },
  });
  let text = '';
  while (!text.includes('EditionPublished')) text += (await lines?.read())?.value ?? '';
  expect(text).toMatch(
    /event: next\ndata: \{"data":\{"listEvents":\{"cursor":"[\w-]+","event":"EditionPublished"\}\}\}\n\n/,
  );
  await lines?.cancel();
  await messages.return?.();
  await client.dispose();

  await county.publish(
    list,
    await county.stage(list, 1, [{ code: '1', revise: { name: '犬只登记管理' } }]),
    organ,
  );
  const again = program(createClient, node.url, token, DIVISION, value?.data.listEvents.cursor);
  expect((await again.messages.next()).value).toMatchObject({ data: { listEvents: { edition: 2 } } });
  await again.client.dispose();
});
