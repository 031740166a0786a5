import type { Awaitable, DocumentTable, DocumentWrite, IndexChange } from './adapter.ts';
import { keysOf, sameKeys } from './index-key.ts';
import type { Pace } from './pace.ts';
import type { Indexes } from './read-store.ts';
import { Scale } from './scale.ts';
import { ENTRY_WEIGHT, TwoAges } from './two-ages.ts';

interface Held {
  doc: unknown;
  /** undefined: deleted, absent. */
  present: boolean;
  /** JSON in the store; null: nothing is stored; undefined: nobody looked. */
  stored: string | null | undefined;
  /** What that JSON says, once it was read. */
  before?: unknown;
  /** Keys of `doc`, worked out for finds; forgotten at each put. */
  keys?: string[][];
}

/** The documents of one collection as a batch sees them: reads through, writes once per document and batch. */
export class DocumentBuffer {
  readonly #table: DocumentTable;
  readonly #name: string;
  readonly #indexes: (readonly string[])[];
  readonly #indexNames: string[];
  readonly #held = new Map<string, Held>();
  readonly #changed = new Map<string, Held>();
  /** Kept beyond the batch as JSON: what a projection touched it is likely to touch again. */
  readonly #kept: TwoAges<string, string>;
  readonly #scale = new Scale();
  /** Characters of JSON that the batch holds, roughly. */
  weight = 0;

  constructor(name: string, indexes: Indexes, table: DocumentTable, keepCharacters: number) {
    this.#name = name;
    this.#indexNames = Object.keys(indexes);
    this.#indexes = Object.values(indexes);
    this.#table = table;
    this.#kept = new TwoAges(keepCharacters);
  }

  get changes(): number {
    return this.#changed.size;
  }

  get(id: string): Awaitable<unknown> {
    const held = this.#held.get(id);
    if (held !== undefined) return held.doc;
    const kept = this.#kept.get(id);
    if (kept !== undefined) return this.#hold(id, kept);
    const text = this.#table.get(id);
    if (text instanceof Promise) return text.then((found) => this.#hold(id, found ?? null));
    return this.#hold(id, text ?? null);
  }

  async prefetch(ids: Iterable<string>): Promise<void> {
    const missing = Array.from(new Set(ids)).filter(
      (id) => !this.#held.has(id) && this.#kept.get(id) === undefined,
    );
    const found = await this.#table.getMany(missing);
    for (const id of missing) this.#hold(id, found.get(id) ?? null);
  }

  put(id: string, doc: unknown): void {
    if (id === '' || !id.isWellFormed()) throw new TypeError(`not a document id: ${JSON.stringify(id)}`);
    const held = this.#change(id);
    held.doc = doc;
    held.present = true;
    if (typeof held.stored !== 'string') this.weight += this.#scale.weigh(doc);
  }

  delete(id: string): void {
    const held = this.#change(id);
    held.doc = undefined;
    held.present = false;
  }

  isChanged(id: string): boolean {
    return this.#changed.has(id);
  }

  /** The documents changed in this batch that exist, with their keys in the index. */
  *changedIn(index: string): Iterable<{ id: string; doc: unknown; keys: string[] }> {
    const at = this.#indexNames.indexOf(index);
    for (const [id, held] of this.#changed) {
      if (!held.present) continue;
      held.keys ??= this.#indexes.map((fields) => keysOf(fields, held.doc));
      yield { id, doc: held.doc, keys: held.keys[at] ?? [] };
    }
  }

  /** What the batch changes in the store. */
  async collect(pace: Pace): Promise<DocumentWrite[]> {
    const writes: DocumentWrite[] = [];
    for (const [id, held] of this.#changed) {
      await pace.step();
      const { doc, present, stored } = held;
      const text = present ? JSON.stringify(doc) : null;
      if (text === stored) continue;
      const before = typeof stored === 'string' ? (held.before ?? JSON.parse(stored)) : undefined;
      const indexes = this.#indexes.map((fields) => changeOf(fields, before, present ? doc : undefined));
      writes.push({ collection: this.#name, id, doc: text, unread: stored === undefined, indexes });
    }
    return writes;
  }

  /** The writes are in the store. */
  settle(writes: readonly DocumentWrite[]): void {
    for (const { id, doc } of writes) {
      if (doc === null) this.#kept.delete(id);
      else this.#kept.set(id, doc, doc.length + ENTRY_WEIGHT);
    }
    this.#clear();
  }

  /** Forgets the batch. */
  reset(): void {
    for (const id of this.#changed.keys()) this.#kept.delete(id);
    this.#clear();
  }

  #clear(): void {
    this.#held.clear();
    this.#changed.clear();
    this.weight = 0;
  }

  #change(id: string): Held {
    let held = this.#held.get(id);
    if (held === undefined) {
      held = { doc: undefined, present: false, stored: this.#kept.get(id) };
      this.#held.set(id, held);
    }
    delete held.keys;
    this.#changed.set(id, held);
    return held;
  }

  #hold(id: string, stored: string | null): unknown {
    const already = this.#held.get(id);
    if (already !== undefined) return already.doc;
    const doc = stored === null ? undefined : JSON.parse(stored);
    this.weight += (stored?.length ?? 0) + ENTRY_WEIGHT;
    this.#held.set(id, { doc, present: stored !== null, stored, before: doc });
    return doc;
  }
}

/** undefined where a document is not there. */
function changeOf(fields: readonly string[], before: unknown, now: unknown): IndexChange | undefined {
  if (before !== undefined && now !== undefined && sameKeys(fields, before, now)) return undefined;
  return {
    before: before === undefined ? [] : keysOf(fields, before),
    now: now === undefined ? [] : keysOf(fields, now),
  };
}
