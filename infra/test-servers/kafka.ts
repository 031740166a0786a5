import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtOnce, freePort, listens, run, startServer, type TestServer } from './process.ts';

/** Apache Kafka, the real broker, from its jars at Maven Central: one node that is its own controller (KRaft). */
export interface KafkaServer extends TestServer {
  url: string;
  /** With password and TLS; of a server that was started `secure`. */
  secureUrl: string;
  /** Certificate that the secure listener is trusted by. */
  caFile: string;
}

export interface KafkaOptions {
  /** Kept when the server stops, ports included: started again on it, it is the same broker. Default: a temporary folder. */
  dataDir?: string;
  /** A second listener, with TLS and the users of SECURE_USER, at `secureUrl`. */
  secure?: boolean;
}

/** By PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
const SECURE_USER = { username: 'dutyledger', password: 'for-tests-only' };

const STORE_PASSWORD = 'for-tests-only';
const POM = join(import.meta.dirname, 'kafka', 'pom.xml');
const java = (jars: string) => [
  ...['-Xmx512m', '-XX:+UseSerialGC', '-Dorg.apache.logging.log4j.level=WARN'],
  ...['-cp', join(jars, '*')],
];

interface Place {
  folder: string;
  ports: { plain: number; secure: number; controller: number };
  secure: boolean;
}

/** Starts it on the loopback interface. Throws an Error with the reason, when Java or Maven is missing among them. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const jars = await fetchedJars();
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'kafka-')));
  const dispose = async () => {
    if (options.dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const place = await prepared(folder, jars, options.secure ?? false);
    const { plain, secure } = place.ports;
    const server = await startServer({
      name: 'Kafka',
      command: 'java',
      args: [...java(jars), 'kafka.Kafka', join(folder, 'server.properties')],
      logFile: join(folder, 'kafka.log'),
      ready: () => listens(plain),
      stopWithinMs: 20_000,
    });
    const { username, password } = SECURE_USER;
    const caFile = join(folder, 'ca.pem');
    return {
      pid: server.pid,
      url: `kafka://127.0.0.1:${plain}`,
      secureUrl: `kafkas://${username}:${password}@127.0.0.1:${secure}?ca=${encodeURIComponent(caFile)}`,
      caFile,
      stop: () => server.stop().then(dispose),
      kill: server.kill,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function fetchedJars(): Promise<string> {
  await run('java', ['-version']);
  const digest = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 12);
  return builtOnce(`kafka-${digest}`, async (target) => {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`, '-DincludeScope=runtime'];
    await run('mvn', ['--batch-mode', '--quiet', '--file', POM, ...goal]);
  });
}

/** A folder with formatted storage and settings; one that was prepared before is taken as it is. */
async function prepared(folder: string, jars: string, secure: boolean): Promise<Place> {
  const file = join(folder, 'place.json');
  const known = await access(file).then(
    () => true,
    () => false,
  );
  if (known) return JSON.parse(await readFile(file, 'utf8')) as Place;
  await mkdir(folder, { recursive: true });
  const ports = { plain: await freePort(), secure: await freePort(), controller: await freePort() };
  const place: Place = { folder, ports, secure };
  const settings = { ...plainSettings(place), ...(secure ? await secureSettings(place) : {}) };
  const properties = join(folder, 'server.properties');
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(properties, lines.join(''), { mode: 0o600 });
  const { username, password } = SECURE_USER;
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
  // The first of a random UUID's characters could be taken for that of an option.
  const cluster = `C${randomBytes(16).toString('base64url').slice(1)}`;
  const format = ['format', '--cluster-id', cluster, '--config', properties, ...(secure ? scram : [])];
  await run('java', [...java(jars), 'kafka.tools.StorageTool', ...format]);
  await writeFile(file, JSON.stringify(place));
  return place;
}

const plainSettings = ({ folder, ports }: Place) => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  listeners: `PLAINTEXT://127.0.0.1:${ports.plain},CONTROLLER://127.0.0.1:${ports.controller}`,
  'log.dirs': join(folder, 'data'),
  'auto.create.topics.enable': false,
  // A single node holds the only copy of everything.
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // Few partitions, so that they are loaded fast; nobody else joins, so that groups need not wait for them.
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.num.partitions': 4,
  'group.initial.rebalance.delay.ms': 0,
  // No client can keep the broker from stopping.
  'controlled.shutdown.enable': false,
});

async function secureSettings({ folder, ports }: Place) {
  const keyStore = join(folder, 'keys.p12');
  const store = ['-keystore', keyStore, '-storepass', STORE_PASSWORD, '-alias', 'kafka'];
  await run('keytool', [
    ...['-genkeypair', ...store, '-storetype', 'PKCS12', '-keyalg', 'EC', '-groupname', 'secp256r1'],
    ...['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1', '-ext', 'BC=ca:true', '-validity', '3650'],
  ]);
  await run('keytool', ['-exportcert', ...store, '-rfc', '-file', join(folder, 'ca.pem')]);
  const { username, password } = SECURE_USER;
  const module = 'org.apache.kafka.common.security';
  const scram = `${module}.scram.ScramLoginModule required;`;
  const { listeners } = plainSettings({ folder, ports, secure: true });
  const listener = 'listener.name.sasl_ssl';
  return {
    listeners: `${listeners},SASL_SSL://127.0.0.1:${ports.secure}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
    'ssl.keystore.location': keyStore,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.password': STORE_PASSWORD,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${listener}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_${username}="${password}";`,
    [`${listener}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: scram,
  };
}
