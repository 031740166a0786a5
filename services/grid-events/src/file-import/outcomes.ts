import type { Difference, Outcomes } from './report.ts';

/** What an import has done or would do, told of each thing that its rows are about: grids, or people. */

type Changes = Difference['changes'];

/** How the events of an import are read; `T`: the thing itself, as it is after an event. */
export interface Telling<E, T> {
  /** The thing of an event. */
  of(event: E): T;
  creates(event: E): boolean;
  id(thing: T): string;
  /** Its code and name for people. */
  named(thing: T): Pick<Difference, 'code' | 'name'>;
  /** As it was before the import; undefined where the import creates it. */
  before(id: string): T | undefined;
  changes(before: T, after: T): Changes;
}

/** Several events about one thing are one difference. */
function gathered<E, T>(
  events: readonly E[],
  telling: Telling<E, T>,
  changesOf: (thing: T, event: E) => (earlier: Changes) => Changes,
): Pick<Outcomes, 'created' | 'revised' | 'differences'> {
  const differences = new Map<string, Difference>();
  for (const event of events) {
    const thing = telling.of(event);
    const id = telling.id(thing);
    const earlier = differences.get(id);
    const kind = telling.creates(event) ? 'CREATE' : (earlier?.kind ?? 'REVISE');
    const changes = changesOf(thing, event)(earlier?.changes ?? []);
    differences.set(id, { ...telling.named(thing), kind, changes });
  }
  const all = [...differences.values()];
  const created = all.filter(({ kind }) => kind === 'CREATE').length;
  return { created, revised: all.length - created, differences: all };
}

/** `unchanged`: rows that ask for nothing new. */
export function wouldDo<E, T>(events: readonly E[], unchanged: number, telling: Telling<E, T>): Outcomes {
  const told = gathered(events, telling, (thing) => () => {
    const before = telling.before(telling.id(thing));
    return before === undefined ? [] : telling.changes(before, thing);
  });
  return { ...told, unchanged, applied: false, repeated: false, pending: false };
}

interface Done<E> {
  events: readonly E[];
  repeated: boolean;
  pending: boolean;
}

interface Rows {
  rows: readonly unknown[];
  unchanged: number;
}

/**
 * A repeated call is answered as the first time, by what was recorded then. `recorded`: the changes that the history
 * keeps of events, by their ids.
 */
export async function haveDone<E, T>(
  { events, repeated, pending }: Done<E & { id: string }>,
  { rows, unchanged }: Rows,
  telling: Telling<E, T>,
  recorded: (events: readonly string[]) => Promise<ReadonlyMap<string, { changes: Changes }>>,
): Promise<Outcomes> {
  if (!repeated) return { ...wouldDo(events, unchanged, telling), applied: true, pending };
  const history = await recorded(events.map(({ id }) => id));
  const told = gathered<E & { id: string }, T>(events, telling, (_, { id }) => (earlier) => [
    ...earlier,
    ...(history.get(id)?.changes ?? []),
  ]);
  const { created, revised } = told;
  const left = rows.length + unchanged - created - revised;
  return { ...told, unchanged: left, applied: true, repeated, pending };
}
