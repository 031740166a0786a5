import type { Batch } from '@dutyledger/read-store/read-store';
import { furtherId, partOf, postingId } from './postings.ts';
import { areaOf, type ItemRow, type ListRow, type Posted, postings, wordCounts } from './rows.ts';
import { beginningOf, placesOf, wordCountsId } from './word-counts.ts';

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
    const alike = Map.groupBy(this.#posted, ([word]) => beginningOf(word));
    const before = new Map<string, number>();
    for (const place of placesOf(this.#area)) {
      for (const [beginning, some] of alike) {
        const id = wordCountsId(place, beginning);
        const counts = new Map(Object.entries((await batch.get(wordCounts, id))?.words ?? {}));
        for (const [word, { length }] of some) {
          const count = counts.get(word) ?? 0;
          if (place === this.#area) before.set(word, count);
          counts.set(word, count + length);
        }
        const words = Object.fromEntries(counts);
        batch.put(wordCounts, id, { place, digits: place.length, beginning, words });
      }
    }
    for (const [word, posted] of this.#posted) {
      if (word !== '') await this.#postWord(batch, word, posted, before.get(word) ?? 0);
    }
  }

  /** `before`: items of the area that held the word. */
  async #postWord(batch: Batch, word: string, posted: readonly Posted[], before: number): Promise<void> {
    const first = postingId(this.#area, word);
    const further: [number, number][] = [];
    for (const [part, some] of Map.groupBy(posted, (_, at) => partOf(before + at))) {
      if (part === undefined) {
        await this.#add(batch, first, word, some, before === 0);
        continue;
      }
      for (const [rank, alike] of Map.groupBy(some, ([each]) => each)) {
        const fresh = await this.#add(
          batch,
          furtherId(this.#area, word, rank, part),
          word,
          alike,
          before === 0,
        );
        if (fresh) further.push([rank, part]);
      }
    }
    const row = further.length > 0 ? await batch.get(postings, first) : undefined;
    if (row) batch.put(postings, first, { ...row, further: [...row.further, ...further] });
  }

  /** Whether the row is new. `fresh`: it is known to be. */
  async #add(
    batch: Batch,
    id: string,
    word: string,
    some: readonly Posted[],
    fresh: boolean,
  ): Promise<boolean> {
    const row = fresh ? undefined : await batch.get(postings, id);
    batch.put(postings, id, {
      word,
      area: this.#area,
      least: Math.min(row?.least ?? Number.MAX_SAFE_INTEGER, ...some.map(([rank]) => rank)),
      lists: { ...row?.lists, [this.#list]: [...(row?.lists[this.#list] ?? []), ...some] },
      further: row?.further ?? [],
    });
    return row === undefined;
  }
}
