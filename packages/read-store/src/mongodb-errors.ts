import {
  MongoAPIError,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { ReadStoreError, type ReadStoreErrorCode } from './read-store.ts';

const DUPLICATE_KEY = 11_000;
const REFUSED = new Set([13, 18, 8_000]);
const OUT_OF_DISK = 14_031;

/** Answers of a server that is no primary (any more), shuts down, or lost its majority; and of one that took too long. */
const AWAY = new Set([
  6, 7, 50, 64, 89, 91, 100, 133, 189, 202, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/** What the driver and the server report, in the words of the port; programmers' mistakes stay as they are. `name`: without credentials. */
export function explain(error: unknown, name: string): unknown {
  const [code, words] = causeOf(error) ?? [];
  if (code === undefined) return error;
  return new ReadStoreError(code, `read store ${name} ${words}`, { cause: error });
}

export function isDuplicate(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) {
    const errors = [error.writeErrors].flat();
    return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
  }
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Sockets that break off while something is sent come through the driver as they are. */
const BROKEN = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

function causeOf(error: unknown): [ReadStoreErrorCode, string] | undefined {
  if (error instanceof Error && 'code' in error && BROKEN.has(String(error.code))) {
    return ['UNAVAILABLE', `cannot be reached: ${error.message}`];
  }
  if (!(error instanceof MongoError)) return undefined;
  if (
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoClientClosedError
  ) {
    return ['CLOSED', 'is closed'];
  }
  const refused = refusal(error);
  if (refused !== undefined) return ['UNAVAILABLE', `refuses the user or password in its URL: ${refused}`];
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) {
    return ['UNAVAILABLE', `cannot be reached: ${error.message}`];
  }
  const code = Number(error.code);
  if (error instanceof MongoBulkWriteError && Number.isNaN(code)) {
    return ['UNAVAILABLE', `broke off in the middle of a batch: ${error.message}`];
  }
  if (code === OUT_OF_DISK) return ['DISK_FULL', 'cannot grow, the disk is full'];
  if (AWAY.has(code) || error.hasErrorLabel('RetryableWriteError')) {
    return ['UNAVAILABLE', `does not answer as the primary: ${error.message}`];
  }
  // A pool that is cleared or overdue; mistakes in using the driver are errors of other classes below this one.
  if (error instanceof MongoAPIError) return undefined;
  if (!(error instanceof MongoServerError)) return ['UNAVAILABLE', `cannot be used now: ${error.message}`];
  return undefined;
}

function refusal(error: MongoError): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof MongoServerError && REFUSED.has(Number(at.code))) return at.message;
  }
  return undefined;
}
