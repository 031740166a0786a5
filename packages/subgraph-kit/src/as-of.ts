import { chinaDate } from '@dutyledger/reference-data/china-time';

/** The `AsOf` input of common.graphql after its scalars were read. */
export interface AsOfInput {
  effectiveAt?: string | null;
  recordedAt?: string | null;
}

/** A point on both clocks, for the read store. */
export interface AsOf {
  effectiveAt: string;
  /** Left out: the latest known. */
  recordedAt?: string;
}

/**
 * Completes what a caller left out: in force today in China, as known now. An instant in the future is allowed and
 * means now, as nothing recorded after it is left out; callers' clocks may run ahead of ours.
 */
export function asOf(input: AsOfInput | null | undefined, now: Date): AsOf {
  const { effectiveAt, recordedAt } = input ?? {};
  return {
    effectiveAt: effectiveAt ?? chinaDate(now.toISOString()),
    ...(recordedAt ? { recordedAt } : {}),
  };
}

/** A name for the point in time, to tell look-ups of one request apart (`Loaders`). */
export const asOfKey = ({ effectiveAt, recordedAt = 'latest' }: AsOf): string =>
  `${effectiveAt}/${recordedAt}`;
