import '@dutyledger/subgraph-kit/no-telemetry';
import { ApolloGateway, type GraphQLDataSource, LocalGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { subgraphDefinitions } from '@dutyledger/gateway/compose';
import { loadTypeDefs } from '@dutyledger/subgraph-kit/type-defs';
import { type DocumentNode, execute, type GraphQLSchema, parse } from 'graphql/index.js';
import { type Client, client, type Data } from './client.ts';

/** The organs that an answer of the query names, by id. */
function organsOf(dutyList: Data): Map<string, Data> {
  const nodes: Data[] = dutyList.items.edges.map(({ node }: Data) => node);
  return new Map(nodes.flatMap(({ leads }) => leads.map(({ organ }: Data) => [organ.id, organ])));
}

/** Answers out of the schema; a document is parsed once, so that nothing but its execution is left. */
function leanSource(schema: GraphQLSchema): GraphQLDataSource {
  const documents = new Map<string, DocumentNode>();
  return {
    async process({ request: { query = '', variables } }) {
      const document = documents.get(query) ?? parse(query);
      documents.set(query, document);
      const answer = await execute({ schema, document, variableValues: variables ?? {} });
      return answer as Awaited<ReturnType<GraphQLDataSource['process']>>;
    },
  };
}

/**
 * `apollo`: the data source that @apollo/gateway brings for schemas in memory, which parses and validates each fetch.
 * `leanest`: nothing but the execution.
 */
export type Source = 'apollo' | 'leanest';

/** Apollo's gateway and server as their makers wire them, over subgraphs that answer constants out of memory. */
export async function bareGateway(
  supergraphSdl: string,
  dutyList: Data,
  source: Source,
): Promise<Client & { stop(): Promise<void> }> {
  const organs = organsOf(dutyList);
  const organ = ({ id }: { id: string }) => organs.get(id);
  const resolvers: Record<string, object> = {
    lists: { Query: { dutyList: () => dutyList } },
    staffing: { Organ: { __resolveReference: organ } },
    cases: { Organ: { __resolveReference: organ } },
  };
  const definitions = [
    ...subgraphDefinitions(),
    { name: 'cases', typeDefs: loadTypeDefs(new URL('./cases.graphql', import.meta.url)) },
  ];
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => {
      const typeDefs = definitions.find((definition) => definition.name === name)?.typeDefs ?? '';
      const schema = buildSubgraphSchema({
        typeDefs: parse(typeDefs),
        resolvers: resolvers[name] as never,
      });
      return source === 'apollo' ? new LocalGraphQLDataSource(schema) : leanSource(schema);
    },
  });
  const server = new ApolloServer({
    gateway,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginInlineTraceDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  const asked = client(url.replace(/\/$/, ''), 'none');
  return { ...asked, stop: () => server.stop() };
}
