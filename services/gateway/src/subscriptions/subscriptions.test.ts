import { describe, expect, test, vi } from 'vitest';
import { bearer, editor } from '../../test/fixture.ts';
import {
  COUNTY,
  ELSEWHERE,
  type Fault,
  figure,
  type Message,
  notes,
  TOWN,
  watch,
  webSocketClient,
} from '../../test/notes.ts';

const codes = (faults: unknown): unknown[] =>
  Array.isArray(faults) ? (faults as Fault[]).map(({ extensions }) => extensions.code) : [faults];
const subscribing = (selection: string, args = `division: "${COUNTY}"`): string =>
  `subscription { noteEvents(${args}) { ${selection} } }`;

describe('messages', () => {
  test('say what the event says, and what the graph says of its entity across subgraphs', async () => {
    const { url, publish, open } = await notes();
    const watching = await watch(url);
    await open(1);
    await publish('a', 2);
    const [first, second] = await watching.until(2);
    expect(first).toEqual({
      cursor: expect.stringMatching(/^[\w-]{20,}$/),
      id: 'a-1',
      event: 'Noted',
      recordedAt: '2026-03-01T00:00:00.000Z',
      effectiveAt: '2026-03-01',
      n: 1,
      note: { text: 'text of a-1', author: { name: 'organ o-1' } },
    });
    expect(second?.n).toBe(2);
    expect(second?.cursor).not.toBe(first?.cursor);
  });

  test('follow the selection: aliases, fragments, directives, variables, type names, nothing of the graph', async () => {
    const { url, publish, open } = await notes();
    const query = `
      subscription ($short: Boolean, $entity: String, $no: Boolean = false) {
        it: noteEvents(division: "${COUNTY}", key: $entity) {
          __typename
          number: n
          here: note { ...Text }
          ...Rest
          recordedAt @include(if: $no)
          note @skip(if: true) { id }
        }
      }
      fragment Rest on NoteEvent { here: note { author { name(short: $short) } } again: note { id } }
      fragment Text on Note { words: text __typename }`;
    const watching = await watch(url, { query, short: true, entity: 'a' });
    const bare = await watch(url, { query: subscribing('n') });
    await open(2);
    await publish('a', 1);
    await watching.until(1);
    expect(watching.messages).toEqual([
      {
        __typename: 'NoteEvent',
        number: 1,
        here: { words: 'text of a-1', __typename: 'Note', author: { name: 'o-1' } },
        again: { id: 'a-1' },
      },
    ]);
    expect(await bare.until(1)).toEqual([{ n: 1 }]);
  });

  test('reach those whose arguments they meet', async () => {
    const { url, publish, open } = await notes();
    const country = { ...editor, division: '000000000000' };
    const token = await bearer(country);
    const all = await watch(url, { token, division: '000000000000' });
    const town = await watch(url, { division: TOWN });
    const key = await watch(url, { key: 'b' });
    const elsewhere = await watch(url, { token, division: ELSEWHERE });
    await open(4);
    for (const each of ['a', 'other', 'b']) await publish(each, 1);
    const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);
    expect(ids(await all.until(3))).toEqual(['a-1', 'other-1', 'b-1']);
    expect(ids(await town.until(2))).toEqual(['a-1', 'b-1']);
    expect(ids(await key.until(1))).toEqual(['b-1']);
    expect(ids(await elsewhere.until(1))).toEqual(['other-1']);
  });

  test('are kept from those who may not see what they are about, each for itself', async () => {
    const { url, publish, open, gateway } = await notes();
    const auditor = await watch(url, { token: await bearer({ ...editor, roles: ['AUDITOR'] }) });
    const other = await watch(url);
    await open(2);
    for (const key of ['secret', 'gone', 'a']) await publish(key, 1);
    expect((await auditor.until(2)).map(({ id }) => id)).toEqual(['secret-1', 'a-1']);
    expect((await other.until(1)).map(({ id }) => id)).toEqual(['a-1']);
    const metric = await gateway.metrics.getSingleMetric('dutyledger_subscription_messages_total')?.get();
    const hidden = metric?.values.find(({ labels }) => labels['outcome'] === 'hidden');
    expect(hidden?.value).toBe(3);
  });

  test('come with the errors of fields that are not for the subscriber', async () => {
    const { url, publish, open } = await notes();
    const watching = await watch(url, { query: subscribing('n it: note { text fails }') });
    await open(1);
    await publish('a', 1);
    expect(await watching.until(1)).toEqual([{ n: 1, it: { text: 'text of a-1', fails: null } }]);
    expect(watching.partial.map(({ path }) => path)).toEqual([['noteEvents', 'it', 'fails']]);
    expect(codes(watching.partial)).toEqual(['NOT_PERMITTED']);
  });

  test("are looked up once for all who get the same, and for each caller in the caller's name", async () => {
    const looked: string[] = [];
    const { url, publish, open } = await notes({ hooks: { note: (id) => looked.push(id) } });
    const query = subscribing('n note { reader }');
    const alike = await Promise.all(Array.from({ length: 5 }, () => watch(url, { query })));
    const other = await watch(url, { query, token: await bearer({ ...editor, subject: 'u-2' }) });
    await open(6);
    await publish('a', 1);
    for (const each of alike) expect(await each.until(1)).toEqual([{ n: 1, note: { reader: 'u-1' } }]);
    expect(await other.until(1)).toEqual([{ n: 1, note: { reader: 'u-2' } }]);
    expect(looked).toEqual(['a-1', 'a-1']);
  });

  test('are looked up once for all with the same rights, unless what they select depends on the person', async () => {
    const looked: string[] = [];
    const { url, publish, open } = await notes({ hooks: { note: (id) => looked.push(id) } });
    const people = [editor, { ...editor, subject: 'u-2', name: '李编' }, { ...editor, division: TOWN }];
    const watching = await Promise.all(
      people.map(async (caller) => watch(url, { token: await bearer(caller), division: TOWN })),
    );
    await open(3);
    await publish('a', 1);
    for (const each of watching) expect((await each.until(1))[0]?.note.author).toEqual({ name: 'organ o-1' });
    expect(looked).toEqual(['a-1', 'a-1']);
  });

  test('wait until the read models show the event', async () => {
    const asked: number[] = [];
    let behind = 2;
    const shows = async (position: number) => {
      asked.push(position);
      behind -= 1;
      return behind < 0;
    };
    const { url, publish, open } = await notes({ hooks: { shows } });
    const watching = await watch(url);
    await open(1);
    await publish('a', 1, 41);
    expect((await watching.until(1)).map(({ n }) => n)).toEqual([41]);
    expect(asked).toEqual([41, 41, 41]);
  });

  test('that cannot be looked up for too long end the subscription, not skipped', async () => {
    let away = true;
    const shows = async () => !away;
    const { url, publish, open } = await notes({ hooks: { shows }, limits: { patienceMs: 50 } });
    const watching = await watch(url);
    await open(1);
    await publish('a', 2);
    const [fault] = (await watching.ended) as Fault[];
    expect(fault?.extensions).toMatchObject({ code: 'UNAVAILABLE', details: { reason: 'unresolved' } });
    away = false;
    const again = await watch(url, { after: fault?.extensions.details?.cursor });
    expect((await again.until(2)).map(({ n }) => n)).toEqual([1, 2]);
  });
});

describe('who may subscribe', () => {
  test.each<[string, () => Promise<string | undefined>, RegExp]>([
    ['no token', async () => undefined, /UNAUTHENTICATED: No access token/],
    ['a malformed token', async () => 'Bearer x', /UNAUTHENTICATED: The access token is malformed/],
    ['a forged token', async () => `${(await bearer()).slice(0, -4)}AAAA`, /UNAUTHENTICATED: .*signature/],
    ['an expired token', () => bearer(editor, 1), /UNAUTHENTICATED: The access token has expired/],
  ])('not with %s', async (_, token, reason) => {
    const { url } = await notes();
    const watching = await watch(url, { client: webSocketClient(url, await token()) });
    expect(await watching.ended).toEqual({ code: 4403, reason: expect.stringMatching(reason) });
  });

  test('roles and divisions are those of the subgraph', async () => {
    const { url } = await notes();
    const integrator = await watch(url, { token: await bearer({ ...editor, roles: ['INTEGRATOR'] }) });
    expect(codes(await integrator.ended)).toEqual(['NOT_PERMITTED']);
    const elsewhere = await watch(url, { division: ELSEWHERE });
    expect(await elsewhere.ended).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('Your rights end at'),
        extensions: expect.objectContaining({ code: 'NOT_PERMITTED', field: 'division' }),
      }),
    ]);
  });

  test('a token that expires ends the subscription, which goes on with a new one', async () => {
    const { url, publish, open, gateway } = await notes();
    const soon = Math.ceil(Date.now() / 1000) + 2;
    const watching = await watch(url, { token: await bearer(editor, soon) });
    await open(1);
    await publish('a', 1);
    await watching.until(1);
    const [fault] = (await watching.ended) as Fault[];
    expect(fault?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', details: { reason: 'expired' } });
    await publish('a', 1, 2);
    const again = await watch(url, { after: fault?.extensions.details?.cursor });
    expect((await again.until(1)).map(({ n }) => n)).toEqual([2]);
    expect(await figure(gateway, 'dutyledger_subscriptions_ended_total')).toBe(1);
  });
});

describe('what is refused', () => {
  test.each([
    ['text that is no GraphQL', 'subscription {', 'INVALID_INPUT'],
    ['an unknown field', subscribing('n nothing'), 'INVALID_INPUT'],
    ['an unknown subscription', 'subscription { others { n } }', 'INVALID_INPUT'],
    [
      'two at once',
      subscribing('n').replace('}', `} two: noteEvents(division: "${COUNTY}") { n }`),
      'INVALID_INPUT',
    ],
    ['a wrong argument', subscribing('n', 'division: "370114"'), 'INVALID_INPUT'],
    ['no argument', 'subscription { noteEvents { n } }', 'INVALID_INPUT'],
    ['too deep', subscribing(`note { author ${'{ id '.repeat(14)} ${'}'.repeat(14)} }`), 'LIMIT_EXCEEDED'],
    [
      'too many aliases',
      subscribing(Array.from({ length: 40 }, (_, i) => `n${i}: n`).join(' ')),
      'LIMIT_EXCEEDED',
    ],
    ['a cursor that is none', subscribing('n', `division: "${COUNTY}", after: "x"`), 'INVALID_INPUT'],
  ])('%s', async (_, query, code) => {
    const { url, gateway } = await notes();
    const ended = await (await watch(url, { query })).ended;
    expect(new Set(codes(ended))).toEqual(new Set([code]));
    expect(await figure(gateway, 'dutyledger_subscribers')).toBe(0);
  });

  test('a cursor that was changed, or is for something else', async () => {
    const { url, publish, open } = await notes();
    const watching = await watch(url);
    await open(1);
    await publish('a', 1);
    const [{ cursor } = { cursor: '' }] = await watching.until(1);
    const changed = [
      `${cursor.slice(0, -3)}AAA`,
      `A${cursor.slice(1)}`,
      `${cursor}A`,
      cursor.slice(0, -1),
      `${cursor}=`,
      '',
      'A'.repeat(50_000),
    ];
    for (const after of changed.filter((each) => each !== cursor)) {
      const [fault] = (await (await watch(url, { after })).ended) as Fault[];
      expect(fault?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: 'after' });
    }
  });

  test('more subscriptions than one connection, one caller or the gateway may have', async () => {
    const { url, open } = await notes({ limits: { perConnection: 2, perCaller: 3, subscriptions: 4 } });
    const client = webSocketClient(url, await bearer());
    const own = await Promise.all([1, 2].map(() => watch(url, { client })));
    await open(2);
    expect(codes(await (await watch(url, { client })).ended)).toEqual(['LIMIT_EXCEEDED']);
    await watch(url);
    await open(3);
    expect(codes(await (await watch(url)).ended)).toEqual(['LIMIT_EXCEEDED']);
    const token = await bearer({ ...editor, subject: 'u-2' });
    await watch(url, { token });
    await open(4);
    expect(codes(await (await watch(url, { token })).ended)).toEqual(['UNAVAILABLE']);
    own[0]?.stop();
    await open(3);
    await watch(url, { client });
    await open(4);
  });
});

describe('the end', () => {
  test('a gateway that stops tells its clients, which go on at another', async () => {
    const { url, gateway, publish, open, another } = await notes();
    const second = await another();
    const watching = await watch(url);
    await open(1);
    await publish('a', 2);
    await watching.until(2);
    await gateway.stop();
    const [fault] = (await watching.ended) as Fault[];
    expect(fault?.extensions).toMatchObject({ code: 'UNAVAILABLE', details: { reason: 'stopping' } });
    await publish('a', 2, 3);
    const again = await watch(second.url, { after: fault?.extensions.details?.cursor });
    expect((await again.until(2)).map(({ n }) => n)).toEqual([3, 4]);
  });

  test('a client that leaves leaves nothing behind', async () => {
    const { url, gateway, open } = await notes();
    const client = webSocketClient(url, await bearer());
    const watching = await Promise.all([1, 2, 3].map(() => watch(url, { client })));
    await open(3);
    watching[0]?.stop();
    await open(2);
    await client.dispose();
    await open(0);
    await vi.waitUntil(async () => (await figure(gateway, 'dutyledger_subscriptions_ended_total')) === 3);
  });
});
