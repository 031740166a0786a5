import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { type Data, type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { readAllowedTargets } from '@dutyledger/webhooks/addresses';
import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';
import { type OwnStores, openOwnStores } from '../src/own-stores.ts';
import { startGridEvents } from '../src/service.ts';
import { COUNTY, change } from './harness.ts';
import { reportInput, townOperator } from './personal-harness.ts';

/** The service with a key store, and a receiver on loopback that checks signatures with the official library. */

export const integrator = {
  roles: ['INTEGRATOR'],
  division: COUNTY,
  subject: 'platform',
  name: '市指挥平台',
} as const;

export interface Received {
  path: string;
  id: string;
  type: string;
  body: Data;
  headers: Record<string, string>;
  text: string;
}

type Answer = number | ((response: ServerResponse) => void);

export interface WebhookHarness extends Harness {
  folder: string;
  logs: string[];
  /** Base URL of the receiver. */
  url: string;
  received: Received[];
  /** What each path answers; 204 where nothing is said. */
  answers: Map<string, Answer>;
  /** While true, progress is not recorded: what a process that is killed leaves behind. */
  dying: { now: boolean };
  /** Resolves with the messages at a path when there are so many. */
  arrived(path: string, count: number): Promise<Received[]>;
  /** Throws unless the secret verifies it. */
  verify(message: Received, secret: string): void;
  register(path: string, more?: object, as?: object): Promise<{ id: string; secret: string }>;
  report(more?: object): Promise<string>;
  webhook(id: string): Promise<Data>;
  /** What every file that holds data holds, in one. */
  bytes(): Promise<Buffer>;
}

const REGISTER = `mutation ($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) { webhook { id status } secret repeated pending }
}`;
const WEBHOOK = `query ($id: ID!) { webhook(id: $id) {
  status disabledBecause waiting parked delivered failingSince formerSecretsUntil
  attempts { message eventType status failure at }
  history { edges { node { step by { subject } reason } } }
} }`;
const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';

async function startReceiver(received: Received[], answers: Map<string, Answer>) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const headers = request.headers as Record<string, string>;
    const body = JSON.parse(text);
    const path = request.url ?? '';
    received.push({ path, id: headers['webhook-id'] ?? '', type: body.type, body, headers, text });
    const answer = answers.get(path) ?? 204;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export async function startWebhookHarness(): Promise<WebhookHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'webhooks-'));
  const received: Received[] = [];
  const answers = new Map<string, Answer>();
  const logs: string[] = [];
  const dying = { now: false };
  const destination = new Writable({
    write(line, _, done) {
      logs.push(String(line));
      done();
    },
  });
  const logger = createLogger({ name: 'test', level: 'debug', destination });
  const receiver = await startReceiver(received, answers);
  let own: OwnStores;
  const start: typeof startGridEvents = async (deps) => {
    own = await openOwnStores({
      keys: `sqlite:${join(folder, 'keys.db')}`,
      blobs: `file:${join(folder, 'blobs')}`,
      masterKeys: { developmentFile: join(folder, 'master.key') },
    });
    const append: typeof deps.events.append = (stream, expected, batch) => {
      if (dying.now && stream.includes('webhookProgress')) throw new Error('killed');
      return deps.events.append(stream, expected, batch);
    };
    const { events } = deps;
    const failing = new Proxy(events, {
      get: (target, name) => {
        const value = name === 'append' ? append : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const webhookTargets = readAllowedTargets('127.0.0.1');
    const service = await startGridEvents({ ...deps, ...own, events: failing, logger, webhookTargets });
    return { ...service, stop: () => service.stop().finally(() => own.close()) };
  };
  // The stores of the harness are made inside, so that every byte of them can be searched.
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = folder;
  const harness = await startHarness(start, integrator);
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  const { end } = harness;
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const at = (path: string) => received.filter((message) => message.path === path);
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(harness),
      ...Object.getOwnPropertyDescriptors({
        folder,
        logs,
        url,
        received,
        answers,
        dying,
        async arrived(path: string, count: number) {
          await vi.waitUntil(() => at(path).length >= count, { timeout: 60_000, interval: 5 });
          return at(path);
        },
        verify(message: Received, secret: string) {
          const sent = Number(message.headers['webhook-timestamp']) * 1_000;
          const now = vi.spyOn(Date, 'now').mockReturnValue(sent);
          try {
            new Webhook(secret).verify(message.text, message.headers);
          } finally {
            now.mockRestore();
          }
        },
        async register(path: string, more: object = {}, as: object = {}) {
          const input = { url: `${url}${path}`, division: COUNTY, description: '指挥平台', change, ...more };
          const { webhook, secret } = (await harness.ask(REGISTER, { input }, as)).registerWebhook;
          return { id: webhook.id, secret };
        },
        report: async (more: object = {}) =>
          (await harness.ask(REPORT, { input: reportInput({ reporter: null, ...more }) }, townOperator))
            .reportCase.case.id,
        webhook: async (id: string) => (await harness.ask(WEBHOOK, { id })).webhook,
        async bytes() {
          const files = await readdir(folder, { recursive: true, withFileTypes: true });
          const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
          return Buffer.concat(await Promise.all(paths.map((path) => readFile(path))));
        },
        async end() {
          await end();
          receiver.closeAllConnections();
          receiver.close();
          await rm(folder, { recursive: true });
        },
      }),
    },
  ) as WebhookHarness;
}
