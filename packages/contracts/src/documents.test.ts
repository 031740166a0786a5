import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { contracts } from './catalogue.ts';
import { breakingChanges } from './compatibility.ts';
import { documents } from './documents.ts';

const folder = new URL('../generated/', import.meta.url);
const committed = new Map(
  readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]),
);

describe('generated documents', () => {
  test('no published version was broken or dropped', () => {
    const now = documents();
    for (const [name, published] of committed) {
      expect(now.has(name), `${name} is still generated`).toBe(true);
      if (name.endsWith('.schema.json')) expect(breakingChanges(published, now.get(name) ?? {})).toEqual([]);
    }
  });

  test('what is committed is what the code says (else: npm run generate -w @dutyledger/contracts)', () => {
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(documents()));
  });

  test('every schema stands by itself in JSON Schema 2020-12', () => {
    const ajv = new Ajv2020({ formats: { date: true, 'date-time': true } });
    for (const [name, schema] of documents()) {
      if (name.endsWith('.schema.json')) expect(ajv.compile(schema)({})).toBe(false);
    }
  });

  test('every reference of the AsyncAPI document leads somewhere, and every event is in it', () => {
    const asyncApi = documents().get('asyncapi.json');
    const references = [...JSON.stringify(asyncApi).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path ?? '',
    );
    expect(references).toHaveLength(2 * contracts.length + new Set(contracts.map(({ topic }) => topic)).size);
    for (const reference of references) {
      let place: unknown = asyncApi;
      for (const step of reference.split('/')) place = (place as Record<string, unknown>)[step];
      expect(place, reference).toBeTypeOf('object');
    }
    for (const { type } of contracts) expect(JSON.stringify(asyncApi)).toContain(`"name":"${type}"`);
  });
});

describe('what a published schema may still become', () => {
  const before = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', description: 'id' },
      status: { anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] },
      nested: {
        type: 'array',
        items: { type: 'object', required: [], properties: { x: { type: 'integer' } } },
      },
    },
  };
  const changed = (change: (schema: typeof before & Record<string, unknown>) => void) => {
    const after = structuredClone(before);
    change(after);
    return breakingChanges(before, after);
  };
  const properties = (schema: unknown) => (schema as { properties: Record<string, unknown> }).properties;

  test('an optional field may be added, and descriptions improved, at any depth', () => {
    expect(
      changed((schema) => {
        properties(schema)['added'] = { type: 'string' };
        properties(schema.properties.nested.items)['y'] = { type: 'string' };
        Object.assign(schema.properties.id, { description: 'better', title: '标识' });
      }),
    ).toEqual([]);
  });

  test.each<[string, (schema: typeof before) => void, string]>([
    ['removing a field', (s) => Reflect.deleteProperty(s.properties, 'id'), '#/id was removed'],
    [
      'retyping a field',
      (s) => Object.assign(s.properties.id, { type: 'integer' }),
      '#/id: type was "string" and is "integer"',
    ],
    ['requiring a field', (s) => s.required.push('status'), '#/status became required'],
    ['no longer giving a field', (s) => s.required.pop(), '#/id is no longer required'],
    [
      'a narrower text',
      (s) => Object.assign(s.properties.id, { maxLength: 5 }),
      '#/id: maxLength was absent and is 5',
    ],
    [
      'another value',
      (s) => s.properties.status.anyOf[0]?.enum?.push('c'),
      '#/status: enum was ["a","b"] and is ["a","b","c"]',
    ],
    [
      'no longer null',
      (s) => s.properties.status.anyOf.pop(),
      '#/status: anyOf was [{"enum":["a","b"]},{"type":"null"}] and is [{"enum":["a","b"]}]',
    ],
    [
      'a change deep inside',
      (s) => Reflect.deleteProperty(s.properties.nested.items.properties, 'x'),
      '#/nested/x was removed',
    ],
  ])('%s breaks consumers', (_, change, problem) => {
    expect(changed(change)).toEqual([problem]);
  });
});
