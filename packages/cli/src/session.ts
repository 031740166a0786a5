import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { Role } from '@dutyledger/subgraph-kit/identity';
import type { Command } from 'commander';
import { type Client, createClient } from './client.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Language, Translate } from './language.ts';
import { createOutput, type Output } from './output.ts';

/** What every command is given when it is declared. */
export interface Cli {
  language: Language;
  t: Translate;
  env: NodeJS.ProcessEnv;
}

export const DEFAULT_URL = 'http://127.0.0.1:4000/graphql';
export const DEFAULT_DATA = './data';

/** Options that every command takes. */
export interface GlobalOptions {
  url?: string;
  token?: string;
  json?: boolean;
  progress?: boolean;
  data?: string;
}

/** A command at work: the server as its caller sees it, and where answers go. */
export interface Session {
  client: Client;
  out: Output;
  t: Translate;
}

const globals = (command: Command): GlobalOptions => command.optsWithGlobals();

export const outputOf = (cli: Cli, command: Command): Output => {
  const { json = false, progress = false } = globals(command);
  return createOutput({ json, progress, t: cli.t });
};

/** The data directory of a node on this machine: --data, DATA_DIR, ./data. */
export const dataDirOf = (cli: Cli, command: Command): string =>
  globals(command).data ?? (cli.env['DATA_DIR'] || DEFAULT_DATA);

const ISSUER_FILE = 'development-issuer.json';

/** Begins a command that talks to the server. `roles`: those that the command needs, for a development token. */
export async function openSession(cli: Cli, command: Command, roles: readonly Role[]): Promise<Session> {
  const { t, language, env } = cli;
  const out = outputOf(cli, command);
  const url = globals(command).url ?? (env['DUTYLEDGER_URL'] || DEFAULT_URL);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    const message = t(`不是网址：${url}`, `Not a URL: ${url}`);
    throw new CliFailure(EXIT.usage, { code: 'USAGE', message });
  }
  const token =
    globals(command).token ?? (env['DUTYLEDGER_TOKEN'] || (await developmentToken(cli, command, out, roles)));
  const onRetry = (): void => out.note(t('连接中断，正在重试……', 'Connection lost, trying again …'));
  return { client: createClient({ url, token, language, t, onRetry }), out, t };
}

async function developmentToken(
  cli: Cli,
  command: Command,
  out: Output,
  roles: readonly Role[],
): Promise<string> {
  const dataDir = dataDirOf(cli, command);
  if (!existsSync(join(dataDir, ISSUER_FILE))) {
    const message = cli.t(
      `没有访问令牌：请用 --token 或环境变量 DUTYLEDGER_TOKEN 给出，或用 --data 指向开发节点的数据目录（${dataDir} 中没有开发签发器）。`,
      `No access token: give one with --token or DUTYLEDGER_TOKEN, or point --data at the data directory of a development node (there is no development issuer in ${dataDir}).`,
    );
    throw new CliFailure(EXIT.notAuthorised, { code: 'UNAUTHENTICATED', message });
  }
  const issuer = await devIssuer(dataDir);
  out.note(
    cli.t(
      `未给出令牌：使用 ${dataDir} 的开发令牌（${roles.join('、')}）。`,
      `No token given: using a development token of ${dataDir} (${roles.join(', ')}).`,
    ),
  );
  return issuer.issue({ roles, subject: 'cli', name: '命令行 Command line', lifetimeSeconds: 3_600 });
}
