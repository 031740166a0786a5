import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type AsOf, type Page, type ReadView, type Row, temporal } from '@dutyledger/read-store/read-store';
import { isLive, type Organ, type OrganKind, type OrganStatus } from './organ.ts';
import { changedBy, ORGAN_EVENTS, type OrganEvent } from './state.ts';

/** The read model of organs: every state of every organ, on both clocks. */

export interface OrganRow extends Organ {
  /** Its division and those above it, so that one look-up finds the organs of a whole subtree in the order of ids. */
  within: string[];
}

export const organs = temporal<OrganRow>()('organs', {
  byDivision: ['division'],
  byDivisionAndKind: ['division', 'kind'],
  bySubtree: ['within'],
  bySubtreeAndKind: ['within', 'kind'],
});

export const organsProjection: Projection = {
  name: 'organs',
  version: 1,
  collections: [organs],
  handles: ORGAN_EVENTS,
  async project(event, batch) {
    for (const organ of changedBy(event as StoredEvent & OrganEvent)) {
      const row = { ...organ, within: divisionsAround(organ.division) };
      await batch.putVersion(organs, organ.id, organ.effectiveFrom, row);
    }
  },
};

/** By digits alone, so that a division that is dissolved later does not change what a rebuild makes. */
const divisionsAround = (division: string): string[] => [
  ...new Set([0, 2, 4, 6, 9, 12].map((digits) => division.slice(0, digits).padEnd(12, '0'))),
];

/** Organs by id as of a point in time; one that was not registered there is missing. */
export async function organsById(
  view: ReadView,
  ids: readonly string[],
  asOf: AsOf,
): Promise<Map<string, Organ>> {
  const found = await view.temporal(organs).getMany(ids, asOf);
  return new Map([...found].map(([id, version]) => [id, version.doc]));
}

export interface OrganQuery {
  division: string;
  includeBelow: boolean;
  kind: OrganKind | null;
  status: OrganStatus | null;
  /** Part of a name, short name or alias. */
  nameContains: string | null;
  asOf: AsOf;
  limit: number;
  after?: string;
}

/** A page of organs in the order of their ids. */
export function findOrgans(view: ReadView, query: OrganQuery): Promise<Page<Row<Organ>>> {
  const { division, includeBelow, kind, status, nameContains, asOf, limit, after } = query;
  const index = includeBelow ? 'bySubtree' : 'byDivision';
  const named = (organ: Organ): boolean =>
    nameContains === null ||
    [organ.name, organ.shortName ?? '', ...organ.aliases].some((name) => name.includes(nameContains));
  return view.temporal(organs).find({
    index: kind === null ? index : `${index}AndKind`,
    where: { [includeBelow ? 'within' : 'division']: division, ...(kind !== null && { kind }) },
    filter: (organ) => (status === null || organ.status === status) && named(organ),
    asOf,
    limit,
    ...(after === undefined ? {} : { after }),
  });
}

/** Live organs of one kind of a division itself, in the order of their ids. Meant for the few that a town has. */
export async function liveOrgansOf(
  view: ReadView,
  division: string,
  kind: OrganKind,
  asOf: AsOf,
): Promise<Organ[]> {
  const { rows } = await view.temporal(organs).find({
    index: 'byDivisionAndKind',
    where: { division, kind },
    filter: isLive,
    asOf,
    limit: 1_000,
  });
  return rows.map(({ doc }) => doc);
}
