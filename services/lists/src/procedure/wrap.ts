/** Breaking texts into lines without a font at hand: widths are estimated, rather too wide than too narrow. */

/** Shares of the font size that a character takes. */
function shareOf(character: string): number {
  if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[\u2e80-\u303f\u3200-\uffdf]|\p{Extended_Pictographic}/u.test(
      character,
    )
  )
    return 1;
  if (/\p{M}|\p{Cf}/u.test(character)) return 0;
  if (/[ilj.,:;'|!()[\]\s]/.test(character)) return 0.36;
  if (/[mwMW@%—…→]/.test(character)) return 0.95;
  if (/[A-Z]/.test(character)) return 0.74;
  return 0.62;
}

export const widthOf = (text: string, size: number): number =>
  [...text].reduce((sum, character) => sum + shareOf(character), 0) * size;

/** No line begins with these, and none ends with those. */
const CLOSING = /^[，。、；：！？）》」』】〉”’…,.;:!?)\]}]/;
const OPENING = /[（《「『【〈“‘([{]$/;

/** Parts that a line may be broken between: single Chinese characters, words of other scripts. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (const [part] of text.matchAll(/[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+\s*|\s+|./gsu)) {
    const last = parts.at(-1);
    if (last !== undefined && (CLOSING.test(part) || OPENING.test(last) || part.trim() === '')) {
      parts[parts.length - 1] = last + part;
    } else parts.push(part);
  }
  return parts;
}

/** At most `most` lines that are no wider than `width`; the last ends with … where there would be more. */
export function wrap(text: string, size: number, width: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  const fits = (candidate: string) => widthOf(candidate.trimEnd(), size) <= width;
  for (const part of partsOf(text.replace(/\s+/g, ' ').trim())) {
    if (line !== '' && !fits(line + part)) {
      lines.push(line.trimEnd());
      line = '';
    }
    for (const character of fits(line + part) ? [part] : part) {
      if (line !== '' && !fits(line + character)) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += character;
    }
    if (lines.length > most) break;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  if (lines.length <= most) return lines;
  let last = lines[most - 1] ?? '';
  while (last !== '' && !fits(`${last}…`)) last = [...last].slice(0, -1).join('');
  return [...lines.slice(0, most - 1), `${last}…`];
}
