import { shortName } from './division-search.ts';
import { ancestors, division } from './divisions.ts';
import { type OrganClass, readOrganPhrase } from './organ-phrase.ts';

/** Cleaning and comparing the names that lists give to organs. */

/**
 * One way of writing: compatibility forms (NFKC), no white space, line breaks or invisible characters, no quotation
 * marks, round full-width brackets.
 */
export function normaliseOrganName(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\s\p{Cc}\p{Cf}"'“”‘’「」]/gu, '')
    .replaceAll(/[([{〔【〖]/g, '（')
    .replaceAll(/[)\]}〕】〗]/g, '）');
}

/**
 * Keys of the functions that a phrase names (公安机关 → public-security; 发改工信公安 → three), in the order of the text.
 * Empty unless the whole phrase is understood; towns, villages and governments in it are left to `organClass`.
 */
export function functionGroups(text: string): string[] {
  const { groups, rest } = readOrganPhrase(normaliseOrganName(text));
  return rest === '' ? groups : [];
}

/** The class that a phrase stands for; undefined if it names anything else besides, several classes, or none. */
export function organClass(text: string): OrganClass | undefined {
  const { groups, classes, rest } = readOrganPhrase(normaliseOrganName(text));
  return rest === '' && groups.length === 0 && classes.length === 1 ? classes[0] : undefined;
}

/** What is left of a government's or committee's own name without its division. */
const BARE_BODY = /^(办事处|人民政府|政府|委员会|党委|党工委|委)?$/;

/** A level's word at the beginning, unless the name itself begins so (市场监管局, 乡村振兴局). */
const LEVEL_WORD = /^(区(?!域|块)|县(?!域)|旗|镇|乡(?!村)|街道(?!办))/;
/** For cities only: in a district, 市公安局 is the organ of the city above it. */
const CITY_WORD = /^市(?!场|容|政[公管工设]|民[服热]|监[局所管])/;

/**
 * The name without the division it belongs to: 济南市章丘区公安局, 章丘公安局, 区公安局 → 公安局; 区委组织部 → 组织部; 济南市公安局章丘分局
 * → 公安分局. A government keeps its level's word (济南市章丘区人民政府 → 区人民政府). The name is normalised; with an unknown
 * division only the level's word is taken off.
 */
export function stripDivisionPrefix(name: string, divisionCode: string): string {
  const whole = normaliseOrganName(name).replace(/^(中国共产党|中共|国家税务总局)(?=.)/, '');
  let rest = whole;
  let level = '';
  for (const code of ancestors(divisionCode, { self: true }).reverse()) {
    const full = division(code)?.name;
    if (full === undefined) continue;
    const forms = [full, shortName(full)].filter((form) => form !== undefined);
    const written = forms.find((form) => rest.startsWith(form));
    if (written !== undefined) {
      rest = rest.slice(written.length);
      level = /(街道|.)$/.exec(full)?.[0] ?? '';
    }
    rest = rest.replace(new RegExp(`局(${forms.join('|')})分局$`), '分局');
  }
  if (rest === '') return whole;
  if (BARE_BODY.test(rest)) return level + rest;
  const levelWord =
    division(divisionCode)?.name?.endsWith('市') && CITY_WORD.test(rest) ? CITY_WORD : LEVEL_WORD;
  const withoutLevel = level === '' ? rest.replace(levelWord, '') : rest;
  if (BARE_BODY.test(withoutLevel)) return rest;
  const owned = level !== '' || withoutLevel !== rest;
  return owned ? withoutLevel.replace(/^(委员会|委)(?=.{2})/, '') : rest;
}

/**
 * How alike two names are, 0 to 1, for offering the nearest candidates: the share of pairs of neighbouring characters
 * that both have (Dice), over normalised names, where beginning and end count as characters.
 */
export function similarity(a: string, b: string): number {
  const [one, other] = [bigrams(a), bigrams(b)];
  const left = new Map<string, number>();
  for (const pair of one) left.set(pair, (left.get(pair) ?? 0) + 1);
  let shared = 0;
  for (const pair of other) {
    const count = left.get(pair) ?? 0;
    if (count === 0) continue;
    left.set(pair, count - 1);
    shared += 1;
  }
  return (2 * shared) / (one.length + other.length);
}

function bigrams(name: string): string[] {
  const text = `^${normaliseOrganName(name)}$`;
  return Array.from({ length: text.length - 1 }, (_, index) => text.slice(index, index + 2));
}
