import { hash } from 'node:crypto';
import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { unwrap } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { readClassFile } from './class-file.ts';
import {
  type ClassPolicyCommand,
  type ClassPolicyEvent,
  type ClassSetting,
  classPolicies,
  classPolicyStream,
} from './class-policy.ts';
import { type Limit, type Phase, policyInForce } from './policy.ts';

/** Mutations of classes of cases and their limits (G-8). */

type Ctx = GridEventsContext;

const policyFrom = ({ grid }: Ctx, division: string, caseClass: string, at: string) =>
  policyInForce(grid.projections, { division, caseClass, at });

interface ChangeOf {
  division: string;
  effectiveFrom?: string | null;
  change: ChangeInput;
}

/** The command with what every command of the division carries, and its surroundings. */
function prepared(context: Ctx, operation: string, input: ChangeOf, content: unknown) {
  const { division, change } = input;
  requireDivision(context, division, 'division');
  const today = todayOf(context);
  const effectiveFrom = input.effectiveFrom ?? today;
  const around = commandContext(context, operation, change, {
    division,
    effectiveAt: effectiveFrom,
    content,
  });
  return { given: { division, effectiveFrom, today }, around };
}

async function carryOut(context: Ctx, operation: string, input: ChangeOf, step: Step, content: unknown) {
  const { given, around } = prepared(context, operation, input, content);
  const { grid, locale } = context;
  const stream = classPolicyStream(input.division);
  const done = await mutate(grid, locale, classPolicies, stream, { ...given, ...step }, around);
  return { ...done, effectiveAt: given.effectiveFrom };
}

/** A command without what every command carries. */
type Step = ClassPolicyCommand extends infer C
  ? C extends ClassPolicyCommand
    ? Omit<C, 'division' | 'effectiveFrom' | 'today'>
    : never
  : never;

interface SettingInput extends ChangeOf, Partial<Omit<ClassSetting, 'caseClass' | 'limits' | 'stages'>> {
  caseClass: string;
  limits?: { phase: Uppercase<Phase>; limit: Limit }[] | null;
  stages?: { name: string; limit: Limit }[] | null;
}

const text = (given: string | null | undefined): string | null => given?.trim() || null;
const limitOf = ({ amount, unit }: Limit): Limit => ({ amount, unit });

function settingOf(input: SettingInput): ClassSetting {
  const caseClass = input.caseClass.trim();
  return {
    caseClass,
    name: text(input.name) ?? caseClass,
    category: text(input.category),
    limits: Object.fromEntries(
      (input.limits ?? []).map(({ phase, limit }) => [phase.toLowerCase(), limitOf(limit)]),
    ),
    limitText: text(input.limitText),
    stages: (input.stages ?? []).map(({ name, limit }) => ({ name: name.trim(), limit: limitOf(limit) })),
    amberAtShare: input.amberAtShare ?? null,
    escalation: input.escalation ?? null,
    filingCondition: text(input.filingCondition),
    closingCondition: text(input.closingCondition),
    responsible: text(input.responsible),
    source: text(input.source),
  };
}

async function setClassPolicy(_: unknown, { input }: { input: SettingInput }, context: Ctx) {
  const setting = settingOf(input);
  const step = { type: 'SetClassPolicies' as const, settings: [setting] };
  const { repeated, pending, effectiveAt } = await carryOut(context, 'setClassPolicy', input, step, input);
  const policy = await policyFrom(context, input.division, setting.caseClass, effectiveAt);
  return { policy, repeated, pending };
}

async function withdrawClassPolicy(
  _: unknown,
  { input }: { input: ChangeOf & { caseClass: string } },
  context: Ctx,
) {
  const caseClass = input.caseClass.trim();
  const step = { type: 'WithdrawClassPolicy' as const, caseClass };
  const { repeated, pending, effectiveAt } = await carryOut(
    context,
    'withdrawClassPolicy',
    input,
    step,
    input,
  );
  return { policy: await policyFrom(context, input.division, caseClass, effectiveAt), repeated, pending };
}

interface ImportInput extends ChangeOf {
  fileName: string;
  content: Uint8Array;
  standard?: string | null;
  dryRun: boolean;
}

const MOST_LISTED = 1_000;

/** G-8: a file is read whole; nothing of it is taken while one row is bad. */
async function importCaseClasses(_: unknown, { input }: { input: ImportInput }, context: Ctx) {
  const { content, change: _change, ...rest } = input;
  const { given } = prepared(context, 'importCaseClasses', input, undefined);
  const standard = text(input.standard);
  const { settings, problems } = unwrap(readClassFile({ ...input, standard }), context.locale).value;
  const report = {
    accepted: problems.length === 0,
    rows: settings.length + problems.length,
    problems: problems
      .slice(0, MOST_LISTED)
      .map(({ cause, ...problem }) => ({ ...problem, cause: cause[context.locale] })),
    problemCount: problems.length,
  };
  if (!report.accepted) return { ...report, ...nothing };
  const step = { type: 'SetClassPolicies' as const, settings };
  if (input.dryRun) {
    const { state } = await load(context.grid.commands, classPolicies, classPolicyStream(input.division));
    const decided = classPolicies.decide({ ...given, ...step }, state);
    return { ...report, ...nothing, ...counts(unwrap(decided, context.locale).events, settings) };
  }
  const sent = { ...rest, file: hash('sha256', content) };
  const done = await carryOut(context, 'importCaseClasses', input, step, sent);
  const { repeated, pending } = done;
  const events = done.events.map(({ data }) => ({ data: data as ClassPolicyEvent['data'] }));
  return { ...report, applied: true, repeated, pending, ...counts(events, settings) };
}

const nothing = { applied: false, added: 0, changed: 0, unchanged: 0, repeated: false, pending: false };

function counts(events: readonly { data: { version: number } }[], settings: readonly ClassSetting[]) {
  const added = events.filter(({ data }) => data.version === 1).length;
  return { added, changed: events.length - added, unchanged: settings.length - events.length };
}

export const classPolicyMutations = { setClassPolicy, withdrawClassPolicy, importCaseClasses };
