import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { type ErrorCode, HTTP_STATUS, refusalBehind } from '@dutyledger/subgraph-kit/errors';
import type { Locale } from '@dutyledger/subgraph-kit/request-context';

/** Errors as GeoReport tells them: an HTTP status, and what is wrong in words. */
export class Fault extends Error {
  readonly status: number;
  readonly text: Text;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, en: string, zh: string, retryAfter?: number) {
    super(en);
    this.status = status;
    this.text = { en, 'zh-CN': zh };
    this.retryAfter = retryAfter;
  }
}

const ofRefusal = ({ code, message }: Refusal): Fault => {
  const status = HTTP_STATUS[code as ErrorCode];
  // GeoReport knows no 422: what a rule refuses is a bad request.
  return new Fault(status === 422 ? 400 : status, message.en, message['zh-CN']);
};

/** What an error means to a client; undefined when it is a defect. Fastify's own errors have a `statusCode`. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  const refusal = refusalBehind(error);
  if (refusal) return ofRefusal(refusal);
  switch ((error as { statusCode?: unknown }).statusCode) {
    case 413:
      return new Fault(413, 'The request is too large.', '请求过大。');
    case 415:
      return new Fault(
        415,
        'The body must be application/x-www-form-urlencoded.',
        '请求体应为 application/x-www-form-urlencoded。',
      );
    case 400:
      return new Fault(400, 'The request cannot be read.', '请求无法读取。');
    default:
      return undefined;
  }
}

export const internalFault = (correlationId: string): Fault =>
  new Fault(
    500,
    `Internal error. Quote ${correlationId} to the operators.`,
    `系统内部错误，请向运维人员提供编号 ${correlationId}。`,
  );

/** The list that GeoReport answers with. */
export const errorsOf = ({ status, text }: Fault, locale: Locale) => [
  { code: status, description: text[locale] },
];
