import { hash } from 'node:crypto';
import type { AnySpec, Generation, ReadStore } from './adapter.ts';
import { checkSameDeclaration } from './declarations.ts';
import { inTurn } from './in-turn.ts';
import { type Leadership, type LeadershipOptions, type Term, whileLeading } from './leadership.ts';
import { Pace } from './pace.ts';
import { type Batch, ReadStoreError, type ReadView } from './read-store.ts';
import { documentReader, temporalReader } from './readers.ts';
import { WriteBuffer } from './write-buffer.ts';

/**
 * A service's own copy of other services' facts, fed from the bus: at least once, ordered per key. Every process reads
 * it, one at a time writes it.
 */
export interface Copy extends ReadView {
  readonly name: string;
  /**
   * The same for the life of this copy; one that was deleted or has a new version starts empty with another id. Named
   * in the consumer group, it makes an empty copy read the bus from the beginning.
   */
  readonly id: string;
  /**
   * Feeds it while this process is the one to do so; the signal of the term is aborted also when the writer finds that
   * another process has taken over (see `whileLeading`).
   */
  whileWriting(
    feed: (writer: CopyWriter, term: Term) => Promise<void>,
    options?: LeadershipOptions,
  ): Leadership;
}

export interface CopyWriter {
  /**
   * Ignores (false) a message whose sequence is not above the last applied one of its key. One that fails changes
   * nothing and may be tried again.
   */
  apply(
    /** `recordedAt` (ISO UTC with milliseconds) is needed when the write puts versions. */
    message: { key: string; sequence: number; recordedAt?: string },
    write: (batch: Batch) => void | Promise<void>,
  ): Promise<boolean>;
}

/**
 * Opens a copy. Another version than a stored one starts empty beside it; the bus has to be read from its beginning
 * then. An older one goes when no process writes it any more.
 */
export async function openCopy(
  readStore: ReadStore,
  name: string,
  version: number,
  specs: readonly AnySpec[],
): Promise<Copy> {
  const generation = await generationOf(readStore, { name, version, collections: specs });
  return {
    name,
    id: hash('sha256', JSON.stringify([generation.secret, name, version])).slice(0, 16),
    documents: (spec) => documentReader(() => generation, spec),
    temporal: (spec) => temporalReader(() => generation, spec),
    whileWriting: (feed, options) =>
      whileLeading(
        readStore,
        leaseOf(generation),
        async ({ token, signal }) => {
          await generation.claim(token);
          const overtaken = new AbortController();
          const clearing = await dropOlder(readStore, generation, options);
          const writer = copyWriter(generation, token, () => overtaken.abort());
          try {
            await feed(writer, { token, signal: AbortSignal.any([signal, overtaken.signal]) });
          } finally {
            await Promise.all(clearing.map((each) => each.stop()));
          }
        },
        options,
      ),
  };
}

/** The oldest of its version. Of several processes that open it for the first time at once all but one drop their own. */
async function generationOf(
  readStore: ReadStore,
  declared: { name: string; version: number; collections: readonly AnySpec[] },
): Promise<Generation> {
  const { name, version, collections } = declared;
  const oldest = async () => {
    const stored = await readStore.generations(name);
    for (const generation of stored) checkSameDeclaration(generation, declared);
    return stored.find((candidate) => candidate.version === version);
  };
  const found = await oldest();
  if (found) return found;
  const made = await readStore.create(name, version, collections, false);
  const first = (await oldest()) ?? made;
  if (first !== made) await readStore.drop(made);
  return first;
}

const leaseOf = ({ name, version }: Generation): string => `copy ${name}@${version}`;

/** Whoever gets the lease of an older version knows that no process of it is left. */
async function dropOlder(
  readStore: ReadStore,
  { name, version }: Generation,
  options?: LeadershipOptions,
): Promise<Leadership[]> {
  const older = (await readStore.generations(name)).filter((stored) => stored.version < version);
  return older.map((stored) => {
    const clearing = whileLeading(
      readStore,
      leaseOf(stored),
      async () => {
        await readStore.drop(stored);
        void clearing.stop();
      },
      options,
    );
    return clearing;
  });
}

function copyWriter(generation: Generation, token: number, overtaken: () => void): CopyWriter {
  const buffer = new WriteBuffer(generation, 0);
  const turn = inTurn();
  const apply: CopyWriter['apply'] = async ({ key, sequence, recordedAt }, write) => {
    const last = await generation.sequence(key);
    if (last !== undefined && sequence <= last) return false;
    try {
      buffer.at(recordedAt);
      await write(buffer);
      const { change, settle } = await buffer.collect(new Pace());
      await generation.apply({ ...change, sequence: { key, sequence }, token });
      settle();
      return true;
    } catch (error) {
      buffer.reset();
      if (error instanceof ReadStoreError && error.code === 'FENCED') overtaken();
      throw error;
    }
  };
  return { apply: (message, write) => turn(() => apply(message, write)) };
}
