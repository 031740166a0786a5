import type { Collection } from 'mongodb';
import { encodeField } from './index-key.ts';
import type { MongoAccess } from './mongodb-access.ts';
import { isDuplicate } from './mongodb-errors.ts';

interface Entry {
  _id: string;
  key: string;
  value: string;
}

export interface Registered<T> {
  /** Grows by one with every change. */
  sequence: number;
  value: T;
}

/** `sequence`: 0 where there is no value yet. */
export type Decide<T> = (value: T | undefined, sequence: number) => T | undefined;

/** The newest entries of a key that are never deleted. */
const KEPT = 16;
const CLEAR_EVERY = 8;
const DIGITS = 16;

/**
 * Small values that several processes change, each as a whole. A value is the newest of a row of entries that are only
 * ever inserted, under its number: of several who change the same value one can insert the next number, the others
 * begin anew. So a change is atomic on every server that keeps `_id` unique, and needs no transaction.
 */
export class MongoRegister {
  readonly #access: MongoAccess;
  readonly #entries: Collection<Entry>;
  readonly #known = new Map<string, Registered<unknown>>();

  constructor(access: MongoAccess) {
    this.#access = access;
    this.#entries = access.collection('register');
  }

  async read<T>(key: string): Promise<Registered<T> | undefined> {
    const prefix = encodeField(key);
    const within = { $gte: prefix, $lt: `${prefix}:` };
    const [newest] = await this.#access.call(() =>
      this.#entries.find({ _id: within }).sort({ _id: -1 }).limit(1).toArray(),
    );
    if (newest === undefined) return undefined;
    return { sequence: Number(newest._id.slice(prefix.length)), value: JSON.parse(newest.value) };
  }

  /** The keys that have a value. */
  async keys(): Promise<string[]> {
    const projection = { _id: 0, key: 1 };
    const entries = await this.#access.call(() => this.#entries.find({}, { projection }).toArray());
    return [...new Set(entries.map(({ key }) => key))];
  }

  /**
   * Replaces the value by what `decide` makes of it; undefined leaves it as it is. Answers the value that holds then.
   * `decide` may be asked several times, also after its change was made although the answer got lost: it has to
   * recognise that.
   */
  async change<T>(key: string, decide: Decide<T>): Promise<Registered<T>> {
    let current = this.#known.get(key) as Registered<T> | undefined;
    for (let fresh = false; ; fresh = true) {
      if (fresh || current === undefined) current = await this.read<T>(key);
      const next = this.#decide(decide, current, fresh);
      if (next === undefined && !fresh) continue;
      if (next === undefined) return current ?? fail(key);
      const made = { sequence: (current?.sequence ?? 0) + 1, value: next };
      if (!(await this.#insert(key, made))) continue;
      // An entry of that number may have been there and have been cleared away: this process slept for long.
      const newest = await this.read<T>(key);
      if (newest === undefined || newest.sequence - made.sequence >= KEPT) continue;
      this.#known.set(key, made);
      return made;
    }
  }

  /** What was known may be outdated: neither "nothing to do" nor a refusal is believed then. */
  #decide<T>(decide: Decide<T>, current: Registered<T> | undefined, fresh: boolean) {
    if (fresh) return decide(current?.value, current?.sequence ?? 0);
    try {
      return decide(current?.value, current?.sequence ?? 0);
    } catch {
      return undefined;
    }
  }

  async #insert(key: string, { sequence, value }: Registered<unknown>): Promise<boolean> {
    const id = (number: number) => encodeField(key) + String(number).padStart(DIGITS, '0');
    return this.#access.call(async () => {
      if (sequence % CLEAR_EVERY === 0) {
        await this.#entries.deleteMany({ _id: { $gte: id(0), $lt: id(Math.max(0, sequence - KEPT)) } });
      }
      try {
        await this.#entries.insertOne({ _id: id(sequence), key, value: JSON.stringify(value) });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
  }
}

function fail(key: string): never {
  throw new TypeError(`the register has no ${key}`);
}
