/**
 * A process of its own, so that its time and memory are those of the replay alone: `replay.ts build|read|parse
 * <events.db> <read.db>`. `build` builds the read model of duty lists from all events, `read` reads them through the
 * event store, `parse` reads and parses them and nothing else. Prints a `Replay` as JSON.
 */
import { execFile } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openEventStore } from '@dutyledger/event-store/open';
import { dutyLists } from '@dutyledger/lists/duty-list/read-model';
import { openReadStore } from '@dutyledger/read-store/open';
import { runProjections } from '@dutyledger/read-store/runner';

export interface Replay {
  milliseconds: number;
  events: number;
  /** Resident bytes, sampled during the replay, and the most there ever were. */
  resident: number[];
  mostResident: number;
}

/** `build` a read model, `read` through the port, or `parse` and nothing else. */
type ReplayKind = 'build' | 'read' | 'parse';

const SAMPLE_MS = 50;
const PATIENCE_MS = 600_000;

/** Runs the replay in a child process. */
export async function replay(kind: ReplayKind, events: string, readStore = ''): Promise<Replay> {
  const child = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(import.meta.url), kind, events, readStore],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return JSON.parse(child.stdout) as Replay;
}

async function build(path: string, readPath: string): Promise<number> {
  const events = await openEventStore(`sqlite:${path}`);
  const readStore = await openReadStore(`sqlite:${readPath}`);
  const projections = await runProjections({ events, prefix: 'lists.', readStore, projections: [dutyLists] });
  const head = await events.head();
  const applied = await projections.waitFor(head, PATIENCE_MS);
  const [status] = await projections.status();
  await projections.stop();
  await readStore.close();
  await events.close();
  if (!applied || status?.failure) throw new Error(`not applied: ${status?.failure?.message ?? 'too slow'}`);
  return head;
}

/** As an auditor reads a history: every event through the port, page by page. */
async function readThrough(path: string): Promise<number> {
  const events = await openEventStore(`sqlite:${path}`);
  let count = 0;
  for await (const page of events.readAll()) count += page.length;
  await events.close();
  return count;
}

function parse(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const select = db.prepare(
    'SELECT position, id, stream, revision, type, version, recorded_at, metadata, data FROM events ORDER BY position',
  );
  select.setReturnArrays(true);
  let count = 0;
  for (const columns of select.iterate() as unknown as Iterable<string[]>) {
    const parsed = [JSON.parse(columns[7] ?? ''), JSON.parse(columns[8] ?? '')];
    count += parsed.length / 2;
  }
  db.close();
  return count;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, events = '', readStore = ''] = process.argv.slice(2) as [ReplayKind, string?, string?];
  const resident: number[] = [];
  const sampling = setInterval(() => resident.push(process.memoryUsage.rss()), SAMPLE_MS);
  const from = performance.now();
  const count = await { build, read: readThrough, parse }[kind](events, readStore);
  const milliseconds = performance.now() - from;
  clearInterval(sampling);
  const mostResident = process.resourceUsage().maxRSS * 1024;
  const result: Replay = { milliseconds, events: count, resident, mostResident };
  process.stdout.write(JSON.stringify(result));
}
