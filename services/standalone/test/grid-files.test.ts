import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleNetwork } from '@dutyledger/grid-events/grid-network/samples';
import { sampleWorkers } from '@dutyledger/grid-events/grid-worker/samples';
import { expect, test } from 'vitest';
import { cli, cliJson, folder, startNode } from './harness.ts';

/** Files of grids and their people, by the command line alone (G-1, G-2). */

interface Report {
  accepted: boolean;
  applied: boolean;
  created: number;
  unchanged: number;
}

test('G-1, G-2 dutyledger grids and grid-workers: checked, imported, the same file again without a change', async () => {
  const files = folder();
  const write = (name: string, text: string): string => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };
  const node = await startNode(folder());
  const json = (...args: string[]) => cliJson<Report>(node, ...args, '--division', '370114');
  const grids = sampleNetwork({ towns: ['370114101000', '370114001000'], grids: 30 });
  const features = grids.map(({ code, name, town, households, population, boundary }) => ({
    type: 'Feature',
    properties: { code, name, town, households, population },
    geometry: boundary,
  }));
  const network = write('grids.geojson', JSON.stringify({ type: 'FeatureCollection', features }));
  expect(await json('grids', network, '--dry-run')).toMatchObject({
    accepted: true,
    applied: false,
    created: 30,
  });
  expect(await json('grids', network)).toMatchObject({ applied: true, created: 30 });
  expect(await json('grids', network)).toMatchObject({ created: 0, unchanged: 30 });
  const people = sampleWorkers(grids, 60).map((each) =>
    [each.number, each.name, each.town, each.grid].join(','),
  );
  const roster = write('workers.csv', ['工号,姓名,所属镇街,网格编码', ...people].join('\n'));
  expect(await json('grid-workers', roster)).toMatchObject({ applied: true, created: 60 });
  const bad = write('bad.csv', '工号,姓名,所属镇街,网格编码\nX1,甲,370114101000,没有');
  const refused = await cli(node, 'grid-workers', bad, '--division', '370114', '--lang', 'en');
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stdout).toContain('G-2');
  expect((await node.stop()).code).toBe(0);
}, 240_000);
