import { createClient } from 'graphql-sse';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bearer, editor } from '../../test/fixture.ts';
import { COUNTY, type Fault, NOTE_EVENTS, type Notes, notes, watched } from '../../test/notes.ts';

/** By the public client of graphql-sse, in its mode of distinct connections. */
async function streamed(
  url: string,
  variables: Record<string, unknown> = {},
  query = NOTE_EVENTS,
  token?: string,
) {
  const authorization = token ?? (await bearer());
  const client = createClient({
    url: `${url}/graphql/stream`,
    headers: { authorization, 'accept-language': 'en' },
    retryAttempts: 0,
  });
  onTestFinished(() => client.dispose());
  return watched((sink) => client.subscribe({ query, variables }, sink as never));
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body,
  });
const asked = (query: string, variables = {}): string => JSON.stringify({ query, variables });

describe('server-sent events', () => {
  let served: Notes;

  test('bring messages, and go on behind a cursor', async () => {
    served = await notes();
    const { url, publish, open } = served;
    const watching = await streamed(url);
    await open(1);
    await publish('a', 3);
    const [first, , third] = await watching.until(3);
    expect([first?.n, first?.note, third?.n]).toEqual([
      1,
      { text: 'text of a-1', author: { name: 'organ o-1' } },
      3,
    ]);
    watching.stop();
    await open(0);
    await publish('a', 1, 4);
    const again = await streamed(url, { after: first?.cursor });
    expect((await again.until(3)).map(({ n }) => n)).toEqual([2, 3, 4]);
  });

  test('tell what is wrong with a request, in the stream', async () => {
    const { url } = await notes();
    for (const [query, variables] of [
      ['subscription { nothing }', {}],
      ['subscription {', {}],
      [NOTE_EVENTS, { after: 'changed' }],
      [NOTE_EVENTS, { division: '37' }],
    ] as const) {
      const [fault] = (await (await streamed(url, variables, query)).ended) as Fault[];
      expect(fault?.extensions.code).toBe('INVALID_INPUT');
    }
    const integrator = await bearer({ ...editor, roles: ['INTEGRATOR'] });
    const [fault] = (await (await streamed(url, {}, NOTE_EVENTS, integrator)).ended) as Fault[];
    expect(fault?.extensions.code).toBe('NOT_PERMITTED');
  });

  test('begin with a good token and a good body, or not at all', async () => {
    const { url } = await notes({ limits: { messageBytes: 2_000 } });
    const authorization = await bearer();
    expect((await post(url, asked(NOTE_EVENTS))).status).toBe(401);
    expect((await post(url, asked(NOTE_EVENTS), { authorization: await bearer(editor, 1) })).status).toBe(
      401,
    );
    expect((await post(url, '[]', { authorization })).status).toBe(400);
    expect((await post(url, '{', { authorization })).status).toBe(400);
    const large = await post(url, asked(NOTE_EVENTS, { after: 'x'.repeat(3_000) }), { authorization });
    expect(await large.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    const get = await fetch(`${url}/graphql/stream`, { headers: { authorization } });
    expect(get.status).toBe(404);
  });

  test('answer queries too', async () => {
    const { url } = await notes();
    const answer = await post(url, asked('{ note(id: "n-1") { text } }'), { authorization: await bearer() });
    expect(await answer.text()).toBe(
      'event: next\ndata: {"data":{"note":{"text":"text of n-1"}}}\n\nevent: complete\ndata: \n\n',
    );
  });

  test('end with the cursor when the gateway stops or the token expires', async () => {
    const { url, gateway, publish, open, another } = await notes();
    const watching = await streamed(url);
    const short = await streamed(
      url,
      {},
      NOTE_EVENTS,
      await bearer(editor, Math.ceil(Date.now() / 1000) + 2),
    );
    await open(2);
    await publish('a', 1);
    await watching.until(1);
    const [gone] = (await short.ended) as Fault[];
    expect(gone?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', details: { reason: 'expired' } });
    const other = await another();
    await gateway.stop();
    const [fault] = (await watching.ended) as Fault[];
    expect(fault?.extensions.details).toMatchObject({ reason: 'stopping' });
    await publish('a', 1, 2);
    const again = await streamed(other.url, { after: fault?.extensions.details?.cursor });
    expect((await again.until(1)).map(({ n }) => n)).toEqual([2]);
  });
});

test('subscriptions are not offered where queries are, which says where they are', async () => {
  const { url } = await notes();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: await bearer(), 'content-type': 'application/json', 'accept-language': 'en' },
    body: asked(`subscription { noteEvents(division: "${COUNTY}") { n } }`),
  });
  expect(await response.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('/graphql/stream'), extensions: { code: 'INVALID_INPUT' } }],
  });
});
