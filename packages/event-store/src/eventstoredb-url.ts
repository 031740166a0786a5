import { readFileSync } from 'node:fs';
import type { ChannelCredentialOptions, Credentials, SingleNodeOptions } from '@eventstore/db-client';

/** What a URL says, in the client's terms. `name` is the URL without credentials and options, for messages. */
export interface EventStoreDbAddress {
  name: string;
  secure: boolean;
  /** Of the client's three kinds of settings; they differ in where the nodes are named. */
  settings: SingleNodeOptions;
  channel: ChannelCredentialOptions;
  credentials: Credentials | undefined;
}

const SHAPE = /^(?:esdb|kurrentdb)(\+discover)?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?(?:\?([^#]*))?$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = 2113;

const EXAMPLE = 'esdb://user:password@host:2113?tls=true';

/** Options that are passed on as they are, in milliseconds or counts, by the names in the client. */
const NUMBERS = {
  keepaliveinterval: 'keepAliveInterval',
  keepalivetimeout: 'keepAliveTimeout',
  discoveryinterval: 'discoveryInterval',
  maxdiscoverattempts: 'maxDiscoverAttempts',
} as const;
const TEXTS = [
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
  'nodepreference',
  'connectionname',
] as const;

/**
 * Reads `esdb://`, `esdb+discover://`, `kurrentdb://` and `kurrentdb+discover://` URLs:
 * `[user:password@]host[:port][,host…][?tls=false&tlsCaFile=…&userCertFile=…&userKeyFile=…]`, percent-encoded. The
 * client's own reading is not used: what it cannot read it prints, with the password.
 * Throws Error with one message that never holds credentials.
 */
export function readAddress(url: string): EventStoreDbAddress {
  const [, discover, userInfo, authority = '', query = ''] = SHAPE.exec(url) ?? wrong('it has another form');
  const options = optionsOf(query);
  const hosts = authority.split(',').map(hostOf);
  const [first = wrong('it names no host')] = hosts;
  const secure = flagOf('tls', options.texts.tls, true);
  if (options.texts.nodepreference !== undefined && options.texts.nodepreference.toLowerCase() !== 'leader') {
    wrong('nodePreference can only be leader: what was acknowledged must be read at once');
  }
  const endpoint = `${first.address}:${first.port}`;
  const nodes = discover ? { discover: first } : hosts.length > 1 ? { endpoints: hosts } : { endpoint };
  const name = options.texts.connectionname;
  return {
    name: `${discover ? 'esdb+discover' : 'esdb'}://${hosts.map((host) => `${host.address}:${host.port}`)}`,
    secure,
    settings: {
      // One round of asking the nodes, each for two seconds: whoever calls tries again by itself.
      ...{ maxDiscoverAttempts: 1, gossipTimeout: 2 },
      ...options.numbers,
      ...(name === undefined ? {} : { connectionName: name }),
      ...(nodes as { endpoint: string }),
    },
    channel: secure ? certificatesOf(options.texts) : { insecure: true },
    credentials: userInfo === undefined ? undefined : credentialsOf(userInfo),
  };
}

function wrong(reason: string): never {
  throw new Error(`the URL of the event store cannot be used: ${reason}; it is written like ${EXAMPLE}`);
}

function hostOf(text: string): { address: string; port: number } {
  const [, address = wrong('a host is not written as host:port'), port] = HOST.exec(text) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65_535) wrong(`${number} is not a port`);
  return { address, port: number };
}

function credentialsOf(userInfo: string): Credentials {
  const parts = userInfo.split(':');
  if (parts.length !== 2 || parts.includes('')) wrong('credentials are not written as user:password');
  const [username = '', password = ''] = parts.map(decode);
  return { username, password };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong('a "%" in it is not followed by two hexadecimal digits');
  }
}

function optionsOf(query: string) {
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  const numbers: Partial<Record<(typeof NUMBERS)[keyof typeof NUMBERS], number>> & {
    gossipTimeout?: number;
  } = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    const key = name.toLowerCase();
    const value = decode(rest.join('='));
    if (key === 'tlsverifycert') {
      if (!flagOf(name, value, true))
        wrong('certificates are always verified; name their issuer with tlsCaFile');
    } else if (key === 'gossiptimeout') numbers.gossipTimeout = Math.max(1, numberOf(name, value) / 1_000);
    else if (key in NUMBERS) numbers[NUMBERS[key as keyof typeof NUMBERS]] = numberOf(name, value);
    else if (isText(key)) texts[key] = value;
    else wrong(`there is no option "${name}"`);
  }
  return { texts, numbers };
}

const isText = (key: string): key is (typeof TEXTS)[number] => (TEXTS as readonly string[]).includes(key);

function numberOf(name: string, value: string): number {
  return /^\d{1,9}$/.test(value) ? Number(value) : wrong(`${name} is not a whole number`);
}

function flagOf(name: string, value: string | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  return value === 'true' || (value === 'false' ? false : wrong(`${name} is neither true nor false`));
}

function certificatesOf(texts: ReturnType<typeof optionsOf>['texts']): ChannelCredentialOptions {
  const { tlscafile, usercertfile, userkeyfile } = texts;
  if ((usercertfile === undefined) !== (userkeyfile === undefined)) {
    wrong('userCertFile and userKeyFile are given together or not at all');
  }
  return {
    ...(tlscafile === undefined ? {} : { rootCertificate: contentOf('tlsCaFile', tlscafile) }),
    ...(usercertfile === undefined ? {} : { userCertFile: contentOf('userCertFile', usercertfile) }),
    ...(userkeyfile === undefined ? {} : { userKeyFile: contentOf('userKeyFile', userkeyfile) }),
  };
}

function contentOf(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return wrong(`${option} ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
