import { randomUUID } from 'node:crypto';
import type { Text } from '@dutyledger/event-store/decider';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { Logger } from 'pino';
import type { Caller, Role } from './identity.ts';
import { Loaders } from './loaders.ts';

export type Locale = keyof Text;

/** What every resolver knows of the request it works for. */
export interface RequestContext {
  caller: Caller;
  /** From Accept-Language; zh-CN where neither language is asked for. */
  locale: Locale;
  /** `x-correlation-id` of the request, or a new UUID; in every log line and in the answer's headers. */
  correlationId: string;
  logger: Logger;
  /** The instant of the request: what "today" and "in time" mean in it, from beginning to end. */
  now: Date;
  /** Batches and remembers look-ups for this request. */
  loaders: Loaders;
  /** Within a root field: the caller's role that entitled it (`@access`), for the record. */
  actingAs: Role | null;
}

/** Header names in lower case, as Node gives them. */
export type Headers = Record<string, string | string[] | undefined>;

export const header = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Position of an event that the answer must know of: the gateway asks so for what a message is about. */
export const READ_AFTER = 'x-read-after';

/** The position that the read models must show before the request is answered, if one is asked for. */
export function readAfterOf(headers: Headers): number | undefined {
  const given = header(headers, READ_AFTER);
  return given !== undefined && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}

/** The better liked of the two languages of an Accept-Language header; zh-CN without one. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  let best: { locale: Locale; weight: number } = { locale: 'zh-CN', weight: 0 };
  for (const part of (acceptLanguage ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const locale = /^zh\b/.test(tag) ? 'zh-CN' : /^en\b/.test(tag) ? 'en' : undefined;
    const weight = Number(parameters.find((p) => p.trim().startsWith('q='))?.split('=')[1] ?? 1);
    if (locale && weight > best.weight) best = { locale, weight };
  }
  return best.locale;
}

/** An id given by the caller is taken when it cannot disturb a log or a header. */
export function correlationIdOf(given: string | undefined): string {
  return given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

export function requestContext(caller: Caller, headers: Headers, logger: Logger, now: Date): RequestContext {
  const correlationId = correlationIdOf(header(headers, 'x-correlation-id'));
  return {
    caller,
    locale: localeOf(header(headers, 'accept-language')),
    correlationId,
    logger: logger.child({ correlationId }),
    now,
    loaders: new Loaders(),
    actingAs: null,
  };
}

/** The day in China on which the request came, YYYY-MM-DD. */
export const todayOf = ({ now }: Pick<RequestContext, 'now'>): string => chinaDate(now.toISOString());
