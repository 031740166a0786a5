import type { Bus, BusSubscription, SubscribeOptions } from '@dutyledger/bus/bus';
import type { Copy, CopyWriter } from '@dutyledger/read-store/copy';
import { aborted } from '@dutyledger/read-store/leadership';
import type { Logger } from 'pino';

export interface CopyFeed {
  /** What the copy's readers are told of it: where it is fed from, or why it makes no progress. */
  detail(): string;
  stop(): Promise<void>;
}

/** A copy that was deleted, or has a new version, starts a group of its own, and so reads its topics from the beginning. */
export const groupOf = ({ name, id }: Copy): string => `${name}.${id}`;

/** Brings the topics' messages to the copy, in one process at a time; the others read what it writes. */
export function feedCopy(
  copy: Copy,
  { bus, logger, ...options }: { bus: Bus; logger: Logger } & Omit<SubscribeOptions, 'group'>,
  take: (writer: CopyWriter) => Parameters<Bus['subscribe']>[1],
): CopyFeed {
  let reading: BusSubscription | undefined;
  const leadership = copy.whileWriting(
    async (writer, { signal }) => {
      reading = bus.subscribe({ ...options, group: groupOf(copy) }, take(writer));
      // It tells why it ends by itself where it is asked, and a stop while it catches up is none of our concern.
      reading.caughtUp.catch(() => undefined);
      await aborted(signal);
      await reading.stop();
      reading = undefined;
    },
    { logger },
  );
  return {
    detail: () =>
      reading ? (reading.failure()?.message ?? 'reading the bus') : 'another process reads the bus',
    stop: () => leadership.stop(),
  };
}
