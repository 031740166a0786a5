import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const common = new URL('../common.graphql', import.meta.url);

/**
 * A subgraph's schema as it is served and composed: common.graphql, the file at `schema`, and what its aggregates add
 * to it (`src/<aggregate>/<name>.graphql` beside that file), in the order of their paths.
 */
export function loadTypeDefs(schema: URL): string {
  const folder = fileURLToPath(new URL('.', schema));
  const parts = globSync('src/*/*.graphql', { cwd: folder })
    .sort()
    .map((path) => new URL(path, schema));
  return [common, schema, ...parts].map((part) => readFileSync(part, 'utf8')).join('\n');
}
