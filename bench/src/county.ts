import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { openEventStore } from '@dutyledger/event-store/open';
import { readClassFile } from '@dutyledger/grid-events/class-policy/class-file';
import type { NewGrid } from '@dutyledger/grid-events/grid-network/grid-rules';
import { sampleNetwork } from '@dutyledger/grid-events/grid-network/samples';
import { dutyListStream } from '@dutyledger/lists/duty-list/state';
import { children } from '@dutyledger/reference-data/divisions';
import { CHANGE, type Client, registerOrgans } from './client.ts';
import { content, DIVISION, eventsOf, fact } from './duty-events.ts';

/** Zhangqiu as a command platform needs it: organs, a duty list in force, classes of cases with their limits, a grid network. */

export interface County {
  grids: NewGrid[];
  /** Codes; a list carries each of them. */
  classes: string[];
}

const CLASSES = new URL('../../services/grid-events/data/samples/event_types.csv', import.meta.url);
const STANDARD = '深圳坪山区';
/** Its basic grids (章丘区). */
const GRIDS = 485;

async function classesOf(file: Buffer): Promise<string[]> {
  const read = readClassFile({ fileName: 'event_types.csv', content: file, standard: STANDARD });
  if (!read.ok || read.value.problems.length > 0)
    throw new Error('the sample of case classes is not as it was');
  return read.value.settings.map(({ caseClass }) => caseClass);
}

/** A list with an item for each class, in force. */
async function publishList(dataDir: string, classes: readonly string[]): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const events = await openEventStore(`sqlite:${join(dataDir, 'events.db')}`);
  const id = `list:${DIVISION.slice(0, 6)}-bench`;
  const title = '属地管理事项责任清单';
  const documentNumber = '章政发〔2024〕1号';
  const codes = classes.map((_, n) => `${n + 1}`);
  const effectiveFrom = '2024-01-01';
  const maintainer = { organ: 'organ:370114-0009', name: '中共济南市章丘区委机构编制委员会办公室' };
  const judge = { organ: 'organ:370114-0010', organName: '济南市章丘区司法局' };
  const recorded = eventsOf(
    [
      fact('DutyListOpened', { id, kind: 'TERRITORIAL', division: DIVISION, title, maintainer }),
      ...classes.map((each, n) =>
        fact('ItemAdded', { code: `${n + 1}`, item: { ...content(n), caseClasses: [each] } }),
      ),
      fact('LegalityReviewed', { outcome: 'PASSED', ...judge, opinion: '合法' }),
      fact('EditionApproved', { body: '区委编委', documentNumber, overruling: null }),
      fact('EditionPublished', {
        list: { kind: 'TERRITORIAL', division: DIVISION, title },
        edition: 1,
        effectiveFrom,
        documentNumber,
        added: codes,
        revised: [],
        retired: [],
        itemCount: codes.length,
        digest: '0'.repeat(64),
      }),
    ],
    { commandId: uuidFrom('command', id, 1), division: DIVISION, effectiveAt: effectiveFrom },
  );
  await events.append(dutyListStream(id), 'any', recorded);
  await events.close();
}

/** What is published before the node is started on the folder. */
export async function prepareCounty(dataDir: string): Promise<County> {
  const classes = await classesOf(await readFile(CLASSES));
  await publishList(dataDir, classes);
  const towns = children(DIVISION).map(({ code }) => code);
  return { classes, grids: sampleNetwork({ towns, grids: GRIDS }) };
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

/** The network as a file of GeoJSON. */
function geoJson(grids: readonly NewGrid[]): string {
  const features = grids.map(({ boundary, code, name, town, villageName, households, population }) => ({
    type: 'Feature',
    geometry: boundary,
    properties: {
      网格编码: code,
      网格名称: name,
      所属镇街: town,
      所属社区: villageName,
      户数: households,
      人口: population,
      网格类型: '一般网格',
    },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}

const ROUTE = /* GraphQL */ `
  query ($division: DivisionCode!, $caseClass: String!) {
    routeFor(division: $division, caseClass: $caseClass) { kind lead { name } }
  }
`;
const LOOK_AGAIN_MS = 100;

/** Fills the county of a running node, and waits until cases of every class find their owner. */
export async function fillCounty(node: Client, { grids, classes }: County): Promise<void> {
  await registerOrgans(node);
  await taken(node, 'importCaseClasses', 'ImportCaseClassesInput', {
    fileName: 'event_types.csv',
    content: base64(await readFile(CLASSES)),
    standard: STANDARD,
  });
  await taken(node, 'importGrids', 'ImportGridsInput', {
    fileName: 'grids.geojson',
    content: base64(geoJson(grids)),
    effectiveFrom: '2024-01-01',
  });
  for (const caseClass of classes) {
    for (;;) {
      const { routeFor } = await node.ask(ROUTE, { division: DIVISION, caseClass });
      if (routeFor.lead !== null) break;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

async function taken(node: Client, mutation: string, type: string, input: object): Promise<void> {
  const answer = await node.ask(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { accepted problemCount } }`,
    { input: { division: DIVISION, ...input, change: CHANGE } },
  );
  if (!answer[mutation].accepted) throw new Error(`${mutation}: ${JSON.stringify(answer[mutation])}`);
}
