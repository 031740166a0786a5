import { parseArgs } from 'node:util';
import type { Text } from '@dutyledger/event-store/decider';
import {
  Open311Mistakes,
  type Open311Settings,
  open311Settings,
} from '@dutyledger/grid-events/open311/settings';
import { masterKeysOf } from '@dutyledger/grid-events/own-stores';
import type { GridEventsDependencies } from '@dutyledger/grid-events/service';
import { webhookTargetsOf } from '@dutyledger/grid-events/webhook/settings';
import { readMasterKeys } from '@dutyledger/personal-data/master-keys';
import type { ServiceDependencies } from '@dutyledger/subgraph-kit/service';

/** What a standalone node runs on. */
export interface StandaloneConfig {
  /** Holds the stores, and in development the keys that it makes itself; made when missing. */
  dataDir: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** No introspection, no explorer page, no development issuer. */
  production: boolean;
  identity: { kind: 'development' } | { kind: 'oidc'; issuer: string; audience: string; jwksUri?: string };
  logLevel: string;
  /** Master keys of personal data. Without them development makes one in the data directory; production does not start. */
  masterKeys?: string;
  /** URL of the blob store. Default: a folder in the data directory. */
  blobs?: string;
  /** Whom the Open311 adapter serves. Without it there is none. */
  open311?: Open311Settings;
  /** Where webhooks may be sent beside public addresses. */
  webhookTargets?: GridEventsDependencies['webhookTargets'];
  /** What time it is, for tests. Default: the machine's clock. */
  clock?: ServiceDependencies['clock'];
}

export const DEFAULT_PORT = 4000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const HELP = `npm start -- [--data <目录 dir>] [--port <端口 port>] [--host <地址 address>]

  --data   DATA_DIR   数据目录，默认 ./data                     data directory, default ./data
  --port   PORT       端口，默认 ${DEFAULT_PORT}；0 为任意空闲端口          port, default ${DEFAULT_PORT}; 0 for any that is free
  --host   HOST       监听地址，默认 127.0.0.1                  address to listen at, default 127.0.0.1
           LOG_LEVEL  日志级别，默认 warn（生产环境 info）      log level, default warn (info in production)
           NODE_ENV   production：须设置 OIDC_ISSUER、OIDC_AUDIENCE（可选 OIDC_JWKS_URI）
                      production: OIDC_ISSUER and OIDC_AUDIENCE are needed (OIDC_JWKS_URI may be given)
           PERSONAL_DATA_KEYS, PERSONAL_DATA_KEYS_FILE
                      个人信息主密钥，生产环境必需           master keys of personal data, needed in production
           BLOBSTORE_URL
                      附件存储，默认数据目录下的 blobs        where files are kept, default blobs in the data directory
           OPEN311_FILE
                      Open311 接口的配置文件，默认不启用      file that sets up the Open311 adapter, default off
           WEBHOOK_ALLOW
                      webhook 可发往的内网主机和网段         hosts and ranges inside that webhooks may be sent to
`;

type Values = { [name in keyof typeof OPTIONS]?: string | boolean };

/** The settings, every mistake in them, or the wish to see the help. */
export type ReadConfig = { config: StandaloneConfig } | { mistakes: Text[] } | { help: true };

function readArgs(args: readonly string[]): Values | Text {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { 'zh-CN': `启动参数有误：${told}`, en: `Wrong arguments: ${told}` };
  }
}

function identityOf(env: NodeJS.ProcessEnv, production: boolean): StandaloneConfig['identity'] | Text {
  const { OIDC_ISSUER: issuer = '', OIDC_AUDIENCE: audience = '', OIDC_JWKS_URI: jwksUri = '' } = env;
  if (issuer === '' && audience === '' && !production) return { kind: 'development' };
  if (issuer === '' || audience === '') {
    const missing = [issuer ? '' : 'OIDC_ISSUER', audience ? '' : 'OIDC_AUDIENCE'].filter(Boolean).join(', ');
    return production
      ? {
          'zh-CN': `生产环境（NODE_ENV=production）不使用开发令牌签发器，须设置 ${missing}。`,
          en: `In production (NODE_ENV=production) there is no development issuer: set ${missing}.`,
        }
      : {
          'zh-CN': `OIDC_ISSUER 和 OIDC_AUDIENCE 须一并设置，缺少 ${missing}。`,
          en: `OIDC_ISSUER and OIDC_AUDIENCE belong together: ${missing} is missing.`,
        };
  }
  for (const [name, value] of Object.entries({ OIDC_ISSUER: issuer, OIDC_JWKS_URI: jwksUri })) {
    if (value === '' || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) continue;
    return { 'zh-CN': `${name} 应为网址：${value}`, en: `${name} must be a URL: ${value}` };
  }
  return { kind: 'oidc', issuer, audience, ...(jwksUri === '' ? {} : { jwksUri }) };
}

/** The master keys of personal data, as the environment gives them. */
function personalDataOf(env: NodeJS.ProcessEnv, production: boolean): { masterKeys?: string } | Text {
  try {
    const masterKeys = masterKeysOf(env);
    if (masterKeys !== undefined) {
      readMasterKeys(masterKeys);
      return { masterKeys };
    }
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return {
      'zh-CN': `个人信息主密钥（PERSONAL_DATA_KEYS、PERSONAL_DATA_KEYS_FILE）有误：${told}`,
      en: `The master keys of personal data (PERSONAL_DATA_KEYS, PERSONAL_DATA_KEYS_FILE) cannot be used: ${told}`,
    };
  }
  if (!production) return {};
  return {
    'zh-CN':
      '生产环境须以 PERSONAL_DATA_KEYS 或 PERSONAL_DATA_KEYS_FILE 给出个人信息主密钥（openssl rand -base64 32），并与数据分开保管。',
    en: 'In production the master key of personal data is given in PERSONAL_DATA_KEYS or PERSONAL_DATA_KEYS_FILE (openssl rand -base64 32) and kept apart from the data.',
  };
}

/** The Open311 adapter, where the environment names its file. */
function open311Of(env: NodeJS.ProcessEnv): { open311?: Open311Settings } | Text[] {
  try {
    const open311 = open311Settings(env);
    return open311 ? { open311 } : {};
  } catch (error) {
    if (error instanceof Open311Mistakes) return error.texts;
    throw error;
  }
}

/** Reads arguments and environment; arguments win. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): ReadConfig {
  const values = readArgs(args);
  if ('en' in values) return { mistakes: [values] };
  if (values.help) return { help: true };
  const mistakes: Text[] = [];
  const production = env['NODE_ENV'] === 'production';
  const given = (name: keyof Values, variable: string, otherwise: string): string =>
    String(values[name] ?? (env[variable] || otherwise));
  const dataDir = given('data', 'DATA_DIR', './data');
  const port = given('port', 'PORT', String(DEFAULT_PORT));
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    mistakes.push({
      'zh-CN': `端口（--port、PORT）应为 0 至 65535 的整数：${port}`,
      en: `The port (--port, PORT) must be a whole number from 0 to 65535: ${port}`,
    });
  }
  if (dataDir.trim() === '') {
    mistakes.push({
      'zh-CN': '数据目录（--data、DATA_DIR）不能为空。',
      en: 'The data directory (--data, DATA_DIR) must not be empty.',
    });
  }
  const logLevel = env['LOG_LEVEL'] || (production ? 'info' : 'warn');
  if (!LOG_LEVELS.includes(logLevel)) {
    const levels = LOG_LEVELS.join(', ');
    mistakes.push({
      'zh-CN': `LOG_LEVEL 应为以下之一：${levels}；现为 ${logLevel}`,
      en: `LOG_LEVEL must be one of ${levels}; it is ${logLevel}`,
    });
  }
  const identity = identityOf(env, production);
  if ('en' in identity) return { mistakes: [...mistakes, identity] };
  const personal = personalDataOf(env, production);
  if ('en' in personal) return { mistakes: [...mistakes, personal] };
  const open311 = open311Of(env);
  if (Array.isArray(open311)) mistakes.push(...open311);
  const webhookTargets = webhookTargetsOf(env);
  if ('en' in webhookTargets) mistakes.push(webhookTargets);
  if (mistakes.length > 0 || Array.isArray(open311) || 'en' in webhookTargets) return { mistakes };
  const host = given('host', 'HOST', '127.0.0.1');
  const { BLOBSTORE_URL: blobs = '' } = env;
  const stores = {
    ...personal,
    ...open311,
    ...(env['WEBHOOK_ALLOW'] && { webhookTargets }),
    ...(blobs === '' ? {} : { blobs }),
  };
  return { config: { dataDir, host, port: Number(port), production, identity, logLevel, ...stores } };
}
