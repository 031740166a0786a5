import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import type { Clock } from '@dutyledger/timers/clock';
import type { Logger } from 'pino';
import type { Book, Endpoint, Letter, Progress, Waiting } from './book.ts';
import { MOST_ASKED_MS, nextAttempt } from './schedule.ts';
import type { Attempt, Sender } from './send.ts';
import { signedHeaders } from './signature.ts';
import { Bell, Slots } from './slots.ts';

/** What the way to every endpoint is made of. */
export interface LaneParts {
  book: Book;
  /** Whose events are told: streams and types of the service. */
  events: Pick<EventStore, 'subscribe'>;
  prefix: string;
  types: readonly string[];
  sender: Sender;
  /** Of all endpoints together. */
  slots: Slots;
  clock: Clock;
  random: () => number;
  logger: Logger;
  observe(attempt: Attempt): void;
}

/** Letters under way to one endpoint at a time, while it is quick; a slow or failing one is sent one after the other. */
const AT_A_TIME = 4;
const SLOW_MS = 1_000;
/** Deliveries that wait: with so many, an endpoint gets nothing new until one is settled. The log keeps the rest. */
const MOST_WAITING = 100;
/** Events that are looked at together. */
const BATCH = 50;
/** Progress is recorded after so many letters, or so long after the first of them. */
const RECORD_AFTER = 100;
const RECORD_AFTER_MS = 5_000;
/** It is recorded, too, when so many positions were passed by without a letter. */
const RECORD_AFTER_POSITIONS = 20_000;
const ATTEMPTS_TOLD = 20;
/** An endpoint that takes nothing for so long is disabled. */
const MOST_FAILING_MS = 5 * 24 * 3_600_000;
const PAUSE_MS = { first: 250, most: 30_000 };

/**
 * The way to one endpoint: what is new, in the order of the log, and what was not taken, when its time has come. It
 * depends on no other one; only its own slowness holds it up.
 */
export class Lane {
  readonly #parts: LaneParts;
  readonly #stopping = new AbortController();
  readonly #bell = new Bell();
  readonly #slots: Slots;
  readonly #done: Promise<unknown>;
  #endpoint: Endpoint;
  #quick = true;
  /** The receiver has asked to be left alone until then. */
  #heldUntil = 0;
  #through: number;
  #recorded: number;
  #delivered = 0;
  #attempts: Progress['attempts'] = [];
  #recording: Promise<void> = Promise.resolve();
  #recordSoon: NodeJS.Timeout | undefined;

  constructor(endpoint: Endpoint, parts: LaneParts) {
    this.#endpoint = endpoint;
    this.#parts = parts;
    this.#through = endpoint.through;
    this.#recorded = endpoint.through;
    this.#slots = new Slots(() => (this.#quick ? AT_A_TIME : 1));
    this.#done = Promise.all([
      this.#untilStopped('new messages', () => this.#follow()),
      this.#untilStopped('deliveries that wait', () => this.#tryAgain()),
    ]);
  }

  /** Looks again at what waits, with what is known of the endpoint now. */
  wake({ url }: Pick<Endpoint, 'url'> = this.#endpoint): void {
    this.#endpoint = { ...this.#endpoint, url };
    this.#bell.ring();
  }

  /** Breaks off what is under way, which is sent again; records how far it came. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#bell.ring();
    await this.#done;
    clearTimeout(this.#recordSoon);
    await this.#record();
  }

  async #untilStopped(what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      const startedAt = performance.now();
      try {
        await work();
      } catch (err) {
        if (signal.aborted) return;
        this.#parts.logger.warn({ err, webhook: this.#endpoint.id }, `webhooks: ${what} broke off`);
      }
      if (performance.now() - startedAt > PAUSE_MS.most) failures = 0;
      await this.#pause(Math.min(PAUSE_MS.first * 2 ** failures, PAUSE_MS.most));
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  async #follow(): Promise<void> {
    const { events, prefix, types } = this.#parts;
    const { signal } = this.#stopping;
    const subscription = events.subscribe(
      { after: this.#through, prefix, types, progress: (position) => this.#passed(position) },
      (page) => this.#take(page),
    );
    const stop = (): void => void subscription.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await subscription.ended.finally(() => signal.removeEventListener('abort', stop));
  }

  #passed(position: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#through = Math.max(this.#through, position);
    if (this.#through - this.#recorded > RECORD_AFTER_POSITIONS) this.#recordInBackground();
  }

  async #take(page: readonly StoredEvent[]): Promise<void> {
    for (let from = 0; from < page.length; from += BATCH) {
      await this.#room();
      const batch = page.slice(from, from + BATCH);
      const letters = await this.#parts.book.letters(this.#endpoint.id, batch);
      await this.#sendAll(letters);
      this.#through = batch.at(-1)?.position ?? this.#through;
      if (this.#delivered >= RECORD_AFTER) await this.#record();
    }
  }

  /** Until there may be something new for the endpoint. */
  async #room(): Promise<void> {
    const { book, clock } = this.#parts;
    for (const { signal } = this.#stopping; ; ) {
      const rung = this.#bell.next();
      signal.throwIfAborted();
      const held = clock.now().getTime() < this.#heldUntil;
      if (!held && (await book.waiting(this.#endpoint.id)) < MOST_WAITING) return;
      const callOff = held ? clock.alarm(new Date(this.#heldUntil), () => this.#bell.ring()) : undefined;
      await rung;
      callOff?.();
    }
  }

  /** Letters about one thing go one after the other, those about others beside them. */
  async #sendAll(letters: readonly Letter[]): Promise<void> {
    const bySubject = Map.groupBy(letters, ({ subject }) => subject);
    const ways = Array.from(bySubject.values(), async (about) => {
      for (const letter of about) await this.#sendFirst(letter);
    });
    for (const ended of await Promise.allSettled(ways)) if (ended.status === 'rejected') throw ended.reason;
  }

  async #sendFirst(letter: Letter): Promise<void> {
    const { book, clock, random } = this.#parts;
    const attempt = await this.#send(letter);
    if (attempt.failure === null) {
      const { id: message, type } = letter;
      this.#delivered++;
      this.#attempts = [...this.#attempts, { ...attempt, message, type }].slice(-ATTEMPTS_TOLD);
      this.#recordSoon ??= setTimeout(() => this.#recordInBackground(), RECORD_AFTER_MS);
      return;
    }
    const next = nextAttempt({ attempts: 1, at: clock.now(), askedMs: attempt.askedMs, random: random() });
    await book.failed(this.#endpoint.id, letter, attempt, next);
    this.#bell.ring();
    await this.#disableIfDead(attempt);
  }

  /** Goes through what is due, then sleeps until more is, or the bell rings. */
  async #tryAgain(): Promise<void> {
    const { book, clock } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const rung = this.#bell.next();
      const now = clock.now();
      const due = await book.due(this.#endpoint.id, now);
      const ends = await Promise.allSettled(due.map((waiting) => this.#sendAgain(waiting)));
      for (const ended of ends) if (ended.status === 'rejected') throw ended.reason;
      if (due.length > 0) {
        this.#bell.ring();
        continue;
      }
      const next = await book.nextDue(this.#endpoint.id, now);
      const callOff = next === undefined ? undefined : clock.alarm(new Date(next), () => this.#bell.ring());
      if (!signal.aborted) await rung;
      callOff?.();
    }
  }

  async #sendAgain(waiting: Waiting): Promise<void> {
    const { book, clock, random } = this.#parts;
    const letter = await book.again(this.#endpoint.id, waiting);
    if (letter === undefined) return book.untold(waiting);
    const attempt = await this.#send(letter);
    if (attempt.failure === null) return book.delivered(waiting, attempt);
    const attempts = waiting.attempts + 1;
    const at = clock.now();
    const next = nextAttempt({ attempts, at, askedMs: attempt.askedMs, random: random() });
    await book.failedAgain(waiting, attempt, next);
    await this.#disableIfDead(attempt);
  }

  async #send({ id, body, type }: Letter): Promise<Attempt> {
    const { slots, book, sender, clock, observe, logger } = this.#parts;
    const { signal } = this.#stopping;
    const attempt = await this.#slots.within(signal, () =>
      slots.within(signal, async () => {
        const secrets = await book.secretsOf(this.#endpoint.id);
        const at = clock.now();
        const headers = signedHeaders({ id, body }, at, secrets);
        return sender.post(this.#endpoint.url, { headers, body }, { at, signal });
      }),
    );
    observe(attempt);
    const { failure, status, durationMs, askedMs } = attempt;
    this.#quick = failure === null && durationMs < SLOW_MS;
    if (failure === null) {
      this.#endpoint = { ...this.#endpoint, failingSince: null };
      return attempt;
    }
    if (askedMs !== null && (status === 429 || status === 503)) {
      this.#heldUntil = clock.now().getTime() + Math.min(askedMs, MOST_ASKED_MS);
    }
    const webhook = this.#endpoint.id;
    logger.warn({ webhook, message: id, type, failure, status, durationMs }, 'a webhook was not taken');
    return attempt;
  }

  async #disableIfDead({ failure, at }: Attempt): Promise<void> {
    const { id, failingSince } = this.#endpoint;
    const since = failingSince ?? at;
    this.#endpoint = { ...this.#endpoint, failingSince: since };
    const { book } = this.#parts;
    if (failure === 'GONE') await book.disable(id, 'GONE', at);
    else if (Date.parse(at) - Date.parse(since) >= MOST_FAILING_MS) await book.disable(id, 'FAILING', since);
  }

  #recordInBackground(): void {
    this.#record().catch((err) => {
      this.#parts.logger.warn({ err, webhook: this.#endpoint.id }, 'webhooks: progress was not recorded');
    });
  }

  /** One after the other: a record that fails leaves what it would have told to the next one. */
  #record(): Promise<void> {
    clearTimeout(this.#recordSoon);
    this.#recordSoon = undefined;
    const work = async (): Promise<void> => {
      const [through, delivered, attempts] = [this.#through, this.#delivered, this.#attempts];
      if (delivered === 0 && through - this.#recorded <= RECORD_AFTER_POSITIONS) return;
      await this.#parts.book.progressed(this.#endpoint.id, { through, delivered, attempts });
      this.#recorded = through;
      this.#delivered -= delivered;
      this.#attempts = this.#attempts.filter((attempt) => !attempts.includes(attempt));
    };
    this.#recording = this.#recording.then(work, work);
    return this.#recording;
  }
}
