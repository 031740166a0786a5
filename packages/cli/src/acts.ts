import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { Role } from '@dutyledger/subgraph-kit/identity';
import { type Command, Option } from 'commander';
import { usageError } from './failure.ts';
import { organId } from './lists.ts';
import { type Cli, openSession, type Session } from './session.ts';
import { addChangeOptions, type BasisInput, idempotencyKey, parseDay } from './values.ts';

/** Acts on a case or a call: one command each, whose options become the input of one mutation. */

/** An option of an act, and what it is in the input. */
export interface ActOption {
  /** As commander writes it: `--to <organ>`, `--close`. */
  flags: string;
  zh: string;
  en: string;
  required?: boolean;
  many?: boolean;
  choices?: readonly string[];
  /** How its value goes into the input, under its own name in camel case by default. */
  as?: (value: string | boolean | string[]) => Record<string, unknown>;
  kind?: 'organ' | 'day' | 'count';
}

export interface Act {
  name: string;
  zh: string;
  en: string;
  /** The mutation, and the type of its input. */
  field: string;
  input: string;
  roles: readonly Role[];
  options?: readonly ActOption[];
  /** Field of the input that says the reason too. */
  reasonAs?: string;
}

export interface ActFamily {
  /** `case` or `call`: the field of the payload. */
  node: string;
  /** Fields of it that are shown. */
  selection: string;
  /** The rule that acts rest on where no other ground is given. */
  article: string;
  acts: readonly Act[];
  /** What is said once it is done. */
  done(session: Session, node: Record<string, unknown>): void;
}

interface Given {
  reason: string;
  basis?: BasisInput[];
  key?: string;
  [option: string]: unknown;
}

interface Payload {
  repeated: boolean;
  pending: boolean;
  [node: string]: unknown;
}

/** `--third-party <name>` → `thirdParty`. */
const nameOf = (option: ActOption): string => new Option(option.flags).attributeName();

export const ground = (article: string): BasisInput[] => [{ title: 'DutyLedger domain rules', article }];

/** Options of whatever is recorded in the name of its author: why, on what ground, and which command it is. */
export function addRecordOptions(command: Command, t: Cli['t']): Command {
  return addChangeOptions(command, t).option(
    '--key <key>',
    t(
      '幂等键：同一键的命令只执行一次（默认由内容和日期得出，同一天内容相同即为同一命令）',
      'idempotency key: commands with the same key are carried out once (default: from content and day)',
    ),
  );
}

/** The key of a command whose content may be wanted again another day. */
export const keyOf = (given: string | undefined, ...content: unknown[]): string =>
  given ?? idempotencyKey(chinaDate(new Date().toISOString()), ...content);

function checked(option: ActOption, value: string, t: Cli['t']): string | number {
  if (option.kind === 'day') return parseDay(value, t);
  if (option.kind !== 'count') return value;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw usageError(
    t(`${option.flags} 应为正整数：${value}`, `${option.flags} takes a whole number: ${value}`),
  );
}

async function readValue(session: Session, option: ActOption, given: unknown, division: string) {
  const { t } = session;
  const one = async (value: string) =>
    option.kind === 'organ' ? organId(session, division, value) : checked(option, value, t);
  if (Array.isArray(given)) return Promise.all(given.map(one));
  return typeof given === 'string' ? one(given) : given;
}

/** The county in an id such as case:370114-1 or call:370114000000-7; organs are named within it. */
const countyOf = (id: string): string => (/^\w+:(\d{6,12})-/.exec(id)?.[1] ?? '').padEnd(12, '0');

async function inputOf(session: Session, act: Act, id: string, given: Given): Promise<object> {
  const input: Record<string, unknown> = { id };
  if (act.reasonAs) input[act.reasonAs] = given.reason;
  for (const option of act.options ?? []) {
    const name = nameOf(option);
    const value = await readValue(session, option, given[name], countyOf(id));
    if (value === undefined) continue;
    const { as = (own) => ({ [name]: own }) } = option;
    const fields = as(value as string | boolean | string[]);
    for (const [field, part] of Object.entries(fields)) {
      const known = input[field];
      input[field] =
        typeof known === 'object' && typeof part === 'object' ? { ...known, ...(part as object) } : part;
    }
  }
  return input;
}

async function carryOut(
  cli: Cli,
  family: ActFamily,
  act: Act,
  id: string,
  given: Given,
  self: Command,
): Promise<void> {
  const session = await openSession(cli, self, act.roles);
  const { client, out, t } = session;
  const input = await inputOf(session, act, id, given);
  const { reason, basis = ground(family.article), key } = given;
  const change = { reason, basis, idempotencyKey: keyOf(key, act.field, input, reason) };
  const mutation = `mutation ($input: ${act.input}!) { ${act.field}(input: $input) {
    ${family.node} { ${family.selection} } repeated pending } }`;
  const answer = await client.ask<Record<string, Payload>>(mutation, { input: { ...input, change } });
  const payload = answer[act.field] as Payload;
  family.done(session, payload[family.node] as Record<string, unknown>);
  if (payload.repeated) {
    out.note(
      t(
        '此命令先前已经执行，以上是当时的结果；要再做一次，请用 --key 另给一个键。',
        'The command was carried out before; this is its first answer. Give another --key to do it again.',
      ),
    );
  }
  out.data(payload);
}

function optionOf(option: ActOption, t: Cli['t']): Option {
  const { flags, zh, en, choices, required = false, many = false } = option;
  const listed = choices === undefined ? '' : t(`：${choices.join('、')}`, `: ${choices.join(', ')}`);
  const made = new Option(flags, `${t(zh, en)}${listed}`).makeOptionMandatory(required);
  if (choices) made.choices(choices);
  if (many) made.argParser((value: string, earlier: string[] = []) => [...earlier, value]);
  return made;
}

/** Adds one subcommand for each act of the family. */
export function registerActs(parent: Command, cli: Cli, family: ActFamily): void {
  const { t } = cli;
  for (const act of family.acts) {
    const command = parent.command(act.name).description(t(act.zh, act.en)).argument('<id>', t('编号', 'id'));
    for (const option of act.options ?? []) command.addOption(optionOf(option, t));
    addRecordOptions(command, t);
    command.options.find(({ long }) => long === '--reason')?.makeOptionMandatory();
    command.action((id: string, given: Given, self: Command) => carryOut(cli, family, act, id, given, self));
  }
}
