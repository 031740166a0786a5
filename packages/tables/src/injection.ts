/**
 * Texts that office programs would run as formulas when they open a text file, also in full-width form. They are
 * written with an apostrophe before them and read back without it; one that already has apostrophes gets one more, so
 * that writing and reading are each other's inverse.
 */
const RISKY = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/;
const NEUTRALISED = /^'+[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/;

export const neutraliseCell = (text: string): string => (RISKY.test(text) ? `'${text}` : text);

export const restoreCell = (text: string): string => (NEUTRALISED.test(text) ? text.slice(1) : text);
