import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql/index.js';
import { Unacceptable } from './plan.ts';

export interface DocumentOptions {
  schema(): GraphQLSchema;
  maxTokens: number;
  production: boolean;
}

const REMEMBERED = 200;
const REMEMBERED_LENGTH = 10_000;
const MOST_ERRORS = 20;

function parsed(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    const { message } = error as GraphQLError;
    throw new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
  }
}

/**
 * Parses and validates documents; the same text, which thousands of clients may send, once. Throws a GraphQLError or
 * Unacceptable.
 */
export function documentReader({
  schema,
  maxTokens,
  production,
}: DocumentOptions): (query: string) => DocumentNode {
  const remembered = new Map<string, DocumentNode>();
  return (query) => {
    const known = remembered.get(query);
    if (known) return known;
    const document = parsed(query, maxTokens);
    const errors = validate(schema(), document, undefined, { maxErrors: MOST_ERRORS });
    if (errors.length > 0) {
      throw new Unacceptable(
        errors.map(({ message, nodes }) => {
          // What is in the schema is not told in production, not by suggestions either.
          const told = production ? message.replace(/ ?Did you mean (.+?)\?$/, '') : message;
          return new GraphQLError(told, { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
        }),
      );
    }
    if (query.length <= REMEMBERED_LENGTH) {
      const [oldest] = remembered.size >= REMEMBERED ? remembered.keys() : [];
      if (oldest !== undefined) remembered.delete(oldest);
      remembered.set(query, document);
    }
    return document;
  };
}
