import { setTimeout as pause } from 'node:timers/promises';
import { convertToCommandError, ErrorType, MaxAppendSizeExceededError } from '@eventstore/db-client';
import { EventStoreError } from './event-store.ts';

/** gRPC status codes (https://grpc.io/docs/guides/status-codes) that say more than "not now". */
const REFUSED = new Set([7, 16]);
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** A failure that may be over at the next try: an election, a restart, a broken connection. */
class PassingError extends EventStoreError {}

export const isPassing = (error: unknown): boolean => error instanceof PassingError;

/** Names what the server or the connection reports in the port's terms. `name` holds no credentials. */
export function toEventStoreError(error: unknown, name: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  // The client's own conversion takes anything with a code for an answer of the server.
  const cause = error instanceof Error && 'details' in error ? convertToCommandError(error) : error;
  const detail = (cause instanceof Error && cause.message) || String(error);
  const { code, type } = cause as { code?: number; type?: ErrorType };
  const of = (code: EventStoreError['code'], text: string) =>
    new EventStoreError(code, `the event store ${name} ${text}`, { cause: error });
  if (type === ErrorType.ACCESS_DENIED || REFUSED.has(code ?? -1)) {
    return of('UNAVAILABLE', 'refuses the user and password of its URL, or they may not read $all and write');
  }
  if (cause instanceof MaxAppendSizeExceededError) {
    const limit = `at most ${cause.maxAppendSize} bytes in one append (MaxAppendSize)`;
    return of('TOO_LARGE', `takes ${limit}; send it in several parts, or raise the limit of the server`);
  }
  if (code === RESOURCE_EXHAUSTED) return of('TOO_LARGE', `takes no message of that size (${detail})`);
  if (code === UNIMPLEMENTED) return of('UNAVAILABLE', `is no EventStoreDB 22.6 or newer (${detail})`);
  if (type === ErrorType.STREAM_DELETED) {
    return of('CORRUPT', `has lost history: ${detail}. Restore it from a backup`);
  }
  const hint =
    /SSL|EPROTO|certificate|CERT_|self.signed|ECONNRESET|Failed to connect|Connection dropped/i.test(detail)
      ? '; is "tls" in the URL as the server has it, and "tlsCaFile" the issuer of its certificate?'
      : '';
  const message = `the event store ${name} does not answer (${detail})${hint}`;
  return new PassingError('UNAVAILABLE', message, { cause: error });
}

/**
 * How long failures that pass are lived with: each is followed by a pause, the next by a longer one; once they have
 * lasted for the given time, or `signal` aborts, the last one is thrown.
 */
export class Patience {
  readonly #milliseconds: number;
  readonly #signal: AbortSignal;
  #failures = 0;
  #since = 0;

  constructor(milliseconds: number, signal: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.#signal = signal;
  }

  /** It works again. */
  renew(): void {
    this.#failures = 0;
  }

  async bear(error: EventStoreError): Promise<void> {
    if (!isPassing(error)) throw error;
    const now = performance.now();
    if (this.#failures === 0) this.#since = now;
    if (this.#signal.aborted || now - this.#since >= this.#milliseconds) throw error;
    const wait = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS);
    await pause(wait, undefined, { signal: this.#signal }).catch(() => {
      throw error;
    });
  }
}
