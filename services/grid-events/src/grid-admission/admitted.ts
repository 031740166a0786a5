import { type IntegrationEvent, validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { CopyWriter } from '@dutyledger/read-store/copy';
import { type Batch, documents } from '@dutyledger/read-store/read-store';

/** The service's own copy of the tasks that lists admitted for grids (L-6, G-3): lists owns the admission. */

export interface AdmittedTask {
  /** Id of the admission in lists. */
  id: string;
  county: string;
  title: string;
  /** The organ that it was admitted for. */
  issuer: string;
  /** 12-digit codes of the towns that it concerns. */
  towns: string[];
  /** First and last day (YYYY-MM-DD). */
  from: string;
  to: string;
  /** The day on which it came to its end, where it has; before `to` when it was ended early. */
  endedOn: string | null;
  documentNumber: string | null;
  admittedAt: string;
}

export const admittedTasks = documents<AdmittedTask>()('admittedGridTasks', { byTown: ['towns', 'to'] });

/** Takes one message of lists' topic over; what was taken over before is passed by. */
export async function copyAdmissions(writer: CopyWriter, message: CloudEvent): Promise<void> {
  const checked = validate(message);
  if (!checked.ok) {
    // A later version of lists may say more than this service knows of.
    if (checked.problem.code === 'UNKNOWN_EVENT') return;
    throw new Error(`${message.type} ${message.id}: ${checked.problem.message}`);
  }
  const { event } = checked;
  await writer.apply({ key: event.subject, sequence: Number(event.sequence) }, (batch) => take(event, batch));
}

async function take(event: IntegrationEvent, batch: Batch): Promise<void> {
  if (event.type === 'cn.dutyledger.lists.TaskAdmitted.v1') {
    const { admission: id, division: county, title, applicant, towns, from, to, grid } = event.data;
    if (!grid) return;
    const { documentNumber } = event.data;
    const given = { id, county, title, issuer: applicant, from, to, documentNumber };
    const divisions = towns.map(({ division }) => division);
    const admittedAt = event.recordedtime;
    batch.put(admittedTasks, id, { ...given, towns: divisions, endedOn: null, admittedAt });
  }
  if (event.type === 'cn.dutyledger.lists.TaskEnded.v1') {
    const task = await batch.get(admittedTasks, event.data.admission);
    if (task) batch.put(admittedTasks, task.id, { ...task, endedOn: event.data.on });
  }
}
