import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Envelope,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import * as refusals from './refusals.ts';

/**
 * An endpoint that is told of events over HTTP (Standard Webhooks). What it is told is in the log; here is who it is,
 * whether it is told, and by which keys its messages are signed. Secrets are made from keys of the key store and are in
 * no event.
 */

/** What its owner says of it. */
export interface Settings {
  url: string;
  /** Beginnings of names of event types; none: all of them. */
  types: string[];
  /** Only events of this division and of those inside it. */
  division: string;
  description: string;
}

/** A key that signs until then; null: the current one, without end. */
export interface SigningKey {
  key: string;
  until: string | null;
}

export type DisableCause = 'GONE' | 'FAILING';

export type WebhookEvent =
  | Fact<'WebhookRegistered', { id: string; settings: Settings; key: string }>
  | Fact<'WebhookChanged', { settings: Settings }>
  | Fact<'WebhookPaused', Record<string, never>>
  /** Also one that was disabled. `skipMissed`: what was recorded meanwhile is not sent. */
  | Fact<'WebhookResumed', { skipMissed: boolean }>
  /** GONE: the receiver answered 410. FAILING: it took nothing since `since`. */
  | Fact<'WebhookDisabled', { cause: DisableCause; since: string }>
  /** Messages carry signatures by both keys until `formerUntil`. */
  | Fact<'WebhookSecretRotated', { key: string; former: string; formerUntil: string }>
  | Fact<'WebhookRemoved', { keys: string[] }>
  | Fact<'WebhookKeyDestroyed', { key: string }>;

export type Status = 'ACTIVE' | 'PAUSED' | 'DISABLED';

export interface Owner {
  subject: string;
  organ: string | null;
}

export interface KnownWebhook {
  status: Status | 'REMOVED';
  id: string;
  settings: Settings;
  /** Whoever registered it. */
  owner: Owner;
  keys: SigningKey[];
  disabled: { cause: DisableCause; since: string } | null;
}

export type Webhook = { status: 'ABSENT' } | KnownWebhook;

export const initial: Webhook = { status: 'ABSENT' };

/** Also what the read model keeps. */
export function evolve(state: Webhook, event: WebhookEvent, { actor }: Pick<Envelope, 'actor'>): Webhook {
  if (event.type === 'WebhookRegistered') {
    const { id, settings, key } = event.data;
    const owner = { subject: actor.subject, organ: actor.organ };
    return { status: 'ACTIVE', id, settings, owner, keys: [{ key, until: null }], disabled: null };
  }
  if (state.status === 'ABSENT') throw new Error(`${event.type} before WebhookRegistered`);
  switch (event.type) {
    case 'WebhookChanged':
      return { ...state, settings: event.data.settings };
    case 'WebhookPaused':
      return { ...state, status: 'PAUSED' };
    case 'WebhookResumed':
      return { ...state, status: 'ACTIVE', disabled: null };
    case 'WebhookDisabled':
      return { ...state, status: 'DISABLED', disabled: event.data };
    case 'WebhookSecretRotated': {
      const { key, former, formerUntil } = event.data;
      const before = state.keys.map((one) => (one.key === former ? { ...one, until: formerUntil } : one));
      return { ...state, keys: [{ key, until: null }, ...before] };
    }
    case 'WebhookRemoved':
      return { ...state, status: 'REMOVED' };
    case 'WebhookKeyDestroyed':
      return { ...state, keys: state.keys.filter(({ key }) => key !== event.data.key) };
    default:
      return assertNever(event);
  }
}

export type WebhookCommand =
  | { type: 'Register'; id: string; settings: Settings; key: string }
  | { type: 'Change'; settings: Partial<Settings> }
  | { type: 'Pause' }
  | { type: 'Resume'; skipMissed: boolean }
  | { type: 'Disable'; cause: DisableCause; since: string }
  | { type: 'RotateSecret'; key: string; formerUntil: string }
  | { type: 'Remove' }
  | { type: 'RecordKeyDestroyed'; key: string };

/** Keys that sign at the same time: every one makes the header longer. */
const MOST_KEYS = 3;

function decide(command: WebhookCommand, state: Webhook): Decision<WebhookEvent> {
  if (command.type === 'Register') {
    const { type: _, ...data } = command;
    return state.status === 'ABSENT'
      ? accept<WebhookEvent>({ type: 'WebhookRegistered', data })
      : refuse(refusals.taken);
  }
  if (state.status === 'ABSENT') return refuse(refusals.unknownWebhook);
  if (command.type === 'RecordKeyDestroyed') {
    const { key } = command;
    const held = state.keys.some((one) => one.key === key);
    return held ? accept<WebhookEvent>({ type: 'WebhookKeyDestroyed', data: { key } }) : accept();
  }
  if (state.status === 'REMOVED') return refuse(refusals.unknownWebhook);
  switch (command.type) {
    case 'Change': {
      const settings = { ...state.settings, ...command.settings };
      const same = JSON.stringify(settings) === JSON.stringify(state.settings);
      return same ? accept() : accept<WebhookEvent>({ type: 'WebhookChanged', data: { settings } });
    }
    case 'Pause':
      return state.status === 'ACTIVE'
        ? accept<WebhookEvent>({ type: 'WebhookPaused', data: {} })
        : state.status === 'PAUSED'
          ? accept()
          : refuse(refusals.isDisabled);
    case 'Resume': {
      const { skipMissed } = command;
      if (state.status === 'ACTIVE') return accept();
      return accept<WebhookEvent>({ type: 'WebhookResumed', data: { skipMissed } });
    }
    case 'Disable': {
      const { cause, since } = command;
      if (state.status !== 'ACTIVE') return accept();
      return accept<WebhookEvent>({ type: 'WebhookDisabled', data: { cause, since } });
    }
    case 'RotateSecret': {
      const { key, formerUntil } = command;
      const current = state.keys.find(({ until }) => until === null);
      if (current === undefined) throw new Error(`${state.id} has no current key`);
      if (state.keys.length >= MOST_KEYS) return refuse(refusals.tooManySecrets(MOST_KEYS));
      const data = { key, former: current.key, formerUntil };
      return accept<WebhookEvent>({ type: 'WebhookSecretRotated', data });
    }
    case 'Remove':
      return accept<WebhookEvent>({
        type: 'WebhookRemoved',
        data: { keys: state.keys.map(({ key }) => key) },
      });
    default:
      return assertNever(command);
  }
}

export const webhook: Decider<Webhook, WebhookCommand, WebhookEvent> = { initial, evolve, decide };

export const WEBHOOK_EVENTS = [
  'WebhookRegistered',
  'WebhookChanged',
  'WebhookPaused',
  'WebhookResumed',
  'WebhookDisabled',
  'WebhookSecretRotated',
  'WebhookRemoved',
  'WebhookKeyDestroyed',
] as const satisfies WebhookEvent['type'][];

const PREFIX = 'gridEvents.webhook-';
const ID = 'webhook:';

export const webhookId = (uuid: string): string => `${ID}${uuid}`;
export const webhookStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const webhookIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
