import { readFileSync } from 'node:fs';
import { type DocumentNode, parse } from 'graphql/index.js';
import { describe, expect, test } from 'vitest';
import { compose, subgraphDefinitions, supergraphFile } from './compose.ts';

interface Described {
  name: { value: string };
  description?: unknown;
}

/** Coordinates of everything in a schema that lacks a description: types, fields, arguments, enum values. */
function undescribed({ definitions }: DocumentNode): string[] {
  const missing: string[] = [];
  const look = (node: Described, coordinate: string): void => {
    if (!node.description) missing.push(coordinate);
  };
  for (const node of definitions) {
    if (!('name' in node) || !node.name || node.kind.endsWith('Extension')) continue;
    const name = node.name.value;
    if (name !== 'Query' && name !== 'Mutation') look(node as Described, name);
    for (const value of 'values' in node ? (node.values ?? []) : [])
      look(value, `${name}.${value.name.value}`);
    for (const field of 'fields' in node ? (node.fields ?? []) : []) {
      look(field, `${name}.${field.name.value}`);
      for (const argument of 'arguments' in field ? (field.arguments ?? []) : []) {
        look(argument, `${name}.${field.name.value}(${argument.name.value}:)`);
      }
    }
  }
  return missing;
}

describe('supergraph', () => {
  test('is what the services say: run `npm run compose` after changing a schema and review the difference', () => {
    expect(readFileSync(supergraphFile, 'utf8')).toBe(compose(subgraphDefinitions()));
  });

  test('subgraphs that do not fit together are told with every reason', () => {
    const of = (name: string, type: string) => ({
      name,
      typeDefs: `type Query { same: ${type} other: ${type} }`,
    });
    expect(() => compose([of('a', 'Int'), of('b', 'String')])).toThrow(/same[\s\S]*other/);
  });

  test.each(subgraphDefinitions())(
    '$name describes every type, field, argument and enum value',
    ({ typeDefs }) => {
      expect(undescribed(parse(typeDefs))).toEqual([]);
    },
  );
});
