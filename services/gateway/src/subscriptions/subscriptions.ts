import { type Bus, BusError } from '@dutyledger/bus/bus';
import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import type { Refusal } from '@dutyledger/event-store/decider';
import {
  type GraphqlAnswer,
  type GraphqlFault,
  type GraphqlRequest,
  refusedAnswer,
} from '@dutyledger/subgraph-kit/endpoint';
import { describeError, RefusedError, refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Readiness } from '@dutyledger/subgraph-kit/http';
import { settledWithin } from '@dutyledger/subgraph-kit/lifecycle';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { GraphQLError, type GraphQLSchema } from 'graphql/index.js';
import type { Registry } from 'prom-client';
import type { documentCheck, operationCheck } from '../limits.ts';
import { type Cursors, cursors } from './cursor.ts';
import type { Ask, Viewer } from './delivery.ts';
import { documentReader } from './document.ts';
import { badCursor, busAway, expired, stopping, tooMany } from './endings.ts';
import { Feed } from './feed.ts';
import { subscriptionMetrics } from './metrics.ts';
import { type Plan, planOf, Unacceptable } from './plan.ts';
import { Ended, Subscriber } from './subscriber.ts';
import { Tally } from './tally.ts';

/** What subscriptions may take. */
export interface SubscriptionLimits {
  perConnection: number;
  /** And so many connections. */
  perCaller: number;
  /** Of all callers together; and so many connections. */
  subscriptions: number;
  /** Messages that wait for a slow client before it is cut off. */
  queue: number;
  /** Messages per topic that are remembered for those who come back. */
  recent: number;
  /** Bytes of a message from a client. */
  messageBytes: number;
  /** Milliseconds from opening a WebSocket to saying who it is. */
  initMs: number;
  /** Milliseconds that a client may take to accept a message before its connection is cut. */
  stuckMs: number;
  /** Milliseconds for which it is tried to look up what a message is about. */
  patienceMs: number;
}

export const DEFAULT_SUBSCRIPTION_LIMITS: SubscriptionLimits = {
  perConnection: 50,
  perCaller: 500,
  subscriptions: 20_000,
  queue: 1_000,
  recent: 5_000,
  messageBytes: 256 * 1024,
  initMs: 10_000,
  stuckMs: 30_000,
  patienceMs: 30_000,
};

const BUS_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SubscriptionsOptions {
  bus: Bus;
  contracts: readonly SubscriptionContract[];
  /** What cursors are sealed with: the same in all gateways that take each other's. */
  secret: string | Uint8Array;
  limits: SubscriptionLimits;
  schema(): GraphQLSchema;
  checkDocument: ReturnType<typeof documentCheck>;
  check: ReturnType<typeof operationCheck>;
  maxTokens: number;
  production: boolean;
  /** Asks the subgraph itself whether the viewer may subscribe. */
  admit(plan: Plan, viewer: Viewer, correlationId: string): Promise<GraphqlAnswer>;
  ask: Ask;
  logger: Logger;
  metrics: Registry;
}

/** Who subscribes, and by which connection. */
export interface Session extends Viewer {
  expiresAt: number;
  correlationId: string;
  /** The same object for all subscriptions of one connection. */
  connection: object;
}

/** The faults that end a subscription, or refuse it, as the client is told. */
export class SubscriptionFault extends Error {
  readonly faults: readonly GraphqlFault[];
  constructor(faults: readonly GraphqlFault[]) {
    super(faults[0]?.message ?? 'refused');
    this.faults = faults;
  }
}

/** The subscriptions of a gateway, whichever way they come. */
export class Subscriptions {
  readonly limits: SubscriptionLimits;
  readonly #options: SubscriptionsOptions;
  readonly #cursors: Cursors;
  readonly #contracts: ReadonlyMap<string, SubscriptionContract>;
  readonly #feeds = new Map<string, Feed>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #read: ReturnType<typeof documentReader>;
  readonly #metrics: ReturnType<typeof subscriptionMetrics>;
  readonly #ofConnection = new Tally<object>();
  readonly #ofCaller = new Tally<string>();
  #reserved = 0;
  #stopped = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.limits = options.limits;
    this.#cursors = cursors(options.secret);
    this.#contracts = new Map(options.contracts.map((contract) => [contract.field, contract]));
    this.#read = documentReader(options);
    this.#metrics = subscriptionMetrics(options.metrics, this.#subscribers);
  }

  readiness(): Readiness[] {
    return Array.from(this.#feeds, ([topic, feed]) => ({
      name: `subscriptions.${topic}`,
      ok: true,
      detail: feed.failure()?.message ?? 'being read',
    }));
  }

  /** The answers of a subscription, in order. The generator throws SubscriptionFault, at once when it is refused. */
  subscribe(request: GraphqlRequest, session: Session): AsyncGenerator<GraphqlAnswer, void, void> {
    let subscriber: Subscriber | undefined;
    let left = false;
    const answers = this.#answers(request, session, (opened) => {
      subscriber = opened;
      if (left) opened.close();
    });
    const leave = answers.return.bind(answers);
    // A generator that waits for its next message hears of nothing else before that comes.
    answers.return = (value) => {
      left = true;
      subscriber?.close();
      return leave(value);
    };
    return answers;
  }

  async *#answers(
    request: GraphqlRequest,
    session: Session,
    opened: (subscriber: Subscriber) => void,
  ): AsyncGenerator<GraphqlAnswer, void, void> {
    const release = this.#reserve(session);
    try {
      const plan = this.#plan(request);
      await this.#admitted(plan, session);
      const subscriber = this.#subscriber(plan, session);
      const expiry = whenReached(session.expiresAt, () => subscriber.end(expired));
      this.#subscribers.add(subscriber);
      opened(subscriber);
      try {
        await this.#join(subscriber);
        yield* subscriber.answers();
      } finally {
        expiry();
        subscriber.close();
        this.#subscribers.delete(subscriber);
        this.#feeds.get(plan.contract.topic)?.leave(subscriber);
        if (!subscriber.wasEnded) this.#metrics.ended(plan.contract.field, 'client');
      }
    } catch (error) {
      throw this.#faultOf(error, session);
    } finally {
      release();
    }
  }

  /** Ends all of them; each client is told where to go on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const subscriber of this.#subscribers) subscriber.end(stopping);
    await Promise.all([...this.#feeds.values()].map((feed) => feed.stop()));
  }

  #reserve({ connection, caller, ...viewer }: Session): () => void {
    const { perConnection, perCaller, subscriptions } = this.limits;
    const refusal: Refusal | undefined = this.#stopped
      ? stopping
      : this.#ofConnection.of(connection) >= perConnection
        ? tooMany.connection(perConnection)
        : this.#ofCaller.of(caller.subject) >= perCaller
          ? tooMany.caller(perCaller)
          : this.#reserved >= subscriptions
            ? tooMany.gateway(subscriptions)
            : undefined;
    if (refusal) throw this.#faultOf(refusalError(refusal), viewer);
    this.#reserved += 1;
    const releases = [this.#ofConnection.add(connection), this.#ofCaller.add(caller.subject)];
    return () => {
      this.#reserved -= 1;
      for (const release of releases) release();
    };
  }

  #plan(request: GraphqlRequest): Plan {
    const verdict = this.#options.checkDocument(request.query);
    if ('refusal' in verdict) throw refusalError(verdict.refusal);
    const { check, schema } = this.#options;
    return planOf(this.#read(request.query), request, {
      schema: schema(),
      contracts: this.#contracts,
      check,
    });
  }

  async #admitted(plan: Plan, { caller, locale, correlationId }: Session): Promise<void> {
    const { errors = [] } = await this.#options.admit(plan, { caller, locale }, correlationId);
    if (errors.length > 0) {
      throw new SubscriptionFault(errors.map(({ path: _, locations: __, ...fault }) => fault));
    }
  }

  #subscriber(plan: Plan, { caller, locale }: Session): Subscriber {
    const { field, topic } = plan.contract;
    return new Subscriber({
      plan,
      viewer: { caller, locale },
      queue: this.limits.queue,
      seal: (position) => this.#cursors.seal(topic, position),
      ended: (reason) => this.#metrics.ended(field, reason),
      observe: (outcome, { live, entry }) => {
        this.#metrics.message(field, outcome);
        if (live && outcome === 'delivered') this.#metrics.arrived(field, entry.recordedAt);
      },
    });
  }

  async #join(subscriber: Subscriber): Promise<void> {
    const { contract, after } = subscriber.plan;
    const from = after === undefined ? undefined : this.#cursors.open(contract.topic, after);
    if (after !== undefined && from === undefined) throw refusalError(badCursor);
    try {
      if (await settledWithin(this.#feed(contract.topic).join(subscriber, from), BUS_MS)) return;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
    }
    throw refusalError(busAway);
  }

  #feed(topic: string): Feed {
    const { bus, contracts, ask, logger } = this.#options;
    const { patienceMs, queue, recent } = this.limits;
    const known = this.#feeds.get(topic);
    if (known) return known;
    const ofTopic = contracts.filter((contract) => contract.topic === topic);
    const feed = new Feed({ bus, topic, contracts: ofTopic, ask, patienceMs, queue, recent, logger });
    this.#feeds.set(topic, feed);
    return feed;
  }

  #faultOf(error: unknown, { locale, correlationId }: Pick<Session, 'locale' | 'correlationId'>) {
    if (error instanceof SubscriptionFault) return error;
    const refusal = error instanceof Ended || error instanceof RefusedError ? error.refusal : undefined;
    if (refusal) {
      return new SubscriptionFault(refusedAnswer(refusal, { locale, correlationId }).errors ?? []);
    }
    const errors =
      error instanceof Unacceptable
        ? error.errors
        : [
            error instanceof GraphQLError
              ? error
              : new GraphQLError('internal', { originalError: error as Error }),
          ];
    return new SubscriptionFault(
      errors.map((one) => {
        const { formatted, defect } = describeError(one, locale, correlationId);
        if (defect) this.#options.logger.error({ err: defect, correlationId }, 'internal error');
        return formatted;
      }),
    );
  }
}

/** Calls back at the instant, however far away; returns how to call it off. */
function whenReached(instant: number, then: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = instant - Date.now();
    timer = setTimeout(left > LONGEST_TIMER_MS ? wait : then, Math.min(Math.max(0, left), LONGEST_TIMER_MS));
  };
  wait();
  return () => clearTimeout(timer);
}
