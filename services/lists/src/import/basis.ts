import type { Basis } from '@dutyledger/event-store/event-store';
import { isBlank, plain } from '@dutyledger/tables/text';

export interface BasisCell {
  basis: Basis[];
  /** The cell says more than titles, articles and numbers (the wording of an article): it is kept as it is. */
  wordy: boolean;
}

const NUMERAL = '[一二三四五六七八九十百千零〇\\d]';
const ARTICLE_START = new RegExp(`第?${NUMERAL}{1,9}(?:[、至\\-和]${NUMERAL}{1,9})*条`);
const ARTICLE = new RegExp(
  `第?${NUMERAL}{1,9}(?:(?:[、,至\\-和及]|条、)第?${NUMERAL}{1,9})*条(?:之${NUMERAL}{1,9})?` +
    `(?:第?(?:\\(?${NUMERAL}{1,9}\\)?)(?:[、,至和]第?\\(?${NUMERAL}{1,9}\\)?)*[款项目]|\\(${NUMERAL}{1,9}\\))*`,
  'g',
);
const DOCUMENT_NUMBER = /[\u4e00-\u9fa5]{1,12}[〔[【(]\s*\d{4}\s*[〕\]】)]\s*第?\d+号/;
const YEAR_MARK = /^\s*(\([^()]*\))/;
/** "1." "(1)" "①" "一、" "【法律】" before a title. */
const NUMBERING = /^\s*(?:(?:\(?\d+[.、)]|[①-⑳]|[一二三四五六七八九十]+、|【[^】]*】|\[[^\]]*\])\s*)+/;

/**
 * Reads the laws and documents of a cell: `甲条例(2021);乙法(2021)`, or 《甲法》第七条第二款:… with the wording of the
 * article. `articles` and `numbers` are parallel cells; they are matched one to one where their counts agree.
 */
export function readBasis(titles: string, articles = '', numbers = ''): BasisCell {
  if (isBlank(titles)) return { basis: [], wordy: false };
  const entries = plain(titles).includes('《') ? bracketedTitles(titles) : plainTitles(titles);
  const article = isBlank(articles) ? [] : splitList(articles);
  const number = isBlank(numbers) ? [] : splitList(numbers);
  const { basis } = entries;
  attach(basis, 'article', article, articles);
  attach(basis, 'documentNumber', number, numbers);
  return { basis: distinct(basis), wordy: entries.wordy };
}

function attach(
  basis: Basis[],
  field: 'article' | 'documentNumber',
  values: readonly string[],
  whole: string,
): void {
  const first = basis[0];
  if (values.length === 0 || !first) return;
  if (values.length === basis.length) {
    for (const [i, value] of values.entries()) {
      const entry = basis[i];
      if (entry && !isBlank(value)) entry[field] = value;
    }
  } else {
    first[field] = whole.trim();
  }
}

/** Line breaks and semicolons separate; a dash keeps the place of a missing value. */
const splitList = (text: string): string[] =>
  text
    .split(/[\n;\uff1b]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function plainTitles(text: string): BasisCell {
  const basis = splitList(text)
    .map((part) =>
      part
        .replace(NUMBERING, '')
        .replace(/[。.,\uff0c]+$/, '')
        .trim(),
    )
    .filter((part) => !isBlank(part))
    .map(titleAndArticle);
  return { basis, wordy: false };
}

/** "城乡规划法第六十五条" → title and article; "某政发〔2025〕1号" stays with its title as the number. */
function titleAndArticle(part: string): Basis {
  const start = plain(part).search(ARTICLE_START);
  // 清单(81条) counts items and names no article.
  const inBrackets = plain(part).lastIndexOf('(', start) > plain(part).lastIndexOf(')', start);
  const [title, article] = start > 0 && !inBrackets ? [part.slice(0, start), part.slice(start)] : [part, ''];
  return withNumber(title.trim(), article.trim());
}

function withNumber(title: string, article: string): Basis {
  const number = DOCUMENT_NUMBER.exec(plain(title));
  if (!number || number[0].length === title.length) return { title, ...(article && { article }) };
  const rest = title.replace(title.slice(number.index, number.index + number[0].length), '');
  const name = rest.replace(/[(\uff08]\s*[)\uff09]/, '').trim();
  return { title: name, ...(article && { article }), documentNumber: number[0].replace(/\s+/g, '') };
}

function bracketedTitles(text: string): BasisCell {
  const basis: Basis[] = [];
  let wordy = false;
  for (const entry of entriesOf(text)) {
    const { head, rest } = headOf(entry);
    const found = titlesIn(head);
    if (found.length === 0) {
      const loose = entry.replace(NUMBERING, '').trim();
      const isTitle =
        basis.length === 0 ||
        /(法|条例|办法|规定|通知|意见|方案|细则|目录|清单|规则)([(\uff08].*[)\uff09])?$/.test(loose);
      if (isTitle && loose.length <= 60 && !/[。,\uff0c]/.test(loose)) basis.push(titleAndArticle(loose));
      else wordy = true;
      continue;
    }
    basis.push(...found);
    wordy ||= rest.replace(/[\s\p{P}]/gu, '').length > 4;
  }
  return { basis, wordy };
}

/** A new entry begins on a new line or after a semicolon, if a title (with or without a number before it) follows. */
function entriesOf(text: string): string[] {
  const entries: string[] = [];
  for (const part of text.split(/(?<=[\n;\uff1b。])/)) {
    const begins = /^\s*《/.test(part.replace(NUMBERING, ''));
    if (begins || entries.length === 0) entries.push(part);
    else entries[entries.length - 1] += part;
  }
  return entries.flatMap(splitLooseTitles).filter((entry) => !isBlank(entry));
}

/** Titles without brackets may stand between semicolons beside those with. */
function splitLooseTitles(entry: string): string[] {
  const { head, rest } = headOf(entry);
  if (rest.trim() !== '') return [entry];
  return head.split(/[\n;\uff1b]/).filter((part) => part.trim() !== '');
}

/** What stands before the wording of the article: up to a colon, a quotation mark or the end of the sentence. */
function headOf(entry: string): { head: string; rest: string } {
  const end = entry.search(/[:\uff1a“"。]/);
  return end < 0 ? { head: entry, rest: '' } : { head: entry.slice(0, end), rest: entry.slice(end) };
}

function titlesIn(head: string): Basis[] {
  const titles = [...head.matchAll(/《((?:[^《》]|《[^《》]*》|〈[^〉]*〉)+)》/g)];
  return titles.map((match, i) => {
    const start = (match.index ?? 0) + match[0].length;
    const tail = head.slice(start, titles[i + 1]?.index ?? head.length);
    return afterTitle((match[1] ?? '').replace(/\s+/g, ''), plain(tail));
  });
}

/** What follows a title: its edition, the number of the document, the articles. */
function afterTitle(title: string, tail: string): Basis {
  const number = DOCUMENT_NUMBER.exec(tail)?.[0].replace(/\s+/g, '');
  const edition = YEAR_MARK.exec(tail)?.[1];
  const isEdition =
    edition !== undefined && /\d{4}|修|主席令|国务院令/.test(edition) && !/号\)?$/.test(edition);
  const articles = [...tail.matchAll(ARTICLE)].map((match) => match[0]).join('、');
  return {
    title: isEdition ? title + edition : title,
    ...(articles && { article: articles }),
    ...(number && { documentNumber: number }),
  };
}

function distinct(basis: Basis[]): Basis[] {
  const seen = new Set<string>();
  return basis.filter(({ title, article = '', documentNumber = '' }) => {
    const key = `${title}\n${article}\n${documentNumber}`;
    return !seen.has(key) && seen.add(key);
  });
}
