import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { COUNTY, change, TOWN } from './harness.ts';
import { integrator, startWebhookHarness, type WebhookHarness } from './webhook-harness.ts';

/** Webhooks through the graph, with a receiver that checks signatures with the official library. */

let h: WebhookHarness;
beforeAll(async () => {
  h = await startWebhookHarness();
});
afterAll(() => h.end());

const PATIENCE = { timeout: 60_000, interval: 5 };
const CASES = 'cn.dutyledger.grid-events.Case';
const REPORTED = [`${CASES}Reported.v1`];
const ACTS: Record<string, [input: string, selection: string]> = {
  changeWebhook: ['ChangeWebhookInput', 'webhook { status }'],
  pauseWebhook: ['WebhookInput', 'webhook { status }'],
  resumeWebhook: ['ResumeWebhookInput', 'webhook { status }'],
  rotateWebhookSecret: ['RotateWebhookSecretInput', 'secret webhook { formerSecretsUntil } repeated'],
  removeWebhook: ['WebhookInput', 'id'],
  sendWebhookTest: ['WebhookInput', 'message'],
  retryDelivery: ['WebhookDeliveryInput', 'delivery { status }'],
  discardDelivery: ['WebhookDeliveryInput', 'delivery { status reason }'],
  retryDeliveries: ['RetryDeliveriesInput', 'retried more'],
  registerWebhook: ['RegisterWebhookInput', 'secret repeated'],
};
const request = (name: string): string => {
  const [input, selection] = ACTS[name] ?? [];
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${selection} } }`;
};
const act = async (name: string, input: object, as: object = {}) =>
  (await h.ask(request(name), { input: { change, ...input } }, as))[name];
const fault = (name: string, input: object, as: object = {}) =>
  h.fault(request(name), { input: { change, ...input } }, as);
const parked = async (args: string) =>
  (
    await h.ask(`{ parkedDeliveries(${args}) { edges { node {
      id message eventType status attempts due reason by { subject } lastAttempt { status failure }
    } } } }`)
  ).parkedDeliveries.edges.map(({ node }: { node: object }) => node);
/** Moves the clock to when the webhook's delivery is due, until there have been so many attempts at a path. */
async function attempted(id: string, path: string, count: number): Promise<void> {
  for (;;) {
    await vi.waitUntil(
      async () => (await parked(`webhook: "${id}", status: [WAITING, PARKED]`)).length > 0,
      PATIENCE,
    );
    const [{ attempts, due }] = await parked(`webhook: "${id}", status: [WAITING, PARKED]`);
    if (attempts >= count || due === null) break;
    h.clock.set(due);
    await vi.waitUntil(async () => {
      const [now] = await parked(`webhook: "${id}", status: [WAITING, PARKED]`);
      return now === undefined || now.attempts > attempts;
    }, PATIENCE);
    if ((await parked(`webhook: "${id}", status: [WAITING, PARKED]`)).length === 0) break;
  }
  await h.arrived(path, count);
}

test('tells of what happened, signed, in the division and of the types that were asked for; a test as well', async () => {
  const { id, secret } = await h.register('/first', { eventTypes: [CASES] });
  await h.register('/elsewhere', { division: '330803109000' });
  await h.register('/calls', { eventTypes: ['cn.dutyledger.grid-events.Call'] });
  const one = await h.report();
  const { message } = await act('sendWebhookTest', { id });
  const arrived = await h.arrived('/first', 2);
  for (const each of arrived) h.verify(each, secret);
  expect(() => h.verify(arrived[0] ?? never(), `whsec_${'A'.repeat(43)}=`)).toThrow();
  const told = arrived.find(({ type }) => type === REPORTED[0]);
  expect(told?.body).toMatchObject({
    type: REPORTED[0],
    timestamp: expect.stringMatching(/Z$/),
    data: { case: one, division: TOWN, source: 'CITIZEN' },
    source: '/dutyledger/grid-events',
  });
  expect(told?.id).toContain(told?.body.id);
  expect(told?.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(arrived.find((each) => each.id === message)?.body).toMatchObject({
    type: 'webhook.ping',
    data: { webhook: id },
  });
  const test = async () =>
    (await h.webhook(id)).attempts.find((each: { message: string }) => each.message === message);
  expect(await vi.waitUntil(test, PATIENCE)).toMatchObject({ status: 204, failure: null });
  const others = h.received.filter(({ path }) => path !== '/first');
  expect(others).toEqual([]);
});

const never = (): never => {
  throw new Error('nothing arrived');
};

const guide = readFileSync(new URL('../../../docs/guides/webhooks.md', import.meta.url), 'utf8');
const RECEIVER = /```ts\n(?:import .*\n)+([\s\S]+?)```/.exec(guide)?.[1] ?? '';
const receiverOfGuide = new Function(
  ...['createServer', 'Webhook', 'secret', 'keep'],
  `${RECEIVER}; return receiver;`,
) as (...given: [typeof createServer, typeof Webhook, string, (message: unknown) => void]) => Server;

test('the receiver of the guide takes what is signed and nothing else', async () => {
  const { id, secret } = await h.register('/later', { eventTypes: REPORTED });
  const kept: { data: { case: string } }[] = [];
  const receiver = receiverOfGuide(createServer, Webhook, secret, (message) =>
    kept.push(message as (typeof kept)[number]),
  );
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await act('changeWebhook', { id, url });
  const one = await h.report();
  await vi.waitUntil(() => kept.length > 0, PATIENCE);
  expect(kept.map(({ data }) => data.case)).toEqual([one]);
  const forged = await fetch(url, { method: 'POST', body: '{}', headers: { 'webhook-id': 'msg_1' } });
  expect(forged.status).toBe(400);
  expect(kept).toHaveLength(1);
  await act('removeWebhook', { id });
  receiver.closeAllConnections();
  receiver.close();
});

test('refuses what must not be told or spoken to, and who has no say in it', async () => {
  const input = { url: 'https://example.org/hook', division: COUNTY, description: '平台' };
  const refused = async (more: object, expected: object, as: object = {}) => {
    expect(await fault('registerWebhook', { ...input, ...more }, as)).toMatchObject(expected);
  };
  const url = (problem: string) => ({ code: 'INVALID_INPUT', field: 'url', details: { problem } });
  await refused({ url: 'http://example.org/hook' }, url('NOT_HTTPS'));
  await refused({ url: 'ftp://example.org/hook' }, url('NOT_HTTPS'));
  await refused({ url: 'nonsense' }, url('NOT_A_URL'));
  await refused({ url: 'https://user:word@example.org/' }, url('CREDENTIALS'));
  await refused({ url: `https://example.org/#${'x'}` }, url('FRAGMENT'));
  for (const host of ['10.0.0.1', '169.254.169.254', '[::1]', '[::ffff:10.0.0.1]', 'localhost', '0x7f.2']) {
    await refused({ url: `https://${host}/` }, url('PRIVATE'));
  }
  await refused({ url: `https://example.org/${'x'.repeat(2_000)}` }, { code: 'INVALID_INPUT', field: 'url' });
  await refused({ eventTypes: ['cn.dutyledger.Nothing'] }, { code: 'INVALID_INPUT', field: 'eventTypes' });
  await refused({ description: ' ' }, { code: 'INVALID_INPUT', field: 'description' });
  await refused({ division: '370114000000' }, { code: 'NOT_PERMITTED', field: 'division' });
  await refused({}, { code: 'NOT_PERMITTED' }, { roles: ['COUNTY_OPERATOR'] });
  const { id } = await h.register('/own');
  const stranger = { ...integrator, subject: 'stranger' };
  expect(await fault('pauseWebhook', { id }, stranger)).toMatchObject({ code: 'NOT_FOUND' });
  const all = (as: object) =>
    h.ask('{ webhooks { edges { node { id } } } }', {}, as).then(({ webhooks }) => webhooks.edges.length);
  expect(await all(stranger)).toBe(0);
  expect(await all({ roles: ['AUDITOR'], subject: 'auditor' })).toBe(4);
  expect(await all({ roles: ['SYSTEM_ADMIN'], subject: 'admin', division: '370114000000' })).toBe(0);
  await act('removeWebhook', { id }, { roles: ['SYSTEM_ADMIN'], subject: 'admin' });
  expect(await fault('resumeWebhook', { id })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await fault('rotateWebhookSecret', { id, overlapHours: 500 })).toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test('a message that is not taken is tried again as the schedule says, parked, retried and given up by a person', async () => {
  const { id, secret } = await h.register('/down', { eventTypes: REPORTED });
  h.answers.set('/down', 500);
  await h.report();
  await attempted(id, '/down', 10);
  const tries = await h.arrived('/down', 10);
  expect(new Set(tries.map((each) => each.id)).size).toBe(1);
  expect(new Set(tries.map((each) => each.text)).size).toBe(1);
  for (const each of tries) h.verify(each, secret);
  const times = tries.map(({ headers }) => Number(headers['webhook-timestamp']));
  const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  const schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
  for (const [i, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual((schedule[i] ?? 0) - 1);
    expect(pause).toBeLessThanOrEqual((schedule[i] ?? 0) * 1.1 + 1);
  }
  const [one] = await parked(`webhook: "${id}"`);
  expect(one).toMatchObject({
    status: 'PARKED',
    attempts: 10,
    due: null,
    eventType: REPORTED[0],
    lastAttempt: { status: 500, failure: 'STATUS' },
    by: { subject: 'system:webhooks' },
  });
  expect(await h.webhook(id)).toMatchObject({ waiting: 0, parked: 1, failingSince: expect.any(String) });
  // Tried once more by a person, it fails and is parked again; then it is taken.
  await act('retryDelivery', { id: one.id });
  await h.arrived('/down', 11);
  await vi.waitUntil(async () => (await parked(`webhook: "${id}"`))[0]?.attempts === 11, PATIENCE);
  h.answers.delete('/down');
  expect(await act('retryDeliveries', { webhook: id })).toEqual({ retried: 1, more: false });
  await h.arrived('/down', 12);
  await vi.waitUntil(async () => (await h.webhook(id)).failingSince === null, PATIENCE);
  expect(await parked(`webhook: "${id}", status: [WAITING, PARKED, DISCARDED]`)).toEqual([]);
  expect((await h.webhook(id)).attempts).toHaveLength(12);

  h.answers.set('/down', 302);
  await h.report();
  await vi.waitUntil(async () => (await h.webhook(id)).waiting === 1, PATIENCE);
  const [other] = await parked(`webhook: "${id}", status: [WAITING]`);
  expect(other.lastAttempt).toEqual({ status: 302, failure: 'REDIRECT' });
  const discarded = await act('discardDelivery', {
    id: other.id,
    change: { ...change, reason: '平台已另行补录' },
  });
  expect(discarded.delivery).toEqual({ status: 'DISCARDED', reason: '平台已另行补录' });
  expect(await fault('retryDelivery', { id: other.id })).toMatchObject({ code: 'CONFLICT' });
  expect(await parked(`status: [DISCARDED], eventType: "${CASES}"`)).toHaveLength(1);
  const metrics = await h.service.subgraph.metrics.metrics();
  expect(metrics).toMatch(/dutyledger_webhooks\{service="gridEvents",status="ACTIVE"\} \d/);
  expect(metrics).toContain('dutyledger_webhook_deliveries{service="gridEvents",status="PARKED"} 0');
  expect(metrics).toMatch(/webhook_attempt_seconds_count\{service="gridEvents",outcome="STATUS"\} 11/);
  await act('removeWebhook', { id });
  expect(await parked('status: [WAITING, PARKED, DISCARDED]')).toEqual([]);
});

test('a secret is replaced without a gap, and destroyed when it has ended', async () => {
  const { id, secret } = await h.register('/rotate', { eventTypes: REPORTED });
  const key = { ...change, idempotencyKey: 'rotate-1' };
  const rotated = await act('rotateWebhookSecret', { id, change: key });
  expect(rotated.webhook.formerSecretsUntil).toHaveLength(1);
  expect(await act('rotateWebhookSecret', { id, change: key })).toMatchObject({
    secret: null,
    repeated: true,
  });
  await h.report();
  const [both] = await h.arrived('/rotate', 1);
  if (!both) return never();
  h.verify(both, secret);
  h.verify(both, rotated.secret);
  await h.travelTo(rotated.webhook.formerSecretsUntil[0]);
  await h.report();
  const [, one] = await h.arrived('/rotate', 2);
  if (!one) return never();
  expect(() => h.verify(one, secret)).toThrow();
  h.verify(one, rotated.secret);
  const steps = (await h.webhook(id)).history.edges.map(({ node }: { node: { step: string } }) => node.step);
  expect(steps).toEqual(['WebhookRegistered', 'WebhookSecretRotated', 'WebhookKeyDestroyed']);
});

test('a receiver that is gone or dead is disabled with the reason, and goes on where it was stopped', async () => {
  const gone = await h.register('/gone', { eventTypes: REPORTED });
  h.answers.set('/gone', 410);
  const first = await h.report();
  await vi.waitUntil(async () => (await h.webhook(gone.id)).status === 'DISABLED', PATIENCE);
  expect(await h.webhook(gone.id)).toMatchObject({ disabledBecause: 'GONE', waiting: 1 });
  expect(await fault('pauseWebhook', { id: gone.id })).toMatchObject({ code: 'CONFLICT' });
  expect(await fault('sendWebhookTest', { id: gone.id })).toMatchObject({ code: 'CONFLICT' });
  const second = await h.report();
  h.answers.delete('/gone');
  await act('resumeWebhook', { id: gone.id });
  const due = (await parked(`webhook: "${gone.id}", status: [WAITING]`))[0]?.due;
  if (due) h.clock.set(due);
  const told = (await h.arrived('/gone', 3)).slice(1).map(({ body }) => body.data.case);
  expect(told.sort()).toEqual([first, second].sort());

  const dead = await h.register('/dead', { eventTypes: REPORTED });
  h.answers.set('/dead', 503);
  await h.report();
  await vi.waitUntil(async () => (await h.webhook(dead.id)).failingSince !== null, PATIENCE);
  const since = Date.parse((await h.webhook(dead.id)).failingSince);
  h.clock.set(new Date(since + 5 * 24 * 3_600_000).toISOString());
  await vi.waitUntil(async () => (await h.webhook(dead.id)).status === 'DISABLED', PATIENCE);
  const { disabledBecause, history } = await h.webhook(dead.id);
  expect(disabledBecause).toBe('FAILING');
  expect(history.edges.at(-1).node).toMatchObject({
    step: 'WebhookDisabled',
    by: { subject: 'system:webhooks' },
    reason: expect.stringContaining('5 天'),
  });
});

test('a receiver that does not answer holds up no other', async () => {
  const waiting: (() => void)[] = [];
  await h.register('/slow', { eventTypes: REPORTED });
  await h.register('/quick', { eventTypes: REPORTED });
  h.answers.set('/slow', (response) => waiting.push(() => response.writeHead(204).end()));
  for (let i = 0; i < 3; i++) await h.report();
  expect(await h.arrived('/quick', 3)).toHaveLength(3);
  const slow = await h.arrived('/slow', 1);
  expect(slow.length).toBeLessThanOrEqual(3);
  h.answers.delete('/slow');
  await vi.waitUntil(() => {
    for (const answer of waiting.splice(0)) answer();
    return h.received.filter(({ path }) => path === '/slow').length >= 3;
  }, PATIENCE);
});

test('what a killed process had not recorded is sent again with the same ids, from events alone, and nothing is lost', async () => {
  const { id } = await h.register('/killed', { eventTypes: REPORTED });
  const recorded = await h.report();
  await h.arrived('/killed', 1);
  await act('pauseWebhook', { id });
  await vi.waitUntil(async () => (await h.webhook(id)).delivered === 1, PATIENCE);
  await act('resumeWebhook', { id });
  h.dying.now = true;
  const first = await h.report();
  await h.arrived('/killed', 2);
  await act('pauseWebhook', { id });
  const second = await h.report();
  await h.restart('read');
  h.dying.now = false;
  await act('resumeWebhook', { id });
  const arrived = await h.arrived('/killed', 4);
  const of = (id: string) => arrived.filter(({ body }) => body.data.case === id);
  expect([recorded, first, second].map((id) => of(id).length)).toEqual([1, 2, 1]);
  expect(new Set(of(first).map((each) => each.id)).size).toBe(1);
  expect(new Set(of(first).map((each) => each.text)).size).toBe(1);
  await act('pauseWebhook', { id });
  await h.report();
  await act('resumeWebhook', { id, skipMissed: true });
  const third = await h.report();
  expect((await h.arrived('/killed', 5)).at(-1)?.body.data.case).toBe(third);
});

test('secrets are in no store and no log', async () => {
  const { secret } = await h.register('/secret', { eventTypes: REPORTED });
  await h.report();
  await h.arrived('/secret', 1);
  const base64 = secret.slice('whsec_'.length);
  const raw = Buffer.from(base64, 'base64');
  const forms = [base64, raw.toString('base64url'), raw.toString('hex'), raw];
  const stores = await h.bytes();
  expect(stores.includes('WebhookRegistered')).toBe(true);
  for (const form of forms) expect(stores.includes(form)).toBe(false);
  const logs = h.logs.join('\n');
  expect(logs).toContain('a webhook was not taken');
  expect(logs).not.toContain('whsec_');
  for (const form of forms) expect(logs).not.toContain(String(form));
  expect(logs).not.toContain('"body"');
});
