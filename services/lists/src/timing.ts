import type { ReadView } from '@dutyledger/read-store/read-store';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { ListsContext } from './context.ts';
import { stageLimitsOn } from './stage-limits/read-model.ts';
import type { StageLimits } from './stage-limits/stages.ts';

/** The day on which a step of a procedure is taken, and what its county gives each stage. */
export interface Timing {
  today: string;
  limits: StageLimits;
}

export const timingOn = async (view: ReadView, division: string, today: string): Promise<Timing> => ({
  today,
  limits: await stageLimitsOn(view, division, today),
});

export const timingOf = ({ service, now }: ListsContext, division: string): Promise<Timing> =>
  timingOn(service.projections, division, todayOf({ now }));
