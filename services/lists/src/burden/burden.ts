import type { AsOf, Find, ReadView } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import { limitExceeded, refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Count, counts, tell } from '../duty-list/figures.ts';
import type { ItemAsOf } from '../duty-list/queries.ts';
import { type ItemRow, items, type Tally } from '../duty-list/rows.ts';
import { organs } from '../organs.ts';

/**
 * L-12: a town's full burden: every item in force that names it, one of its organs or the class it belongs to (各镇街),
 * over the lists of its own division and of all divisions above it. What was withdrawn upward and what is prohibited is
 * no burden.
 */

const BURDEN_ROLES = ['LEAD', 'COOPERATE', 'LISTED'] as const;
type BurdenRole = (typeof BURDEN_ROLES)[number];

export interface BurdenItem {
  item: ItemAsOf;
  /** By its name or by the class. LISTED: stands in the town's own list, which gives it no part. */
  role: BurdenRole;
  /** By its name or its own list alone; null: only the class is named. */
  namedRole: BurdenRole | null;
}

export interface BurdenFigures {
  total: number;
  byRole: Count[];
  byKind: Count[];
  byDomain: Count[];
}

const MOST_ITEMS = 20_000;
const PAGE = 1_000;

/** In the order of their ids. Throws LIMIT_EXCEEDED above 20,000 items. */
export async function burdenOf(
  view: ReadView,
  copy: ReadView,
  town: string,
  asOf: AsOf,
): Promise<BurdenItem[]> {
  const own = new Set(await organIds(copy, { division: town }, () => true));
  const classes = new Set<string>();
  const above = ancestors(town);
  for (const division of above) {
    const found = await organIds(copy, { division, kind: 'ORGAN_CLASS' }, (level) => level === 'town');
    for (const id of found) classes.add(id);
  }
  const rows = new Map<string, ItemAsOf>();
  const named = [...own, ...classes];
  await collect(view, rows, { index: 'byDivision', where: { division: town } }, asOf);
  if (named.length > 0) {
    await collect(view, rows, { index: 'byLead', where: { leadOrgans: named } }, asOf);
    await collect(view, rows, { index: 'byCooperator', where: { coopOrgans: named } }, asOf);
  }
  const places = new Set([town, ...above]);
  return [...rows.values()]
    .flatMap((item) => {
      const { doc } = item.version;
      if (doc.kind === 'WITHDRAWN' || doc.kind === 'NEGATIVE') return [];
      const namedRole = roleIn(doc, own) ?? (doc.division === town ? ownRole(doc) : null);
      // The class in the list of another town means that one's neighbours, if anybody.
      const role = places.has(doc.division) ? stronger(namedRole, roleIn(doc, classes)) : namedRole;
      return role ? [{ item, role, namedRole }] : [];
    })
    .sort((a, b) => (a.item.version.id < b.item.version.id ? -1 : 1));
}

async function organIds(
  copy: ReadView,
  where: { division: string; kind?: string },
  take: (level: string) => boolean,
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await copy
      .documents(organs)
      .find({ index: 'byDivision', where, limit: PAGE, ...(after && { after }) });
    ids.push(...page.rows.filter(({ doc }) => take(doc.level)).map(({ id }) => id));
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after);
  return ids;
}

async function collect(
  view: ReadView,
  rows: Map<string, ItemAsOf>,
  query: Find<ItemRow, typeof items.indexes>,
  asOf: AsOf,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await view.temporal(items).find({ ...query, asOf, limit: PAGE, ...(after && { after }) });
    for (const { version } of page.rows) rows.set(version.id, { version, asOf });
    if (rows.size > MOST_ITEMS) {
      throw refusalError(
        limitExceeded({ 'zh-CN': '镇街事项数', en: 'items of a town' }, MOST_ITEMS, rows.size, 'town'),
      );
    }
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after);
}

function roleIn({ leadOrgans, coopOrgans }: ItemRow, organs: ReadonlySet<string>): BurdenRole | null {
  if (leadOrgans.some((id) => organs.has(id))) return 'LEAD';
  return coopOrgans.some((id) => organs.has(id)) ? 'COOPERATE' : null;
}

/** What a town's own list says of the town where it names none of its organs. */
function ownRole({ content }: ItemRow): BurdenRole {
  const role = content.townRole?.role;
  return role === 'LEAD' || role === 'COOPERATE' ? role : 'LISTED';
}

const stronger = (a: BurdenRole | null, b: BurdenRole | null): BurdenRole | null =>
  BURDEN_ROLES.find((role) => role === a || role === b) ?? null;

/** `named`: without what only the class brings. */
export function burdenFigures(burden: readonly BurdenItem[], named: boolean): BurdenFigures {
  const [roles, kinds, domains]: Tally[] = [{}, {}, {}];
  let total = 0;
  for (const { item, role, namedRole } of burden) {
    const counted = named ? namedRole : role;
    if (!counted) continue;
    total += 1;
    tell(roles as Tally, counted);
    tell(kinds as Tally, item.version.doc.kind);
    tell(domains as Tally, item.version.doc.content.domain);
  }
  const of = (tally: Tally | undefined) => counts([tally ?? {}]);
  return { total, byRole: of(roles), byKind: of(kinds), byDomain: of(domains) };
}

export interface BurdenChange {
  before: BurdenItem[];
  entered: ItemAsOf[];
  left: ItemAsOf[];
}

/** What came and went between two days: by item id, so that a revised item stays. */
export function burdenChange(before: BurdenItem[], now: readonly BurdenItem[]): BurdenChange {
  const idOf = ({ item }: BurdenItem) => item.version.id;
  const without = (some: readonly BurdenItem[], others: readonly BurdenItem[]): ItemAsOf[] => {
    const there = new Set(others.map(idOf));
    return some.filter((one) => !there.has(idOf(one))).map(({ item }) => item);
  };
  return { before, entered: without(now, before), left: without(before, now) };
}
