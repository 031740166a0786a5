import type { GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import { getOperationAST, parse } from 'graphql/index.js';

/** Whether the request subscribes; one that cannot be read is looked at where subscriptions are, which says why. */
export function isSubscription({ query, operationName }: GraphqlRequest, maxTokens: number): boolean {
  try {
    const document = parse(query, { maxTokens, noLocation: true });
    return (getOperationAST(document, operationName)?.operation ?? 'subscription') === 'subscription';
  } catch {
    return true;
  }
}
