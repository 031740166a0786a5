import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Benchmark } from './benchmarks.ts';
import { CHANGE, openList, registerOrgans } from './client.ts';
import { content } from './duty-events.ts';
import { percentile, timed } from './measure.ts';
import { type Node, startNode } from './node.ts';
import { growth, type Row, row } from './report.ts';

const CHANGE_DRAFT = /* GraphQL */ `
  mutation ($input: ChangeDraftInput!) {
    changeDraft(input: $input) { draft { number } pending }
  }
`;

/** Carries the changes out and answers the number of the draft after them. */
async function changeDraft({ ask }: Node, list: string, basedOn: number, changes: object[]): Promise<number> {
  const { changeDraft: done } = await ask(CHANGE_DRAFT, {
    input: { list, basedOn, changes, change: CHANGE },
  });
  if (done.pending) throw new Error('the read models did not show the change');
  return done.draft.number;
}

async function lastEvent({ events }: Node): Promise<StoredEvent> {
  const found: StoredEvent[] = [];
  for await (const page of events.readAll({ after: (await events.head()) - 1 })) found.push(...page);
  return found[0] as StoredEvent;
}

/** The same event once more, in a stream that nobody projects, and nothing else. */
async function append({ events }: Node, { type, version, data, metadata }: StoredEvent): Promise<void> {
  await events.append('bench.mutation', 'any', [{ id: randomUUID(), type, version, data, metadata }]);
}

async function medians(
  node: Node,
  list: string,
  items: number,
  times: number,
): Promise<{ mutation: number; append: number }> {
  const adds = Array.from({ length: items }, (_, n) => {
    const { name, domain, leads, basis } = content(n);
    return {
      code: `${n + 1}`,
      add: { name, domain, leads: leads.map(({ organ, duty }) => ({ organ, duty })), basis },
    };
  });
  let draft = await changeDraft(node, list, 0, adds);
  const taken: { mutation: number[]; append: number[] } = { mutation: [], append: [] };
  const warmUp = Math.ceil(times / 5);
  for (let n = 0; n < warmUp + times; n++) {
    const changes = [{ code: `${(n % items) + 1}`, revise: { remarks: `第${n}次修订` } }];
    const mutation = await timed(async () => {
      draft = await changeDraft(node, list, draft, changes);
    });
    const event = await lastEvent(node);
    const appended = await timed(() => append(node, event));
    if (n < warmUp) continue;
    taken.mutation.push(mutation);
    taken.append.push(appended);
  }
  return { mutation: percentile(taken.mutation, 0.5), append: percentile(taken.append, 0.5) };
}

/** A mutation from the request to the answer, which comes when the read models show it, less the append itself. */
export const run: Benchmark = async ({ folder, quick }) => {
  const node = await startNode(await mkdtemp(join(folder, 'mutation-')));
  const [maintainer = ''] = await registerOrgans(node);
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const items of quick ? [10, 100] : [100, 1_000]) {
    const list = await openList(node, `清单 ${items}`, maintainer);
    const { mutation, append: appended } = await medians(node, list, items, quick ? 10 : 200);
    const added = mutation - appended;
    const name = `mutation, p50 added, draft of ${items.toLocaleString('en')} items`;
    rows.push(row(name, { value: added, unit: 'ms', reference: appended }, { atMost: 10 }));
    costs.push(mutation);
  }
  await node.stop();
  const [small = 0, large = 0] = costs;
  return [...rows, growth('mutation', small, large)];
};
