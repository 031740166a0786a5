import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import type { GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parseType,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql/index.js';
import type { PlannedField } from './plan.ts';

interface Parts {
  contract: SubscriptionContract;
  fields: readonly PlannedField[];
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** Under this name the entity that a message is about is asked for when nothing of it is selected. */
export const SUBJECT = 'subject';

/** Name in the answer of the field at this place. */
export const nameOf = (place: number): string => `f${place}`;

const named = (value: string) => ({ kind: Kind.NAME, value }) as const;

/** What is spread and which variables are used below the nodes, fragments looked through. */
function usedBy(nodes: readonly ASTNode[], fragments: Parts['fragments']) {
  const spread = new Map<string, FragmentDefinitionNode>();
  const variables = new Set<string>();
  const look = (node: ASTNode): void => {
    visit(node, {
      Variable: ({ name }) => {
        variables.add(name.value);
      },
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || spread.has(name.value)) return;
        spread.set(name.value, fragment);
        look(fragment);
      },
    });
  };
  for (const node of nodes) look(node);
  return { spread: [...spread.values()], variables };
}

/** A beginning of names that no variable of the operation has. */
function freePrefix({ variableDefinitions = [] }: OperationDefinitionNode): string {
  let prefix = 'entity';
  while (variableDefinitions.some(({ variable }) => variable.name.value.startsWith(prefix))) prefix += '_';
  return prefix;
}

const idVariable = (name: string): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: named(name) },
  type: parseType('ID!'),
});

const __typename: FieldNode = { kind: Kind.FIELD, name: named('__typename') };

/** The entities of a payload, each asked for by its id under a name of the answer. */
function selectionsOf({ contract, fields }: Parts, present: readonly string[], prefix: string): FieldNode[] {
  const entity = (alias: string, of: string, selected: Pick<FieldNode, 'selectionSet'>): FieldNode => {
    const value = { kind: Kind.VARIABLE, name: named(`${prefix}_${of}`) } as const;
    return {
      kind: Kind.FIELD,
      alias: named(alias),
      name: named(contract.entities[of] ?? ''),
      arguments: [{ kind: Kind.ARGUMENT, name: named('id'), value }],
      ...selected,
    };
  };
  const selections = fields.flatMap(({ name, nodes }, place) =>
    present.includes(name)
      ? nodes.map(({ selectionSet }) => entity(nameOf(place), name, selectionSet ? { selectionSet } : {}))
      : [],
  );
  const [subject = ''] = present;
  if (fields.some(({ name }) => name === subject)) return selections;
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [__typename] } as const;
  return [...selections, entity(SUBJECT, subject, { selectionSet })];
}

/**
 * What the graph is asked for a message: the entities that the payload's fields hold, each by its id, with what the
 * subscriber selected of them. The text depends only on which entities a message has, so that its plan is made once.
 */
export function resolvingQuery(parts: Parts): (entities: Readonly<Record<string, string>>) => GraphqlRequest {
  const { fragments, operation, variables } = parts;
  const prefix = freePrefix(operation);
  const made = new Map<string, { query: string; used: ReadonlySet<string> }>();
  const make = (present: readonly string[]) => {
    const selections = selectionsOf(parts, present, prefix);
    const { spread, variables: used } = usedBy(selections, fragments);
    const own = (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
    const ids = [...used].filter((name) => name.startsWith(prefix)).map(idVariable);
    const query: OperationDefinitionNode = {
      kind: Kind.OPERATION_DEFINITION,
      operation: OperationTypeNode.QUERY,
      variableDefinitions: [...own, ...ids],
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    };
    return { query: print({ kind: Kind.DOCUMENT, definitions: [query, ...spread] }), used };
  };
  return (entities) => {
    const present = Object.keys(entities);
    const key = present.join();
    const { query, used } = made.get(key) ?? make(present);
    made.set(key, { query, used });
    const ids = present.map((of) => [`${prefix}_${of}`, entities[of]]);
    const given = [...Object.entries(variables), ...ids].filter(([name]) => used.has(String(name)));
    return { query, variables: Object.fromEntries(given) };
  };
}
