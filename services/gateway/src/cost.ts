import type { CheckedOperation } from '@dutyledger/subgraph-kit/endpoint';
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
  type SelectionSetNode,
  type ValueNode,
} from 'graphql/index.js';

/** The fragments of a document by name. */
export const fragmentsOf = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === 'FragmentDefinition' ? [[node.name.value, node]] : [],
    ),
  );

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
