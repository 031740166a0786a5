import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease, ReadStore } from './adapter.ts';
import type { Logger } from './target.ts';

/** One stretch of leading. */
export interface Term {
  /** Grows with every term of whoever it is; what a former holder still writes in its name is refused. */
  readonly token: number;
  /** Aborted as soon as the lease may be lost, before anyone else can have it, and when leading is to end. */
  readonly signal: AbortSignal;
}

export interface LeadershipOptions {
  /** A holder that was not heard of for so long is replaced. Default 6,000. */
  ttlMs?: number;
  /** Between two questions for a lease that another holds. Default 1,000. */
  pollMs?: number;
  logger?: Logger | undefined;
}

export interface Leadership {
  readonly leading: boolean;
  /** Since when it leads, or does not. */
  readonly since: Date;
  /** Ends the work, gives the lease up: another process has it at once. */
  stop(): Promise<void>;
}

const TTL_MS = 6_000;
const POLL_MS = 1_000;
/** Of the time to live: what is left of it covers clocks that run unequally and timers that are late. */
const SAFE = 0.8;
const RENEWALS_PER_TTL = 4;
/** Further waiting for each lease that this process holds already, and up to how many count. */
const POLITENESS = 0.5;
const MOST_POLITE = 2;

/** For people who look into the store. */
const HOLDER = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
let held = 0;

/**
 * Does the work while this process holds the lease: in the whole system one process at a time does it. It is asked for
 * at once and then again and again, the more seldom the more leases the process holds, so that several processes share
 * them. The work ends soon after the signal, or by itself when it was overtaken, or by an error, which is logged; then
 * the lease is contended for anew.
 */
export function whileLeading(
  readStore: Pick<ReadStore, 'tryLease'>,
  name: string,
  work: (term: Term) => Promise<void>,
  options: LeadershipOptions = {},
): Leadership {
  return new Contender(readStore, name, work, options);
}

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

class Contender implements Leadership {
  readonly #readStore: Pick<ReadStore, 'tryLease'>;
  readonly #name: string;
  readonly #work: (term: Term) => Promise<void>;
  readonly #ttlMs: number;
  readonly #pollMs: number;
  readonly #logger: Logger | undefined;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  leading = false;
  since = new Date();

  constructor(
    readStore: Pick<ReadStore, 'tryLease'>,
    name: string,
    work: (term: Term) => Promise<void>,
    { ttlMs = TTL_MS, pollMs = POLL_MS, logger }: LeadershipOptions,
  ) {
    this.#readStore = readStore;
    this.#name = name;
    this.#work = work;
    this.#ttlMs = ttlMs;
    this.#pollMs = pollMs;
    this.#logger = logger;
    this.#done = this.#contend();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #contend(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const asked = performance.now();
      const lease = await this.#ask();
      if (lease !== undefined) await this.#lead(lease, asked);
      const politeness = 1 + POLITENESS * Math.min(held, MOST_POLITE);
      await sleep(this.#pollMs * politeness, undefined, { signal }).catch(() => undefined);
    }
  }

  async #ask(): Promise<Lease | undefined> {
    try {
      return await this.#readStore.tryLease(this.#name, HOLDER, this.#ttlMs);
    } catch (err) {
      this.#warn(err, 'a lease cannot be asked for');
      return undefined;
    }
  }

  async #lead(lease: Lease, asked: number): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    const ended = new AbortController();
    this.#stopping.signal.addEventListener('abort', end);
    if (this.#stopping.signal.aborted) end();
    held++;
    this.#turn(true);
    void this.#keep(lease, asked, end, ended.signal);
    try {
      await this.#work({ token: lease.token, signal: over.signal });
    } catch (err) {
      this.#warn(err, 'work under a lease broke off');
    }
    ended.abort();
    this.#stopping.signal.removeEventListener('abort', end);
    held--;
    this.#turn(false);
    await this.#release(lease);
  }

  /** Renews the lease until the work has ended; tells when it may be lost. */
  async #keep(lease: Lease, asked: number, lost: () => void, ended: AbortSignal): Promise<void> {
    // Others count from when they saw the renewal, which is after it was sent.
    const safe = (sent: number) =>
      setTimeout(lost, Math.max(0, sent + this.#ttlMs * SAFE - performance.now()));
    let deadline = safe(asked);
    for (let sent = asked; ; ) {
      // Counted from the last question: a store that answers slowly is asked again at once.
      const beat = sent + this.#ttlMs / RENEWALS_PER_TTL - performance.now();
      await sleep(Math.max(0, beat), undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) break;
      sent = performance.now();
      const kept = await lease.renew().catch((err: unknown) => {
        this.#warn(err, 'a lease cannot be renewed');
        return undefined;
      });
      if (kept === false) lost();
      if (kept !== true || ended.aborted) continue;
      clearTimeout(deadline);
      deadline = safe(sent);
    }
    clearTimeout(deadline);
  }

  async #release(lease: Lease): Promise<void> {
    const released = lease.release().catch((err: unknown) => this.#warn(err, 'a lease cannot be released'));
    const late = new AbortController();
    await Promise.race([
      released,
      sleep(this.#ttlMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  #turn(leading: boolean): void {
    this.leading = leading;
    this.since = new Date();
    this.#logger?.info({ lease: this.#name, leading }, leading ? 'leading' : 'following');
  }

  #warn(err: unknown, message: string): void {
    this.#logger?.warn({ err, lease: this.#name }, message);
  }
}
