import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { kafkaSettings } from '@dutyledger/bus/kafka-url';
import { readAddress } from '@dutyledger/event-store/eventstoredb-url';
import { readGatewaySettings } from '@dutyledger/gateway/settings';
import { readSettings } from '@dutyledger/subgraph-kit/settings';
import { describe, expect, test } from 'vitest';
import { open311Settings } from '../../services/grid-events/src/open311/settings.ts';
import { ownStoreSettings } from '../../services/grid-events/src/own-stores.ts';
import { webhookTargetsOf } from '../../services/grid-events/src/webhook/settings.ts';
import { compose, root, type Service, textOf, variablesOf, yaml } from './files.ts';

const FILES = ['docker-compose.yml', 'docker-compose.standalone.yml'];
const GIVEN = {
  OIDC_ISSUER: 'https://id.example.gov.cn',
  OIDC_AUDIENCE: 'dutyledger',
  PERSONAL_DATA_KEYS: 'lGTbD0rJ1S0p4oJbX7m8n9cQe2r5u8xA1B2C3D4E5F4=',
  INTERNAL_TOKEN_SECRET: 'a secret of the tests, 32 bytes or more',
  GRAFANA_ADMIN_PASSWORD: 'a password of the tests',
};
const distributed = compose('docker-compose.yml', GIVEN);
const processes = Object.entries(distributed.services).filter(([, { image }]) =>
  image.startsWith('dutyledger:'),
);
const services = processes.filter(([name]) => name !== 'gateway');
const everything = FILES.flatMap((file) =>
  Object.entries(compose(file, GIVEN).services).map(([name, service]) => ({ file, name, service })),
);

/** Environment variables that a reader of settings looks at, and what it makes of the given ones. */
function readBy<T>(read: (env: NodeJS.ProcessEnv) => T, given: Service['environment'] = {}) {
  const names = new Set<string>();
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const settings = read(
    new Proxy(env, {
      get(target, name: string) {
        names.add(name);
        return target[name];
      },
    }),
  );
  return { names, settings };
}

/** What the process of grid-events asks for beside what all ask for. */
const gridEventsSettings = (env: NodeJS.ProcessEnv) => ({
  ...ownStoreSettings(env),
  open311: open311Settings(env),
  webhookTargets: webhookTargetsOf(env),
});

/** Read by OpenTelemetry's own code (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). */
const OTEL = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];

describe('processes', () => {
  const supergraph = textOf('services/gateway/supergraph.graphql');

  test.each(processes)('%s is told what its settings ask for, and nothing else', (name, { environment }) => {
    const { names, settings } = readBy((env) => {
      if (name === 'gateway') return readGatewaySettings(env, supergraph, 1);
      if (name === 'grid-events') gridEventsSettings(env);
      return readSettings(env, 1);
    }, environment);
    expect(settings).not.toHaveProperty('mistakes');
    const unknown = Object.keys(environment ?? {}).filter((one) => !names.has(one) && !OTEL.includes(one));
    expect(unknown).toEqual([]);
  });

  test('grid-events has no Open311 adapter and sends webhooks to public addresses alone, until it is told otherwise', () => {
    const { environment } = distributed.services['grid-events'] ?? {};
    const { settings } = readBy(gridEventsSettings, environment);
    expect(settings.open311).toBeUndefined();
    expect(settings.webhookTargets).toEqual({ hosts: new Set(), ranges: [] });
    const told = {
      ...GIVEN,
      WEBHOOK_ALLOW: '10.20.0.0/16,receiver.intra',
      OPEN311_FILE: '/run/open311.json',
    };
    expect(compose('docker-compose.yml', told).services['grid-events']?.environment).toMatchObject({
      WEBHOOK_ALLOW: told.WEBHOOK_ALLOW,
      OPEN311_FILE: told.OPEN311_FILE,
    });
  });

  test('the guide explains every setting that a process reads', () => {
    const gateway = readBy((env) => readGatewaySettings(env, supergraph, 1)).names;
    const { environment } = distributed.services['grid-events'] ?? {};
    const own = readBy(gridEventsSettings, environment).names;
    for (const name of new Set([...readBy((env) => readSettings(env, 1)).names, ...gateway, ...own])) {
      expect(textOf('docs/operating.md')).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
    }
  });

  test('the gateway asks each service at the name and port that it has, and several instances as the example says', () => {
    const example = /^# SUBGRAPHS=(.*)$/m.exec(textOf('infra/.env.example'))?.[1] ?? '';
    for (const given of [GIVEN, { ...GIVEN, SUBGRAPHS: example }]) {
      const { environment } = compose('docker-compose.yml', given).services['gateway'] ?? {};
      const { settings } = readBy((env) => readGatewaySettings(env, supergraph, 1), environment);
      if ('mistakes' in settings) throw new Error(settings.mistakes.join());
      for (const [subgraph, urls] of Object.entries(settings.subgraphs)) {
        const name = subgraph.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        const port = distributed.services[name]?.environment?.['PORT'];
        expect(urls.map((url) => new URL(url).port)).toEqual(urls.map(() => String(port)));
        const hosts = urls.length === 1 ? [name] : urls.map((_, i) => `dutyledger-${name}-${i + 1}`);
        expect(urls.map((url) => new URL(url).hostname)).toEqual(hosts);
      }
    }
  });

  /** As they stand in the compose file, and as the guide gives them for a cluster. */
  const addresses = (name: string): string[] => {
    const [, , cluster = ''] =
      new RegExp(`\\| \`${name}\` \\| \`(\\S+)\` \\| \`(\\S+)\``).exec(textOf('docs/operating.md')) ?? [];
    return [String(services[0]?.[1].environment?.[name]), cluster];
  };

  test('the engines are addressed as their adapters read addresses', () => {
    const eventStores = addresses('EVENTSTORE_URL').map((url) => url.replace(/[?&]tlsCaFile=[^&]*/, ''));
    expect(eventStores.map(readAddress)).toMatchObject([
      { name: 'esdb://kurrentdb:2113', secure: false },
      { name: 'esdb://kurrent-1:2113,kurrent-2:2113,kurrent-3:2113', secure: true },
    ]);
    const buses = addresses('BUS_URL').map((url) => {
      const [, scheme, rest = ''] = /^(kafkas?):(.*)$/.exec(url) ?? [];
      return kafkaSettings(scheme as 'kafka' | 'kafkas', rest);
    });
    expect(buses).toMatchObject([
      { brokers: ['kafka:9092'], partitions: 12, replication: 1 },
      { tls: {}, sasl: { mechanism: 'scram-sha-512' }, partitions: 12, replication: 3 },
    ]);
    for (const url of addresses('READSTORE_URL'))
      expect(url).toMatch(/^mongodb:\/\/[^/]+\/dutyledger\?replicaSet=rs0/);
  });

  test('Kafka is of the version that the tests run', () => {
    const [, tested] =
      /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([\d.]+)</.exec(
        textOf('infra/test-servers/kafka/pom.xml'),
      ) ?? [];
    expect(distributed.services['kafka']?.image).toBe(`apache/kafka:${tested}`);
  });

  test.each(processes)('%s starts a program that is there', (_, { command }) => {
    expect(command?.[0]).toBe('node');
    expect(existsSync(resolve(root, command?.[1] ?? ''))).toBe(true);
  });

  test('every service with a schema is in the topology', () => {
    expect(services.map(([name]) => name).sort()).toEqual(
      ['grid-events', 'lists', 'staffing'].filter((name) =>
        existsSync(resolve(root, `services/${name}/schema.graphql`)),
      ),
    );
  });

  test('as many instances of a service as wanted: nothing of it is there only once', () => {
    for (const [name, { ports, container_name, volumes }] of services) {
      // All instances share one folder of files.
      const shared = name === 'grid-events' ? { volumes: ['files:/data'] } : {};
      expect({ ports, container_name, volumes }).toEqual(shared);
    }
  });

  test('the health check asks the port that the process serves at', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/readyz' ? 200 : 404;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const check = async () => {
      const child = spawn(process.execPath, ['infra/healthcheck.mjs'], {
        cwd: root,
        env: { PORT: String(port) },
      });
      return (await once(child, 'close'))[0];
    };
    expect(await check()).toBe(0);
    await new Promise((closed) => server.close(closed));
    expect(await check()).toBe(1);
  });
});

describe('safety', () => {
  test.each(everything)('$name of $file has no more rights than it needs', ({ service }) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.user ?? '').not.toMatch(/^(0|root)/);
    const isEngine = service.networks?.includes('engines') && !service.networks.includes('graph');
    expect(service.read_only ?? isEngine).toBe(true);
  });

  test.each(everything)('$name of $file is of one version', ({ service: { image } }) => {
    expect(image).toMatch(/^[\w./-]+:(?!latest)[\w.-]+$/);
  });

  test('engines are reached by the services alone, and nothing is reached from other machines', () => {
    const { engines, bus, graph, telemetry } = distributed.networks;
    expect([engines, bus, graph, telemetry]).toEqual(Array(4).fill({ internal: true }));
    const inEngines = Object.entries(distributed.services).filter(([, { networks }]) =>
      networks?.includes('engines'),
    );
    expect(inEngines.map(([name]) => name).sort()).toEqual([
      'grid-events',
      'kafka',
      'kurrentdb',
      'lists',
      'mongodb',
      'staffing',
    ]);
    const onBus = Object.entries(distributed.services).filter(([, { networks }]) =>
      networks?.includes('bus'),
    );
    expect(onBus.map(([name]) => name).sort()).toEqual(['gateway', 'kafka']);
    for (const { service } of everything) {
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test('secrets come from outside and are asked for by name', () => {
    const example = textOf('infra/.env.example');
    const needed = FILES.flatMap(variablesOf).filter((variable) => variable.needed);
    expect(new Set(needed.map(({ name }) => name))).toEqual(new Set(Object.keys(GIVEN)));
    for (const { name } of needed) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    for (const { name } of FILES.flatMap(variablesOf)) expect(example).toContain(name);
    for (const { service } of everything) {
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        if (/SECRET|PASSWORD|TOKEN/.test(name)) expect(Object.values(GIVEN)).toContain(value);
      }
    }
  });
});

describe('start', () => {
  test('what is waited for tells when it is healthy', () => {
    // The Dockerfile has the check of our own image.
    const checked = Object.entries(distributed.services).filter(
      ([, { healthcheck, image }]) => healthcheck || image.startsWith('dutyledger:'),
    );
    const names = checked.map(([name]) => name);
    for (const { depends_on = {} } of Object.values(distributed.services)) {
      if (Array.isArray(depends_on)) continue;
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect([condition, names.includes(name)]).toEqual(['service_healthy', true]);
      }
    }
    for (const [, { depends_on }] of services) {
      expect(Object.keys(depends_on ?? {}).sort()).toEqual(['kafka', 'kurrentdb', 'mongodb']);
    }
  });

  test('whoever names a host shares a network with it', () => {
    for (const [name, { environment = {}, networks = [] }] of Object.entries(distributed.services)) {
      const hosts = Object.values(environment)
        .flatMap((value) => [...String(value).matchAll(/\w:\/\/([\w-]+):\d+/g)])
        .map(([, host = '']) => host);
      for (const host of hosts) {
        const there = distributed.services[host]?.networks ?? [];
        expect({ name, host, shared: there.some((one) => networks.includes(one)) }).toEqual({
          name,
          host,
          shared: true,
        });
      }
    }
  });

  test('every file that is mounted is there, and every volume that is named is declared', () => {
    for (const { file, service } of everything) {
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('.'))
          expect({ from, there: existsSync(resolve(root, from)) }).toEqual({ from, there: true });
        else expect(Object.keys(compose(file).volumes)).toContain(from);
      }
    }
  });
});

describe('what watches', () => {
  interface Prometheus {
    rule_files: string[];
    scrape_configs: {
      job_name: string;
      dns_sd_configs?: { names: string[]; port: number }[];
      static_configs?: { targets: string[] }[];
    }[];
  }
  const { rule_files, scrape_configs } = yaml<Prometheus>('infra/prometheus/prometheus.yml');

  test('Prometheus asks every instance of every process at its port', () => {
    const asked = scrape_configs.flatMap(({ job_name, dns_sd_configs = [] }) =>
      dns_sd_configs.map(({ names, port }) => [job_name, names.join(), port]),
    );
    expect(asked.sort()).toEqual(
      processes.map(([name, { environment }]) => [name, name, environment?.['PORT']]).sort(),
    );
  });

  test('Prometheus, its rules and the collector are given to each other as they are mounted', () => {
    const { prometheus, 'otel-collector': collector, grafana } = distributed.services;
    for (const file of rule_files) {
      expect(prometheus?.volumes).toContain(`./infra/prometheus/${file}:/etc/prometheus/${file}:ro`);
    }
    expect(prometheus?.command).toContain('--config.file=/etc/prometheus/prometheus.yml');
    expect(collector?.command).toEqual(['--config=/etc/otelcol/collector.yml']);
    expect(collector?.volumes).toEqual(['./infra/otel/collector.yml:/etc/otelcol/collector.yml:ro']);
    const { providers } = yaml<{ providers: { options: { path: string } }[] }>(
      'infra/grafana/provisioning/dashboards/dashboards.yml',
    );
    expect(grafana?.volumes).toContain(`./infra/grafana/dashboards:${providers[0]?.options.path}:ro`);
  });

  test('traces go to where they are taken', () => {
    interface Collector {
      receivers: { otlp: { protocols: { http: { endpoint: string } } } };
      exporters: { otlp: { endpoint: string } };
      service: {
        telemetry: { metrics: { readers: { pull: { exporter: { prometheus: { port: number } } } }[] } };
      };
    }
    const { receivers, exporters, service } = yaml<Collector>('infra/otel/collector.yml');
    const [, port] = receivers.otlp.protocols.http.endpoint.split(':');
    for (const [, { environment }] of processes) {
      expect(environment?.['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(`http://otel-collector:${port}`);
    }
    expect(exporters.otlp.endpoint).toBe('jaeger:4317');
    const figures = service.telemetry.metrics.readers[0]?.pull.exporter.prometheus.port;
    const targets = scrape_configs.find(({ job_name }) => job_name === 'otel-collector')?.static_configs?.[0]
      ?.targets;
    expect(targets).toEqual([`otel-collector:${figures}`]);
  });
});
