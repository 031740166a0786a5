import type { Awaitable, DocumentTable, DocumentWrite } from './adapter.ts';
import { keysOf } from './index-key.ts';
import type { Pace } from './pace.ts';
import type { Indexes } from './read-store.ts';
import { TwoAges } from './two-ages.ts';

/** What the store holds of a document: its JSON and, once they were worked out, its keys per index. */
interface Stored {
  text: string;
  keys?: string[][];
}

interface Held {
  doc: unknown;
  /** undefined: deleted, absent. */
  present: boolean;
  changed: boolean;
  /** null: nothing is stored; undefined: not known. */
  stored: Stored | null | undefined;
  /** Keys of `doc`, worked out for finds; forgotten at each put. */
  keys?: string[][];
}

/** Changed documents whose size is not known are weighed one in so many, each for all of them. */
const WEIGHED = 16;

/** The documents of one collection as a batch sees them: reads through, writes once per document and batch. */
export class DocumentBuffer {
  readonly #table: DocumentTable;
  readonly #name: string;
  readonly #indexes: (readonly string[])[];
  readonly #indexNames: string[];
  readonly #held = new Map<string, Held>();
  readonly #changed = new Map<string, Held>();
  /** Kept beyond the batch as JSON: what a projection touched it is likely to touch again. */
  readonly #kept: TwoAges<string, Stored>;
  #unweighed = 0;
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
    if (text instanceof Promise) return text.then((found) => this.#holdText(id, found));
    return this.#holdText(id, text);
  }

  async prefetch(ids: Iterable<string>): Promise<void> {
    const missing = Array.from(new Set(ids)).filter((id) => !this.#held.has(id) && !this.#kept.get(id));
    const found = await this.#table.getMany(missing);
    for (const id of missing) this.#holdText(id, found.get(id));
  }

  put(id: string, doc: unknown): void {
    if (id === '' || !id.isWellFormed()) throw new TypeError(`not a document id: ${JSON.stringify(id)}`);
    const held = this.#change(id);
    held.doc = doc;
    held.present = true;
    if (!held.stored && ++this.#unweighed % WEIGHED === 1) {
      this.weight += JSON.stringify(doc).length * WEIGHED;
    }
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
      held.keys ??= this.#keys(held.doc);
      yield { id, doc: held.doc, keys: held.keys[at] ?? [] };
    }
  }

  /** What the batch changes in the store. */
  async collect(pace: Pace): Promise<DocumentWrite[]> {
    await this.#findOutStored();
    const writes: DocumentWrite[] = [];
    for (const [id, held] of this.#changed) {
      await pace.step();
      const before = held.stored ?? null;
      if (!held.present && before === null && this.#indexes.length > 0) continue;
      const text = held.present ? JSON.stringify(held.doc) : null;
      if (before !== null && before.text === text) continue;
      const keys = held.present ? this.#keys(held.doc) : this.#indexes.map(() => []);
      if (before !== null) before.keys ??= this.#keys(JSON.parse(before.text));
      writes.push({ collection: this.#name, id, doc: text, keys, before: before?.keys ?? [] });
    }
    return writes;
  }

  /** The writes are in the store. */
  settle(writes: readonly DocumentWrite[]): void {
    for (const { id, doc, keys } of writes) {
      if (doc === null) this.#kept.delete(id);
      else this.#kept.set(id, { text: doc, keys: keys as string[][] }, doc.length);
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
      held = { doc: undefined, present: false, changed: true, stored: this.#kept.get(id) };
      this.#held.set(id, held);
    }
    delete held.keys;
    this.#changed.set(id, held);
    return held;
  }

  #holdText(id: string, text: string | undefined): unknown {
    return this.#hold(id, text === undefined ? null : { text });
  }

  #hold(id: string, stored: Stored | null): unknown {
    const already = this.#held.get(id);
    if (already !== undefined) return already.doc;
    const doc = stored === null ? undefined : JSON.parse(stored.text);
    this.weight += stored?.text.length ?? 0;
    this.#held.set(id, { doc, present: stored !== null, changed: false, stored });
    return doc;
  }

  #keys(doc: unknown): string[][] {
    return this.#indexes.map((fields) => keysOf(fields, doc));
  }

  /** Index entries of documents that were put unread must be known before they can be replaced. */
  async #findOutStored(): Promise<void> {
    if (this.#indexes.length === 0) return;
    const unknown = [...this.#changed].filter(([, held]) => held.stored === undefined);
    if (unknown.length === 0) return;
    const found = await this.#table.getMany(unknown.map(([id]) => id));
    for (const [id, held] of unknown) {
      const text = found.get(id);
      held.stored = text === undefined ? null : { text };
    }
  }
}
