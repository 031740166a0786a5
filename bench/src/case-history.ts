import { join } from 'node:path';
import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import type { NewEvent, StoredEvent } from '@dutyledger/event-store/event-store';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { openEventStore } from '@dutyledger/event-store/open';
import { type CaseEvent, caseStream } from '@dutyledger/grid-events/case/events';
import { openOwnStores } from '@dutyledger/grid-events/own-stores';
import { personStream } from '@dutyledger/grid-events/reporter/person';
import type { Vault } from '@dutyledger/personal-data/vault';

/** More history for a node that does not run: its own reports once more, as other cases of other persons. */

type Reported = StoredEvent & Extract<CaseEvent, { type: 'CaseReported' }>;

interface Written {
  stream: string;
  event: NewEvent;
}

function written(of: StoredEvent, stream: string, type: string, data: unknown, commandId: string): Written {
  const { version, metadata } = of;
  const command = { commandId, correlationId: commandId, causationId: commandId };
  const id = uuidFrom('event', stream, commandId);
  return { stream, event: { id, type, version, data, metadata: { ...metadata, ...command } } };
}

/** The report once more, before it the record of whoever reports it. */
async function copyOf(event: Reported, number: number, vault: Vault): Promise<Written[]> {
  const commandId = uuidFrom('copy', event.id, number);
  const { data } = event;
  const id = `case:${data.county.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 16)}`;
  if (data.reporter === null) return [written(event, caseStream(id), event.type, { ...data, id }, commandId)];
  const contact = { name: '张某', phone: `1${commandId.slice(0, 8)}${number}`, address: '示例社区1号' };
  const reporter = await vault.keyFor(`person:${uuidFrom('person', commandId)}`, {
    kind: `phone in ${data.county}`,
    value: contact.phone,
  });
  const sealed = await vault.seal(reporter, contact);
  const mark = await vault.mark(reporter, canonicalJson(contact));
  const recorded = { id: reporter, county: data.county, sealed, mark };
  return [
    written(event, personStream(reporter), 'PersonRecorded', recorded, uuidFrom('reporter', commandId)),
    written(event, caseStream(id), event.type, { ...data, id, reporter }, commandId),
  ];
}

const AT_ONCE = 256;

/** Appends `count` cases to the events in the folder, a copy of each of its reports in turn. */
export async function addCases(dataDir: string, count: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const events = stack.adopt(await openEventStore(`sqlite:${join(dataDir, 'events.db')}`), (store) =>
    store.close(),
  );
  const own = stack.adopt(
    await openOwnStores({
      keys: `sqlite:${join(dataDir, 'keys.db')}`,
      blobs: `file:${join(dataDir, 'blobs')}`,
      masterKeys: { developmentFile: join(dataDir, 'development-master.key') },
    }),
    (stores) => stores.close(),
  );
  const until = await events.head();
  for (let left = count, number = 1; left > 0; number++) {
    for await (const page of events.readAll({ prefix: 'gridEvents.case-', until })) {
      const reports = page.filter(({ type }) => type === 'CaseReported') as Reported[];
      for (let at = 0; at < reports.length && left > 0; at += AT_ONCE) {
        const some = reports.slice(at, at + Math.min(AT_ONCE, left));
        left -= some.length;
        const copies = await Promise.all(some.map((event) => copyOf(event, number, own.vault)));
        const appends = copies.flat().map(({ stream, event }) => events.append(stream, 'any', [event]));
        await Promise.all(appends);
      }
      if (left <= 0) break;
    }
  }
}
