import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type AllowedTargets, guardedLookup, PrivateAddressError, urlProblem } from './addresses.ts';
import { retryAfterMs } from './schedule.ts';

/** One attempt: a POST that is answered within 15 seconds or not at all. */

/** Why a message was not taken. STATUS: the receiver answered so; REDIRECT: it points elsewhere, which is not followed. */
export type FailureCode =
  | 'STATUS'
  | 'REDIRECT'
  | 'GONE'
  | 'TIMEOUT'
  | 'NAME'
  | 'CONNECTION'
  | 'TLS'
  | 'PRIVATE_ADDRESS';

export interface Attempt {
  /** ISO UTC with milliseconds. */
  at: string;
  /** Null: taken, with a status of 2xx. */
  failure: FailureCode | null;
  /** Null: there was no answer. */
  status: number | null;
  durationMs: number;
  /** How long the receiver asks to be left alone; null when it does not. */
  askedMs: number | null;
}

const TIMEOUT_MS = 15_000;
/** What is read of an answer so that its connection can be used again; behind that it is cut off. */
const MOST_ANSWER_BYTES = 16 * 1024;
const IDLE_MS = 30_000;

export interface Sender {
  /** Rejects when `signal` is aborted, and for nothing else: every other end is an attempt. */
  post(
    url: string,
    message: { headers: Record<string, string>; body: string },
    around: { at: Date; signal: AbortSignal },
  ): Promise<Attempt>;
  /** Closes idle connections. */
  close(): void;
}

/** Connections to receivers, kept for a while. `timeoutMs`: default 15,000. */
export function openSender(allowed: AllowedTargets, timeoutMs: number = TIMEOUT_MS): Sender {
  const options = { keepAlive: true, timeout: IDLE_MS, lookup: guardedLookup(allowed) };
  const plain = new HttpAgent(options);
  const secure = new HttpsAgent(options);
  const open = (url: URL, given: object, answered: (answer: IncomingMessage) => void): ClientRequest =>
    url.protocol === 'https:'
      ? httpsRequest(url, { ...given, agent: secure }, answered)
      : httpRequest(url, { ...given, agent: plain }, answered);

  const once = (url: URL, message: Parameters<Sender['post']>[1], signal: AbortSignal): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...message.headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(message.body),
        'user-agent': 'DutyLedger-Webhooks/1',
      };
      const request = open(url, { method: 'POST', headers, signal }, (answer) => {
        passOver(answer);
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed an idle connection in the moment it was used: nothing was answered, and nothing is wrong.
        if (error.code === 'ECONNRESET' && request.reusedSocket && !signal.aborted)
          once(url, message, signal).then(resolve, reject);
        else reject(error);
      });
      request.end(message.body);
    });

  return {
    async post(target, message, { at, signal }) {
      const startedAt = performance.now();
      const ended = (
        failure: Attempt['failure'],
        status: number | null = null,
        askedMs: number | null = null,
      ): Attempt => {
        const durationMs = Math.round(performance.now() - startedAt);
        return { at: at.toISOString(), failure, status, durationMs, askedMs };
      };
      signal.throwIfAborted();
      if (urlProblem(target, allowed)) return ended('PRIVATE_ADDRESS');
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const { status, retryAfter } = await once(new URL(target), message, AbortSignal.any([signal, late]));
        return ended(failureOf(status), status, retryAfterMs(retryAfter, at));
      } catch (error) {
        signal.throwIfAborted();
        return ended(late.aborted ? 'TIMEOUT' : codeOf(error));
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

interface Answered {
  status: number;
  retryAfter: string | undefined;
}

/** The status has said everything. */
function passOver(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) answer.destroy();
  });
  // It breaks off when the time of the attempt is over.
  answer.on('error', () => undefined);
}

function failureOf(status: number): Attempt['failure'] {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return 'GONE';
  return status >= 300 && status < 400 ? 'REDIRECT' : 'STATUS';
}

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/;

function codeOf(error: unknown): FailureCode {
  if (error instanceof PrivateAddressError) return 'PRIVATE_ADDRESS';
  const code = String((error as NodeJS.ErrnoException).code);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'NAME';
  return TLS.test(code) ? 'TLS' : 'CONNECTION';
}
