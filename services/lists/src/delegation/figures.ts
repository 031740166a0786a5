import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { holdings, powers, townClasses } from './rows.ts';

/** How many powers towns hold by delegation, counted from what they hold (ZQ: 133 and 25). */

interface TownFigure {
  town: string;
  class: string | null;
  powers: number;
}

interface ClassFigure {
  class: string | null;
  name: string | null;
  towns: number;
  powers: number;
}

export interface DelegationFigures {
  powers: number;
  delegated: number;
  byClass: ClassFigure[];
  byTown: TownFigure[];
}

/** Everything of a county in one collection, page by page. */
async function* walk<T>(
  find: (after: string | undefined) => Promise<{ rows: { doc: T; cursor: string }[]; more: boolean }>,
): AsyncGenerator<T> {
  for (let after: string | undefined; ; ) {
    const page = await find(after);
    for (const { doc } of page.rows) yield doc;
    if (!page.more) return;
    after = page.rows.at(-1)?.cursor;
  }
}

const PAGE = 1_000;

export async function delegationFigures(
  view: ReadView,
  county: string,
  at: AsOf,
): Promise<DelegationFigures> {
  const query = (after: string | undefined) =>
    ({ index: 'byCounty', where: { county }, limit: PAGE, asOf: at, ...(after && { after }) }) as const;
  let registered = 0;
  for await (const _ of walk((after) => view.temporal(powers).find(query(after)))) registered += 1;
  const classes = new Map<string, { code: string; name: string }>();
  for await (const { town, code, name } of walk((after) => view.temporal(townClasses).find(query(after))))
    classes.set(town, { code, name });
  const held = new Map<string, Set<string>>([...classes.keys()].map((town) => [town, new Set()]));
  for await (const { town, code } of walk((after) => view.temporal(holdings).find(query(after)))) {
    const codes = held.get(town) ?? new Set();
    held.set(town, codes.add(code));
  }
  const byTown = [...held]
    .map(([town, codes]) => ({ town, class: classes.get(town)?.code ?? null, powers: codes.size }))
    .sort((one, other) => (one.town < other.town ? -1 : 1));
  const delegated = new Set([...held.values()].flatMap((codes) => [...codes])).size;
  return { powers: registered, delegated, byClass: byClass(held, classes), byTown };
}

function byClass(
  held: ReadonlyMap<string, ReadonlySet<string>>,
  classes: ReadonlyMap<string, { code: string; name: string }>,
): ClassFigure[] {
  const groups = Map.groupBy(held.keys(), (town) => classes.get(town)?.code ?? null);
  return [...groups]
    .map(([code, towns]) => ({
      class: code,
      name: classes.get(towns[0] ?? '')?.name ?? null,
      towns: towns.length,
      powers: new Set(towns.flatMap((town) => [...(held.get(town) ?? [])])).size,
    }))
    .sort((one, other) =>
      one.class === null ? 1 : other.class === null ? -1 : one.class < other.class ? -1 : 1,
    );
}
