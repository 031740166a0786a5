import type { Page } from '@dutyledger/read-store/read-store';
import { limitExceeded, refusalError } from './errors.ts';

const DEFAULT_FIRST = 50;
const MAX_FIRST = 200;

/** Forward paging arguments of a Relay connection. */
export interface PageArguments {
  first?: number | null;
  after?: string | null;
}

export interface Connection<N> {
  edges: { cursor: string; node: N }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  /** Called when the field is asked for. */
  totalCount?: () => Promise<number>;
}

/** The read store's `limit` and `after`. Throws LIMIT_EXCEEDED above 200 and INVALID_INPUT below 1. */
export function pageOf({ first, after }: PageArguments): { limit: number; after?: string } {
  const limit = first ?? DEFAULT_FIRST;
  if (limit > MAX_FIRST) {
    throw refusalError(
      limitExceeded({ 'zh-CN': '每页条数', en: 'entries per page' }, MAX_FIRST, limit, 'first'),
    );
  }
  if (limit < 1) {
    throw refusalError({
      code: 'INVALID_INPUT',
      message: {
        'zh-CN': `first 应为 1 至 ${MAX_FIRST}，实为 ${limit}。`,
        en: `first must be 1 to ${MAX_FIRST}, got ${limit}.`,
      },
      field: 'first',
    });
  }
  return { limit, ...(after ? { after } : {}) };
}

/** A page of the read store as a Relay connection, in the walk's order. */
export function connection<R extends { cursor: string }, N>(
  { rows, more }: Page<R>,
  { after }: PageArguments,
  node: (row: R) => N,
  totalCount?: () => Promise<number>,
): Connection<N> {
  return {
    edges: rows.map((row) => ({ cursor: row.cursor, node: node(row) })),
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage: !!after,
      startCursor: rows[0]?.cursor ?? null,
      endCursor: rows.at(-1)?.cursor ?? null,
    },
    ...(totalCount ? { totalCount } : {}),
  };
}
