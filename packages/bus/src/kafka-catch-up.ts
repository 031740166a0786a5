import { BusError } from './bus.ts';
import type { KafkaConnection } from './kafka-connection.ts';

export interface CatchUp {
  connection: KafkaConnection;
  groupId: string;
  topics: string[];
  /** Resolves when the topics are there. */
  ready(): Promise<void>;
  /** Resolves when the member has joined its group. */
  joined: Promise<void>;
  /** Tells of the member's own commits, so that nobody need wait for the next look. */
  onCommit(told: () => void): void;
  signal: AbortSignal;
}

const LOOK_AGAIN_MS = 250;

/**
 * Resolves when the group, whichever member of it, has committed everything that was in the topics at the time of the
 * call, or, when the broker did not answer then, as soon as it did. Rejects with CLOSED when it is aborted before.
 */
export async function untilCaughtUp({ ready, joined, onCommit, signal, ...group }: CatchUp): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const stopped = () => aborted.reject(new BusError('CLOSED', 'stopped before it had caught up'));
  signal.addEventListener('abort', stopped, { once: true });
  let wake = Promise.withResolvers<void>();
  onCommit(() => wake.resolve());
  const pause = async () => {
    const timer = setTimeout(wake.resolve, LOOK_AGAIN_MS);
    await Promise.race([wake.promise, aborted.promise]).finally(() => clearTimeout(timer));
    wake = Promise.withResolvers<void>();
  };
  const insist = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
    for (;;) {
      try {
        return await Promise.race([ask(), aborted.promise]);
      } catch (error) {
        if (signal.aborted) throw error;
        await pause();
      }
    }
  };
  try {
    const missing = await insist(async () => {
      await ready();
      return endsOf(group);
    });
    await Promise.race([joined, aborted.promise]);
    for (;;) {
      for (const place of await insist(() => committedOf(group, missing))) missing.delete(place);
      if (missing.size === 0) return;
      await pause();
    }
  } finally {
    onCommit(() => undefined);
    signal.removeEventListener('abort', stopped);
  }
}

type Group = Pick<CatchUp, 'connection' | 'groupId' | 'topics'>;

/** The end of each partition that holds something. */
async function endsOf({ connection, topics }: Group): Promise<Map<string, bigint>> {
  const ends = await connection.admin((admin) =>
    Promise.all(topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) }))),
  );
  return new Map(
    ends.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ low, high }) => low !== high)
        .map(({ partition, high }) => [`${topic}/${partition}`, BigInt(high)]),
    ),
  );
}

/** Those of the partitions in which the group has reached the end. */
async function committedOf({ connection, groupId, topics }: Group, ends: ReadonlyMap<string, bigint>) {
  if (ends.size === 0) return [];
  const committed = await connection.admin((admin) => admin.fetchOffsets({ groupId, topics }));
  return committed.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ partition, offset }) => BigInt(offset) >= (ends.get(`${topic}/${partition}`) ?? 0n))
      .map(({ partition }) => `${topic}/${partition}`),
  );
}
