import { type IntegrationEvent, validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { OrganFacts } from '@dutyledger/contracts/staffing';
import type { CopyWriter } from '@dutyledger/read-store/copy';
import { type Batch, documents, type ReadView } from '@dutyledger/read-store/read-store';

/** The service's own copy of staffing's organs, fed from the bus. */

export type Organ = Pick<OrganFacts, 'id' | 'name' | 'kind' | 'level' | 'division' | 'status' | 'successors'>;

export const organs = documents<Organ>()('organs', { byDivision: ['division', 'kind'] });

/** An organ as events name it. */
export interface OrganName {
  organ: string;
  organName: string;
}

/** Takes one message of staffing's topic over; what was taken over before is passed by. */
export async function copyOrgans(writer: CopyWriter, message: CloudEvent): Promise<void> {
  const checked = validate(message);
  if (!checked.ok) {
    // A later version of staffing may say more than this service knows of.
    if (checked.problem.code === 'UNKNOWN_EVENT') return;
    throw new Error(`${message.type} ${message.id}: ${checked.problem.message}`);
  }
  const { event } = checked;
  await writer.apply({ key: event.subject, sequence: Number(event.sequence) }, (batch) => take(event, batch));
}

async function take(event: IntegrationEvent, batch: Batch): Promise<void> {
  switch (event.type) {
    case 'cn.dutyledger.staffing.OrganRegistered.v1':
    case 'cn.dutyledger.staffing.OrganChanged.v1':
      put(batch, event.data.organ);
      return;
    case 'cn.dutyledger.staffing.OrgansMerged.v1':
      put(batch, event.data.into);
      for (const id of event.data.sources) await end(batch, id, 'merged', [event.data.into.id]);
      return;
    case 'cn.dutyledger.staffing.OrganSplit.v1': {
      const { source, into, sourceContinues } = event.data;
      for (const organ of into) put(batch, organ);
      const ids = into.map(({ id }) => id);
      if (!sourceContinues) await end(batch, source, 'abolished', ids);
      return;
    }
    default:
      // Not of staffing.
      return;
  }
}

function put(batch: Batch, { id, name, kind, level, division, status, successors }: OrganFacts): void {
  batch.put(organs, id, { id, name, kind, level, division, status, successors });
}

async function end(batch: Batch, id: string, status: Organ['status'], successors: string[]): Promise<void> {
  const organ = await batch.get(organs, id);
  if (organ) batch.put(organs, id, { ...organ, status, successors });
}

const LOOK_AGAIN_MS = 25;

/**
 * Facts of the organs, by id. One that was registered a moment ago may still be on the bus: it is waited for, at most
 * `patienceMs`, before it counts as unknown.
 */
export async function organsById(
  view: ReadView,
  ids: readonly string[],
  patienceMs = 2_000,
): Promise<Map<string, Organ>> {
  const wanted = [...new Set(ids)];
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await view.documents(organs).getMany(wanted);
    if (found.size === wanted.length || Date.now() >= deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
