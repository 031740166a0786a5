import type { Awaitable, Body, PastSegment, Segment, TemporalTable, VersionsWrite } from './adapter.ts';
import { keysOf, sameKeys } from './index-key.ts';
import type { Pace } from './pace.ts';
import type { Indexes, Version } from './read-store.ts';
import { Scale } from './scale.ts';
import { dayNumber, dayText, instantText, NO_END } from './times.ts';
import { ENTRY_WEIGHT, TwoAges } from './two-ages.ts';

/** Content that is not in the store yet; written out only if it gets there. */
class Fresh implements Body {
  stored?: unknown;
  readonly doc: unknown;
  #text: string | undefined;

  constructor(doc: unknown) {
    this.doc = doc;
  }

  get text(): string | null {
    if (this.doc === null) return null;
    this.#text ??= JSON.stringify(this.doc);
    return this.#text;
  }
}

/** Parsed at most once in a batch. */
type Parsed = Body & { doc?: unknown };

function docOf(body: Parsed): unknown {
  if (body.doc === undefined) body.doc = body.text === null ? null : JSON.parse(body.text);
  return body.doc;
}

interface Held {
  /** Known segments, by their start: those that were asked for, not all of the document. */
  known: (Segment & { changed?: boolean })[];
  past: PastSegment[];
}

/** Segments kept per document beyond the batch: the newest, which the next change will most likely split. */
const KEPT = 2;

const contains = (segment: Segment, day: number): boolean =>
  segment.effectiveFrom <= day && day < segment.effectiveTo;

/**
 * The versions of one temporal collection as a batch sees them. The days of a document are cut into segments; a new
 * version splits the segment that it starts in, which from then on is known to end there. What was known at an
 * earlier instant goes to the past; what was put and replaced at the same instant was never known and leaves no trace.
 */
export class VersionBuffer {
  readonly #name: string;
  readonly #indexes: (readonly string[])[];
  readonly #table: TemporalTable;
  readonly #held = new Map<string, Held>();
  readonly #changed = new Set<string>();
  readonly #kept: TwoAges<string, Segment[]>;
  readonly #scale = new Scale();
  /** Characters of JSON that the batch holds, roughly. */
  weight = 0;

  constructor(name: string, indexes: Indexes, table: TemporalTable, keepCharacters: number) {
    this.#name = name;
    this.#indexes = Object.values(indexes);
    this.#table = table;
    this.#kept = new TwoAges(keepCharacters);
  }

  get changes(): number {
    return this.#changed.size;
  }

  version(id: string, effectiveAt: string | undefined): Awaitable<Version<unknown> | undefined> {
    const day = effectiveAt === undefined ? NO_END - 1 : dayNumber(effectiveAt);
    const segment = this.#segment(id, day);
    return segment instanceof Promise
      ? segment.then((loaded) => toVersion(id, loaded))
      : toVersion(id, segment);
  }

  put(id: string, effectiveFrom: string, doc: unknown, recordedAt: number): Awaitable<void> {
    if (id === '' || !id.isWellFormed()) throw new TypeError(`not a document id: ${JSON.stringify(id)}`);
    const day = dayNumber(effectiveFrom);
    const body = new Fresh(doc);
    this.weight += this.#scale.weigh(doc);
    const segment = this.#segment(id, day);
    if (segment instanceof Promise) {
      return segment.then((loaded) => this.#split(id, loaded, day, body, recordedAt));
    }
    return this.#split(id, segment, day, body, recordedAt);
  }

  async prefetch(places: readonly { id: string; day: number }[]): Promise<void> {
    const missing = places.filter(({ id, day }) => this.#find(id, day) === undefined);
    const segments = await this.#table.segments(missing);
    for (const [at, segment] of segments.entries()) {
      const { id, day } = missing[at] ?? { id: '', day: 0 };
      if (this.#find(id, day) === undefined) this.#hold(id, segment);
    }
  }

  /** What the batch changes in the store. */
  async collect(pace: Pace): Promise<VersionsWrite[]> {
    const writes: VersionsWrite[] = [];
    for (const id of this.#changed) {
      await pace.step();
      const held = this.#held.get(id);
      if (held === undefined) continue;
      const known = held.known.filter(({ changed }) => changed);
      const keys = this.#newKeys([...held.known, ...held.past].map(({ body }) => body));
      writes.push({ collection: this.#name, id, known, past: held.past, keys });
    }
    return writes;
  }

  /** The writes are in the store. */
  settle(): void {
    for (const id of this.#changed) {
      const segments = (this.#held.get(id)?.known ?? []).slice(-KEPT);
      let weight = ENTRY_WEIGHT;
      for (const segment of segments) {
        delete segment.changed;
        segment.body = { text: segment.body.text, stored: segment.body.stored };
        weight += (segment.body.text?.length ?? 0) + ENTRY_WEIGHT;
      }
      this.#kept.set(id, segments, weight);
    }
    this.#clear();
  }

  /** Forgets the batch and all that it took from what is kept. */
  reset(): void {
    for (const id of this.#held.keys()) this.#kept.delete(id);
    this.#clear();
  }

  #clear(): void {
    this.#held.clear();
    this.#changed.clear();
    this.weight = 0;
  }

  /** Keys that the contents which are not stored yet add to those of one that is: its keys are there already. */
  #newKeys(bodies: readonly Body[]): string[][] {
    const fresh = new Set(bodies.filter((body) => body.stored === undefined && body.text !== null));
    const stored = bodies.findLast((body) => body.stored !== undefined && body.text !== null);
    const there = stored && docOf(stored);
    return this.#indexes.map((fields) => {
      const keys = new Set<string>();
      let before = there;
      for (const body of fresh) {
        const doc = docOf(body);
        if (before === undefined || !sameKeys(fields, before, doc)) {
          for (const key of keysOf(fields, doc)) keys.add(key);
        }
        before = doc;
      }
      if (there !== undefined && keys.size > 0) for (const key of keysOf(fields, there)) keys.delete(key);
      return [...keys];
    });
  }

  #segment(id: string, day: number): Awaitable<Segment> {
    const found = this.#find(id, day);
    if (found !== undefined) return found;
    const loaded = this.#table.segment(id, day);
    if (loaded instanceof Promise) return loaded.then((segment) => this.#hold(id, segment));
    return this.#hold(id, loaded);
  }

  #find(id: string, day: number): Segment | undefined {
    let held = this.#held.get(id);
    if (held === undefined) {
      const kept = this.#kept.get(id);
      if (kept === undefined) return undefined;
      held = { known: kept, past: [] };
      this.#held.set(id, held);
    }
    return held.known.findLast((segment) => contains(segment, day));
  }

  #hold(id: string, segment: Segment): Segment {
    const held = this.#held.get(id);
    this.weight += (segment.body.text?.length ?? 0) + ENTRY_WEIGHT;
    if (held === undefined) this.#held.set(id, { known: [segment], past: [] });
    else insert(held.known, segment);
    return segment;
  }

  #split(id: string, segment: Held['known'][number], day: number, body: Body, recordedAt: number): void {
    const held = this.#held.get(id);
    if (held === undefined) throw new Error(`nothing is held of ${id}`);
    this.#changed.add(id);
    const first = segment.effectiveFrom === 0;
    const recordedFrom = first ? recordedAt : Math.max(recordedAt, segment.recordedFrom);
    if (!first) {
      if (segment.recordedFrom < recordedFrom) {
        const { changed: _, ...known } = segment;
        held.past.push({ ...known, recordedTo: recordedFrom });
      }
      segment.recordedFrom = recordedFrom;
      segment.changed = true;
    }
    if (segment.effectiveFrom === day) {
      segment.body = body;
      return;
    }
    const { effectiveTo } = segment;
    segment.effectiveTo = day;
    insert(held.known, { effectiveFrom: day, effectiveTo, recordedFrom, body, changed: true });
  }
}

function insert(known: Held['known'], segment: Held['known'][number]): void {
  const before = known.findLastIndex(({ effectiveFrom }) => effectiveFrom < segment.effectiveFrom);
  known.splice(before + 1, 0, segment);
}

function toVersion(id: string, segment: Segment): Version<unknown> | undefined {
  const doc = docOf(segment.body);
  if (doc === null) return undefined;
  return {
    id,
    doc,
    recordedFrom: instantText(segment.recordedFrom),
    recordedTo: null,
    effectiveFrom: dayText(segment.effectiveFrom),
    effectiveTo: segment.effectiveTo === NO_END ? null : dayText(segment.effectiveTo),
  };
}
