import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Standalone, startStandalone } from '@dutyledger/standalone/standalone';
import { read, utils, write } from '@e965/xlsx';
import type { Benchmark } from './benchmarks.ts';
import { CHANGE, type Client, client, openList, registerOrgans } from './client.ts';
import { content, DIVISION } from './duty-events.ts';
import { alternate } from './measure.ts';
import { growth, type Row, row } from './report.ts';

const IMPORT = /* GraphQL */ `
  mutation ($input: ImportDutyItemsInput!) {
    importDutyItems(input: $input) { accepted added problemCount problems { row cause } pending }
  }
`;

const HEADINGS = ['序号', '事项名称', '领域', '主体责任单位', '主体责任', '配合责任单位', '依据', '条款'];

/** A workbook as a county office keeps it. */
function workbook(rows: number): Buffer {
  const lines = Array.from({ length: rows }, (_, n) => {
    const { name, domain, leads, cooperators, basis } = content(n);
    const [lead] = leads;
    const [ground] = basis;
    const helpers = [...new Set(cooperators.map((one) => one.name))].filter((one) => one !== lead?.name);
    return [n + 1, name, domain, lead?.name, lead?.duty, helpers.join('；'), ground?.title, ground?.article];
  });
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet([HEADINGS, ...lines]), '责任清单');
  return write(book, { type: 'buffer', bookType: 'xlsx', compression: true }) as Buffer;
}

async function importFile({ ask }: Client, list: string, file: string, rows: number): Promise<void> {
  const { importDutyItems: report } = await ask(IMPORT, {
    input: { list, fileName: 'list.xlsx', content: file, change: CHANGE },
  });
  if (!report.accepted || report.added !== rows || report.pending)
    throw new Error(`not imported as it should be: ${JSON.stringify(report).slice(0, 2_000)}`);
}

async function clientOf({ url, token }: Standalone): Promise<Client> {
  const roles = ['LIST_EDITOR', 'LIST_PUBLISHER', 'ORGAN_REGISTRAR'] as const;
  return client(url, await token({ roles, division: DIVISION }));
}

/** An XLSX file through importDutyItems, until the read models show every item, by parsing the file alone. */
export const run: Benchmark = async ({ folder, quick }) => {
  const node = await startStandalone({
    dataDir: await mkdtemp(join(folder, 'import-')),
    host: '127.0.0.1',
    port: 0,
    production: false,
    identity: { kind: 'development' },
    logLevel: 'silent',
  });
  const asked = await clientOf(node);
  const [maintainer = ''] = await registerOrgans(asked);
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const size of quick ? [20, 200] : [1_000, 10_000]) {
    const bytes = workbook(size);
    const file = bytes.toString('base64');
    const [rounds, warmUp] = quick ? [1, 0] : [5, 1];
    const lists: string[] = [];
    for (let n = 0; n < rounds + warmUp; n++)
      lists.push(await openList(asked, `清单 ${size} ${n}`, maintainer));
    const { measured, reference, ratio } = await alternate(rounds, warmUp, {
      measured: (round) => importFile(asked, lists[round] ?? '', file, size),
      reference: () => read(bytes),
    });
    const name = `import, ${size.toLocaleString('en')} rows`;
    rows.push(row(name, { value: measured, unit: 'ms', reference, ratio }, { atMost: 5 }));
    costs.push(measured / size);
  }
  await node.stop();
  const [small = 0, large = 0] = costs;
  return [...rows, growth('import', small, large)];
};
