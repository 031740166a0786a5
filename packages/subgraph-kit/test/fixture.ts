import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Caller } from '../src/identity.ts';
import { type InternalTokens, internalTokens } from '../src/internal-tokens.ts';
import { createLogger } from '../src/logging.ts';
import type { RequestContext } from '../src/request-context.ts';
import { createSubgraph, type Resolvers, type Subgraph, type SubgraphOptions } from '../src/subgraph.ts';

export const tokens: InternalTokens = internalTokens('a secret of the tests, 32 bytes or more');

export const editor: Caller = {
  subject: 'u-1',
  name: '王编',
  organ: 'organ:370114-0001',
  division: '370114000000',
  roles: ['LIST_EDITOR'],
};

export const silent = createLogger({ name: 'test', level: 'silent' });

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dutyledger-kit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function schemaFile(sdl: string): URL {
  const path = join(temporaryFolder(), 'schema.graphql');
  writeFileSync(path, sdl);
  return pathToFileURL(path);
}

type Overrides = Partial<Omit<SubgraphOptions<RequestContext>, 'schema' | 'resolvers'>>;

/** A subgraph over the given SDL, stopped after the test. */
export async function testSubgraph(
  sdl: string,
  resolvers: Resolvers<RequestContext>,
  overrides: Overrides = {},
): Promise<Subgraph> {
  const subgraph = await createSubgraph<RequestContext>({
    name: 'test',
    schema: schemaFile(sdl),
    resolvers,
    context: (base) => base,
    verifier: tokens.verifier,
    readiness: async () => [{ name: 'store', ok: true, detail: 'open' }],
    logger: silent,
    production: false,
    ...overrides,
  });
  onTestFinished(() => subgraph.stop());
  return subgraph;
}

export const bearer = async (caller: Caller, language = 'en'): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await tokens.sign(caller)}`,
  'accept-language': language,
});

/** Runs a query in memory as `caller`. */
export async function run(
  subgraph: Subgraph,
  query: string,
  variables: Record<string, unknown> = {},
  { caller = editor, language = 'en' }: { caller?: Caller; language?: string } = {},
) {
  const answer = await subgraph.execute({ query, variables, headers: await bearer(caller, language) });
  return { ...answer, fault: answer.errors?.[0] };
}
