import { readFileSync } from 'node:fs';
import { openBus } from '@dutyledger/bus/open';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { oidcVerifier } from '@dutyledger/subgraph-kit/oidc';
import { runProcess } from '@dutyledger/subgraph-kit/own-process';
import { startTracing } from '@dutyledger/subgraph-kit/tracing-export';
import { createGateway } from './gateway.ts';
import { type GatewaySettings, readGatewaySettings } from './settings.ts';

const DEFAULT_PORT = 4000;
const supergraphSdl = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');

runProcess<GatewaySettings>(
  'gateway',
  readGatewaySettings(process.env, supergraphSdl, DEFAULT_PORT),
  async (settings, logger, _stopping, stack) => {
    stack.defer(await startTracing('dutyledger-gateway', logger));
    const bus = await openBus(settings.bus, { warn: (message) => logger.warn(message) });
    stack.defer(() => bus.close());
    const gateway = await createGateway({
      supergraphSdl,
      subgraphs: settings.subgraphs,
      verifier: oidcVerifier(settings.oidc),
      internalTokens: internalTokens(settings.secret),
      production: settings.production,
      logger,
      subscriptions: { bus, secret: settings.secret },
    });
    stack.defer(() => gateway.stop());
    logger.info({ url: await gateway.listen(settings) }, 'serving');
  },
);
