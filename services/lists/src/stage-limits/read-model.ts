import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type ReadView, temporal, type Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import type { AsOf } from '@dutyledger/subgraph-kit/as-of';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { Provenance } from '../duty-list/rows.ts';
import type { StageLimitsEvent } from './stage-limits.ts';
import { DEFAULT_LIMITS, type Stage, type StageLimits } from './stages.ts';

/** Which limits hold where and when, with both clocks. */

interface StageLimitRow {
  division: string;
  stage: Stage;
  workingDays: number;
  set: Provenance;
}

const limits = temporal<StageLimitRow>()('stageLimits', { byDivision: ['division', 'stage'] });

const limitId = (division: string, stage: Stage): string => `${division}/${stage}`;

export const stageLimitsProjection: Projection = {
  name: 'stageLimits',
  version: 1,
  collections: [limits],
  handles: ['StageLimitsSet'],
  async project(stored, batch) {
    const { data } = stored as StoredEvent & StageLimitsEvent;
    const { division, effectiveFrom } = data;
    const set = provenanceOf(stored);
    for (const { stage, workingDays } of data.limits) {
      const row = workingDays === null ? null : { division, stage, workingDays, set };
      await batch.putVersion(limits, limitId(division, stage), effectiveFrom, row);
    }
  },
};

/** The limit of a stage, and where it was set: null for the product's default. */
export interface StageLimitInForce {
  stage: Stage;
  workingDays: number;
  set: Version<StageLimitRow> | null;
}

const STAGES = Object.keys(DEFAULT_LIMITS) as Stage[];

/** The limits in force in a division: those of its county, else of the city, the province; else the defaults. */
export async function limitsInForce(
  view: ReadView,
  division: string,
  asOf: AsOf,
): Promise<StageLimitInForce[]> {
  const places = ancestors(division, { self: true });
  const ids = places.flatMap((place) => STAGES.map((stage) => limitId(place, stage)));
  const found = await view.temporal(limits).getMany(ids, asOf);
  return STAGES.map((stage) => {
    const [set = null] = places.flatMap((place) => found.get(limitId(place, stage)) ?? []);
    return { stage, workingDays: set?.doc.workingDays ?? DEFAULT_LIMITS[stage], set };
  });
}

/** The limits of stages that begin in the division on that day. */
export async function stageLimitsOn(view: ReadView, division: string, day: string): Promise<StageLimits> {
  const inForce = await limitsInForce(view, division, { effectiveAt: day });
  return Object.fromEntries(inForce.map(({ stage, workingDays }) => [stage, workingDays])) as StageLimits;
}
