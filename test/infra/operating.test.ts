import { expect, test } from 'vitest';
import { compose, textOf, yaml } from './files.ts';

/** The operations guide says what is there. */

const guide = textOf('docs/operating.md');
const distributed = compose('docker-compose.yml');

test('every alert says what to do, and there is no other', () => {
  const { groups } = yaml<{ groups: { rules: { alert: string }[] }[] }>('infra/prometheus/alerts.yml');
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const table = guide.slice(guide.indexOf('| alert ('), guide.indexOf('**Logs**'));
  const told = [...table.matchAll(/^\| ([A-Z]\w+) \|/gm)].map(([, alert]) => alert);
  expect(told).toEqual(alerts);
});

test('commands name services and volumes of the compose file', () => {
  const services = Object.keys(distributed.services);
  for (const [, names = ''] of guide.matchAll(/docker compose (?:stop|rm --stop) ([\w -]+)/g)) {
    expect(services).toEqual(expect.arrayContaining(names.trim().split(' ')));
  }
  for (const [, name] of guide.matchAll(/--scale ([\w-]+)=/g)) expect(services).toContain(name);
  const volumes = [...guide.matchAll(/docker volume rm dutyledger_(\w+)/g)].map(([, name]) => name);
  expect(volumes.length).toBeGreaterThan(0);
  expect(Object.keys(distributed.volumes)).toEqual(expect.arrayContaining(volumes));
});

test('addresses and settings are quoted as they stand in the compose file', () => {
  const { environment = {} } = distributed.services['lists'] ?? {};
  for (const name of ['EVENTSTORE_URL', 'READSTORE_URL', 'BUS_URL']) {
    expect(guide).toContain(`| \`${name}\` | \`${environment[name]}\` |`);
  }
  const engines = {
    ...distributed.services['kafka']?.environment,
    ...distributed.services['kurrentdb']?.environment,
  };
  const quoted = [...guide.matchAll(/`(K\w+_\w+): ([\w-]+)`/g)].filter(([, name = '']) => name in engines);
  for (const [, name = '', value] of quoted.filter(([, , given]) => given !== '3')) {
    expect([name, String(engines[name])]).toEqual([name, value]);
  }
  expect(quoted.length).toBeGreaterThan(2);
});

test('nothing on Kafka expires: copies are rebuilt from it', () => {
  const { environment = {} } = distributed.services['kafka'] ?? {};
  expect([environment['KAFKA_LOG_RETENTION_MS'], environment['KAFKA_LOG_RETENTION_BYTES']]).toEqual([-1, -1]);
});

test('commands of the command line are there', () => {
  const known = textOf('docs/guides/command-line.md');
  const used = new Set([...guide.matchAll(/npx dutyledger (\w+)/g)].map(([, command]) => command));
  for (const command of used) expect(known).toContain(`dutyledger ${command} `);
});

test('every chapter that is announced is there', () => {
  const chapters = new Set(
    [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  for (const [, anchor] of guide.matchAll(/\]\(#([\w-]+)\)/g)) expect(chapters).toContain(anchor);
});
