import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { SqliteClient } from './sqlite-client.ts';
import type { HeldKey, LaneName, LaneState, Message, Progress, Replay } from './sqlite-log.ts';
import { Turns } from './turns.ts';

/** One subscriber of a group: how it handles messages and when it gives one up. */
export interface Handling {
  handler: (event: CloudEvent) => Promise<void>;
  attempts: number;
  pauseMs: number;
  stopping: boolean;
}

/** Offsets are committed after so many messages or so many milliseconds: a crash repeats at most these. */
const COMMIT_MESSAGES = 100;
const COMMIT_MS = 20;
const LONGEST_PAUSE_MS = 60_000;
/** With more keys than these waiting for their retry, the lane reads no further until some are handled or parked. */
const MAX_HELD_KEYS = 1000;
const MAX_CAUSE_LENGTH = 2000;

/** A key whose message failed: it goes its own way, behind the lane, until it has caught up. */
interface Held extends HeldKey {
  /** When it is tried again, on the monotonic clock: changes of the wall clock neither hasten nor delay it. */
  due: number;
  backlog: Message[];
}

function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, MAX_CAUSE_LENGTH);
}

/**
 * One group's way through one partition of a topic. Messages are handled one at a time in log order. A key whose
 * message fails is set aside with its own offset and the lane goes on: other keys are not held up, and every message of
 * the key itself waits its turn.
 */
export class Lane {
  readonly name: LaneName;
  /** A member is working on it. */
  busy = false;
  readonly #client: SqliteClient;
  readonly #held: Map<string, Held>;
  readonly #turns = new Turns();
  #replays: Replay[];
  #page: Message[] = [];
  #unread = true;
  #cursor: number;
  #savedCursor: number;
  #scanned = 0;
  #unsaved: Progress[] = [];

  constructor(client: SqliteClient, name: LaneName, state: LaneState) {
    this.#client = client;
    this.name = name;
    this.#cursor = state.cursor;
    this.#savedCursor = state.cursor;
    this.#held = new Map(state.held.map((held) => [held.key, { ...held, due: 0, backlog: [] }]));
    this.#replays = state.replays;
  }

  /** There may be more to read than at the last look. */
  wake(): void {
    this.#unread = true;
  }

  addReplay(replay: Replay): void {
    if (!this.#replays.some(({ position }) => position === replay.position)) this.#replays.push(replay);
  }

  dropReplay(position: number): void {
    this.#replays = this.#replays.filter((replay) => replay.position !== position);
  }

  /** When there is something to do: 0 for at once, Infinity for not until woken. */
  due(): number {
    const readable = !this.#full() && (this.#unread || this.#page.length > 0);
    if (this.#dirty() || this.#replays.length > 0 || readable) return 0;
    return Math.min(...[...this.#held.values()].map(({ due }) => due));
  }

  /** Whether all messages up to `target` were handled or parked, and that is on disk. */
  settled(target: number): boolean {
    return (
      !this.#dirty() &&
      this.#replays.length === 0 &&
      Math.max(this.#cursor, this.#scanned) >= target &&
      [...this.#held.values()].every(({ handled }) => handled >= target)
    );
  }

  /** Works for a while and commits. Rejects when the log does not answer; what was done is then saved next time. */
  async step(member: Handling): Promise<void> {
    await this.#save();
    const until = performance.now() + COMMIT_MS;
    let rest = COMMIT_MESSAGES;
    const [replay] = this.#replays;
    if (replay && !member.stopping) await this.#tryAgain(replay, member);
    for (let idle = false; !idle && rest > 0 && performance.now() < until; rest -= 1) {
      // By turns, however slow the handler is: neither the keys that lag behind nor the others wait for long.
      const retried = !member.stopping && (await this.#retryOne(member));
      const handled = !member.stopping && (await this.#handleOne(member));
      idle = !retried && !handled;
      await this.#turns.step();
    }
    await this.#save();
  }

  #dirty(): boolean {
    return this.#unsaved.length > 0 || this.#cursor !== this.#savedCursor;
  }

  async #save(): Promise<void> {
    if (!this.#dirty()) return;
    const cursor = this.#cursor;
    await this.#client.call('save', this.name, [...this.#unsaved, { kind: 'cursor', position: cursor }]);
    this.#unsaved = [];
    this.#savedCursor = cursor;
  }

  #full(): boolean {
    return this.#held.size >= MAX_HELD_KEYS;
  }

  async #fill(): Promise<void> {
    if (this.#full() || this.#page.length > 0 || !this.#unread) return;
    // Before the read: a message that is published meanwhile sets it again.
    this.#unread = false;
    const { topic, partition } = this.name;
    try {
      const { messages, head } = await this.#client.call('read', topic, partition, this.#cursor);
      this.#page = messages;
      if (messages.length > 0) this.#unread = true;
      else this.#scanned = head;
    } catch (error) {
      this.#unread = true;
      throw error;
    }
  }

  /** The next message that is new to the lane; false when there is none. */
  async #handleOne(member: Handling): Promise<boolean> {
    await this.#fill();
    const message = member.stopping || this.#full() ? undefined : this.#page.shift();
    if (!message) return false;
    const { position, key } = message;
    const cause = this.#held.has(key) ? undefined : await this.#attempt(message, member);
    this.#cursor = position;
    if (cause !== undefined) {
      const held: Held = { key, handled: position - 1, attempts: 0, due: 0, backlog: [message] };
      this.#held.set(key, held);
      await this.#failed(held, message, cause, member);
    }
    return true;
  }

  /** The next message of the key that has waited longest; false when none is due. */
  async #retryOne(member: Handling): Promise<boolean> {
    const [first, ...others] = this.#held.values();
    if (!first) return false;
    const held = others.reduce((one, other) => (other.due < one.due ? other : one), first);
    if (held.due > performance.now()) return false;
    if (held.backlog.length === 0) {
      const { topic, partition } = this.name;
      held.backlog = await this.#client.call(
        'readKey',
        topic,
        partition,
        held.key,
        held.handled,
        this.#cursor,
      );
    }
    if (member.stopping) return false;
    const [message] = held.backlog;
    if (!message) {
      // It has caught up with the lane.
      this.#held.delete(held.key);
      this.#unsaved.push({ kind: 'release', key: held.key });
      return true;
    }
    const cause = await this.#attempt(message, member);
    if (cause === undefined) this.#done(held, message);
    else await this.#failed(held, message, cause, member);
    return true;
  }

  async #failed(held: Held, message: Message, cause: string, member: Handling): Promise<void> {
    held.attempts += 1;
    if (held.attempts >= member.attempts) {
      const { attempts } = held;
      const { position } = message;
      this.#unsaved.push({ kind: 'park', position, cause, attempts, at: new Date().toISOString() });
      this.#done(held, message);
      // Before the next message of the key: after a crash the parked one must not be handled behind it.
      await this.#save();
      return;
    }
    const pause = Math.min(member.pauseMs * 2 ** (held.attempts - 1), LONGEST_PAUSE_MS);
    held.due = performance.now() + pause;
    this.#remember(held);
  }

  #done(held: Held, message: Message): void {
    held.backlog.shift();
    held.handled = message.position;
    held.attempts = 0;
    held.due = performance.now();
    this.#remember(held);
  }

  #remember({ key, handled, attempts }: Held): void {
    this.#unsaved.push({ kind: 'hold', key, handled, attempts });
  }

  /** A parked message gets one try; the rest of its key has long gone on. */
  async #tryAgain(replay: Replay, member: Handling): Promise<void> {
    const { position } = replay;
    const cause = await this.#attempt(replay, member);
    const attempts = replay.attempts + 1;
    this.#unsaved.push(
      cause === undefined
        ? { kind: 'unpark', position }
        : { kind: 'park', position, cause, attempts, at: new Date().toISOString() },
    );
    this.dropReplay(position);
  }

  /** Undefined when the message was handled, else why not. */
  async #attempt(message: Message, member: Handling): Promise<string | undefined> {
    try {
      await member.handler(JSON.parse(message.event));
      return undefined;
    } catch (error) {
      return causeOf(error);
    }
  }
}
