/** Cutting a cell into the organs it names; what stands in brackets is never cut. */

const OPENING = /[(\uff08[【〔《]/;
const CLOSING = /[)\uff09\]】〕》]/;

/** Line breaks and semicolons always separate. */
export const STRONG = /^[\n;\uff1b]/;
/** Enumeration. */
export const ENUMERATION = /^[、,\uff0c/]/;
/** Words that join names, but may also be part of one (自然资源和规划局). */
export const JOINING = /^(?:以及|或者|会同|联合|和|及|与|或|暨)/;

/** Parts between separators, trimmed and without empty ones. */
export function splitOutsideBrackets(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (OPENING.test(char)) depth += 1;
    else if (CLOSING.test(char)) depth = Math.max(0, depth - 1);
    const found = depth === 0 ? separator.exec(text.slice(i, i + 2))?.[0] : undefined;
    if (found === undefined) continue;
    parts.push(text.slice(start, i));
    i += found.length - 1;
    start = i + 1;
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const NUMBERING = /^\s*(?:[((\uff08]?\d{1,2}[.、)\uff0e\uff09]|[①-⑳])\s*/;

/** "1.区公安局" → 区公安局. */
export const withoutNumbering = (text: string): string => text.replace(NUMBERING, '');

/** Levels that share one noun: 县、乡级人民政府; or none: 县乡村. Each level gets the noun of its own. */
const LEVELS = /^((?:(?:省|市|区|县|乡|镇|村)级?[、或和及与]?){2,})(.*)$/s;

/** The names that levels sharing a noun stand for; empty when the text is none such. */
export function expandLevels(text: string): string[] {
  const [, levels = '', noun = ''] =
    LEVELS.exec(text.replace(/[(\uff08][^()\uff08\uff09]*[)\uff09]$/, '')) ?? [];
  if (levels === '' || (noun !== '' && !/^(人民)?政府$/.test(noun))) return [];
  return [...levels.matchAll(/[省市区县乡镇村]/g)].map(
    ([level]) => level + (noun || (level === '村' ? '民委员会' : '人民政府')),
  );
}

/** Duties that stand beside several organs, in the parts that the cell itself makes. */
export const splitDuties = (text: string): string[] =>
  text
    .split(/[\n;\uff1b]/)
    .map((part) => withoutNumbering(part).trim())
    .filter((part) => part !== '');
