import '@dutyledger/subgraph-kit/no-telemetry';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { loadTypeDefs } from '@dutyledger/subgraph-kit/type-defs';
import { parse } from 'graphql/index.js';

const services = new URL('../../', import.meta.url);
/** The composed file, committed: what changes in it is what changes for callers. */
export const supergraphFile = new URL('../supergraph.graphql', import.meta.url);

export interface SubgraphDefinition {
  name: string;
  /** With common.graphql before it. */
  typeDefs: string;
}

/** A subgraph's name is that of its folder, in the spelling of GraphQL: grid-events is gridEvents. */
const subgraphOf = (folder: string): string =>
  folder.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Every service that has a schema.graphql, by name. */
export function subgraphDefinitions(): SubgraphDefinition[] {
  return readdirSync(services)
    .sort()
    .map((name) => ({ name, schema: new URL(`${name}/schema.graphql`, services) }))
    .filter(({ schema }) => existsSync(schema))
    .map(({ name, schema }) => ({ name: subgraphOf(name), typeDefs: loadTypeDefs(schema) }));
}

/** The supergraph of the given subgraphs. Throws with every reason why they do not fit together. */
export function compose(definitions: readonly SubgraphDefinition[]): string {
  const composed = composeServices(
    definitions.map(({ name, typeDefs }) => ({
      name,
      url: `http://${name}/graphql`,
      typeDefs: parse(typeDefs),
    })),
  );
  if (composed.supergraphSdl !== undefined) return `${composed.supergraphSdl.trim()}\n`;
  throw new Error(composed.errors.map(({ message }) => message).join('\n'));
}

if (import.meta.main) {
  const definitions = subgraphDefinitions();
  writeFileSync(supergraphFile, compose(definitions));
  process.stdout.write(`supergraph.graphql: ${definitions.map(({ name }) => name).join(', ')}\n`);
}
