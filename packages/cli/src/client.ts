import { setTimeout as pause } from 'node:timers/promises';
import { CliFailure, EXIT, type Fault } from './failure.ts';
import type { Language, Translate } from './language.ts';

/** The platform's GraphQL endpoint, asked as the caller of the token. */
export interface Client {
  readonly url: string;
  /** Data of the answer. Throws CliFailure: what the server refused, or that it cannot be reached. */
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** A plain GET beside the endpoint (`/admin/backup`). */
  get(path: string): Promise<Response>;
  /** A file by POST beside the endpoint (`/attachments`); its answer. */
  upload<T>(path: string, content: Uint8Array<ArrayBuffer>, mediaType: string): Promise<T>;
}

export interface ClientOptions {
  /** URL of the GraphQL endpoint. */
  url: string;
  token: string;
  language: Language;
  t: Translate;
  /** Told before each new try. */
  onRetry?: (attempt: number) => void;
}

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions?: Partial<Fault> }[];
}

/** Waits between tries, in milliseconds: a node that is started again is back within them. */
const RETRY_AFTER_MS = [250, 500, 1_000, 1_000, 2_000, 2_000, 2_000, 3_000, 3_000];
const MOST_DETAIL = 200;

const notAuthorised = new Set(['UNAUTHENTICATED', 'NOT_PERMITTED']);

function refused([first]: NonNullable<Answer['errors']>): CliFailure {
  const { message = '', extensions = {} } = first ?? {};
  const { code = 'INTERNAL', rule, field, citation, details } = extensions;
  const given = Object.entries({ rule, field, citation, details }).filter(([, value]) => value !== undefined);
  const exitCode = notAuthorised.has(code) ? EXIT.notAuthorised : EXIT.failed;
  return new CliFailure(exitCode, { code, message, ...Object.fromEntries(given) });
}

/**
 * Every request may be repeated: queries change nothing, and every mutation of this program carries an idempotency
 * key. Once the server has answered, a lost connection or UNAVAILABLE is therefore met by trying again for some
 * 15 seconds; a server that never answered is reported at once.
 */
export function createClient({ url, token, language, t, onRetry }: ClientOptions): Client {
  let answered = false;
  const headers = { authorization: `Bearer ${token}`, 'accept-language': language };

  const unreachable = (cause: unknown): CliFailure => {
    const reason =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    const message = t(
      `无法连接 ${url}（${reason}）。服务是否已启动？可用 npm start 启动，或用 --url 指定地址。`,
      `Cannot reach ${url} (${reason}). Does the server run? Start it with npm start, or name another with --url.`,
    );
    return new CliFailure(EXIT.unreachable, { code: 'UNREACHABLE', message }, { cause });
  };

  const patiently = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const passing =
          error instanceof CliFailure &&
          ['UNREACHABLE', 'UNAVAILABLE'].includes(error.fault.code) &&
          answered;
        const wait = RETRY_AFTER_MS[tries];
        if (!passing || wait === undefined) throw error;
        onRetry?.(tries + 1);
        await pause(wait);
      }
    }
  };

  const send = async (path: string | URL, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(path, init);
    } catch (error) {
      throw unreachable(error);
    }
  };

  const read = async (response: Response): Promise<Answer> => {
    const body = await response.text().catch((error: unknown) => {
      throw unreachable(error);
    });
    try {
      const answer = JSON.parse(body) as Answer | null;
      if (answer?.data !== undefined || answer?.errors !== undefined) return answer;
    } catch {
      // What is no JSON is reported like JSON that is no GraphQL answer.
    }
    const message = t(
      `${url} 的回答不是 GraphQL（HTTP ${response.status}）：${body.slice(0, MOST_DETAIL)}`,
      `${url} did not answer as a GraphQL endpoint (HTTP ${response.status}): ${body.slice(0, MOST_DETAIL)}`,
    );
    throw new CliFailure(EXIT.unreachable, { code: 'NOT_GRAPHQL', message });
  };

  return {
    url,
    async ask<T>(query: string, variables: Record<string, unknown> = {}) {
      const init = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      };
      return patiently(async () => {
        const answer = await read(await send(url, init));
        if (answer.errors?.length) throw refused(answer.errors);
        answered = true;
        return answer.data as T;
      });
    },
    async get(path) {
      const response = await send(new URL(path, url), { headers });
      if (response.ok) return response;
      const answer = await read(response);
      throw refused(answer.errors ?? []);
    },
    async upload<T>(path: string, content: Uint8Array<ArrayBuffer>, mediaType: string) {
      const init = { method: 'POST', headers: { ...headers, 'content-type': mediaType }, body: content };
      const response = await send(new URL(path, url), init);
      if (response.ok) return (await response.json()) as T;
      throw refused((await read(response)).errors ?? []);
    },
  };
}
