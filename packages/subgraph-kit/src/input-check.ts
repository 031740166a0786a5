import type { Refusal, Text } from '@dutyledger/event-store/decider';
import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql/index.js';
import { limitExceeded } from './errors.ts';

/** Bounds of any input, whatever its type. Base64 has none of its own: the request's size bounds it. */
const MAX_STRING_BYTES = 100_000;
const MAX_LIST_ITEMS = 10_000;
const MAX_JSON_DEPTH = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

const texts = {
  bytes: { 'zh-CN': '文本的字节数', en: 'bytes of a text' },
  items: { 'zh-CN': '列表的项数', en: 'items of a list' },
  levels: { 'zh-CN': 'JSON 的层数', en: 'levels of a JSON value' },
} satisfies Record<string, Text>;

function checkString(value: string, field: string): Refusal | undefined {
  if (value.length * 3 > MAX_STRING_BYTES) {
    const bytes = Buffer.byteLength(value);
    if (bytes > MAX_STRING_BYTES) return limitExceeded(texts.bytes, MAX_STRING_BYTES, bytes, field);
  }
  const control = CONTROL.exec(value);
  if (control) {
    const code = `U+${value.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, '0')}`;
    return {
      code: 'INVALID_INPUT',
      message: {
        'zh-CN': `${field} 的第 ${control.index + 1} 个字符是控制字符 ${code}，不能使用。`,
        en: `${field} holds the control character ${code} at place ${control.index + 1}, which is not allowed.`,
      },
      field,
    };
  }
  if (value.isWellFormed()) return undefined;
  return {
    code: 'INVALID_INPUT',
    message: {
      'zh-CN': `${field} 含有不成对的代理字符，不是有效的 Unicode 文本。`,
      en: `${field} holds an unpaired surrogate and is not valid Unicode.`,
    },
    field,
  };
}

function first<T>(items: Iterable<T>, check: (item: T) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const refusal = check(item);
    if (refusal) return refusal;
  }
  return undefined;
}

/** `type` is undefined inside JSON values and where the value does not fit its type, which graphql-js will tell. */
function checkValue(
  value: unknown,
  type: GraphQLInputType | undefined,
  field: string,
  depth = 0,
): Refusal | undefined {
  if (typeof value === 'string') {
    return type && getNamedType(type).name === 'Base64' ? undefined : checkString(value, field);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_JSON_DEPTH) return limitExceeded(texts.levels, MAX_JSON_DEPTH, depth, field);
  const nullable = type && getNullableType(type);
  if (Array.isArray(value)) {
    if (value.length > MAX_LIST_ITEMS) {
      return limitExceeded(texts.items, MAX_LIST_ITEMS, value.length, field);
    }
    const itemType = isListType(nullable) ? nullable.ofType : undefined;
    return first(value.entries(), ([i, item]) => checkValue(item, itemType, `${field}[${i}]`, depth + 1));
  }
  const fields = isInputObjectType(nullable) ? nullable.getFields() : {};
  return first(
    Object.entries(value),
    ([name, item]) =>
      (fields[name] ? undefined : checkString(name, field)) ??
      checkValue(item, fields[name]?.type, `${field}.${name}`, depth + 1),
  );
}

function checkLiteral(
  node: ValueNode,
  type: GraphQLInputType | null | undefined,
  field: string,
): Refusal | undefined {
  const nullable = type ? getNullableType(type) : undefined;
  switch (node.kind) {
    case 'StringValue':
      return type && getNamedType(type).name === 'Base64' ? undefined : checkString(node.value, field);
    case 'ListValue': {
      if (node.values.length > MAX_LIST_ITEMS) {
        return limitExceeded(texts.items, MAX_LIST_ITEMS, node.values.length, field);
      }
      const itemType = isListType(nullable) ? nullable.ofType : undefined;
      return first(node.values.entries(), ([i, item]) => checkLiteral(item, itemType, `${field}[${i}]`));
    }
    case 'ObjectValue': {
      const fields = isInputObjectType(nullable) ? nullable.getFields() : {};
      return first(node.fields, ({ name, value }) =>
        checkLiteral(value, fields[name.value]?.type, `${field}.${name.value}`),
      );
    }
    default:
      return undefined;
  }
}

const checkedDocuments = new WeakMap<DocumentNode, Refusal | null>();

/** Literals of a document, looked at once: Apollo hands out the same document for the same text. */
function checkLiterals(schema: GraphQLSchema, document: DocumentNode): Refusal | undefined {
  const earlier = checkedDocuments.get(document);
  if (earlier !== undefined) return earlier ?? undefined;
  let refusal: Refusal | undefined;
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Argument: ({ name, value }) => {
        refusal ??= checkLiteral(value, types.getInputType(), name.value);
        return false;
      },
      VariableDefinition: ({ variable, defaultValue }) => {
        if (defaultValue) refusal ??= checkLiteral(defaultValue, types.getInputType(), variable.name.value);
        return false;
      },
    }),
  );
  checkedDocuments.set(document, refusal ?? null);
  return refusal;
}

/**
 * The one check that every input passes: no control characters but tab and line breaks, no unpaired surrogates,
 * bounded texts, lists and JSON depth. Returns the first fault with its field, in variables or literals.
 */
export function checkInput(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): Refusal | undefined {
  return (
    first(operation.variableDefinitions ?? [], ({ variable, type }) => {
      const name = variable.name.value;
      return Object.hasOwn(variables, name)
        ? checkValue(variables[name], typeFromAST(schema, type) as GraphQLInputType | undefined, name)
        : undefined;
    }) ?? checkLiterals(schema, document)
  );
}
