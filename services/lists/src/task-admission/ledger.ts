import type { Find, ReadView } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import type { Caller } from '@dutyledger/subgraph-kit/identity';
import { significantPart } from '../organs.ts';
import { type HandedTaskRow, handedTasks } from './read-model.ts';

/** The ledger of tasks that were handed down, by town, issuing organ and period (L-6). */

export interface LedgerArguments {
  division: string;
  includeBelow: boolean;
  town?: string | null;
  issuer?: string | null;
  from?: string | null;
  to?: string | null;
  listed?: boolean | null;
}

/** The county's own people, and those of its towns and villages. */
const concerns = (caller: Caller, { division }: HandedTaskRow): boolean =>
  mayActIn(caller, division) || isWithin(caller.division, division);

type Query = Find<HandedTaskRow, typeof handedTasks.indexes>;

/** What the arguments ask for of what the caller may see: a county's staff all of it, a town's what concerns it. */
export function ledgerQuery(
  args: LedgerArguments,
  caller: Caller,
): Pick<Query, 'index' | 'where' | 'range' | 'prefix' | 'filter'> {
  const { division, includeBelow, town, issuer, from, to, listed } = args;
  const range = from || to ? { range: { ...(from && { from }), ...(to && { to }) } } : {};
  const filter = (row: HandedTaskRow): boolean =>
    concerns(caller, row) &&
    (includeBelow
      ? isWithin(row.receiver.division, division)
      : [row.division, row.receiver.division].includes(division)) &&
    (!town || row.receiverOrgan === town) &&
    (!issuer || row.issuerOrgan === issuer) &&
    (!from || row.day >= from) &&
    (!to || row.day <= to) &&
    (listed === null || listed === undefined || (row.cover !== null) === listed);
  if (town) return { index: 'byReceiver', where: { receiverOrgan: town }, ...range, filter };
  if (issuer) return { index: 'byIssuer', where: { issuerOrgan: issuer }, ...range, filter };
  return { index: 'byDivision', prefix: significantPart(division).slice(0, COUNTY_DIGITS), filter };
}

/** Rows are kept by county: a town's are found among those of its county. */
const COUNTY_DIGITS = 6;

interface Count {
  id: string | null;
  name: string;
  count: number;
}

/** Numbers of tasks in all, and by town and issuing organ, most first. */
export async function figuresOf(view: ReadView, args: LedgerArguments, caller: Caller) {
  const query = ledgerQuery(args, caller);
  const byTown = new Map<string, Count>();
  const byIssuer = new Map<string, Count>();
  let [total, unlisted] = [0, 0];
  let after: string | undefined;
  do {
    const page = await view.documents(handedTasks).find({ ...query, limit: 1_000, ...(after && { after }) });
    for (const { doc } of page.rows) {
      total += 1;
      if (doc.cover === null) unlisted += 1;
      count(byTown, doc.receiver.organ, doc.receiver.organName);
      count(byIssuer, doc.issuer.organ, doc.issuer.organName);
    }
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after !== undefined);
  return { total, unlisted, byTown: most(byTown), byIssuer: most(byIssuer) };
}

function count(counts: Map<string, Count>, id: string | null, name: string): void {
  const key = id ?? name;
  const known = counts.get(key) ?? { id, name, count: 0 };
  counts.set(key, { ...known, count: known.count + 1 });
}

const most = (counts: Map<string, Count>): Count[] =>
  [...counts.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
