import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Caller, jwtVerifier } from '@dutyledger/subgraph-kit/identity';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import type { RequestContext } from '@dutyledger/subgraph-kit/request-context';
import {
  createSubgraph,
  type Resolvers,
  type Subgraph,
  type SubgraphOptions,
} from '@dutyledger/subgraph-kit/subgraph';
import { SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { compose } from '../src/compose.ts';
import { createGateway, type GatewayOptions } from '../src/gateway.ts';

const KEY = new TextEncoder().encode('the outer issuer of the tests, long enough');
export const verifier = jwtVerifier(async () => KEY, {
  issuer: 'outer',
  audience: 'dutyledger',
  algorithms: ['HS256'],
  development: false,
});
export const tokens = internalTokens('the inner secret of the tests, long enough');

export const editor: Caller = {
  subject: 'u-1',
  name: '王编',
  organ: null,
  division: '370114000000',
  roles: ['LIST_EDITOR'],
};

export const bearer = async (
  { subject, ...claims }: Caller = editor,
  lifetime: string | number = '1h',
): Promise<string> =>
  `Bearer ${await new SignJWT({ ...claims, roles: [...claims.roles] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuer('outer')
    .setAudience('dutyledger')
    .setExpirationTime(lifetime)
    .sign(KEY)}`;

const ORGANS = `
type Query {
  organ(id: ID!): Organ @access(roles: [LIST_EDITOR])
  organs(first: Int = 50): OrganConnection! @access(roles: [LIST_EDITOR])
  whoAmI: JSON @access(roles: [LIST_EDITOR])
  wait: String @access(roles: [LIST_EDITOR])
  importWait: String @access(roles: [LIST_EDITOR])
}
type OrganConnection { edges: [OrganEdge!]! }
type OrganEdge { node: Organ! }
type Organ @key(fields: "id") @access(roles: [LIST_EDITOR]) { id: ID! name: String! superior: Organ }
type Mutation { rename(input: RenameInput!): Organ @access(roles: [LIST_EDITOR]) }
input RenameInput { name: String! since: Date file: Base64 }`;

const DUTIES = `
type Query { duties: [Duty!]! @access(roles: [LIST_EDITOR]) }
type Organ @key(fields: "id") @access(roles: [LIST_EDITOR]) {
  id: ID!
  dutiesLed(kind: String): [Duty!]
  secret: String @access(roles: [AUDITOR])
}
type Duty { code: String! lead: Organ! }`;

/** What a test may hook into: called by the fields of the same name. */
export interface Hooks {
  wait?: () => unknown;
  dutiesLed?: () => unknown;
}

const organ = (id: string) => ({ id, name: `organ ${id}`, superior: { id: 'top', name: 'top' } });

const organResolvers = (hooks: Hooks): Resolvers<RequestContext> => ({
  Query: {
    organ: (_: never, { id }: { id: string }) => organ(id),
    organs: (_: never, { first }: { first: number }) => ({
      edges: Array.from({ length: Math.min(first, 3) }, (_, i) => ({ node: organ(`o-${i}`) })),
    }),
    whoAmI: (_: never, __: never, { caller, locale, correlationId }) => ({ caller, locale, correlationId }),
    wait: () => hooks.wait?.(),
    importWait: () => hooks.wait?.(),
  },
  Mutation: {
    rename: () => {
      throw refusalError({
        code: 'RULE_VIOLATED',
        message: { 'zh-CN': '名称已被使用。', en: 'The name is taken.' },
        rule: 'S-1',
        field: 'input.name',
        citation: { title: '机构编制条例', article: '第四条' },
        details: { by: 'organ:1' },
      });
    },
  },
  Organ: { __resolveReference: ({ id }: { id: string }) => organ(id) },
});

const dutyResolvers = (hooks: Hooks): Resolvers<RequestContext> => ({
  Query: { duties: () => [{ code: 'D-1', lead: { id: 'o-9' } }] },
  Organ: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    dutiesLed: (source: { id: string }) =>
      hooks.dutiesLed ? hooks.dutiesLed() : [{ code: `of ${source.id}`, lead: source }],
    secret: () => 'secret',
  },
});

export async function subgraph(
  name: string,
  sdl: string,
  resolvers: Resolvers<RequestContext>,
  further: Pick<SubgraphOptions<RequestContext>, 'shows'> = {},
): Promise<Subgraph> {
  const folder = mkdtempSync(join(tmpdir(), 'dutyledger-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'schema.graphql');
  writeFileSync(path, sdl);
  const made = await createSubgraph<RequestContext>({
    name,
    schema: pathToFileURL(path),
    resolvers,
    context: (base) => base,
    verifier: tokens.verifier,
    readiness: async () => [{ name: 'store', ok: true, detail: 'open' }],
    logger: silent,
    production: false,
    ...further,
  });
  onTestFinished(() => made.stop());
  return made;
}

export const silent = createLogger({ name: 'test', level: 'silent' });

export interface Answer {
  status: number;
  headers: globalThis.Headers;
  text: string;
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

export type Topology = 'in memory' | 'over HTTP';

/** A gateway over two subgraphs that both know `Organ`, all stopped after the test. */
export async function running(topology: Topology, options: Partial<GatewayOptions> = {}, hooks: Hooks = {}) {
  const organs = await subgraph('organs', ORGANS, organResolvers(hooks));
  const duties = await subgraph('duties', DUTIES, dutyResolvers(hooks));
  const reach = async (target: Subgraph): Promise<string | Subgraph> =>
    topology === 'in memory' ? target : `${await target.listen({ port: 0 })}/graphql`;
  const gateway = await createGateway({
    supergraphSdl: compose([organs, duties]),
    subgraphs: { organs: await reach(organs), duties: await reach(duties) },
    verifier,
    internalTokens: tokens,
    production: false,
    logger: silent,
    ...options,
  });
  onTestFinished(() => gateway.stop());
  const url = await gateway.listen({ port: 0 });

  const send = async (body: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: await bearer(),
        'content-type': 'application/json',
        'accept-language': 'en',
        ...headers,
      },
      body,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
  };
  const ask = (query: string, variables: Record<string, unknown> = {}, headers?: Record<string, string>) =>
    send(JSON.stringify({ query, variables }), headers);
  return { gateway, url, send, ask, organs, duties };
}

/** Code and field of the first error, or `ok`. */
export const verdict = ({ errors }: Answer): unknown => errors?.[0]?.extensions['code'] ?? 'ok';
