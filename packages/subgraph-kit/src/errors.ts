import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { EventStoreError } from '@dutyledger/event-store/event-store';
import { ReadStoreError } from '@dutyledger/read-store/read-store';
import { GraphQLError, type GraphQLFormattedError } from 'graphql/index.js';
import type { Locale } from './request-context.ts';

/** Every `extensions.code` that a caller can meet. INTERNAL is a defect: it says nothing but the number to quote. */
const ERROR_CODES = [
  'UNAUTHENTICATED',
  'NOT_PERMITTED',
  'INVALID_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'RULE_VIOLATED',
  'LIMIT_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A refusal on its way to the caller. Its text is put into the caller's language when the answer is written. */
export class RefusedError extends GraphQLError {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, locale: Locale = 'zh-CN') {
    super(refusal.message[locale], { extensions: extensionsOf(refusal) });
    this.refusal = refusal;
  }
}

/** The GraphQL error that tells a refusal: code, rule, field, citation and details in its extensions. */
export const refusalError = (refusal: Refusal, locale?: Locale): RefusedError =>
  new RefusedError(refusal, locale);

/** The good outcome; a refusal is thrown. */
export function unwrap<T extends { ok: boolean }>(
  outcome: T | { ok: false; refusal: Refusal },
  locale?: Locale,
): Extract<T, { ok: true }> {
  if (!outcome.ok) throw refusalError((outcome as { refusal: Refusal }).refusal, locale);
  return outcome as Extract<T, { ok: true }>;
}

/** Every mutation has one input: paths of fields begin inside it, whoever found the fault. */
function extensionsOf({ code, rule, field, citation, details }: Refusal): Record<string, unknown> {
  const path = field?.replace(/^input\./, '');
  const given = Object.entries({ rule, field: path, citation, details }).filter(
    ([, value]) => value !== undefined,
  );
  return { code, ...Object.fromEntries(given) };
}

/** LIMIT_EXCEEDED with the limit and the value that went over it. `what` names the measured thing with its unit. */
export function limitExceeded(what: Text, limit: number, value: number, field?: string): Refusal {
  return {
    code: 'LIMIT_EXCEEDED',
    message: {
      'zh-CN': `超出限制：${what['zh-CN']}最多 ${limit}，实际为 ${value}。`,
      en: `Limit exceeded: ${what.en} may be at most ${limit}, got ${value}.`,
    },
    ...(field === undefined ? {} : { field }),
    details: { limit, value },
  };
}

const storeMessages = {
  cursor: {
    'zh-CN': '游标无效：请原样使用上一页返回的游标。',
    en: 'The cursor is not valid: pass back the cursor of an earlier page unchanged.',
  },
  tooLarge: {
    'zh-CN': '内容过大：一次写入超出了存储上限，请分成几次提交。',
    en: 'Too large: the change is over what the store takes at once; send it in several parts.',
  },
  reused: {
    'zh-CN': '该幂等键已用于另一项操作，请换一个。',
    en: 'The idempotency key was used for another command; choose a new one.',
  },
  unavailable: {
    'zh-CN': '存储暂时不可用，请稍后重试；变更请用原来的幂等键，不会重复记录。',
    en: 'The store is not available now. Try again later; a change with its idempotency key, so that nothing is recorded twice.',
  },
} satisfies Record<string, Text>;

/** What a store's error means to a caller; undefined when it is a defect of ours. */
function refusalOfStore(error: EventStoreError | ReadStoreError): Refusal | undefined {
  switch (error.code) {
    case 'BAD_CURSOR':
      return { code: 'INVALID_INPUT', message: storeMessages.cursor, field: 'after' };
    case 'TOO_LARGE':
      return { code: 'LIMIT_EXCEEDED', message: storeMessages.tooLarge };
    case 'ID_REUSED':
      return { code: 'CONFLICT', message: storeMessages.reused, field: 'change.idempotencyKey' };
    case 'BUSY':
    case 'READ_ONLY':
    case 'DISK_FULL':
    case 'UNAVAILABLE':
    case 'CLOSED':
      return { code: 'UNAVAILABLE', message: storeMessages.unavailable };
    default:
      return undefined;
  }
}

/** The refusal that an error is, stands for (a store's) or wraps (graphql-js's); undefined: it is a defect. */
export function refusalBehind(error: unknown): Refusal | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof RefusedError) return current.refusal;
    if (current instanceof EventStoreError || current instanceof ReadStoreError) {
      return refusalOfStore(current);
    }
    current = current instanceof GraphQLError ? current.originalError : current.cause;
  }
  return undefined;
}

const REQUEST_FAULTS = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);
const COERCION = /^(?:Variable "\$|Argument "|Too many errors processing variables)/;
const MAX_DETAIL = 500;

/** What graphql-js and Apollo say of a request that is wrong in itself, as an entry of the catalogue. */
function refusalOfRequest(error: GraphQLError): Refusal | undefined {
  const code = error.extensions['code'];
  const coercion = error.originalError === undefined && code === undefined && COERCION.test(error.message);
  if (!coercion && !REQUEST_FAULTS.has(String(code))) return undefined;
  const tokens = /contains more that (\d+) tokens/.exec(error.message)?.[1];
  if (tokens !== undefined) {
    const limit = Number(tokens);
    return limitExceeded({ 'zh-CN': '查询的词元数', en: 'tokens of the query' }, limit, limit + 1);
  }
  const detail =
    error.message.length > MAX_DETAIL ? `${error.message.slice(0, MAX_DETAIL)} …` : error.message;
  const field = fieldOf(error.message);
  return {
    code: 'INVALID_INPUT',
    message: { 'zh-CN': `请求有误：${detail}`, en: `The request is not valid: ${detail}` },
    ...(field === undefined ? {} : { field }),
  };
}

/** Path of the variable that graphql-js complains of: `input.items[3].name`. */
function fieldOf(message: string): string | undefined {
  const [, variable, path] = /^Variable "\$(\w+)"(?:.*? at "\1([^"]*)")?/s.exec(message) ?? [];
  return variable === undefined ? undefined : variable + (path ?? '');
}

export interface Described {
  formatted: GraphQLFormattedError;
  code: ErrorCode;
  /** The defect to be logged, when there is one. */
  defect: unknown;
}

/**
 * Puts any error into the catalogue and the caller's language. What is not known to be meant for callers becomes
 * INTERNAL with the correlation id and nothing of its message.
 */
export function describeError(error: GraphQLError, locale: Locale, correlationId: string): Described {
  const place = {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
  const refusal = refusalBehind(error);
  const given = error.extensions['code'] as ErrorCode;
  if (!refusal && ERROR_CODES.includes(given)) {
    const { serviceName, stacktrace: _, ...extensions } = error.extensions;
    const service = serviceName === undefined ? {} : { service: serviceName };
    return {
      formatted: { message: error.message, ...place, extensions: { ...extensions, ...service } },
      code: given,
      defect: undefined,
    };
  }
  const known = refusal ?? refusalOfRequest(error);
  if (known) {
    const field = known.field ?? fieldOf(error.message);
    const extensions = extensionsOf(field === undefined ? known : { ...known, field });
    const formatted = { message: known.message[locale], ...place, extensions };
    return { formatted, code: known.code, defect: undefined };
  }
  const message = {
    'zh-CN': `系统内部错误，请向运维人员提供编号 ${correlationId}。`,
    en: `Internal error. Quote ${correlationId} to the operators.`,
  }[locale];
  return {
    formatted: { message, ...place, extensions: { code: 'INTERNAL', correlationId } },
    code: 'INTERNAL',
    defect: error.originalError ?? error,
  };
}

/** HTTP status of an answer that has no data; answers with data are 200. */
export const HTTP_STATUS: Record<ErrorCode, number> = {
  UNAUTHENTICATED: 401,
  NOT_PERMITTED: 403,
  INVALID_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RULE_VIOLATED: 422,
  LIMIT_EXCEEDED: 400,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};
