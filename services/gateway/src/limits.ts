import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { CheckedOperation } from '@dutyledger/subgraph-kit/endpoint';
import { limitExceeded } from '@dutyledger/subgraph-kit/errors';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql/index.js';
import { costOf, fragmentsOf } from './cost.ts';

/** What one request may ask for. Each is refused with LIMIT_EXCEEDED, the limit and the value. */
export interface Limits {
  /** Levels of nested fields. */
  depth: number;
  /** Fields answered, as `costOf` reckons them before anything is fetched. */
  cost: number;
  aliases: number;
  rootFields: number;
  /** Fields written in the document, those of a fragment counted wherever it is spread. */
  fields: number;
  /** Lexical tokens of the document. */
  tokens: number;
  /** Bytes of the request. Import files travel as Base64 inside it; only callers with a good token get that far. */
  bodyBytes: number;
  /** Milliseconds until an answer. */
  timeMs: number;
  /** The same for operations that import, export or rebuild (by the first word of a root field). */
  longTimeMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  depth: 12,
  cost: 20_000,
  aliases: 30,
  rootFields: 20,
  fields: 1_000,
  tokens: 10_000,
  bodyBytes: 24 * 1024 * 1024,
  timeMs: 30_000,
  longTimeMs: 300_000,
};

const texts = {
  depth: { 'zh-CN': '查询的嵌套层数', en: 'levels of nested fields' },
  cost: { 'zh-CN': '查询的估算成本', en: 'estimated cost of the query' },
  aliases: { 'zh-CN': '查询的别名数', en: 'aliases' },
  rootFields: { 'zh-CN': '查询的根字段数', en: 'root fields' },
  fields: { 'zh-CN': '查询的字段数', en: 'fields of the query' },
} satisfies Record<string, Text>;

/** What can be told of a document from its text alone, the most of all its operations. */
export interface Shape {
  depth: number;
  fields: number;
  aliases: number;
  rootFields: number;
  /** Whether an operation imports, exports or rebuilds. */
  long: boolean;
}

const LONG = /^(?:import|export|rebuild)/;

/** Fields below a selection set, with fragments spread; introspection is looked at as one field. */
class Measure {
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Shape>();

  constructor(document: DocumentNode) {
    this.#fragments = fragmentsOf(document);
  }

  /** `rootFields` counts the fields of this very level. */
  of({ selections }: SelectionSetNode): Shape {
    const shape: Shape = { depth: 0, fields: 0, aliases: 0, rootFields: 0, long: false };
    for (const selection of selections) {
      const part =
        selection.kind === 'FragmentSpread'
          ? this.#fragment(selection.name.value)
          : selection.kind === 'InlineFragment'
            ? this.of(selection.selectionSet)
            : this.#field(selection.name.value, !!selection.alias, selection.selectionSet);
      shape.depth = Math.max(shape.depth, part.depth);
      shape.fields += part.fields;
      shape.aliases += part.aliases;
      shape.rootFields += part.rootFields;
      shape.long ||= part.long;
    }
    return shape;
  }

  #field(name: string, aliased: boolean, below: SelectionSetNode | undefined): Shape {
    const inner = below && !name.startsWith('__') ? this.of(below) : undefined;
    return {
      depth: 1 + (inner?.depth ?? 0),
      fields: 1 + (inner?.fields ?? 0),
      aliases: (aliased ? 1 : 0) + (inner?.aliases ?? 0),
      rootFields: 1,
      long: LONG.test(name),
    };
  }

  /** Measured once, so that fragments that spread each other twice do not take twice the time at every level. */
  #fragment(name: string): Shape {
    const known = this.#known.get(name);
    if (known) return known;
    const nothing: Shape = { depth: 0, fields: 0, aliases: 0, rootFields: 0, long: false };
    this.#known.set(name, nothing);
    const fragment = this.#fragments.get(name);
    const shape = fragment ? this.of(fragment.selectionSet) : nothing;
    this.#known.set(name, shape);
    return shape;
  }
}

/** Measures a document; cycles of fragments, which validation refuses later, count once. */
export function shapeOf(document: DocumentNode): Shape {
  const measure = new Measure(document);
  const shapes = document.definitions.flatMap((node) =>
    node.kind === 'OperationDefinition' ? [measure.of(node.selectionSet)] : [],
  );
  return {
    depth: Math.max(0, ...shapes.map(({ depth }) => depth)),
    fields: Math.max(0, ...shapes.map(({ fields }) => fields)),
    aliases: Math.max(0, ...shapes.map(({ aliases }) => aliases)),
    rootFields: Math.max(0, ...shapes.map(({ rootFields }) => rootFields)),
    long: shapes.some(({ long }) => long),
  };
}

export type DocumentVerdict = { refusal: Refusal } | { long: boolean };

/** The parser works by recursion and gives up where the stack ends, thousands of levels deep. */
const tooDeepToRead = (limit: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  message: {
    'zh-CN': `超出限制：查询嵌套过深，无法读取；嵌套层数最多 ${limit}。`,
    en: `Limit exceeded: the query is nested too deeply to be read; levels may be at most ${limit}.`,
  },
  details: { limit },
});

const REMEMBERED = 1_000;
const REMEMBERED_LENGTH = 10_000;

/**
 * Looks at a query's text before it is validated and planned, both of which cost more than linear time. Texts that do
 * not parse are left to the server's own answer.
 */
export function documentCheck(limits: Limits): (query: string) => DocumentVerdict {
  const remembered = new Map<string, DocumentVerdict>();
  const judge = (query: string): DocumentVerdict => {
    let shape: Shape;
    try {
      shape = shapeOf(parse(query, { maxTokens: limits.tokens, noLocation: true }));
    } catch (error) {
      return error instanceof RangeError ? { refusal: tooDeepToRead(limits.depth) } : { long: false };
    }
    for (const name of ['depth', 'aliases', 'rootFields', 'fields'] as const) {
      if (shape[name] > limits[name]) {
        return { refusal: limitExceeded(texts[name], limits[name], shape[name]) };
      }
    }
    return { long: shape.long };
  };
  return (query) => {
    const known = remembered.get(query);
    if (known) return known;
    const verdict = judge(query);
    if (query.length <= REMEMBERED_LENGTH) {
      const oldest = remembered.size >= REMEMBERED ? remembered.keys().next().value : undefined;
      if (oldest !== undefined) remembered.delete(oldest);
      remembered.set(query, verdict);
    }
    return verdict;
  };
}

/** The check of a validated operation: its cost, and one variable name that federation keeps for itself. */
export function operationCheck(limits: Limits): (checked: CheckedOperation) => Refusal | undefined {
  return (checked) => {
    const reserved = checked.operation.variableDefinitions?.some(
      (v) => v.variable.name.value === 'representations',
    );
    if (reserved) {
      return {
        code: 'INVALID_INPUT',
        message: {
          'zh-CN': '变量名 $representations 由联邦协议保留，请换一个。',
          en: 'The variable name $representations is reserved by federation; choose another.',
        },
        field: 'representations',
      };
    }
    const cost = costOf(checked);
    return cost > limits.cost ? limitExceeded(texts.cost, limits.cost, cost) : undefined;
  };
}
