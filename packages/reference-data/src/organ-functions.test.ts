import { expect, test } from 'vitest';
import { ORGAN_FUNCTIONS, organFunction } from './organ-functions.ts';
import { functionGroups } from './organ-names.ts';

test('every line of the table is complete', () => {
  expect(ORGAN_FUNCTIONS.length).toBeGreaterThan(80);
  expect(new Set(ORGAN_FUNCTIONS.map(({ key }) => key)).size).toBe(ORGAN_FUNCTIONS.length);
  for (const { key, kind, organ, en, under } of ORGAN_FUNCTIONS) {
    expect(key).toMatch(/^[a-z-]+$/);
    expect(['government', 'vertical', 'service', 'party', 'mass', 'stationed']).toContain(kind);
    expect(organ).not.toBe('');
    expect(en).not.toBe('');
    if (under !== undefined) expect(organFunction(under)).toBeDefined();
    if (kind === 'stationed') expect(under).toBeDefined();
  }
});

test('every word and every usual name is read as the function it stands for', () => {
  for (const { key, organ, words, formerly } of ORGAN_FUNCTIONS) {
    for (const word of [organ, ...words, ...formerly])
      expect([word, functionGroups(word)]).toEqual([word, expect.arrayContaining([key])]);
  }
});

test('an unknown key is none', () => {
  expect(organFunction('alchemy')).toBeUndefined();
});
