import type { AnySpec, Awaitable, Change, DocumentWrite, Generation, Hit, VersionsWrite } from './adapter.ts';
import { DocumentBuffer } from './document-buffer.ts';
import { compareText } from './index-key.ts';
import type { Pace } from './pace.ts';
import type { Batch, CollectionSpec, Find, Indexes, Page, Row, Version } from './read-store.ts';
import { dayNumber, instantNumber, NO_END } from './times.ts';
import { VersionBuffer } from './version-buffer.ts';
import { comesHere, cursors, planWalk, restOf, resume } from './walk.ts';

/** A batch with this many changes is full; with finds in it earlier, as a find looks through all of them. */
const MAX_CHANGES = 10_000;
const MAX_CHANGES_WITH_FINDS = 256;
/** Characters of JSON that a batch may hold. */
const MAX_WEIGHT = 8 * 1024 * 1024;

type DocumentsSpec<T, I extends Indexes> = CollectionSpec<T, I> & { kind: 'documents' };
type TemporalSpec<T, I extends Indexes> = CollectionSpec<T, I> & { kind: 'temporal' };

export interface Collected {
  change: Change;
  settle(): void;
}

/** The batch that projections write to: gathers what many events change and hands it over as one change. */
export class WriteBuffer implements Batch {
  readonly #generation: Generation;
  readonly #documents = new Map<string, DocumentBuffer>();
  readonly #versions = new Map<string, VersionBuffer>();
  #recordedAt: string | undefined;
  #finds = false;

  /** `keepCharacters`: how much JSON is kept in memory beyond a batch, to be read and changed again. */
  constructor(generation: Generation, keepCharacters: number) {
    this.#generation = generation;
    const share = keepCharacters / Math.max(1, generation.collections.length);
    for (const { kind, name, indexes } of generation.collections) {
      if (kind === 'documents') {
        this.#documents.set(name, new DocumentBuffer(name, indexes, generation.documents(name), share));
      } else {
        this.#versions.set(name, new VersionBuffer(name, indexes, generation.temporal(name), share));
      }
    }
  }

  get full(): boolean {
    let changes = 0;
    let weight = 0;
    for (const buffer of this.#documents.values()) {
      changes += buffer.changes;
      weight += buffer.weight;
    }
    for (const buffer of this.#versions.values()) {
      changes += buffer.changes;
      weight += buffer.weight;
    }
    return changes >= (this.#finds ? MAX_CHANGES_WITH_FINDS : MAX_CHANGES) || weight >= MAX_WEIGHT;
  }

  /** When the versions that are put from now on were recorded. */
  at(recordedAt: string | undefined): void {
    this.#recordedAt = recordedAt;
  }

  /** Loads in one round trip what the events of a batch will ask for. */
  async prefetch(
    wanted: Iterable<{ spec: AnySpec; id: string; effectiveAt: string | undefined }>,
  ): Promise<void> {
    const documents = new Map<string, string[]>();
    const versions = new Map<string, { id: string; day: number }[]>();
    for (const { spec, id, effectiveAt } of wanted) {
      if (spec.kind === 'documents') listOf(documents, spec.name).push(id);
      else {
        const day = effectiveAt === undefined ? NO_END - 1 : dayNumber(effectiveAt);
        listOf(versions, spec.name).push({ id, day });
      }
    }
    for (const [name, ids] of documents) await this.#documentsOf(name).prefetch(ids);
    for (const [name, places] of versions) await this.#versionsOf(name).prefetch(places);
  }

  get<T, I extends Indexes>(spec: DocumentsSpec<T, I>, id: string): Awaitable<T | undefined> {
    return this.#documentsOf(spec.name).get(id) as Awaitable<T | undefined>;
  }

  put<T, I extends Indexes>(spec: DocumentsSpec<T, I>, id: string, doc: T): void {
    this.#documentsOf(spec.name).put(id, doc);
  }

  delete<T, I extends Indexes>(spec: DocumentsSpec<T, I>, id: string): void {
    this.#documentsOf(spec.name).delete(id);
  }

  async find<T, I extends Indexes>(spec: DocumentsSpec<T, I>, query: Find<T, I>): Promise<Page<Row<T>>> {
    this.#finds = true;
    const buffer = this.#documentsOf(spec.name);
    const whole = planWalk(spec, query);
    const sealed = cursors(this.#generation.secret, whole);
    const walk = query.after === undefined ? whole : resume(whole, sealed.read(query.after));
    const accept = (doc: unknown) => query.filter?.(doc as T) ?? true;
    const stored = await this.#generation
      .documents(spec.name)
      .page(
        walk,
        walk.limit + 1,
        ({ rest, id, doc }) => !buffer.isChanged(id) && comesHere(whole, rest, id, doc) && accept(doc),
      );
    const hits: Hit[] = stored.slice();
    for (const { id, doc, keys } of buffer.changedIn(query.index)) {
      const rest = restOf(whole, id, keys);
      if (rest === undefined || restOf(walk, id, keys) !== rest || !accept(doc)) continue;
      hits.push({ rest, id, doc });
    }
    hits.sort((a, b) => (walk.reverse ? compareText(b.rest, a.rest) : compareText(a.rest, b.rest)));
    const rows = hits.slice(0, walk.limit).map(({ rest, id, doc }) => ({
      id,
      doc: doc as T,
      cursor: sealed.write(rest),
    }));
    return { rows, more: hits.length > walk.limit };
  }

  getVersion<T, I extends Indexes>(
    spec: TemporalSpec<T, I>,
    id: string,
    effectiveAt?: string,
  ): Awaitable<Version<T> | undefined> {
    return this.#versionsOf(spec.name).version(id, effectiveAt) as Awaitable<Version<T> | undefined>;
  }

  putVersion<T, I extends Indexes>(
    spec: TemporalSpec<T, I>,
    id: string,
    effectiveFrom: string,
    doc: T | null,
  ): Awaitable<void> {
    if (this.#recordedAt === undefined) throw new TypeError('a version needs the instant it was recorded at');
    const recordedAt = instantNumber(this.#recordedAt);
    return this.#versionsOf(spec.name).put(id, effectiveFrom, doc, recordedAt);
  }

  async collect(pace: Pace): Promise<Collected> {
    const documents: DocumentWrite[][] = [];
    for (const buffer of this.#documents.values()) documents.push(await buffer.collect(pace));
    const versions: VersionsWrite[][] = [];
    for (const buffer of this.#versions.values()) versions.push(await buffer.collect(pace));
    return {
      change: { documents: documents.flat(), versions: versions.flat() },
      settle: () => {
        for (const [at, buffer] of [...this.#documents.values()].entries())
          buffer.settle(documents[at] ?? []);
        for (const buffer of this.#versions.values()) buffer.settle();
        this.#finds = false;
      },
    };
  }

  /** Forgets what was written since the last `settle`. */
  reset(): void {
    for (const buffer of this.#documents.values()) buffer.reset();
    for (const buffer of this.#versions.values()) buffer.reset();
    this.#finds = false;
  }

  #documentsOf(name: string): DocumentBuffer {
    const buffer = this.#documents.get(name);
    if (buffer === undefined) throw new TypeError(`${this.#generation.name} has no documents ${name}`);
    return buffer;
  }

  #versionsOf(name: string): VersionBuffer {
    const buffer = this.#versions.get(name);
    if (buffer === undefined)
      throw new TypeError(`${this.#generation.name} has no temporal collection ${name}`);
    return buffer;
  }
}

function listOf<V>(lists: Map<string, V[]>, key: string): V[] {
  const list = lists.get(key);
  if (list !== undefined) return list;
  const fresh: V[] = [];
  lists.set(key, fresh);
  return fresh;
}
