import { readFileSync } from 'node:fs';
import { Supergraph } from '@apollo/federation-internals';
import { subscriptions } from '@dutyledger/contracts/subscriptions';
import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql/index.js';
import { expect, test } from 'vitest';
import { supergraphFile } from '../compose.ts';

const schema = Supergraph.build(readFileSync(supergraphFile, 'utf8')).apiSchema().toGraphQLJSSchema();
const fields = schema.getSubscriptionType()?.getFields() ?? {};

test('every subscription of the graph is fed, and what is fed is in the graph', () => {
  expect(Object.keys(fields).sort()).toEqual(subscriptions.map(({ field }) => field));
});

test.each(subscriptions)(
  '$field: entities are found by queries, the rest is said by messages',
  ({ field, entities }) => {
    const given = fields[field];
    expect(given?.args.map(({ name }) => name)).toContain('after');
    const payload = getNamedType(given?.type) as GraphQLObjectType;
    const composite = Object.values(payload.getFields()).filter(
      ({ type }) => !isLeafType(getNamedType(type)),
    );
    expect(composite.map(({ name }) => name).sort()).toEqual(Object.keys(entities).sort());
    for (const { name, type } of composite) {
      const query = schema.getQueryType()?.getFields()[entities[name] ?? ''];
      expect(getNamedType(query?.type)).toBe(getNamedType(type));
      expect(query?.args.filter(({ name: of }) => of === 'id').map((arg) => String(arg.type))).toEqual([
        'ID!',
      ]);
    }
  },
);
