import { Pace } from '@dutyledger/read-store/pace';
import type { Batch } from '@dutyledger/read-store/read-store';
import { furtherId, partOf, postedText, postingId, SHARED } from './postings.ts';
import {
  areaOf,
  cityOf,
  type ItemRow,
  type ListRow,
  type Posted,
  type PostingRow,
  postings,
  wordCounts,
} from './rows.ts';
import { beginningOf, placesOf, wordCountsId } from './word-counts.ts';

/** How many items held a word before. */
interface Before {
  inArea: number;
  inProvince: number;
}
const NONE: Before = { inArea: 0, inProvince: 0 };

/** The words that an event brings to items which did not hold them; counted and posted once per word. */
export class NewWords {
  readonly #list: string;
  readonly #area: string;
  readonly #posted = new Map<string, Posted[]>();

  constructor({ id, division }: ListRow) {
    this.#list = id;
    this.#area = areaOf(division);
  }

  /** `before`: the newest version there was. Words that go are not taken off: earlier days still know them. */
  take(before: ItemRow | undefined, now: ItemRow | null): void {
    if (!now) return;
    const known = new Set(before && ['', ...before.terms]);
    const posted: Posted = [now.content.name.length, now.code];
    for (const word of ['', ...now.terms]) {
      if (known.has(word)) continue;
      const others = this.#posted.get(word);
      if (others) others.push(posted);
      else this.#posted.set(word, [posted]);
    }
  }

  async post(batch: Batch): Promise<void> {
    const before = await this.#count(batch);
    const pace = new Pace();
    for (const [word, posted] of this.#posted) {
      await pace.step();
      if (word !== '') await this.#postWord(batch, word, posted, before.get(word) ?? NONE);
    }
  }

  /** Counts the words; answers how many items held them before. */
  async #count(batch: Batch): Promise<ReadonlyMap<string, Before>> {
    const alike = Map.groupBy(this.#posted, ([word]) => beginningOf(word));
    const before = new Map<string, Before>();
    for (const place of placesOf(this.#area)) {
      const own = place === this.#area;
      for (const [beginning, some] of alike) {
        const id = wordCountsId(place, beginning);
        const counts = new Map(Object.entries((await batch.get(wordCounts, id))?.words ?? {}));
        for (const [word, { length }] of some) {
          const count = counts.get(word) ?? 0;
          before.set(word, { ...(before.get(word) ?? NONE), [own ? 'inArea' : 'inProvince']: count });
          counts.set(word, count + length);
        }
        const words = Object.fromEntries(counts);
        batch.put(wordCounts, id, { place, digits: place.length, beginning, words });
      }
    }
    return before;
  }

  async #postWord(batch: Batch, word: string, posted: readonly Posted[], before: Before): Promise<void> {
    const rest = await this.#share(batch, word, posted, before);
    const { inArea } = before;
    const at = inArea + posted.length - rest.length;
    const first = postingId(this.#area, word);
    const further: [number, number][] = [];
    for (const [part, some] of Map.groupBy(rest, (_, n) => partOf(at + n))) {
      if (part === undefined) {
        await this.#add(batch, first, { word, place: this.#area }, some, inArea === 0);
        continue;
      }
      for (const [rank, alike] of Map.groupBy(some, ([each]) => each)) {
        const id = furtherId(this.#area, word, rank, part);
        const fresh = await this.#add(batch, id, { word, place: this.#area }, alike, inArea === 0);
        if (fresh) further.push([rank, part]);
      }
    }
    if (further.length > 0) await this.#note(batch, first, word, further);
  }

  /** Posts as many as there is room for in the row of the city; answers the others. */
  async #share(
    batch: Batch,
    word: string,
    posted: readonly Posted[],
    { inArea, inProvince }: Before,
  ): Promise<readonly Posted[]> {
    // It is full: the items of this area alone would fill it.
    if (inArea >= SHARED) return posted;
    const place = cityOf(this.#area);
    const id = postingId(place, word);
    const row = inProvince === 0 ? undefined : await batch.get(postings, id);
    const room = SHARED - (row?.items ?? 0);
    if (room > 0) await this.#add(batch, id, { word, place }, posted.slice(0, room), inProvince === 0);
    return posted.slice(Math.max(0, room));
  }

  /** Notes further rows of the area in its first one, which holds no items if all that came before are in the city's. */
  async #note(batch: Batch, id: string, word: string, further: [number, number][]): Promise<void> {
    const row = (await batch.get(postings, id)) ?? {
      word,
      place: this.#area,
      least: Math.min(...further.map(([rank]) => rank)),
      items: 0,
      posted: '',
      further: [],
    };
    batch.put(postings, id, { ...row, further: [...row.further, ...further] });
  }

  /** Whether the row is new. `fresh`: it is known to be. */
  async #add(
    batch: Batch,
    id: string,
    of: Pick<PostingRow, 'word' | 'place'>,
    some: readonly Posted[],
    fresh: boolean,
  ): Promise<boolean> {
    const row = fresh ? undefined : await batch.get(postings, id);
    batch.put(postings, id, {
      ...of,
      least: Math.min(row?.least ?? Number.MAX_SAFE_INTEGER, ...some.map(([rank]) => rank)),
      items: (row?.items ?? 0) + some.length,
      posted: (row?.posted ?? '') + postedText(this.#area, this.#list, some),
      further: row?.further ?? [],
    });
    return row === undefined;
  }
}
