import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents, type ReadView } from '@dutyledger/read-store/read-store';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { Provenance } from '../duty-list/rows.ts';
import { onTime } from '../on-time.ts';
import { timingOn } from '../timing.ts';
import {
  evolve,
  type OpenProposal,
  type UpwardProposal,
  type UpwardProposalEvent,
  upwardProposal,
  upwardProposalIdOf,
} from './upward-proposal.ts';

/** Proposals to higher levels (L-4): where each stands, and the day by which an answer is expected. */

export interface ProposalRow extends OpenProposal {
  id: string;
  division: string;
  position: number;
  made: Provenance;
}

export const upwardProposals = documents<ProposalRow>()('upwardProposals', {
  byDivision: ['division', 'position'],
});

type Recorded = StoredEvent & UpwardProposalEvent;

export const upwardProposalModel: Projection = {
  name: 'upwardProposals',
  version: 1,
  collections: [upwardProposals],
  handles: [
    'UpwardProposalMade',
    'UpwardProposalAnswered',
    'UpwardProposalWithdrawn',
    'UpwardProposalOverdue',
  ],
  async project(stored, batch) {
    const id = upwardProposalIdOf(stored.stream);
    const row = await batch.get(upwardProposals, id);
    const before: UpwardProposal = row ?? { status: 'absent' };
    const after = evolve(before, stored as Recorded);
    if (after.status === 'absent') throw new Error(`${stored.type} leaves no proposal`);
    const { division } = after.head;
    const { position, made } = row ?? { position: stored.position, made: provenanceOf(stored) };
    batch.put(upwardProposals, id, { ...after, id, division, position, made });
  },
};

const KIND = 'upwardProposal';

export const upwardProposalTimers: TimerSource = {
  handles: upwardProposalModel.handles,
  changes(stored) {
    const event = stored as Recorded;
    const { stream } = stored;
    const id = `${stream}/answer`;
    switch (event.type) {
      case 'UpwardProposalMade':
        return [{ set: id, kind: KIND, due: startOfDay(addDays(event.data.due, 1)), data: { stream } }];
      case 'UpwardProposalAnswered':
        return event.data.last ? [{ clear: id }] : [];
      case 'UpwardProposalWithdrawn':
      case 'UpwardProposalOverdue':
        return [{ clear: id }];
      default:
        return event satisfies never;
    }
  },
};

export const upwardProposalTimerHandlers = (
  commands: CommandDeps,
  view: ReadView,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const today = chinaDate(firing.now.toISOString());
    const timing = await timingOn(view, firing.timer.cause.division, today);
    const command = { type: 'RecordTime' as const, timing };
    await handleCommand(commands, upwardProposal, stream, command, onTime(firing, 'L-4'));
  },
});
