import { deepStrictEqual } from 'node:assert';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { openEventStore } from '@dutyledger/event-store/open';
import { createSubgraph, type Subgraph } from '@dutyledger/subgraph-kit/subgraph';
import { bareGateway, type Source } from './bare-gateway.ts';
import type { Benchmark } from './benchmarks.ts';
import { registerOrgans } from './client.ts';
import { type Shape, writeLists } from './duty-events.ts';
import { httpLoad } from './http-load.ts';
import { alternate } from './measure.ts';
import { type Inside, startNode } from './node.ts';
import { growth, type Row, row } from './report.ts';

const LIST: Shape = { list: 'list:370114-bench', items: 180, editions: 3, revised: 45 };

/** Three fetches: the list and its items from lists, then their organs from staffing and cases at once. */
const QUERY = /* GraphQL */ `
  query ($list: ID!, $first: Int!) {
    dutyList(id: $list) {
      id
      title
      edition { number effectiveFrom documentNumber publishedAt }
      items(first: $first) {
        edges {
          node { id code name domain leads { duty organ { id name status openCases } } basis { title article } }
        }
        pageInfo { hasNextPage }
      }
    }
  }
`;

const cases = ({ verifier, logger }: Inside): Promise<Subgraph> =>
  createSubgraph({
    name: 'cases',
    schema: new URL('./cases.graphql', import.meta.url),
    resolvers: {
      Query: { caseClasses: () => ['犬只'] },
      Organ: { __resolveReference: ({ id }: { id: string }) => ({ id, openCases: 3 }) },
    },
    context: (base) => base,
    verifier,
    readiness: async () => [],
    logger,
    production: false,
  });

/** A query over three subgraphs through the node's gateway, by a bare Apollo gateway over constants. */
export const run: Benchmark = async ({ folder, quick }) => {
  const own = await mkdtemp(join(folder, 'gateway-'));
  const events = await openEventStore(`sqlite:${join(own, 'events.db')}`);
  await writeLists(events, [LIST]);
  await events.close();
  const node = await startNode(own, cases);
  const load = httpLoad();
  const rows: Row[] = [];
  const costs: number[] = [];
  await registerOrgans(node);
  for (const first of [5, 50]) {
    const variables = { list: LIST.list, first };
    const answer = await node.ask(QUERY, variables);
    const body = JSON.stringify({ query: QUERY, variables });
    const requests = quick ? 20 : 150;
    const send = (url: string) => load.send({ url, token: node.token, body, requests, concurrency: 16 });
    const against = async (source: Source): Promise<Partial<Row> & { value: number; unit: string }> => {
      const bare = await bareGateway(node.supergraphSdl, answer.dutyList, source);
      deepStrictEqual(await bare.ask(QUERY, variables), answer);
      const { measured, reference, ratio } = await alternate(quick ? 2 : 6, quick ? 1 : 2, {
        measured: () => send(node.url),
        reference: () => send(bare.url),
      });
      await bare.stop();
      const rate = (milliseconds: number) => (requests / milliseconds) * 1000;
      return { value: rate(measured), unit: 'queries/s', reference: rate(reference), ratio: 1 / ratio };
    };
    const figures = await against('apollo');
    rows.push(row(`gateway, ${first} items`, figures, { atLeast: 0.7 }));
    rows.push(row(`gateway, ${first} items, leanest reference`, await against('leanest')));
    costs.push(1 / figures.value);
  }
  await load.end();
  await node.stop();
  const [small = 0, large = 0] = costs;
  return [...rows, growth('gateway', small, large)];
};
