/** What every process is told by its environment. */
export interface ProcessSettings {
  host: string;
  port: number;
  production: boolean;
  logLevel: string;
}

/** An OpenID provider whose tokens are taken. */
export interface OidcSettings {
  issuer: string;
  audience: string;
  jwksUri?: string;
}

/** What a domain service's own process is told. */
export interface Settings extends ProcessSettings {
  eventStore: string;
  readStore: string;
  bus: string;
  /** Tokens signed by the gateway, or those of an OpenID provider when callers come without one. */
  tokens: { secret: string } | OidcSettings;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const SECRET_BYTES = 32;

/** Reads an environment; every mistake in it becomes one line in both languages. */
export class EnvironmentReader {
  readonly mistakes: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  mistake(zh: string, en: string): void {
    this.mistakes.push(`${zh} / ${en}`);
  }

  /** Empty when it is not set. */
  get(name: string): string {
    return this.#env[name]?.trim() ?? '';
  }

  required(name: string, zh: string, en: string): string {
    const value = this.get(name);
    if (value === '') this.mistake(`${name} 未设置：${zh}。`, `${name} is not set: ${en}.`);
    return value;
  }

  process(defaultPort: number): ProcessSettings {
    const port = this.get('PORT') || String(defaultPort);
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
      this.mistake('PORT 应为 0 至 65535 的整数。', 'PORT must be a whole number from 0 to 65535.');
    }
    const logLevel = this.get('LOG_LEVEL') || 'info';
    if (!LOG_LEVELS.includes(logLevel)) {
      const levels = LOG_LEVELS.join(', ');
      this.mistake(`LOG_LEVEL 应为以下之一：${levels}。`, `LOG_LEVEL must be one of ${levels}.`);
    }
    return {
      host: this.get('HOST') || '127.0.0.1',
      port: Number(port),
      production: this.get('NODE_ENV') === 'production',
      logLevel,
    };
  }

  /** Shared by the gateway and the services. */
  secret(): string {
    const secret = this.required(
      'INTERNAL_TOKEN_SECRET',
      '网关与各服务共用的密钥',
      'the secret that gateway and services share',
    );
    if (secret !== '' && Buffer.byteLength(secret) < SECRET_BYTES) {
      this.mistake(
        `INTERNAL_TOKEN_SECRET 至少需要 ${SECRET_BYTES} 字节。`,
        `INTERNAL_TOKEN_SECRET needs at least ${SECRET_BYTES} bytes.`,
      );
    }
    return secret;
  }

  oidc(): OidcSettings {
    const issuer = this.required('OIDC_ISSUER', '令牌签发者的网址', 'the URL of whoever issues the tokens');
    const audience = this.required('OIDC_AUDIENCE', '令牌的受众', 'the audience that tokens must name');
    const jwksUri = this.get('OIDC_JWKS_URI');
    for (const [name, value] of Object.entries({ OIDC_ISSUER: issuer, OIDC_JWKS_URI: jwksUri })) {
      if (value !== '' && !isHttpUrl(value)) this.mistake(`${name} 应为网址。`, `${name} must be a URL.`);
    }
    return { issuer, audience, ...(jwksUri === '' ? {} : { jwksUri }) };
  }
}

export const isHttpUrl = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** Reads the settings, or names every mistake: one line each, in both languages. */
export function readSettings(env: NodeJS.ProcessEnv, defaultPort: number): Settings | { mistakes: string[] } {
  const reader = new EnvironmentReader(env);
  const settings = {
    eventStore: reader.required(
      'EVENTSTORE_URL',
      '事件库地址，如 esdb://主机:2113、sqlite:./data/events.db',
      'where events are kept, e.g. esdb://host:2113 or sqlite:./data/events.db',
    ),
    readStore: reader.required(
      'READSTORE_URL',
      '读库地址，如 mongodb://主机/库名、sqlite:./data/read.db',
      'where read models are kept, e.g. mongodb://host/database or sqlite:./data/read.db',
    ),
    bus: reader.required(
      'BUS_URL',
      '消息总线地址，如 kafka://主机:9092、sqlite:./data/bus.db',
      'the bus to other services, e.g. kafka://host:9092 or sqlite:./data/bus.db',
    ),
    ...reader.process(defaultPort),
    tokens: tokensOf(reader),
  };
  return reader.mistakes.length > 0 ? { mistakes: reader.mistakes } : settings;
}

function tokensOf(reader: EnvironmentReader): Settings['tokens'] {
  const inside = reader.get('INTERNAL_TOKEN_SECRET') !== '';
  const outside = reader.get('OIDC_ISSUER') !== '' || reader.get('OIDC_AUDIENCE') !== '';
  if (inside !== outside) return inside ? { secret: reader.secret() } : reader.oidc();
  reader.mistake(
    '请设置 INTERNAL_TOKEN_SECRET（由网关转发），或同时设置 OIDC_ISSUER 和 OIDC_AUDIENCE（直接访问），二者择一。',
    'Set either INTERNAL_TOKEN_SECRET (requests come through the gateway) or both OIDC_ISSUER and OIDC_AUDIENCE (they come directly).',
  );
  return { secret: '' };
}
