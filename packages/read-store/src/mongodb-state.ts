import type { Change } from './adapter.ts';
import type { Snapshot } from './mongodb-rows.ts';
import { ReadStoreError } from './read-store.ts';

/** What is true of a generation for all processes: part of the register's value of its read model. */
export interface GenerationState {
  /** Names its collections. */
  id: string;
  state: 'building' | 'serving' | 'dropping';
  checkpoint: number;
  /** The last batch that is stored for good: what readers see. */
  stored: number;
  /** The number that the one who writes may use next. */
  open: number;
  /** Numbers of batches that never came to be. */
  voids: number[];
  /** Rows that only earlier states have are being deleted. */
  swept: number;
  /** And are deleted up to here. */
  cleared: number;
  /** Whoever has an earlier one may not write. */
  token?: number;
}

export interface ModelState {
  generations: GenerationState[];
}

/** What stays as it was when the generation was created. */
export interface Declared {
  _id: string;
  name: string;
  version: number;
  collections: string;
}

const MODEL = 'model ';

/** The register's key of a read model. */
export const modelKey = (name: string): string => MODEL + name;

/** undefined: the key is of something else. */
export const nameOf = (key: string): string | undefined =>
  key.startsWith(MODEL) ? key.slice(MODEL.length) : undefined;

export const snapshotOf = ({ stored, voids, cleared }: GenerationState): Snapshot => ({
  at: stored,
  voids,
  cleared,
});

/** The batch is stored for good, and seen, from now on. undefined: it is already. */
export function commit(
  state: GenerationState,
  number: number,
  { checkpoint, token }: Change,
): GenerationState | undefined {
  if (state.stored >= number && !state.voids.includes(number)) return undefined;
  if (state.open !== number || (token ?? -1) < (state.token ?? -1)) {
    throw fenced();
  }
  return { ...state, stored: number, open: number + 1, checkpoint: checkpoint ?? state.checkpoint };
}

/** A new number for whoever writes from now on; the one that was given out before is void, if it was not used. */
export function reserve(state: GenerationState, token: number | undefined): GenerationState {
  if ((token ?? -1) < (state.token ?? -1)) throw fenced();
  return {
    ...state,
    voids: state.open > state.stored ? [...state.voids, state.open] : state.voids,
    open: state.open + 1,
    ...(token === undefined ? {} : { token }),
  };
}

export const fenced = (): ReadStoreError =>
  new ReadStoreError(
    'FENCED',
    'another process has taken over the writing of the read model, or has dropped it',
  );

export const outdated = (name: string): ReadStoreError =>
  new ReadStoreError(
    'FENCED',
    `a change of ${name} was stored although its answer was lost: go on from the checkpoint`,
  );
