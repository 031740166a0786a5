import { readFileSync } from 'node:fs';

/**
 * What the organs of a county do, and the words by which lists name the organ that does it (data/organ-functions.tsv,
 * sources in data/README.md). A county joins functions in one organ as it likes (教育和体育局, 文化广电旅游体育局), so the unit
 * is the function: an organ has all those that its name tells.
 */

export type OrganKind = 'government' | 'vertical' | 'service' | 'party' | 'mass' | 'stationed';

export interface OrganFunction {
  key: string;
  /** Stationed units work in a town for the organ that stations them, and are not that organ. */
  kind: OrganKind;
  /** Usual name of the organ at county level, without the county's name. */
  organ: string;
  en: string;
  /** Words that name it today. */
  words: string[];
  /** Words of organs that were merged into it. */
  formerly: string[];
  /**
   * The function whose organ holds this one where no organ of its own is set up; of a stationed unit, the function that
   * stations it.
   */
  under: string | undefined;
}

const separate = (words: string | undefined): string[] =>
  (words ?? '').split(' ').filter((word) => word !== '');

function read(): OrganFunction[] {
  const text = readFileSync(new URL('../data/organ-functions.tsv', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [key = '', kind, organ = '', en = '', words, formerly, under] = line.split('\t');
      return {
        key,
        kind: kind as OrganKind,
        organ,
        en,
        words: separate(words),
        formerly: separate(formerly),
        under: under || undefined,
      };
    });
}

export const ORGAN_FUNCTIONS: readonly OrganFunction[] = read();

const byKey = new Map(ORGAN_FUNCTIONS.map((row) => [row.key, row]));

/** The function of a key that `functionGroups` answered. */
export function organFunction(key: string): OrganFunction | undefined {
  return byKey.get(key);
}
