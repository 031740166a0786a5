import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasKey, keysOf } from './index-key.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('\u0001', '\u0002x', '管理', '\ud800', null),
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
);
const doc = fc.record({ a: fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), b: scalar });

test('a document has exactly the keys that it is indexed by', () => {
  const fields = ['a', 'b'];
  fc.assert(
    fc.property(doc, doc, (one, other) => {
      const own = keysOf(fields, one);
      for (const key of own) expect(hasKey(fields, one, key)).toBe(true);
      for (const key of keysOf(fields, other)) expect(hasKey(fields, one, key)).toBe(own.includes(key));
    }),
  );
});
