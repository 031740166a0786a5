/** When a message that was not taken is tried again: the schedule that Standard Webhooks recommends. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds between an attempt and the next one: 10 attempts within 76 hours, the first at once. */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Of a pause, added to it at most: receivers that were away do not get everything again in the same second. */
const JITTER = 0.1;
/** A receiver may ask to be left alone for so long. */
export const MOST_ASKED_MS = 24 * HOUR;

/**
 * The instant of the next attempt after `attempts` that failed, the last of them at `at`; null when there is none left.
 * What the receiver asked for (Retry-After) prolongs a pause, to a day at most. `random`: from 0 to below 1.
 */
export function nextAttempt({
  attempts,
  at,
  askedMs,
  random,
}: {
  attempts: number;
  at: Date;
  askedMs: number | null;
  random: number;
}): Date | null {
  const pause = RETRY_AFTER_MS[attempts - 1];
  if (pause === undefined) return null;
  const jittered = Math.floor(pause * (1 + JITTER * random));
  return new Date(at.getTime() + Math.max(jittered, Math.min(askedMs ?? 0, MOST_ASKED_MS)));
}

const HTTP_DATE = /^[A-Z][a-z]{2}, .+ GMT$/;

/** Milliseconds that a Retry-After header asks for, in seconds or as a date; null when it says nothing of use. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  const ms = HTTP_DATE.test(text) ? Date.parse(text) - now.getTime() : Number.NaN;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
