import { readFileSync } from 'node:fs';
import { BusError } from './bus.ts';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export interface KafkaSettings {
  /** `host:port` each. */
  brokers: string[];
  /** Undefined: not encrypted. `ca` is the text of the certificates to trust instead of the system's. */
  tls?: { ca?: string };
  sasl?: { mechanism: SaslMechanism; username: string; password: string };
  /** Of the topics that the bus creates. */
  partitions: number;
  /** Undefined: as the broker is set. */
  replication?: number;
  /** Put before the names of topics, groups and transactions, so that several installations share a cluster. */
  prefix: string;
  /** After so long without a sign of life another member takes over. */
  sessionMs: number;
}

const FORM =
  'kafka://[user:password@]host:port[,host:port…][?tls=true&ca=<file>&mechanism=plain|scram-sha-256|scram-sha-512&partitions=<n>&replication=<n>&prefix=<text>&session=<ms>]';
const OPTIONS = ['tls', 'ca', 'mechanism', 'partitions', 'replication', 'prefix', 'session'];
const MECHANISMS: readonly string[] = ['plain', 'scram-sha-256', 'scram-sha-512'] satisfies SaslMechanism[];
const DEFAULT_PORT = 9092;
/** As many members of a group can work at once; more can't be had later without breaking the order per key. */
const DEFAULT_PARTITIONS = 12;
const DEFAULT_SESSION_MS = 10_000;

/** The URL itself may hold a password and is not repeated in messages. */
const wrong = (what: string, cause?: unknown) =>
  new BusError('INVALID', `Kafka URL: ${what}; its form is ${FORM}`, { cause });

/**
 * Reads what follows the scheme of a Kafka URL; `kafkas:` is `kafka:` with TLS. Throws INVALID with what is wrong,
 * never with the URL.
 */
export function kafkaSettings(scheme: 'kafka' | 'kafkas', rest: string): KafkaSettings {
  const [, user, hosts = '', query = ''] = /^\/\/(?:([^@/?]*)@)?([^@/?]*)\/?(?:\?(.*))?$/s.exec(rest) ?? [];
  if (hosts === '') throw wrong('no broker');
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (!OPTIONS.includes(name)) throw wrong(`unknown option ${JSON.stringify(name)}`);
  }
  const tls = options.get('tls') ?? (scheme === 'kafkas' ? 'true' : 'false');
  if (tls !== 'true' && tls !== 'false') throw wrong('tls is true or false');
  const ca = options.get('ca');
  if (ca !== null && tls === 'false') throw wrong('ca without tls');
  const prefix = options.get('prefix') ?? '';
  if (!/^[a-zA-Z0-9._-]{0,40}$/.test(prefix)) throw wrong('prefix: up to 40 of a-z, A-Z, 0-9, ".", "_", "-"');
  const replication = options.has('replication') ? whole(options, 'replication', 1, 32_767, 0) : undefined;
  return {
    brokers: hosts.split(',').map(broker),
    ...(tls === 'true' ? { tls: ca === null ? {} : { ca: certificates(ca) } } : {}),
    ...(user === undefined ? {} : { sasl: credentials(user, options.get('mechanism') ?? 'plain') }),
    partitions: whole(options, 'partitions', 1, 10_000, DEFAULT_PARTITIONS),
    ...(replication === undefined ? {} : { replication }),
    prefix,
    sessionMs: whole(options, 'session', 1_000, 300_000, DEFAULT_SESSION_MS),
  };
}

function whole(options: URLSearchParams, name: string, min: number, max: number, otherwise: number): number {
  const text = options.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw wrong(`${name}: ${min} to ${max}`);
  return value;
}

function broker(text: string): string {
  const [, host, port = String(DEFAULT_PORT)] = /^([\w.-]+|\[[\da-f:]+\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw wrong(`${JSON.stringify(text)} is no host:port`);
  }
  return `${host}:${port}`;
}

function credentials(user: string, mechanism: string): NonNullable<KafkaSettings['sasl']> {
  if (!MECHANISMS.includes(mechanism)) throw wrong(`mechanism is one of ${MECHANISMS.join(', ')}`);
  const [, username, password] = /^([^:]+):(.+)$/s.exec(user) ?? [];
  if (username === undefined || password === undefined) throw wrong('a user has a password');
  try {
    const decoded = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
    return { mechanism: mechanism as SaslMechanism, ...decoded };
  } catch {
    throw wrong('user and password are percent-encoded');
  }
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`ca: ${error instanceof Error ? error.message : error}`, error);
  }
}
