import type { Bus } from '@dutyledger/bus/bus';
import type { RelayOptions } from '@dutyledger/bus/relay';
import { StateCache } from '@dutyledger/event-store/state-cache';
import { type Copy, type CopyWriter, openCopy } from '@dutyledger/read-store/copy';
import type { Projection } from '@dutyledger/read-store/projection';
import type { CollectionSpec } from '@dutyledger/read-store/read-store';
import { runProjections } from '@dutyledger/read-store/runner';
import { type TimerHandler, type TimerSource, timersProjection } from '@dutyledger/timers/timers';
import type { Registry } from 'prom-client';
import { type CopyFeed, feedCopy, groupOf } from './copies.ts';
import { type DueTimers, runTimers } from './due-timers.ts';
import type { HttpOptions, Readiness } from './http.ts';
import type { CallerVerifier } from './identity.ts';
import { appendTimer, createMetrics, watchFollowers, watchParked } from './metrics.ts';
import type { Mutating } from './mutation.ts';
import { observedAppends, observedPages, observedReaction } from './observed.ts';
import { type ReactionHandlers, type RunningReactions, startReactions } from './reactions.ts';
import { followersOf, readModelFields, readModelReadiness } from './read-models.ts';
import { type KeptRelay, keepRelay } from './relays.ts';
import type { RequestContext } from './request-context.ts';
import type { RunningService, ServiceDependencies } from './service.ts';
import { createSubgraph, type Resolver, type Resolvers } from './subgraph.ts';

/** What a service keeps of other services' facts, and how it takes their messages over. */
export interface CopyDefinition {
  /** Raised when rows or their meaning change: the copy starts anew, from the beginning of its topics. */
  version: number;
  collections: readonly CollectionSpec<unknown>[];
  topics: readonly string[];
  /** Tries before a message is parked. Default: the bus's. */
  attempts?: number;
  take(writer: CopyWriter, ...message: Parameters<Parameters<Bus['subscribe']>[1]>): Promise<void>;
}

/** What the resolvers of a service work with. */
export interface ServiceParts<K extends string> extends Mutating {
  copies: Record<K, Copy>;
}

/** What a service does by itself when others tell it something. */
export interface ReactionDefinition<K extends string> {
  topics: readonly string[];
  /** Tries before a message is parked. Default: the bus's. */
  attempts?: number;
  /** By the type of the event. */
  handlers(parts: ServiceParts<K>): ReactionHandlers;
}

/** What falls due in a service, and what is done then. */
export interface TimerDefinition<K extends string> {
  /** Of the due table: raised when the sources set other timers than before. */
  version: number;
  sources: readonly TimerSource[];
  /** By the kind of the timer. */
  handlers(parts: ServiceParts<K>): Readonly<Record<string, TimerHandler>>;
}

export interface ServiceDefinition<C extends RequestContext, K extends string> {
  /** In the supergraph, and before the names of the service's streams: `lists`. */
  name: string;
  schema: URL;
  projections: readonly Projection[];
  copies: Record<K, CopyDefinition>;
  /** By name, which is that of the consumer group: one that is renamed reads its topics from the beginning. */
  reactions?: Readonly<Record<string, ReactionDefinition<K>>>;
  timers?: TimerDefinition<K>;
  /** Which recorded facts other services are told of, and how. */
  publishing: Pick<RelayOptions, 'types' | 'toIntegrationEvent'>;
  /** Without those of `<name>ReadModels` and `rebuild<Name>ReadModel`, which all services have alike. */
  resolvers: Resolvers<C> & Record<'Query' | 'Mutation', Record<string, Resolver<C>>>;
  context(base: RequestContext, parts: ServiceParts<K>): C;
  /** Routes beside the graph, for a server whose callers the verifier knows. */
  routes?(parts: ServiceParts<K>, verifier: CallerVerifier): NonNullable<HttpOptions['routes']>;
}

/**
 * Starts a domain service on the stores it is given: its read models, copies, relay and subgraph. Every process of the
 * service answers requests; read models, copies and relay are each the work of one process at a time. Throws when a
 * store cannot be used; nothing runs then.
 */
export async function startService<C extends RequestContext, K extends string>(
  definition: ServiceDefinition<C, K>,
  deps: ServiceDependencies,
): Promise<RunningService> {
  const { name, schema, resolvers, timers } = definition;
  const { events, readStore, bus, verifier, logger, production, metrics = createMetrics(), clock } = deps;
  const copies = await openCopies(definition, deps);
  const table = timers && timersProjection(name, timers.version, timers.sources);
  const projections = await runProjections({
    events: observedPages(events, 'read models'),
    prefix: prefixOf(name),
    readStore,
    projections: [...definition.projections, ...(table ? [table] : [])],
    logger,
  });
  const parts: ServiceParts<K> = {
    commands: { store: observedAppends(events, appendTimer(metrics, name)), cache: new StateCache() },
    projections,
    copies,
  };
  const due =
    timers &&
    table &&
    fireTimers({ name, table, handlers: timers.handlers(parts), parts }, { ...deps, metrics });
  const work = startWork(definition, parts, deps, due);
  const fields = readModelFields(name, projections);
  const subgraph = await createSubgraph<C>({
    name,
    schema,
    resolvers: {
      ...resolvers,
      Query: { ...fields.Query, ...resolvers.Query },
      Mutation: { ...fields.Mutation, ...resolvers.Mutation },
    },
    context: (base) => definition.context(base, parts),
    routes: definition.routes && ((callers) => definition.routes?.(parts, callers) ?? (() => undefined)),
    verifier,
    readiness: async () => [...(await readModelReadiness(name, projections)), ...(await work.readiness())],
    logger,
    production,
    metrics,
    clock,
    shows: (position, timeoutMs) => projections.waitFor(position, timeoutMs),
  }).catch(async (error) => {
    await work.stop();
    throw error;
  });
  watchFollowers(metrics, () => followersOf(name, projections, work.relay));
  const groups = [...Object.values<Copy>(copies).map(groupOf), ...work.groups];
  for (const group of groups) watchParked(metrics, bus, group);
  return {
    name,
    subgraph,
    projections,
    async stop() {
      await subgraph.stop();
      await work.stop();
    },
  };
}

/** What goes on beside answering requests. */
function startWork<K extends string>(
  definition: Pick<ServiceDefinition<never, K>, 'name' | 'copies' | 'reactions' | 'publishing'>,
  parts: ServiceParts<K>,
  deps: ServiceDependencies,
  timers: DueTimers | undefined,
) {
  const { name, publishing } = definition;
  const { projections, copies } = parts;
  const { bus, readStore, logger } = deps;
  const events = observedPages(deps.events, 'relay');
  const reactions = react(definition, parts, deps);
  const feeds = feedCopies(definition, copies, deps);
  const relay = keepRelay({ events, prefix: prefixOf(name), bus, name, ...publishing }, readStore, logger);
  return {
    relay,
    groups: [...reactions.keys()],
    readiness: async () => [
      ...(await readinessOf(name, feeds, relay)),
      ...Array.from(reactions, ([group, one]) => ({ name: group, ok: true, detail: one.detail() })),
      ...(timers ? [await timers.readiness()] : []),
    ],
    async stop() {
      // What they do is to be seen in the read models.
      await Promise.all([timers?.stop(), ...Array.from(reactions.values(), (one) => one.stop())]);
      await Promise.all([projections, relay, ...feeds.values()].map((part) => part.stop()));
    },
  };
}

/** The service's reactions, by the name of their group. */
function react<K extends string>(
  { name, reactions = {} }: Pick<ServiceDefinition<never, K>, 'name' | 'reactions'>,
  parts: ServiceParts<K>,
  { bus, clock }: ServiceDependencies,
): Map<string, RunningReactions> {
  return new Map(
    Object.entries(reactions).map(([of, { topics, attempts, handlers }]) => {
      const group = `${name}.${of}`;
      return [group, startReactions({ bus, clock, topics, group, attempts, handlers: handlers(parts) })];
    }),
  );
}

/** Of the service's streams in the event store. */
const prefixOf = (name: string): string => `${name}.`;

function fireTimers<K extends string>(
  {
    name,
    table,
    handlers,
    parts,
  }: {
    name: string;
    table: Projection;
    handlers: Readonly<Record<string, TimerHandler>>;
    parts: ServiceParts<K>;
  },
  deps: ServiceDependencies & { metrics: Registry },
): DueTimers {
  const { readStore, logger, metrics, clock } = deps;
  const { projections } = parts;
  const events = observedPages(deps.events, 'timers');
  const prefix = prefixOf(name);
  return runTimers({ name, readStore, metrics, logger, projections, table, events, prefix, handlers, clock });
}

async function openCopies<K extends string>(
  { name, copies }: Pick<ServiceDefinition<never, K>, 'name' | 'copies'>,
  { readStore }: ServiceDependencies,
): Promise<Record<K, Copy>> {
  const opened: Partial<Record<K, Copy>> = {};
  for (const of of Object.keys(copies) as K[]) {
    const { version, collections } = copies[of];
    opened[of] = await openCopy(readStore, `${name}.${of}`, version, collections);
  }
  return opened as Record<K, Copy>;
}

function feedCopies<K extends string>(
  definition: Pick<ServiceDefinition<never, K>, 'copies'>,
  copies: Record<K, Copy>,
  { bus, logger }: ServiceDependencies,
): Map<K, CopyFeed> {
  const keys = Object.keys(copies) as K[];
  return new Map(
    keys.map((of) => {
      const { topics, attempts, take } = definition.copies[of];
      const options = { bus, logger, topics, ...(attempts === undefined ? {} : { attempts }) };
      const group = groupOf(copies[of]);
      return [
        of,
        feedCopy(copies[of], options, (writer) => observedReaction(group, (event) => take(writer, event))),
      ];
    }),
  );
}

/** A bus that is away delays what services learn of one another, and is told; each answers all the same. */
async function readinessOf(
  name: string,
  feeds: ReadonlyMap<string, CopyFeed>,
  relay: KeptRelay,
): Promise<Readiness[]> {
  const status = await relay.status();
  const relayed = status ? (status.failure ?? `at position ${status.position}`) : 'another process relays';
  return [
    ...Array.from(feeds, ([of, feed]) => ({ name: `${name}.${of}`, ok: true, detail: feed.detail() })),
    { name: `${name}.relay`, ok: true, detail: relayed },
  ];
}
