import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, folder, startNode } from './harness.ts';

/** What a newcomer does, from an empty directory to a restored backup, with the command line alone. */

const DIVISION = '370114';
const TOWN = '370114101';
const ORGANS = 'packages/cli/samples/organs-370114.csv';
const LIST = 'services/lists/data/samples/duty_items.csv';
const MAPPING = 'packages/cli/samples/duty-items-mapping.json';

interface Report {
  added: number;
  revised: number;
  retired: number;
  unchanged: number;
  applied: boolean;
  list: { id: string; draft: { number: number } };
}
interface Answer {
  matches: {
    item: { code: string; name: string };
    lead: { name: string; duty: string | null }[];
    edition: { number: number };
  }[];
}
interface Rebuilt {
  readModel: { name: string };
  digestBefore: string;
  digestAfter: string;
}

/** The answer without the instant at which it was given. */
const settled = ({ matches }: Answer) => matches;

test('a county imports, publishes, changes, asks, exports, backs up and restores', {
  timeout: 600_000,
}, async () => {
  const files = folder();
  const node = await startNode(join(files, 'data'));
  const json = <T>(...args: string[]) => cliJson<T>(node, ...args);
  expect(node.welcome).toContain('npx dutyledger token');

  const organs = await json<{ registered: unknown[]; skipped: unknown[] }>(
    'organs',
    ORGANS,
    '--division',
    DIVISION,
  );
  expect(organs.registered).toHaveLength(61);
  const again = await json<{ registered: unknown[]; skipped: unknown[] }>(
    'organs',
    ORGANS,
    '--division',
    DIVISION,
  );
  expect([again.registered.length, again.skipped.length]).toEqual([0, 61]);

  const opening = [
    '--division',
    DIVISION,
    '--kind',
    'TERRITORIAL',
    '--title',
    '属地清单',
    '--maintainer',
    '区委编办',
  ];
  const first = await json<Report>('import', LIST, ...opening, '--mapping', MAPPING);
  expect(first).toMatchObject({ applied: true, added: 79 });
  const list = first.list.id;

  // The same file again changes nothing, and opens no second list.
  const same = await json<Report>('import', LIST, ...opening, '--mapping', MAPPING);
  expect(same).toMatchObject({ applied: false, added: 0, unchanged: 79, list: { id: list } });

  const publishing = ['--list', list, '--effective', '2024-03-01', '--document', '章政发〔2024〕3号'];
  const unreviewed = await cli(node, 'publish', ...publishing);
  expect(unreviewed).toMatchObject({ code: 1 });
  expect(unreviewed.stderr).toMatch(/RULE_VIOLATED[\s\S]*L-3/);
  const unheard = ['--review-organ', '区司法局', '--approved-by', '区委编委'];
  const waiting = await cli(node, 'publish', ...publishing, ...unheard);
  expect(waiting).toMatchObject({ code: 1 });
  expect(waiting.stderr).toMatch(/RULE_VIOLATED[\s\S]*L-3/);
  const steps = [...unheard, '--opinions-document', '汇总〔2024〕1号'];
  const published = await json<{ edition: { number: number; itemCount: number } }>(
    'publish',
    ...publishing,
    ...steps,
  );
  expect(published.edition).toMatchObject({ number: 1, itemCount: 79 });
  expect(await json('publish', ...publishing, ...steps)).toMatchObject({
    repeated: true,
    edition: { number: 1 },
  });

  // A changed file: only the differences, as of a later day.
  const changed = join(files, 'changed.csv');
  writeFileSync(changed, readFileSync(LIST, 'utf8').replace('组织协调村居控制处置', '组织村居收容'));
  expect(
    await json<Report>('import', changed, '--list', list, '--mapping', MAPPING, '--dry-run'),
  ).toMatchObject({
    applied: false,
    revised: 1,
    added: 0,
  });
  await json(
    'import',
    changed,
    '--list',
    list,
    '--mapping',
    MAPPING,
    '--reason',
    '调整',
    '--basis',
    '方案;;1号',
  );
  const second = ['--list', list, '--effective', '2025-01-01', '--document', '章政发〔2025〕1号'];
  await json('publish', ...second, ...steps);

  const question = ['responsible', '--division', TOWN, '流浪犬'];
  const before = await json<Answer>(...question, '--on', '2024-07-01');
  const now = await json<Answer>(...question, '--on', '2025-07-01');
  expect(before.matches[0]).toMatchObject({ item: { name: '流浪犬控制和处置' }, edition: { number: 1 } });
  expect(before.matches[0]?.lead[0]?.duty).toBe('组织协调村居控制处置流浪犬');
  expect(now.matches[0]).toMatchObject({
    edition: { number: 2 },
    lead: [{ name: '济南市章丘区垛庄镇人民政府', duty: '组织村居收容流浪犬' }],
  });

  expect(await json('diff', '--list', list, '--from', '2024-07-01', '--to', '2025-07-01')).toMatchObject({
    changed: 1,
    added: 0,
    removed: 0,
    unchanged: 78,
    differences: [{ kind: 'CHANGED', changes: [{ field: expect.stringMatching(/^lead/) }] }],
  });
  const history = await json<{ change: string; reason: string }[]>('history', '--list', list, '--limit', '0');
  expect(history.filter(({ change }) => change === 'PUBLISHED')).toHaveLength(2);
  expect(history.some(({ reason }) => reason === '调整')).toBe(true);
  const figures = await cli(node, 'figures', '--list', list);
  expect(figures.stdout).toMatch(/79 项[\s\S]*镇街/);

  // What was exported, imported again, changes nothing.
  for (const [format, ...more] of [['xlsx'], ['csv', '--encoding', 'gb18030']] as const) {
    const file = join(files, `export.${format}`);
    await json('export', '--list', list, '--format', format, ...more, '-o', file);
    expect(await json<Report>('import', file, '--list', list)).toMatchObject({
      applied: false,
      unchanged: 79,
    });
  }

  const archive = join(files, 'backup.tar.gz');
  const backup = await json<{ events: number; sha256: string }>('backup', '-o', archive);
  expect(await cli(node, 'backup', '-o', archive)).toMatchObject({ code: 2 });
  expect((await cli(node, 'restore', archive)).stderr).toContain('TARGET_HAS_DATA');
  const restored = { url: '', dataDir: join(files, 'restored') };
  expect(await cliJson(restored, 'restore', archive)).toMatchObject({
    events: backup.events,
    sha256: backup.sha256,
  });
  expect(await node.stop()).toMatchObject({ code: 0 });

  const twin = await startNode(restored.dataDir);
  const rebuilt = await cliJson<Rebuilt[]>(twin, 'rebuild');
  expect(rebuilt.map(({ readModel }) => readModel.name)).toContain('lists.dutyLists');
  for (const { digestBefore, digestAfter } of rebuilt) expect(digestAfter).toBe(digestBefore);
  const answer = await cliJson<Answer>(twin, ...question, '--on', '2024-07-01');
  expect(settled(answer)).toEqual(settled(before));
  expect(await twin.stop()).toMatchObject({ code: 0 });
});
