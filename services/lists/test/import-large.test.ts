import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CHANGE,
  change,
  type Data,
  IMPORT,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  startListsHarness,
} from './harness.ts';

/** L-11 at the size that the largest lists have. */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());

const row = (i: number, domain: string): string =>
  `${i},第${i}项职责,${domain},${ORGANS.police.name},查处,${ORGANS.farming.name},协助,某条例`;

test('L-11 10,000 rows in one file go in, a changed one is one event, and the whole is published', async () => {
  const list = await openList(h);
  const lines = Array.from({ length: 10_000 }, (_, i) => row(i + 1, `领域${i % 20}`));
  const load = async (): Promise<Data> => {
    const file = ['事项编码,事项名称,领域,主体责任单位,主体责任,配合责任单位,配合责任,依据', ...lines].join(
      '\r\n',
    );
    const content = Buffer.from(file).toString('base64');
    return (await h.ask(IMPORT, { input: { list, fileName: 'list.csv', content, change } })).importDutyItems;
  };
  const first = await load();
  expect(first).toMatchObject({ applied: true, rows: 10_000, added: 10_000, problemCount: 0 });
  expect(first.differences).toHaveLength(1_000);
  lines[4_999] = row(5_000, '改过');
  const head = await h.events.head();
  expect(await load()).toMatchObject({ added: 0, revised: 1, unchanged: 9_999, missing: 0 });
  const recorded: string[] = [];
  for await (const page of h.events.readAll({ after: head })) recorded.push(...page.map(({ type }) => type));
  expect(recorded).toEqual(['ItemRevised']);
  expect(await publish(h, list, '2024-01-01', 10_001)).toMatchObject({ number: 1, itemCount: 10_000 });
  const { changeDraft } = await h.ask(CHANGE, {
    input: { list, basedOn: 10_001, changes: [{ code: '1', revise: { remarks: '一' } }], change },
  });
  expect(changeDraft.repeated).toBe(false);
}, 120_000);
