import type { CollectionSpec, ReadView, Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import type { Limit } from '../class-policy/policy.ts';
import type { OrganName } from '../organs.ts';
import { actingOrgans } from './acting-organs.ts';
import {
  editionsInForce,
  keyOf,
  type Routed,
  type RoutedStep,
  routedItems,
  routedKeys,
  routedMatters,
} from './copy.ts';
import { patternsFor } from './patterns.ts';

/** Who owns a case by the lists, as it stood on the day of the report (G-7). A case keeps its route for good. */

export type RouteTarget =
  | { kind: 'ITEM'; list: string; edition: number; code: string; name: string }
  | { kind: 'MATTER'; matter: string; version: number; name: string }
  /** No list carries the class: the town's triage decides, and the gap is reported to lists. */
  | { kind: 'NONE' };

export interface RouteStep {
  id: string;
  name: string;
  /** Null where the list leaves open who acts. */
  organ: string | null;
  organName: string | null;
  limit: Limit | null;
  /** Ids of the steps that must be done before; steps that do not wait for each other run in parallel. */
  after: string[];
}

export interface Route {
  target: RouteTarget;
  /** Null where no list carries the class, or the list names no particular organ (village lists, 有关部门). */
  lead: OrganName | null;
  /** Of a jointly led item the further leads as well. */
  cooperators: (OrganName & { duty: string })[];
  steps: RouteStep[];
}

export interface RouteQuestion {
  /** Where the case arose: a town or village, or a county. */
  division: string;
  caseClass: string;
  /** Day of the report in China. */
  on: string;
}

/** The copies that routes are found in: what lists published, and staffing's organs. */
export interface RouteSources {
  routing: ReadView;
  organs: ReadView;
}

export const NO_ROUTE: Route = { target: { kind: 'NONE' }, lead: null, cooperators: [], steps: [] };

/**
 * G-7: the integrated matter, else the item, that carries the class in the division or one above it, in the version or
 * edition in force on that day. A class that is named comes before a pattern, a longer pattern before a shorter one,
 * and of equals that of the nearest division; then the order of ids decides, so that the answer is always the same.
 */
export async function routeOf(sources: RouteSources, question: RouteQuestion): Promise<Route> {
  const { division, on } = question;
  const { routing } = sources;
  const ranks = await ranksOf(routing, question);
  const matter = await best(routing, routedMatters, ranks, on);
  if (matter) {
    const { matter: id, version, name } = matter.doc;
    return route({ kind: 'MATTER', matter: id, version, name }, matter.doc, sources.organs, division);
  }
  const item = await best(routing, routedItems, ranks, on);
  if (!item) return NO_ROUTE;
  const { list, code, name } = item.doc;
  const inForce = await routing.temporal(editionsInForce).get(list, { effectiveAt: on });
  // Items and editions come apart from each other: the item's own edition may still be on the bus.
  const edition = Math.max(item.doc.edition, inForce?.doc.edition ?? 0);
  const target = { kind: 'ITEM' as const, list, edition, code, name };
  return route(target, item.doc, sources.organs, division);
}

/** By ids: `organ` and name as the list has them, or who acts for the class of organs that the list names. */
async function route(
  target: RouteTarget,
  routed: Routed,
  organs: ReadView,
  division: string,
): Promise<Route> {
  const { leads, cooperators, steps } = routed;
  const named = [...leads, ...cooperators, ...steps.flatMap(organOfStep)];
  const acting = await actingOrgans(organs, named, division);
  const [first] = leads;
  const lead = (first && acting.get(first.organ)) ?? null;
  return {
    target,
    lead,
    cooperators: distinct(
      [...leads.slice(1), ...cooperators].flatMap(({ organ, duty }) => {
        const who = acting.get(organ);
        return who && who.organ !== lead?.organ ? [{ ...who, duty }] : [];
      }),
    ),
    steps: steps.map(({ organ, organName: _, ...step }) => {
      // A step that names nobody is the lead's.
      const who = organ === null ? lead : acting.get(organ);
      return { ...step, organ: who?.organ ?? null, organName: who?.organName ?? null };
    }),
  };
}

const organOfStep = ({ organ, organName }: RoutedStep) =>
  organ === null ? [] : [{ organ, name: organName ?? organ }];

/** Each town may be named by itself and as one of all. */
const distinct = <T extends OrganName>(organs: readonly T[]): T[] =>
  organs.filter(({ organ }, i) => organs.findIndex((other) => other.organ === organ) === i);

const PAGE = 1_000;

type Collection<T> = CollectionSpec<T, { readonly byKey: readonly ['keys'] }> & { kind: 'temporal' };

/** What fits the class best, of all that do. */
async function best<T extends Routed>(
  view: ReadView,
  collection: Collection<T>,
  ranks: ReadonlyMap<string, number>,
  on: string,
): Promise<Version<T> | undefined> {
  if (ranks.size === 0) return undefined;
  const rankOf = ({ doc: { keys } }: Version<T>): number =>
    Math.min(...keys.map((key) => ranks.get(key) ?? Number.POSITIVE_INFINITY));
  const query = { index: 'byKey' as const, where: { keys: [...ranks.keys()] }, asOf: { effectiveAt: on } };
  let found: Version<T> | undefined;
  for (let after: string | undefined; ; ) {
    const page = await view.temporal(collection).find({ ...query, limit: PAGE, ...(after && { after }) });
    for (const { version } of page.rows) {
      const order = found && (rankOf(version) - rankOf(found) || (version.id < found.id ? -1 : 1));
      if (order === undefined || order < 0) found = version;
    }
    after = page.rows.at(-1)?.cursor;
    if (!page.more) return found;
  }
}

/** The keys under which the class stands somewhere, the best first. */
async function ranksOf(view: ReadView, { division, caseClass }: RouteQuestion): Promise<Map<string, number>> {
  const places = [division, ...ancestors(division)];
  const keys = patternsFor(caseClass).flatMap((pattern) => places.map((place) => keyOf(place, pattern)));
  const known = await view.documents(routedKeys).getMany(keys);
  return new Map(keys.filter((key) => known.has(key)).map((key, rank) => [key, rank]));
}
