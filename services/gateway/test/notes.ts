import { randomUUID } from 'node:crypto';
import type { Bus, Publisher } from '@dutyledger/bus/bus';
import { note, toTopic } from '@dutyledger/bus/contract-note';
import { openBus } from '@dutyledger/bus/open';
import { type SubscriptionContract, upwardOf } from '@dutyledger/contracts/subscription';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';
import type { Resolvers } from '@dutyledger/subgraph-kit/subgraph';
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { compose } from '../src/compose.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import type { SubscriptionLimits } from '../src/subscriptions/subscriptions.ts';
import { bearer, silent, subgraph, tokens, verifier } from './fixture.ts';

/** A gateway with one subscription, on a bus of its own that the test publishes to. */

const ROLES = '[LIST_EDITOR, AUDITOR]';
const NOTES = `
type Query { note(id: ID!): Note @access(roles: ${ROLES}) }
type Mutation { write(text: String!): String @access(roles: ${ROLES}) }
type Subscription {
  noteEvents(division: DivisionCode!, key: String, after: String): NoteEvent! @access(roles: ${ROLES})
}
type NoteEvent { cursor: String! id: ID! event: String! recordedAt: DateTime! effectiveAt: Date! n: Int! note: Note }
type Note @key(fields: "id") @access(roles: ${ROLES}) { id: ID! text: String! author: Organ fails: String reader: String! }
type Organ @key(fields: "id") @access(roles: ${ROLES}) { id: ID! }`;
const ORGANS = `
type Query { organ(id: ID!): Organ @access(roles: ${ROLES}) }
type Organ @key(fields: "id") @access(roles: ${ROLES}) { id: ID! name(short: Boolean): String! }`;

export const TOPIC = 'notes';
export const COUNTY = '370114000000';
export const TOWN = '370114101000';
export const ELSEWHERE = '371302000000';

/** Keys that begin with `other` lie elsewhere. */
export const noteEvents: SubscriptionContract = {
  field: 'noteEvents',
  subgraph: 'notes',
  topic: TOPIC,
  entities: { note: 'note' },
  tell({ id, data }) {
    const { key, n } = data as { key: string; n: number };
    const division = key.startsWith('other') ? ELSEWHERE : TOWN;
    return { values: { n }, entities: { note: id }, meets: { division: upwardOf(division), key: [key] } };
  },
};

export interface Hooks {
  /** Called for every note that is looked up. */
  note?: (id: string) => unknown;
  shows?: (position: number) => Promise<boolean>;
}

const notPermitted = () =>
  refusalError({ code: 'NOT_PERMITTED', message: { 'zh-CN': '无权查看。', en: 'Not for you.' } });

/** Ids that begin with `secret` are for auditors, those that begin with `gone` are nobody's. */
const noteResolvers = (hooks: Hooks): Resolvers<RequestContext> => ({
  Query: {
    async note(_: never, { id }: { id: string }, { caller }) {
      await hooks.note?.(id);
      if (id.startsWith('secret') && !caller.roles.includes('AUDITOR')) throw notPermitted();
      return id.startsWith('gone') ? null : { id, text: `text of ${id}`, author: { id: 'o-1' } };
    },
  },
  Mutation: { write: (_: never, { text }: { text: string }) => text },
  Subscription: {
    noteEvents(_: never, { division }: { division: string }, context) {
      requireDivision(context, division, 'division');
      return {};
    },
  },
  Note: {
    __resolveReference: ({ id }: { id: string }) => ({ id, text: `text of ${id}` }),
    fails: () => {
      throw notPermitted();
    },
    reader: (_: never, __: never, { caller }) => caller.subject,
  },
});

const organResolvers: Resolvers<RequestContext> = {
  Query: { organ: (_: never, { id }: { id: string }) => ({ id }) },
  Organ: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    name: ({ id }: { id: string }, { short }: { short?: boolean }) => (short ? id : `organ ${id}`),
  },
};

export interface Notes {
  bus: Bus;
  gateway: Gateway;
  url: string;
  /** Events `from` … of a key, in order. */
  publish(key: string, count: number, from?: number): Promise<void>;
  /** Another gateway over the same bus and subgraphs. */
  another(limits?: Partial<SubscriptionLimits>): Promise<{ gateway: Gateway; url: string }>;
  /** Until so many subscriptions are open. */
  open(count: number, gateway?: Gateway): Promise<void>;
}

export const figure = async ({ metrics }: Gateway, name: string): Promise<number> => {
  const metric = await metrics.getSingleMetric(name)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

const SECRET = 'what the cursors of the tests are sealed with';

export async function notes({
  limits,
  hooks = {},
  busUrl = 'sqlite::memory:',
}: {
  limits?: Partial<SubscriptionLimits>;
  hooks?: Hooks;
  busUrl?: string;
} = {}): Promise<Notes> {
  const bus = await openBus(busUrl);
  onTestFinished(() => bus.close());
  const shows = hooks.shows;
  const subgraphs = {
    notes: await subgraph('notes', NOTES, noteResolvers(hooks), shows ? { shows } : {}),
    organs: await subgraph('organs', ORGANS, organResolvers),
  };
  const supergraphSdl = compose(Object.values(subgraphs));
  const another: Notes['another'] = async (own = limits) => {
    const gateway = await createGateway({
      supergraphSdl,
      subgraphs,
      verifier,
      internalTokens: tokens,
      production: false,
      logger: silent,
      subscriptions: { bus, secret: SECRET, contracts: [noteEvents], ...(own ? { limits: own } : {}) },
    });
    onTestFinished(() => gateway.stop());
    return { gateway, url: await gateway.listen({ port: 0 }) };
  };
  const first = await another();
  let publisher: Publisher | undefined;
  return {
    ...first,
    bus,
    another,
    async publish(key, count, from = 1) {
      publisher ??= await bus.publisher('p');
      const events = Array.from({ length: count }, (_, at) => note(key, from + at));
      await publisher.publish(toTopic(TOPIC, key, events));
    },
    async open(count, gateway = first.gateway) {
      await vi.waitUntil(async () => (await figure(gateway, 'dutyledger_subscribers')) === count, {
        timeout: 60_000,
        interval: 5,
      });
    },
  };
}

export interface Message {
  cursor: string;
  n: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of the selection.
  [field: string]: any;
}

export interface Fault {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; field?: string; details?: { cursor: string; reason?: string } };
}

/** What came of one subscription. */
export interface Watched {
  messages: Message[];
  /** Errors beside messages. */
  partial: Fault[];
  /** Of the ending: faults, or the event that closed the connection; empty when it was completed. */
  ended: Promise<Fault[] | { code: number; reason: string }>;
  /** Until so many messages came; rejects when it ends before. */
  until(count: number): Promise<Message[]>;
  stop(): void;
}

export const NOTE_EVENTS = /* GraphQL */ `
  subscription ($division: DivisionCode! = "370114000000", $key: String, $after: String) {
    noteEvents(division: $division, key: $key, after: $after) {
      cursor
      id
      event
      recordedAt
      effectiveAt
      n
      note {
        text
        author {
          name
        }
      }
    }
  }
`;

/** The public client of graphql-ws, without attempts of its own to connect again. */
export function webSocketClient(url: string, token: string | undefined, further = {}): Client {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { 'accept-language': 'en', ...(token ? { authorization: token } : {}) },
    retryAttempts: 0,
    generateID: () => randomUUID(),
    ...further,
  });
  onTestFinished(() => void client.dispose());
  return client;
}

interface Result {
  data?: Record<string, unknown> | null;
  errors?: readonly unknown[];
}

interface Sink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/** Watches a subscription by whichever client. */
export function watched(subscribe: (sink: Sink) => () => void): Watched {
  const messages: Message[] = [];
  const partial: Fault[] = [];
  const ended = Promise.withResolvers<Awaited<Watched['ended']>>();
  let changed = Promise.withResolvers<void>();
  const stop = subscribe({
    next({ data, errors = [] }) {
      const [message] = Object.values(data ?? {});
      if (message) {
        messages.push(message as Message);
        partial.push(...(errors as Fault[]));
      } else if (errors.length > 0) ended.resolve(errors as Fault[]);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    error(error) {
      const { code, reason } = error as { code: number; reason: string };
      ended.resolve(Array.isArray(error) ? error : { code, reason: String(reason) });
    },
    complete: () => ended.resolve([]),
  });
  const over = ended.promise.then((end) => {
    throw new Error(`it ended: ${JSON.stringify(end)}`);
  });
  over.catch(() => undefined);
  return {
    messages,
    partial,
    ended: ended.promise,
    stop,
    async until(count) {
      while (messages.length < count) await Promise.race([changed.promise, over]);
      return messages;
    },
  };
}

export async function watch(
  url: string,
  {
    query = NOTE_EVENTS,
    token,
    client,
    ...variables
  }: { query?: string; token?: string; client?: Client; [variable: string]: unknown } = {},
): Promise<Watched> {
  const own = client ?? webSocketClient(url, token ?? (await bearer()));
  return watched((sink) => own.subscribe({ query, variables }, sink as never));
}
