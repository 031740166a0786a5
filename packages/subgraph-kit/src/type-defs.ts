import { readFileSync } from 'node:fs';

const common = new URL('../common.graphql', import.meta.url);

/** A subgraph's schema as it is served and composed: common.graphql, then the file at `schema`. */
export function loadTypeDefs(schema: URL): string {
  return `${readFileSync(common, 'utf8')}\n${readFileSync(schema, 'utf8')}`;
}
