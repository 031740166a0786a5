import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { ROLES, type Role } from '@dutyledger/subgraph-kit/identity';
import type { Command } from 'commander';
import { usageError } from '../failure.ts';
import type { Translate } from '../language.ts';
import { type Cli, dataDirOf, outputOf } from '../session.ts';
import { addExamples, parseDivision } from '../values.ts';

interface Options {
  role: Role[];
  division: string;
  organ?: string;
  name?: string;
  ttl: number;
}

/** What a trial needs: edit, publish, register organs and read everything. */
const TRIAL_ROLES: Role[] = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'LEGALITY_REVIEWER',
  'COUNTY_APPROVER',
  'ORGAN_REGISTRAR',
  'AUDITOR',
];
const COUNTRY = '000000000000';
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const LONGEST_SECONDS = 365 * SECONDS.d;

function parseRoles(value: string, t: Translate): Role[] {
  const roles = value.split(/[,，、]/).map((role) => role.trim().toUpperCase());
  const unknown = roles.find((role) => !ROLES.includes(role as Role));
  if (unknown === undefined) return roles as Role[];
  const known = ROLES.join(', ');
  throw usageError(
    t(`没有角色“${unknown}”；可用角色：${known}`, `No role "${unknown}"; there are: ${known}`),
  );
}

function parseLifetime(value: string, t: Translate): number {
  const [, amount = '', unit = 's'] = /^(\d{1,9})([smhd]?)$/.exec(value) ?? [];
  const seconds = Number(amount) * SECONDS[(unit || 's') as keyof typeof SECONDS];
  if (amount !== '' && seconds > 0 && seconds <= LONGEST_SECONDS) return seconds;
  throw usageError(
    t(
      `有效期应如 30m、12h、7d，最长 365d：${value}`,
      `A lifetime is like 30m, 12h, 7d, at most 365d: ${value}`,
    ),
  );
}

/** `token`: a development token from the data directory of a node on this machine. */
export function registerToken(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('token')
    .description(
      t(
        '签发开发令牌（仅限开发节点；生产环境用 OIDC）。',
        'Make a development token (for development nodes; production uses OIDC).',
      ),
    )
    .option(
      '--role <role>',
      t(
        `角色，可多次给出或用逗号分隔（默认 ${TRIAL_ROLES.join('、')}）：${ROLES.join('、')}`,
        `role, may be repeated or separated by commas (default ${TRIAL_ROLES.join(', ')}): ${ROLES.join(', ')}`,
      ),
      (value, earlier: Role[] = []) => [...earlier, ...parseRoles(value, t)],
    )
    .option(
      '--division <code>',
      t('权限所及的行政区划（默认全国）', "division that the caller's rights end at (default: the country)"),
      (value) => parseDivision(value, t),
      COUNTRY,
    )
    .option('--organ <id>', t('所在机构的编号', 'id of the organ that the caller acts for'))
    .option('--name <name>', t('姓名', "the caller's name"))
    .option(
      '--ttl <time>',
      t('有效期，如 30m、12h、7d（默认 12h）', 'lifetime, like 30m, 12h, 7d (default 12h)'),
      (value) => parseLifetime(value, t),
      12 * SECONDS.h,
    )
    .action(async (options: Options, self: Command) => {
      const out = outputOf(cli, self);
      const roles = [...new Set(options.role ?? TRIAL_ROLES)];
      const { division, organ, name, ttl: lifetimeSeconds } = options;
      const issuer = await devIssuer(dataDirOf(cli, self));
      const token = await issuer.issue({
        roles,
        division,
        lifetimeSeconds,
        ...(organ === undefined ? {} : { organ }),
        ...(name === undefined ? {} : { name }),
      });
      out.line(token);
      out.data({ token, roles, division, organ: organ ?? null, lifetimeSeconds });
    });
  addExamples(
    command,
    t,
    'dutyledger token',
    'dutyledger token --role AUDITOR --division 370114 --ttl 1h',
    'export DUTYLEDGER_TOKEN=$(npx dutyledger token --role LIST_EDITOR,LIST_PUBLISHER)',
  );
}
