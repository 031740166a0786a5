import { uuidFrom } from '@dutyledger/event-store/ids';
import type { Vault } from '@dutyledger/personal-data/vault';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { type AllowedTargets, NOTHING_ALLOWED } from '@dutyledger/webhooks/addresses';
import { MOST_ENDPOINTS } from '@dutyledger/webhooks/courier';
import { secretText } from '@dutyledger/webhooks/signature';
import type { GridEventsContext } from '../context.ts';
import { withVault } from '../reporter/vault-access.ts';
import { ownWebhook } from './acting.ts';
import { readDescription, readOverlap, readTypes, readUrl } from './inputs.ts';
import { type WebhookRow, webhooks } from './read-model.ts';
import { noKeys, tooManyWebhooks } from './refusals.ts';
import { newSecret } from './secrets.ts';
import { type Settings, type WebhookCommand, webhook, webhookId, webhookStream } from './webhook.ts';

/** Mutations of webhooks. */

type Ctx = GridEventsContext;
type Input<T> = { input: T & { change: ChangeInput } };

const HOUR_MS = 3_600_000;

/** One key per secret: its id follows from the command that makes it. */
const keyOf = (commandId: string): string => `webhookKey:${uuidFrom('webhookKey', commandId)}`;

function withKeys<T>(context: Ctx, work: (vault: Vault) => Promise<T>): Promise<T> {
  if (context.grid.vault === null) throw refusalError(noKeys);
  return withVault(context, work);
}

const shown = async ({ grid }: Ctx, id: string): Promise<WebhookRow | null> =>
  (await grid.projections.documents(webhooks).get(id)) ?? null;

interface RegisterInput extends Omit<Settings, 'types'> {
  eventTypes?: string[] | null;
}

/** How many there are that may be told something. */
async function requireRoom({ grid }: Ctx): Promise<void> {
  const where = { status: ['ACTIVE', 'PAUSED', 'DISABLED'] };
  const count = await grid.projections.documents(webhooks).count({ index: 'byStatus', where });
  if (count >= MOST_ENDPOINTS) throw refusalError(tooManyWebhooks(MOST_ENDPOINTS));
}

async function registerWebhook(
  allowed: AllowedTargets,
  { input }: Input<RegisterInput>,
  context: Ctx,
): Promise<object> {
  const { change, division } = input;
  requireDivision(context, division, 'division');
  const settings: Settings = {
    url: readUrl(input.url, allowed),
    types: readTypes(input.eventTypes ?? []),
    division,
    description: readDescription(input.description),
  };
  const around = commandContext(context, 'registerWebhook', change, { division, content: settings });
  const id = webhookId(uuidFrom('webhook', around.commandId));
  const key = keyOf(around.commandId);
  if ((await shown(context, id)) === null) await requireRoom(context);
  const secret = await withKeys(context, (vault) => newSecret(vault, key));
  const command = { type: 'Register' as const, id, settings, key };
  const { grid, locale } = context;
  const { repeated, pending } = await mutate(grid, locale, webhook, webhookStream(id), command, around);
  return payload(context, id, { repeated, pending }, secret);
}

/** A secret is told once: whoever did not get the answer rotates it. */
const payload = async (
  context: Ctx,
  id: string,
  done: { repeated: boolean; pending: boolean },
  secret?: Buffer,
) => ({
  ...done,
  webhook: await shown(context, id),
  secret: secret === undefined || done.repeated ? null : secretText(secret),
});

async function carryOut(
  context: Ctx,
  operation: string,
  { id, change, content }: { id: string; change: ChangeInput; content: object },
  command: (commandId: string) => WebhookCommand | Promise<WebhookCommand>,
) {
  const row = await ownWebhook(context, id);
  const { division } = row.settings;
  const around = commandContext(context, operation, change, { division, content: { id, ...content } });
  const { grid, locale } = context;
  return mutate(grid, locale, webhook, webhookStream(id), await command(around.commandId), around);
}

type ChangeOf = Input<{ id: string }>;

async function changeWebhook(
  allowed: AllowedTargets,
  { input }: Input<{ id: string } & Partial<{ [K in keyof RegisterInput]: RegisterInput[K] | null }>>,
  context: Ctx,
): Promise<object> {
  const { id, change, url, eventTypes, division, description } = input;
  if (division) requireDivision(context, division, 'division');
  const settings: Partial<Settings> = {
    ...(url ? { url: readUrl(url, allowed) } : {}),
    ...(eventTypes ? { types: readTypes(eventTypes) } : {}),
    ...(division ? { division } : {}),
    ...(typeof description === 'string' ? { description: readDescription(description) } : {}),
  };
  const given = { id, change, content: settings };
  const done = await carryOut(context, 'changeWebhook', given, () => ({ type: 'Change', settings }));
  return payload(context, id, done);
}

async function pauseWebhook(_: unknown, { input: { id, change } }: ChangeOf, context: Ctx) {
  const given = { id, change, content: {} };
  return payload(context, id, await carryOut(context, 'pauseWebhook', given, () => ({ type: 'Pause' })));
}

async function resumeWebhook(
  _: unknown,
  { input: { id, change, skipMissed } }: Input<{ id: string; skipMissed: boolean }>,
  context: Ctx,
) {
  const given = { id, change, content: { skipMissed } };
  const done = await carryOut(context, 'resumeWebhook', given, () => ({ type: 'Resume', skipMissed }));
  return payload(context, id, done);
}

async function rotateWebhookSecret(
  _: unknown,
  { input: { id, change, overlapHours } }: Input<{ id: string; overlapHours: number }>,
  context: Ctx,
) {
  const hours = readOverlap(overlapHours);
  const formerUntil = new Date(context.now.getTime() + hours * HOUR_MS).toISOString();
  let secret: Buffer | undefined;
  const given = { id, change, content: { overlapHours } };
  const done = await carryOut(context, 'rotateWebhookSecret', given, async (commandId) => {
    const key = keyOf(commandId);
    secret = await withKeys(context, (vault) => newSecret(vault, key));
    return { type: 'RotateSecret', key, formerUntil };
  });
  return payload(context, id, done, secret);
}

async function removeWebhook(_: unknown, { input: { id, change } }: ChangeOf, context: Ctx) {
  const given = { id, change, content: {} };
  const { repeated, pending } = await carryOut(context, 'removeWebhook', given, () => ({ type: 'Remove' }));
  return { id, repeated, pending };
}

/** `allowed`: what the operator allows beside public addresses. */
export const webhookMutations = (allowed: AllowedTargets = NOTHING_ALLOWED) => ({
  registerWebhook: (_: unknown, args: Parameters<typeof registerWebhook>[1], context: Ctx) =>
    registerWebhook(allowed, args, context),
  changeWebhook: (_: unknown, args: Parameters<typeof changeWebhook>[1], context: Ctx) =>
    changeWebhook(allowed, args, context),
  pauseWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  removeWebhook,
});
