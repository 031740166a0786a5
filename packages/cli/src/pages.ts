import type { Client } from './client.ts';

/** A Relay connection as this program asks for it. */
export interface Connection<T> {
  edges: { node: T }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** The most that the contract gives on one page. */
export const PAGE = 200;

/**
 * All nodes of a connection, or the first `limit`. The query takes `$first` and `$after`; `pick` finds the connection
 * in its answer.
 */
export async function allPages<A, T>(
  client: Client,
  query: string,
  variables: Record<string, unknown>,
  pick: (answer: A) => Connection<T>,
  limit = Number.POSITIVE_INFINITY,
): Promise<{ nodes: T[]; more: boolean; first: A }> {
  const nodes: T[] = [];
  let after: string | null = null;
  let answer: A | undefined;
  for (;;) {
    const page: A = await client.ask<A>(query, {
      ...variables,
      first: Math.max(1, Math.min(PAGE, limit - nodes.length)),
      after,
    });
    answer ??= page;
    const { edges, pageInfo } = pick(page);
    nodes.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage || nodes.length >= limit) {
      return { nodes, more: pageInfo.hasNextPage, first: answer };
    }
    after = pageInfo.endCursor;
  }
}

/** Node by node, `first` to a page, for whoever may stop before the last page; otherwise as `allPages`. */
export async function* nodesOf<A, T>(
  client: Client,
  query: string,
  variables: Record<string, unknown>,
  pick: (answer: A) => Connection<T>,
  first = PAGE,
): AsyncGenerator<T> {
  let after: string | null = null;
  for (;;) {
    const page: A = await client.ask<A>(query, { ...variables, first, after });
    const { edges, pageInfo } = pick(page);
    for (const { node } of edges) yield node;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
}
