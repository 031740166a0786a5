/** A field before and after, as the contract gives it. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

const text = (value: unknown): string => {
  if (value === null || value === undefined) return '∅';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** `domain: 水利 → 林业; …` */
export const changedFields = (changes: readonly FieldChange[]): string =>
  changes.map(({ field, before, after }) => `${field}: ${text(before)} → ${text(after)}`).join('; ');
