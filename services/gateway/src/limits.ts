import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { CheckedOperation } from '@dutyledger/subgraph-kit/endpoint';
import { limitExceeded } from '@dutyledger/subgraph-kit/errors';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql/index.js';

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

const fragmentsOf = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === 'FragmentDefinition' ? [[node.name.value, node]] : [],
    ),
  );

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

/** How many objects a list without a page size is taken to hold. */
const UNSIZED_LIST = 3;

class Cost {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  readonly #variables: Record<string, unknown>;
  readonly #known = new Map<string, number>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>) {
    this.#schema = schema;
    this.#fragments = fragmentsOf(document);
    this.#variables = variables;
  }

  /** `paged`: the object is a connection whose page size has been multiplied in already. */
  of(selections: SelectionSetNode, type: GraphQLNamedType | undefined, paged: boolean): number {
    let sum = 0;
    for (const selection of selections.selections) {
      if (selection.kind === 'InlineFragment') {
        const name = selection.typeCondition?.name.value;
        sum += this.of(selection.selectionSet, name ? this.#schema.getType(name) : type, paged);
      } else if (selection.kind === 'FragmentSpread') {
        sum += this.#fragment(selection.name.value, paged);
      } else {
        const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
        const field = fields[selection.name.value];
        if (!field || !selection.selectionSet) sum += 1;
        else sum += 1 + this.#below(field, selection.arguments ?? [], selection.selectionSet, paged);
      }
    }
    return sum;
  }

  #below(
    field: GraphQLField<unknown, unknown>,
    given: readonly { name: { value: string }; value: ValueNode }[],
    selections: SelectionSetNode,
    paged: boolean,
  ): number {
    const type = getNamedType(field.type);
    const first = field.args.find(({ name }) => name === 'first');
    if (first) {
      const node = given.find(({ name }) => name.value === 'first')?.value;
      return this.#number(node, Number(first.defaultValue ?? UNSIZED_LIST)) * this.of(selections, type, true);
    }
    const isList = isListType(getNullableType(field.type)) && isCompositeType(type);
    return (isList && !paged ? UNSIZED_LIST : 1) * this.of(selections, type, false);
  }

  #number(node: ValueNode | undefined, otherwise: number): number {
    const value =
      node?.kind === 'IntValue'
        ? Number(node.value)
        : node?.kind === 'Variable'
          ? this.#variables[node.name.value]
          : undefined;
    return typeof value === 'number' && Number.isFinite(value) ? Math.max(1, value) : otherwise;
  }

  #fragment(name: string, paged: boolean): number {
    const key = `${name}/${paged}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value);
    const cost = fragment ? this.of(fragment.selectionSet, type, paged) : 0;
    this.#known.set(key, cost);
    return cost;
  }
}

/**
 * An estimate of how many fields an operation makes the subgraphs answer: one for each field, those below a field with
 * `first` times that number, those below any other list times 3.
 */
export function costOf({ schema, document, operation, variables }: CheckedOperation): number {
  const root = schema.getRootType(operation.operation) ?? undefined;
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === 'IntValue' ? [[variable.name.value, Number(defaultValue.value)]] : [],
  );
  const cost = new Cost(schema, document, { ...Object.fromEntries(defaults), ...variables });
  return cost.of(operation.selectionSet, root, false);
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
