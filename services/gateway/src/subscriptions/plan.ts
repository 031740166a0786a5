import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import type { CheckedOperation, GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { checkInput } from '@dutyledger/subgraph-kit/input-check';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql/index.js';
import { fragmentsOf } from '../cost.ts';
import type { operationCheck } from '../limits.ts';
import { resolvingQuery } from './resolving-query.ts';

/** A field of the payload as it is answered. */
export interface PlannedField {
  /** Its name in the answer. */
  key: string;
  name: string;
  /** Empty for what the message itself says. */
  nodes: readonly FieldNode[];
}

/** A subscription that was found good, before anyone asked whether the caller may have it. */
export interface Plan {
  contract: SubscriptionContract;
  /** Name of the field in the answer, and of its payload's type. */
  key: string;
  type: string;
  /** The arguments that choose messages. */
  filters: Readonly<Record<string, string>>;
  after: string | undefined;
  fields: readonly PlannedField[];
  /** Asks the subgraph whether the caller may subscribe to this. */
  admission: GraphqlRequest;
  /** What is asked of the graph for a message about these entities. */
  resolving(entities: Readonly<Record<string, string>>): GraphqlRequest;
  /** The same for plans that answer every message alike. */
  identity: string;
}

export interface Planning {
  schema: GraphQLSchema;
  contracts: ReadonlyMap<string, SubscriptionContract>;
  check: ReturnType<typeof operationCheck>;
}

/** Several faults of one document. */
export class Unacceptable extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('the operation is not acceptable');
    this.errors = errors;
  }
}

const isLeftOut = ({ directives = [] }: SelectionNode, variables: Record<string, unknown>): boolean =>
  getDirectiveValues(GraphQLSkipDirective, { directives }, variables)?.['if'] === true ||
  getDirectiveValues(GraphQLIncludeDirective, { directives }, variables)?.['if'] === false;

/** The fields of an object type's selections by their name in the answer, fragments spread. */
function collect(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
  into = new Map<string, FieldNode[]>(),
): Map<string, FieldNode[]> {
  for (const selection of selections) {
    if (isLeftOut(selection, variables)) continue;
    if (selection.kind === 'Field') {
      const key = (selection.alias ?? selection.name).value;
      into.set(key, [...(into.get(key) ?? []), selection]);
    } else {
      const { selectionSet } =
        selection.kind === 'InlineFragment' ? selection : (fragments.get(selection.name.value) ?? {});
      if (selectionSet) collect(selectionSet, fragments, variables, into);
    }
  }
  return into;
}

function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
    maxErrors: 20,
  });
  if (errors) throw new Unacceptable(errors);
  return coerced;
}

function admissionOf(field: GraphQLField<unknown, unknown>, args: Record<string, unknown>): GraphqlRequest {
  const given = field.args.filter(({ name }) => name !== 'after' && args[name] !== undefined);
  const definitions = given.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const brackets = (text: string): string => (text === '' ? '' : `(${text})`);
  return {
    query: `subscription${brackets(definitions)} { ${field.name}${brackets(passed)} { __typename } }`,
    variables: Object.fromEntries(given.map(({ name }) => [name, args[name]])),
  };
}

/** The operation of the request within its document. Throws when there is none, or it is not told which. */
function operationOf(document: DocumentNode, { operationName }: GraphqlRequest): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName ?? null);
  if (operation) return operation;
  const known = operationName === undefined ? 'Must provide operation name.' : 'Unknown operation.';
  throw new GraphQLError(known, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

/** Plans a subscription whose document was validated. Throws Unacceptable, GraphQLErrors and refusals. */
export function planOf(
  document: DocumentNode,
  request: GraphqlRequest,
  { schema, contracts, check }: Planning,
): Plan {
  const operation = operationOf(document, request);
  const given = request.variables ?? {};
  const checked: CheckedOperation = { schema, document, operation, variables: given };
  const refusal = checkInput(schema, document, operation, given) ?? check(checked);
  if (refusal) throw refusalError(refusal);
  const variables = variablesOf(schema, operation, given);
  const fragments = fragmentsOf(document);
  const [[key, [node]] = ['', []]] = collect(operation.selectionSet, fragments, variables);
  const field = schema.getSubscriptionType()?.getFields()[node?.name.value ?? ''];
  const contract = contracts.get(field?.name ?? '');
  if (!node?.selectionSet || !field || !contract) {
    throw new GraphQLError('Nothing is subscribed to.', {
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  }
  const { after, ...filters } = getArgumentValues(field, node, variables) as Record<string, string>;
  const fields = [...collect(node.selectionSet, fragments, variables)].map(([name, nodes]) => ({
    key: name,
    name: nodes[0]?.name.value ?? '',
    nodes,
  }));
  const query = resolvingQuery({ contract, fields, fragments, operation, variables: given });
  const layout = fields.map((one) => [one.key, one.name]);
  const every = query(contract.entities);
  return {
    contract,
    key,
    type: String(field.type).replace('!', ''),
    filters: Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null)),
    after: after ?? undefined,
    fields,
    admission: admissionOf(field, filters),
    resolving: query,
    identity: JSON.stringify([contract.field, key, filters, layout, every.query, every.variables]),
  };
}
