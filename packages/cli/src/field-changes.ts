/** A field before and after, as the contract gives it. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** A value in few words: lists in a row, objects as key=value without what is empty. */
function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return '∅';
  if (Array.isArray(value)) return value.length === 0 ? '∅' : value.map(text).join('、');
  if (typeof value !== 'object') return String(value);
  const given = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return given.map(([key, part]) => `${key}=${text(part)}`).join(', ');
}

/** `domain: 水利 → 林业; …` */
export const changedFields = (changes: readonly FieldChange[]): string =>
  changes.map(({ field, before, after }) => `${field}: ${text(before)} → ${text(after)}`).join('; ');
