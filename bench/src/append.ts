import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStore, NewEvent } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { editionEvents } from './duty-events.ts';
import { alternate } from './measure.ts';
import { openRaw, type RawRow, rawRow } from './raw-store.ts';

export interface AppendLoad {
  events: number;
  rounds: number;
  writers: number;
  /** Rows per transaction of the reference. */
  perTransaction: number;
}

/** Events as a draft's changes leave them, each with an id of its own. */
function eventsOf(count: number): NewEvent[] {
  const shape = { list: 'list:370114-1', items: 180, editions: 2, revised: 45 };
  const samples = [1, 2].flatMap((edition) => editionEvents(shape, edition)).slice(1, 220);
  return Array.from({ length: count }, (_, n) => ({
    ...(samples[n % samples.length] as NewEvent),
    id: randomUUID(),
  }));
}

/** Every writer appends one event to a stream of its own, waits until it is durable, and takes the next. */
async function appendAll(store: EventStore, events: readonly NewEvent[], writers: Writer[]): Promise<void> {
  let next = 0;
  const work = async (writer: Writer): Promise<void> => {
    while (next < events.length) {
      const event = events[next++] as NewEvent;
      const expected = writer.revision < 0 ? 'none' : writer.revision;
      const outcome = await store.append(writer.stream, expected, [event]);
      if (outcome.status !== 'appended') throw new Error('two writers met in one stream');
      writer.revision = outcome.revision;
    }
  };
  await Promise.all(writers.map(work));
}

interface Writer {
  stream: string;
  revision: number;
}

/** Durable appends of one event each, by the same rows inserted by node:sqlite alone; events per second. */
export async function appendRates(
  folder: string,
  { events, rounds, writers: count, perTransaction }: AppendLoad,
): Promise<{ value: number; reference: number; ratio: number }> {
  const own = await mkdtemp(join(folder, 'append-'));
  const store = await openEventStore(`sqlite:${join(own, 'events.db')}`);
  const raw = openRaw(join(own, 'raw.db'), count);
  const writers = Array.from({ length: count }, (_, n) => ({ stream: `bench.writer-${n}`, revision: -1 }));
  const perRound = Math.ceil(events / rounds);
  const warmUp = 1;
  const given = Array.from({ length: rounds + warmUp }, () => eventsOf(perRound));
  const rows = given.map((round) => round.map((event, n): RawRow => rawRow(event, n % count)));
  const { measured, reference, ratio } = await alternate(rounds, warmUp, {
    measured: (round) => appendAll(store, given[round] ?? [], writers),
    reference: (round) => raw.insert(rows[round] ?? [], perTransaction),
  });
  await store.close();
  raw.close();
  const rate = (milliseconds: number) => (perRound / milliseconds) * 1000;
  return { value: rate(measured), reference: rate(reference), ratio: 1 / ratio };
}
