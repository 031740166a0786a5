import {
  EnvironmentReader,
  isHttpUrl,
  type OidcSettings,
  type ProcessSettings,
} from '@dutyledger/subgraph-kit/settings';

/** What the gateway's own process is told by its environment. */
export interface GatewaySettings extends ProcessSettings {
  /** URLs of the instances of each subgraph, by its name. */
  subgraphs: Record<string, string[]>;
  /** The bus that subscriptions are fed from. */
  bus: string;
  secret: string;
  oidc: OidcSettings;
}

/** Names of the subgraphs that a supergraph is composed of. */
const subgraphNames = (supergraphSdl: string): string[] =>
  Array.from(supergraphSdl.matchAll(/@join__graph\(name: "([^"]+)"/g), ([, name]) => name ?? '');

/** `lists=http://a:4001/graphql|http://b:4001/graphql,staffing=http://c:4002/graphql`. */
function subgraphsOf(reader: EnvironmentReader, names: readonly string[]): Record<string, string[]> {
  const given = reader.required(
    'SUBGRAPHS',
    '各服务的地址，如 lists=http://主机:4001/graphql，服务间用逗号，同一服务的多个实例用竖线分隔',
    'where each service is, e.g. lists=http://host:4001/graphql; services separated by commas, instances of one by |',
  );
  if (given === '') return {};
  const subgraphs: Record<string, string[]> = {};
  for (const entry of given.split(',').map((each) => each.trim())) {
    const [, name = '', places = ''] = /^([\w-]+)=(.+)$/.exec(entry) ?? [];
    const urls = places.split('|').map((url) => url.trim());
    if (!names.includes(name) || name in subgraphs || !urls.every(isHttpUrl)) {
      reader.mistake(
        `SUBGRAPHS 中的“${entry}”有误：应为 名称=网址，名称为 ${names.join('、')} 之一，各写一次。`,
        `SUBGRAPHS is wrong at "${entry}": it takes name=URL, with each of ${names.join(', ')} once.`,
      );
    }
    subgraphs[name] = urls;
  }
  for (const name of names.filter((each) => !(each in subgraphs))) {
    reader.mistake(`SUBGRAPHS 缺少 ${name}。`, `SUBGRAPHS lacks ${name}.`);
  }
  return subgraphs;
}

/** Reads the settings, or names every mistake: one line each, in both languages. */
export function readGatewaySettings(
  env: NodeJS.ProcessEnv,
  supergraphSdl: string,
  defaultPort: number,
): GatewaySettings | { mistakes: string[] } {
  const reader = new EnvironmentReader(env);
  const settings = {
    subgraphs: subgraphsOf(reader, subgraphNames(supergraphSdl)),
    bus: reader.required(
      'BUS_URL',
      '订阅所用的消息总线地址，如 kafka://主机:9092',
      'the bus that subscriptions are fed from, e.g. kafka://host:9092',
    ),
    secret: reader.secret(),
    oidc: reader.oidc(),
    ...reader.process(defaultPort),
  };
  return reader.mistakes.length > 0 ? { mistakes: reader.mistakes } : settings;
}
