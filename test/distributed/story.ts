import { expect, vi } from 'vitest';
import type { Client } from './client.ts';

const DIVISION = '370114';
const TOWN = '370114101';
const ORGANS = 'packages/cli/samples/organs-370114.csv';
const LIST = 'services/lists/data/samples/duty_items.csv';
const MAPPING = 'packages/cli/samples/duty-items-mapping.json';

/** A county from its organs to the answer who is responsible, as of a day, with the command line alone. */
export async function county({ cli }: Client): Promise<void> {
  const organs = await cli('organs', ORGANS, '--division', DIVISION);
  expect(organs.registered).toHaveLength(61);
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
  // What staffing recorded has yet to come over the bus; until then lists says which organ it does not know.
  const importing = ['import', LIST, ...opening, '--mapping', MAPPING];
  const imported = await vi.waitFor(() => cli(...importing), { timeout: 120_000, interval: 500 });
  expect(imported).toMatchObject({ applied: true, added: 79 });
  const list: string = imported.list.id;
  const published = await cli(
    'publish',
    ...['--list', list, '--effective', '2024-03-01', '--document', '章政发〔2024〕3号'],
    ...['--review-organ', '区司法局', '--opinions-document', '汇总〔2024〕1号', '--approved-by', '区委编委'],
  );
  expect(published.edition).toMatchObject({ number: 1, itemCount: 79 });
  const question = ['responsible', '--division', TOWN, '流浪犬'];
  const { matches } = await cli(...question, '--on', '2024-07-01');
  expect(matches[0]).toMatchObject({ item: { name: '流浪犬控制和处置' }, edition: { number: 1 } });
  expect((await cli(...question, '--on', '2023-07-01')).matches).toEqual([]);
  const history = await cli('history', '--list', list, '--limit', '0');
  expect(history.filter(({ change }: { change: string }) => change === 'PUBLISHED')).toHaveLength(1);
}
