import { type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { limitExceeded, refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from '../context.ts';
import type { HandlingClass, ListKind } from '../duty-list/item.ts';
import { highlightsOf } from './highlights.ts';
import { MOST_CHARACTERS, MOST_WORDS, type Question, wordsIn } from './question.ts';
import { type Found, searchItems } from './search.ts';

/** Search over the items of all lists, in GraphQL. */

interface Asked extends PageArguments {
  text: string;
  division: string;
  includeBelow: boolean;
  kind?: ListKind | null;
  domain?: string | null;
  leadOrgan?: string | null;
  handlingClass?: HandlingClass | null;
  asOf?: AsOfInput | null;
}

export const searchQueries = {
  async searchItems(_: unknown, args: Asked, { service, now }: ListsContext) {
    const { limit } = pageOf(args);
    const { division, includeBelow, kind, domain, leadOrgan, handlingClass } = args;
    const { found, question, complete } = await searchItems(service.projections, service.organs, {
      words: wordsAsked(args.text),
      division,
      includeBelow,
      kind: kind ?? null,
      domain: domain?.trim() || null,
      leadOrgan: leadOrgan ?? null,
      handlingClass: handlingClass ?? null,
      asOf: asOf(args.asOf, now),
    });
    const rows = found.map((one) => ({ ...one, cursor: cursorOf(one) }));
    const start = args.after ? rows.findIndex(({ cursor }) => cursor === args.after) + 1 : 0;
    if (args.after && start === 0) throw unknownCursor();
    const page = { rows: rows.slice(start, start + limit), more: rows.length > start + limit };
    const { edges, pageInfo } = connection(page, args, (row) => row);
    return {
      edges: edges.map(({ cursor, node: { item, score } }) => ({ cursor, node: item, score, question })),
      pageInfo,
      found: found.length,
      complete,
    };
  },
};

export const searchTypes = {
  FoundItemEdge: {
    highlights: ({ node, question }: { node: Found['item']; question: Question }) =>
      highlightsOf(node.version.doc.content, question),
  },
};

const cursorOf = ({ item }: Found): string => Buffer.from(`found:${item.version.id}`).toString('base64url');

function wordsAsked(text: string): string[] {
  const length = [...text].length;
  if (length > MOST_CHARACTERS) {
    throw refusalError(
      limitExceeded(
        { 'zh-CN': '检索文字的字数', en: 'characters to search for' },
        MOST_CHARACTERS,
        length,
        'text',
      ),
    );
  }
  const words = wordsIn(text);
  if (words.length > MOST_WORDS) {
    throw refusalError(
      limitExceeded({ 'zh-CN': '检索词数', en: 'words to search for' }, MOST_WORDS, words.length, 'text'),
    );
  }
  if (words.length > 0) return words;
  throw refusalError({
    code: 'INVALID_INPUT',
    field: 'text',
    message: {
      en: 'Give at least one character, letter or digit to search for.',
      'zh-CN': '请至少给出一个要检索的字、字母或数字。',
    },
  });
}

const unknownCursor = () =>
  refusalError({
    code: 'INVALID_INPUT',
    field: 'after',
    message: {
      en: 'The cursor is not one of this search, or what it stood for is no longer found. Search again from the beginning.',
      'zh-CN': '游标不属于本次检索，或其所指事项已不在结果中，请从头检索。',
    },
  });
