/** Longest code of a case class, in characters. */
export const LONGEST_CLASS = 100;

/**
 * What a case class can be written as in a list or a configuration, the most particular first: the class itself, then
 * every pattern that stands for it (SL.CS is one of SL.CS*, SL.C*, … S* and *).
 */
export function patternsFor(caseClass: string): string[] {
  const characters = [...caseClass].slice(0, LONGEST_CLASS);
  const patterns = characters.map((_, i) => `${characters.slice(0, characters.length - i).join('')}*`);
  return [...new Set([caseClass, ...patterns, '*'])];
}
