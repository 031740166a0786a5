import type { EventStore } from '@dutyledger/event-store/event-store';
import type { Projection, Projections } from '@dutyledger/read-store/projection';
import { type Clock, systemClock } from './clock.ts';
import { AT_ONCE, commandIdOf, type Timer, type TimerHandler, timers } from './timers.ts';

/** What pino's loggers offer of it. */
interface Logger {
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface TimersOptions {
  /** Read models of the service, among them the due table. */
  projections: Pick<Projections, 'documents' | 'waitFor'>;
  /** The due table (`timersProjection`): its events wake the runner. */
  table: Pick<Projection, 'handles'>;
  events: Pick<EventStore, 'subscribe' | 'head'>;
  /** Streams of the service in the event store. */
  prefix: string;
  /** By the kind of the timer. */
  handlers: Readonly<Record<string, TimerHandler>>;
  clock?: Clock | undefined;
  logger?: Logger | undefined;
  /** Firings at a time. Default 8. */
  concurrency?: number;
  /** Milliseconds before the next attempt, by the number of those that failed. Default: 1 s, doubling up to 5 min. */
  retryMs?: (failed: number) => number;
}

export interface TimersStatus {
  /** Timers that are due and not done. */
  due: number;
  /** The instant at which the oldest of them was due, or was set when it was due at once. */
  oldest: string | null;
  /** The next one to come. */
  next: string | null;
  /** Those that failed and will be tried again, at most 20 of them. */
  failing: { id: string; kind: string; attempts: number; message: string }[];
  /** Why the due table cannot be read now. */
  failure: string | null;
}

export interface Timers {
  status(): Promise<TimersStatus>;
  /** Starts no more; waits for what runs. */
  stop(): Promise<void>;
}

const PAGE = 200;
const FAILING_SHOWN = 20;
const WAIT_MS = 1_000;
const RETRY_MS = { first: 1_000, most: 300_000 };

/** How a due timer stands with this runner. */
type Standing =
  | { is: 'running' }
  /** Carried out; its row goes when the read model has caught up. */
  | { is: 'done' }
  | { is: 'failed'; timer: Timer; attempts: number; message: string; retry: boolean };

/**
 * Fires every due timer, those due first started first, and sleeps until the next one is due; an event that sets a
 * timer wakes it. It remembers nothing of its own: after a crash the due table tells what is left, and what was carried
 * out just before is recognised by the id of its command. For the same reason several runners do no harm.
 */
export function startTimers(options: TimersOptions): Timers {
  return new Runner(options);
}

class Runner implements Timers {
  readonly #options: TimersOptions;
  readonly #clock: Clock;
  readonly #standings = new Map<string, Standing>();
  readonly #running = new Set<Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<unknown>;
  #woken = Promise.withResolvers<void>();
  #failure: string | null = null;

  constructor(options: TimersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#done = Promise.all([this.#fireWhatIsDue(), this.#listen()]);
  }

  async status(): Promise<TimersStatus> {
    const failing = [...this.#standings.values()].flatMap((standing) =>
      standing.is === 'failed' ? [standing] : [],
    );
    const shown = failing
      .slice(0, FAILING_SHOWN)
      .map(({ timer: { id, kind }, attempts, message }) => ({ id, kind, attempts, message }));
    try {
      const table = this.#options.projections.documents(timers);
      const now = this.#clock.now().toISOString();
      const { rows } = await table.find({ index: 'byDue', range: { to: now }, limit: 1 });
      const [oldest] = rows;
      return {
        due: await table.count({ index: 'byDue', range: { to: now } }),
        oldest: oldest ? dueSince(oldest.doc) : null,
        next: (await this.#next(now)) ?? null,
        failing: shown,
        failure: this.#failure,
      };
    } catch (error) {
      return { due: 0, oldest: null, next: null, failing: shown, failure: messageOf(error) };
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const retry of this.#retries) clearTimeout(retry);
    this.#wake();
    await this.#done;
    await Promise.all(this.#running);
  }

  #wake(): void {
    this.#woken.resolve();
  }

  async #fireWhatIsDue(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failed = 0; !signal.aborted; ) {
      // Renewed before the look: what is set meanwhile makes for another one.
      this.#woken = Promise.withResolvers();
      let callOff = (): void => undefined;
      try {
        const now = this.#clock.now().toISOString();
        await this.#startAll(now);
        const next = signal.aborted ? undefined : await this.#next(now);
        if (next !== undefined) callOff = this.#clock.alarm(new Date(next), () => this.#wake());
        this.#failure = null;
        failed = 0;
      } catch (error) {
        failed++;
        this.#failure = messageOf(error);
        this.#options.logger?.warn({ err: error }, 'the due table cannot be read');
        this.#retryIn(failed);
      }
      if (!signal.aborted) await this.#woken.promise;
      callOff();
    }
  }

  /** When the first timer after `now` is due. */
  async #next(now: string): Promise<string | undefined> {
    const { rows } = await this.#options.projections.documents(timers).find({
      index: 'byDue',
      range: { from: now },
      filter: ({ due }) => due > now,
      limit: 1,
    });
    return rows[0]?.doc.due;
  }

  async #startAll(now: string): Promise<void> {
    const { projections, concurrency = 8 } = this.#options;
    const known = new Set(this.#standings.keys());
    let after: string | undefined;
    do {
      const page = await projections
        .documents(timers)
        .find({ index: 'byDue', range: { to: now }, limit: PAGE, ...(after && { after }) });
      for (const { doc } of page.rows) {
        const firing = commandIdOf(doc);
        known.delete(firing);
        if (!this.#mayStart(firing)) continue;
        while (this.#running.size >= concurrency) await Promise.race(this.#running);
        if (this.#stopping.signal.aborted) return;
        this.#start(firing, doc);
      }
      after = page.more ? page.rows.at(-1)?.cursor : undefined;
    } while (after !== undefined);
    // What was known before this walk and is not in the table any more has been cleared.
    for (const firing of known)
      if (this.#standings.get(firing)?.is !== 'running') this.#standings.delete(firing);
  }

  #mayStart(firing: string): boolean {
    const standing = this.#standings.get(firing);
    return standing === undefined || (standing.is === 'failed' && standing.retry);
  }

  #start(commandId: string, timer: Timer): void {
    const before = this.#standings.get(commandId);
    const attempts = before?.is === 'failed' ? before.attempts : 0;
    this.#standings.set(commandId, { is: 'running' });
    const run = this.#fire(commandId, timer, attempts + 1).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #fire(commandId: string, timer: Timer, attempts: number): Promise<void> {
    try {
      const handler = this.#options.handlers[timer.kind];
      if (handler === undefined) throw new Error(`nothing handles timers of kind ${timer.kind}`);
      await handler({ timer, commandId, now: this.#clock.now() });
      this.#standings.set(commandId, { is: 'done' });
    } catch (error) {
      const { id, kind } = timer;
      this.#options.logger?.error(
        { err: error, timer: id, kind, attempts },
        'a timer could not be carried out',
      );
      const standing: Standing = { is: 'failed', timer, attempts, message: messageOf(error), retry: false };
      this.#standings.set(commandId, standing);
      this.#retryIn(attempts, () => {
        standing.retry = true;
      });
    }
  }

  /** Waits by the machine's own monotonic time: a clock that is set holds no attempt up. */
  #retryIn(failed: number, before?: () => void): void {
    if (this.#stopping.signal.aborted) return;
    const { retryMs = backOff } = this.#options;
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      before?.();
      this.#wake();
    }, retryMs(failed));
    this.#retries.add(timer);
  }

  /** Looks again whenever an event that changes timers has reached the due table. */
  async #listen(): Promise<void> {
    const { events, prefix, table, projections, logger } = this.#options;
    const { signal } = this.#stopping;
    let after: number | undefined;
    for (let failed = 0; !signal.aborted; failed++) {
      try {
        after ??= await events.head();
        const subscription = events.subscribe({ after, prefix, types: table.handles }, async (page) => {
          const last = page.at(-1);
          for (let shown = false; last && !shown && !signal.aborted; ) {
            shown = await projections.waitFor(last.position, WAIT_MS);
            this.#wake();
            if (!shown) await this.#pause(1);
          }
          after = last?.position ?? after;
          failed = 0;
        });
        // Timers that were set before the subscription began have had no one to tell of them.
        this.#wake();
        const stop = () => void subscription.stop();
        signal.addEventListener('abort', stop);
        await subscription.ended.finally(() => signal.removeEventListener('abort', stop));
      } catch (error) {
        logger?.warn({ err: error }, 'timers: the event feed broke off');
      }
      await this.#pause(failed + 1);
    }
  }

  async #pause(failed: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, (this.#options.retryMs ?? backOff)(failed));
    this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
}

const backOff = (failed: number): number => Math.min(RETRY_MS.first * 2 ** (failed - 1), RETRY_MS.most);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const dueSince = ({ due, cause }: Timer): string => (due === AT_ONCE ? cause.recordedAt : due);
