/** What the service's own process is told by its environment. */
export interface Settings {
  eventStore: string;
  readStore: string;
  bus: string;
  host: string;
  port: number;
  production: boolean;
  logLevel: string;
  /** Tokens signed by the gateway, or those of an OpenID provider when callers come without one. */
  tokens: { secret: string } | { issuer: string; audience: string };
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Reads the settings, or names every mistake: one line each, in both languages. */
export function readSettings(env: NodeJS.ProcessEnv, defaultPort: number): Settings | { mistakes: string[] } {
  const mistakes: string[] = [];
  const required = (name: string, what: string, zh: string): string => {
    const value = env[name]?.trim() ?? '';
    if (value === '') mistakes.push(`${name} 未设置：${zh}。 / ${name} is not set: ${what}.`);
    return value;
  };
  const settings = {
    eventStore: required(
      'EVENTSTORE_URL',
      'where events are kept, e.g. sqlite:./data/events.db',
      '事件库地址',
    ),
    readStore: required(
      'READSTORE_URL',
      'where read models are kept, e.g. sqlite:./data/read.db',
      '读库地址',
    ),
    bus: required('BUS_URL', 'the bus to other services, e.g. sqlite:./data/bus.db', '消息总线地址'),
    host: env['HOST'] ?? '127.0.0.1',
    port: Number(env['PORT'] ?? defaultPort),
    production: env['NODE_ENV'] === 'production',
    logLevel: env['LOG_LEVEL'] ?? 'info',
  };
  if (!Number.isInteger(settings.port) || settings.port < 0 || settings.port > 65_535) {
    mistakes.push(`PORT 应为 0 至 65535 的整数。 / PORT must be a whole number from 0 to 65535.`);
  }
  if (!LOG_LEVELS.includes(settings.logLevel)) {
    const levels = LOG_LEVELS.join(', ');
    mistakes.push(`LOG_LEVEL 应为以下之一：${levels}。 / LOG_LEVEL must be one of ${levels}.`);
  }
  const tokens = tokensOf(env);
  if (typeof tokens === 'string') return { mistakes: [...mistakes, tokens] };
  return mistakes.length > 0 ? { mistakes } : { ...settings, tokens };
}

function tokensOf(env: NodeJS.ProcessEnv): Settings['tokens'] | string {
  const { INTERNAL_TOKEN_SECRET: secret, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = env;
  if (secret && !issuer && !audience) {
    return Buffer.byteLength(secret) >= 32
      ? { secret }
      : 'INTERNAL_TOKEN_SECRET 至少需要 32 字节。 / INTERNAL_TOKEN_SECRET needs at least 32 bytes.';
  }
  if (!secret && issuer && audience) return { issuer, audience };
  return (
    '请设置 INTERNAL_TOKEN_SECRET（由网关转发），或同时设置 OIDC_ISSUER 和 OIDC_AUDIENCE（直接访问），二者择一。 / ' +
    'Set either INTERNAL_TOKEN_SECRET (requests come through the gateway) or both OIDC_ISSUER and OIDC_AUDIENCE (they come directly).'
  );
}
