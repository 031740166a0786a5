import { division, isWithin } from '@dutyledger/reference-data/divisions';
import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
} from 'graphql/index.js';
import { refusalError } from './errors.ts';
import { type Caller, ROLES, type Role } from './identity.ts';
import type { RequestContext } from './request-context.ts';

const FEDERATION_FIELDS = new Set(['_entities', '_service']);

interface Annotated {
  astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null;
  extensionASTNodes?: readonly { readonly directives?: readonly ConstDirectiveNode[] }[];
}

const directivesOf = ({ astNode, extensionASTNodes }: Annotated): readonly ConstDirectiveNode[] =>
  [astNode, ...(extensionASTNodes ?? [])].flatMap((node) => node?.directives ?? []);

/** Roles of the `@access` directive; undefined without one. */
function rolesOf(annotated: Annotated): ReadonlySet<Role> | undefined {
  const directive = directivesOf(annotated).find(({ name }) => name.value === 'access');
  const roles = directive?.arguments?.[0]?.value;
  if (roles?.kind !== 'ListValue') return undefined;
  return new Set(roles.values.flatMap((value) => (value.kind === 'EnumValue' ? [value.value as Role] : [])));
}

const isEntity = (type: GraphQLObjectType): boolean =>
  directivesOf(type).some(({ name }) => name.value === 'key');

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('_'),
  );

const rootTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => !!type);

const rootFields = (schema: GraphQLSchema): [GraphQLObjectType, GraphQLField<unknown, unknown>][] =>
  rootTypes(schema).flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ name }) => !FEDERATION_FIELDS.has(name))
      .map((field): [GraphQLObjectType, GraphQLField<unknown, unknown>] => [type, field]),
  );

/** Throws the NOT_PERMITTED refusal of `coordinate` unless the caller has one of the roles; returns that role. */
function entitledRole({ caller }: RequestContext, roles: ReadonlySet<Role>, coordinate: string): Role {
  const role = caller.roles.find((candidate) => roles.has(candidate));
  if (role) return role;
  const allowed = [...roles];
  throw refusalError({
    code: 'NOT_PERMITTED',
    message: {
      'zh-CN': `您的角色（${caller.roles.join('、')}）无权使用 ${coordinate}；可用角色：${allowed.join('、')}。`,
      en: `Your role (${caller.roles.join(', ')}) may not use ${coordinate}; roles that may: ${allowed.join(', ')}.`,
    },
    details: { target: coordinate, roles: allowed, callerRoles: caller.roles },
  });
}

function guardField(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, isRoot: boolean): void {
  const roles = rolesOf(field);
  if (!roles) return;
  const resolve = field.resolve ?? defaultFieldResolver;
  const coordinate = `${type.name}.${field.name}`;
  field.resolve = (source, args, context, info) => {
    const role = entitledRole(context as RequestContext, roles, coordinate);
    const acting = isRoot ? Object.create(context as object, { actingAs: { value: role } }) : context;
    return resolve(source, args, acting, info);
  };
}

/**
 * graphql-js asks `isTypeOf` of every object it completes, whichever field or entity reference led there: the one
 * place that sees each way to a type.
 */
function guardType(type: GraphQLObjectType): void {
  const roles = rolesOf(type);
  if (!roles) return;
  const original = type.isTypeOf;
  type.isTypeOf = (value, context, info) => {
    entitledRole(context as RequestContext, roles, type.name);
    return original ? original(value, context, info) : true;
  };
}

/** Without a resolver of their own, abstract types would ask `isTypeOf` which type a value has; it now answers another question. */
function nameByTypename(type: GraphQLAbstractType): void {
  type.resolveType ??= (value) => (value as { __typename?: string }).__typename;
}

/**
 * Enforces `@access` on a subgraph schema, in place. Deny by default: throws, naming all of them, when a root field
 * or an entity says nothing of who may use it.
 */
export function enforceAccess(schema: GraphQLSchema): void {
  const silent = [
    ...rootFields(schema)
      .filter(([, field]) => !rolesOf(field))
      .map(([type, field]) => `${type.name}.${field.name}`),
    ...objectTypes(schema)
      .filter((type) => isEntity(type) && !rolesOf(type))
      .map((type) => type.name),
  ];
  if (silent.length > 0) {
    throw new Error(
      `以下根字段或实体缺少 @access，默认拒绝，服务不启动。 / These root fields and entities lack @access; the default is to deny, so the subgraph does not start: ${silent.join(', ')}`,
    );
  }
  const roots = new Set(rootTypes(schema));
  for (const type of Object.values(schema.getTypeMap())) if (isAbstractType(type)) nameByTypename(type);
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) guardField(type, field, roots.has(type));
    guardType(type);
  }
}

export interface AccessRow {
  /** `Mutation.publishEdition`, `Item.draft`, or an entity: `Organ`. */
  target: string;
  role: Role;
  allowed: boolean;
}

/** Every root field, and every other field and type with `@access`, against every role. */
export function accessMatrix(schema: GraphQLSchema): AccessRow[] {
  const targets = new Map<string, ReadonlySet<Role>>();
  for (const [type, field] of rootFields(schema)) {
    targets.set(`${type.name}.${field.name}`, rolesOf(field) ?? new Set());
  }
  for (const type of objectTypes(schema)) {
    const annotated: [string, Annotated][] = [
      [type.name, type],
      ...Object.values(type.getFields()).map((f): [string, Annotated] => [`${type.name}.${f.name}`, f]),
    ];
    for (const [target, node] of annotated) {
      const roles = rolesOf(node);
      if (roles) targets.set(target, roles);
    }
  }
  return [...targets].flatMap(([target, roles]) =>
    ROLES.map((role) => ({ target, role, allowed: roles.has(role) })),
  );
}

/** Whether the division is the caller's own or inside it: 370114000000 covers 370114101000. */
export const mayActIn = (caller: Caller, code: string): boolean => isWithin(code, caller.division);

const named = (code: string): string => {
  const known = division(code);
  return known ? `${known.fullName}（${code}）` : code;
};

/** Throws NOT_PERMITTED, naming both divisions, when the caller's rights end outside the division of `code`. */
export function requireDivision({ caller }: RequestContext, code: string, field?: string): void {
  if (mayActIn(caller, code)) return;
  const [own, other] = [named(caller.division), named(code)];
  throw refusalError({
    code: 'NOT_PERMITTED',
    message: {
      'zh-CN': `您的权限限于${own}，不能办理${other}的事项。`,
      en: `Your rights end at ${own}; they do not cover ${other}.`,
    },
    ...(field === undefined ? {} : { field }),
    details: { callerDivision: caller.division, division: code },
  });
}
