import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createGateway } from '@dutyledger/gateway/gateway';
import { startGridEvents } from '@dutyledger/grid-events/service';
import { startLists } from '@dutyledger/lists/service';
import { startStaffing } from '@dutyledger/staffing/service';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { createLogger, type Logger } from '@dutyledger/subgraph-kit/logging';
import { createMetrics } from '@dutyledger/subgraph-kit/metrics';
import { oidcVerifier } from '@dutyledger/subgraph-kit/oidc';
import { backupRoute } from './backup-route.ts';
import type { StandaloneConfig } from './config.ts';
import { keptSecret } from './kept-secret.ts';
import { StartError } from './start-error.ts';
import { openStores } from './stores.ts';

/** The whole platform in this process. */
export interface Standalone {
  /** Base URL: the explorer is at `/`, the endpoint at `/graphql`. */
  url: string;
  /** A development token. Throws when an OpenID provider issues the tokens. */
  token(claims: DevelopmentToken): Promise<string>;
  /** Takes no more requests, finishes what runs, closes the stores. May be called again. */
  stop(): Promise<void>;
}

interface Identity {
  verifier: CallerVerifier;
  issue(claims: DevelopmentToken): Promise<string>;
}

async function identityOf({ identity, dataDir }: StandaloneConfig): Promise<Identity> {
  if (identity.kind === 'development') return devIssuer(dataDir);
  return {
    verifier: oidcVerifier(identity),
    issue: async () => {
      throw new Error('tokens are issued by the OpenID provider');
    },
  };
}

const supergraph = (): Promise<string> =>
  readFile(new URL('../supergraph.graphql', import.meta.resolve('@dutyledger/gateway/gateway')), 'utf8');

function portError(error: unknown, { host, port }: StandaloneConfig): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const texts: Record<string, [string, string]> = {
    EADDRINUSE: [
      `端口 ${port} 已被占用。用 --port（或 PORT）指定别的端口，如 npm start -- --port ${port + 1}。`,
      `The port ${port} is taken. Choose another with --port (or PORT), such as npm start -- --port ${port + 1}.`,
    ],
    EACCES: [
      `没有权限使用端口 ${port}。请用 --port 指定 1024 以上的端口。`,
      `The port ${port} may not be used. Choose one above 1024 with --port.`,
    ],
    EADDRNOTAVAIL: [
      `本机没有地址 ${host}。请检查 --host。`,
      `This machine has no address ${host}. Check --host.`,
    ],
    ENOTFOUND: [`找不到主机 ${host}。请检查 --host。`, `There is no host ${host}. Check --host.`],
  };
  const text = texts[code ?? ''];
  return text ? new StartError({ 'zh-CN': text[0], en: text[1] }, { cause: error }) : error;
}

async function start(
  config: StandaloneConfig,
  logger: Logger,
  stack: AsyncDisposableStack,
): Promise<Pick<Standalone, 'url' | 'token'>> {
  const { dataDir, host, port, production, open311, webhookTargets } = config;
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    const text = {
      'zh-CN': `无法建立数据目录 ${dataDir}`,
      en: `The data directory ${dataDir} cannot be made`,
    };
    throw new StartError(
      { 'zh-CN': `${text['zh-CN']}：${error.message}`, en: `${text.en}: ${error.message}` },
      { cause: error },
    );
  });
  const { events, readStore, bus, own } = await openStores(config, stack);
  const { verifier, issue } = await identityOf(config);
  // Known to nobody outside this process: nobody else can pose as the gateway.
  const internal = internalTokens(randomBytes(32));
  const metrics = createMetrics();
  const deps = {
    events,
    readStore,
    bus,
    verifier: internal.verifier,
    logger,
    production,
    metrics,
    ...(config.clock && { clock: config.clock }),
  };
  const staffing = await startStaffing(deps);
  stack.defer(() => staffing.stop());
  const lists = await startLists(deps);
  stack.defer(() => lists.stop());
  const gridEvents = await startGridEvents({ ...deps, ...own, open311, webhookTargets });
  stack.defer(() => gridEvents.stop());
  const gateway = await createGateway({
    supergraphSdl: await supergraph(),
    subgraphs: { staffing: staffing.subgraph, lists: lists.subgraph, gridEvents: gridEvents.subgraph },
    verifier,
    internalTokens: internal,
    production,
    logger,
    metrics,
    subscriptions: { bus, secret: await keptSecret(dataDir) },
    routes: (app) => {
      backupRoute({ events, keys: own.keys, dataDir, verifier, logger })(app);
      gridEvents.subgraph.routes?.(verifier)(app);
    },
    ...(config.identity.kind === 'development' && !production
      ? { explorer: { token: await issue({ roles: EXPLORER_ROLES, name: '浏览器 Explorer' }) } }
      : {}),
  });
  stack.defer(() => gateway.stop());
  const url = await gateway.listen({ host, port }).catch((error: unknown) => {
    throw portError(error, config);
  });
  return { url, token: issue };
}

const EXPLORER_ROLES = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'LEGALITY_REVIEWER',
  'COUNTY_APPROVER',
  'ORGAN_REGISTRAR',
  'AUDITOR',
  'SYSTEM_ADMIN',
] as const;

/**
 * Starts the platform on SQLite files in the data directory, the gateway reaching its subgraphs in memory. Throws
 * StartError when the directory or the port cannot be used; whatever was opened is closed again then.
 */
export async function startStandalone(
  config: StandaloneConfig,
  logger: Logger = createLogger({ name: 'standalone', level: config.logLevel, destination: process.stderr }),
): Promise<Standalone> {
  const stack = new AsyncDisposableStack();
  try {
    const started = await start({ ...config, dataDir: resolve(config.dataDir) }, logger, stack);
    return { ...started, stop: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
