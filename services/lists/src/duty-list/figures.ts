import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import type { ItemContent } from './item.ts';
import { editionAsOf, itemsInForce } from './queries.ts';

/** L-12: counts of the items in force, counted from the items themselves. */
export interface Figures {
  edition: number | null;
  total: number;
  byLeadLevel: LeadLevels;
  byDomain: Count[];
  byHandlingClass: Count[];
  byTownRole: Count[];
}

export interface LeadLevels {
  departments: number;
  towns: number;
  villages: number;
  joint: number;
  none: number;
}

export interface Count {
  key: string | null;
  count: number;
}

export async function figuresOf(view: ReadView, list: string, asOf: AsOf): Promise<Figures> {
  const byLeadLevel: LeadLevels = { departments: 0, towns: 0, villages: 0, joint: 0, none: 0 };
  const domains = new Map<string | null, number>();
  const classes = new Map<string | null, number>();
  const roles = new Map<string | null, number>();
  const add = (counts: Map<string | null, number>, key: string | null) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  let total = 0;
  for await (const { version } of itemsInForce(view, list, asOf)) {
    const { content } = version.doc;
    total += 1;
    byLeadLevel[leadLevel(content)] += 1;
    add(domains, content.domain);
    add(classes, content.handlingClass);
    add(roles, content.townRole?.role ?? null);
  }
  const edition = await editionAsOf(view, list, asOf);
  return {
    edition: edition?.number ?? null,
    total,
    byLeadLevel,
    byDomain: sorted(domains),
    byHandlingClass: sorted(classes),
    byTownRole: sorted(roles),
  };
}

/** Whether departments, towns or villages lead an item: the 78 and 3 of Zhangqiu. */
function leadLevel({ leads }: ItemContent): keyof LeadLevels {
  const levels = new Set(
    leads.map(({ level }) => (level === 'town' ? 'towns' : level === 'village' ? 'villages' : 'departments')),
  );
  if (levels.size > 1) return 'joint';
  return [...levels][0] ?? 'none';
}

const sorted = (counts: Map<string | null, number>): Count[] =>
  [...counts]
    .map(([key, count]) => ({ key, count }))
    .sort((a, b) => b.count - a.count || (a.key ?? '').localeCompare(b.key ?? ''));
