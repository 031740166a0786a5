/**
 * JSON in one fixed spelling (RFC 8785: keys sorted by UTF-16 code units, no spaces), so that equal content has equal
 * digests whoever wrote it. What JSON cannot say is treated as `JSON.stringify` does: undefined members are left out.
 * Throws TypeError for values without a JSON form (bigint, cycles, undefined itself).
 */
export function canonicalJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`${typeof value} has no JSON form`);
  return spell(JSON.parse(json));
}

function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${spell(member)}`);
  return `{${members.join(',')}}`;
}
