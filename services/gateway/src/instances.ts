import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphqlAnswer, GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import type { Readiness } from '@dutyledger/subgraph-kit/http';
import type { Headers } from '@dutyledger/subgraph-kit/request-context';
import { traceHeaders } from '@dutyledger/subgraph-kit/tracing';
import type { SubgraphSource } from './subgraph-source.ts';

/** Every so often all instances are asked whether they are ready; who takes longer to answer is down. */
const PROBE_EVERY_MS = 1_000;
const PROBE_MS = 2_000;
const READINESS_MS = 4_000;

/** Nothing was sent yet when one of these came. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The better come first. */
const STATES = ['ready', 'alive', 'down'] as const;

interface Instance {
  readonly url: string;
  state: (typeof STATES)[number];
  /** Aborted when it is found to be down: queries that wait for it go to another. */
  down: AbortController;
}

class NotServing extends Error {}

async function post(
  url: string,
  request: GraphqlRequest,
  headers: Headers,
  signal: AbortSignal,
): Promise<GraphqlAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...(headers as Record<string, string>),
      ...traceHeaders(),
      'content-type': 'application/json',
    },
    body: JSON.stringify(request),
    signal,
  });
  const answer = (await response.json()) as GraphqlAnswer | null;
  if (answer && ('data' in answer || 'errors' in answer)) return answer;
  throw new NotServing(`${url} answered ${response.status} without data or errors`);
}

const isMutation = ({ query }: GraphqlRequest): boolean => /^\s*mutation\b/.test(query);

/** Whether a request surely did not reach the instance. `fetch` wraps what befell it in a TypeError. */
function notSent(error: unknown): boolean {
  const { code } = ((error instanceof TypeError ? error.cause : error) ?? {}) as { code?: unknown };
  return NOT_SENT.has(String(code));
}

/** Whether another instance may be asked: a query always, a change when it surely did not reach the first. */
const mayRepeat = (request: GraphqlRequest, error: unknown): boolean =>
  !isMutation(request) || error instanceof NotServing || notSent(error);

/**
 * One or more instances of a subgraph over HTTP. Requests go round among those that are ready; when one fails another
 * is asked, unless a change might be made twice. A single address, such as that of a balancer, is asked without probes.
 */
export class Instances implements SubgraphSource {
  readonly #instances: readonly Instance[];
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #round = 0;

  constructor(urls: readonly string[]) {
    this.#instances = urls.map((url) => ({ url, state: 'ready', down: new AbortController() }));
    this.#watching = urls.length > 1 ? this.#watch() : Promise.resolve();
  }

  execute(request: GraphqlRequest, headers: Headers, signal: AbortSignal): Promise<GraphqlAnswer> {
    return this.#inTurn(
      ({ url, down }) => {
        const ends = isMutation(request) ? signal : AbortSignal.any([signal, down.signal]);
        return post(url, request, headers, ends);
      },
      (error) => !signal.aborted && mayRepeat(request, error),
    );
  }

  /** Asks one instance, by the URL of its graph, and another when the first was not reached at all. */
  reach<T>(ask: (url: string) => Promise<T>): Promise<T> {
    return this.#inTurn(({ url }) => ask(url), notSent);
  }

  /** That of an instance that is ready, if there is one; where there are several, how each of them is. */
  async readiness(): Promise<Readiness[]> {
    const best = this.#next(new Set());
    const response = await fetch(new URL('/readyz', best?.url), {
      signal: AbortSignal.timeout(READINESS_MS),
    });
    const { checks } = (await response.json()) as { checks: Readiness[] };
    if (this.#instances.length === 1) return checks;
    const each = this.#instances.map(({ url, state }) => ({
      name: new URL(url).host,
      ok: true,
      detail: state,
    }));
    return [...checks, ...each];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #inTurn<T>(
    ask: (instance: Instance) => Promise<T>,
    mayRepeat: (error: unknown) => boolean,
  ): Promise<T> {
    const tried = new Set<Instance>();
    let failure: unknown = new NotServing('there is no instance');
    for (let instance = this.#next(tried); instance; instance = this.#next(tried)) {
      tried.add(instance);
      try {
        return await ask(instance);
      } catch (error) {
        failure = error;
        if (!mayRepeat(error)) break;
        if (this.#instances.length > 1) note(instance, 'down');
      }
    }
    throw failure;
  }

  #next(tried: ReadonlySet<Instance>): Instance | undefined {
    this.#round += 1;
    const first = this.#round % this.#instances.length;
    const inTurn = [...this.#instances.slice(first), ...this.#instances.slice(0, first)];
    for (const state of STATES) {
      const found = inTurn.find((one) => one.state === state && !tried.has(one));
      if (found) return found;
    }
    return undefined;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await Promise.all(this.#instances.map((instance) => this.#probe(instance)));
      await sleep(PROBE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #probe(instance: Instance): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(PROBE_MS), this.#stopping.signal]);
    try {
      const response = await fetch(new URL('/readyz', instance.url), { signal });
      await response.arrayBuffer();
      note(instance, response.ok ? 'ready' : 'alive');
    } catch {
      note(instance, 'down');
    }
  }
}

function note(instance: Instance, state: Instance['state']): void {
  if (state === 'down' && instance.state !== 'down') {
    instance.down.abort();
    instance.down = new AbortController();
  }
  instance.state = state;
}
