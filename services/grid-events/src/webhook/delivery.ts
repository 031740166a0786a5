import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import { uuidFrom } from '@dutyledger/event-store/ids';
import * as refusals from './refusals.ts';

/**
 * A message that an endpoint did not take at once, or a test. What is taken at the first attempt leaves no delivery: the
 * record of progress tells of it.
 */

/** Which message, and for whom. */
export interface Addressed {
  webhook: string;
  /** The `webhook-id`. */
  message: string;
  type: string;
  /** Messages about the same thing are sent in turn. */
  subject: string;
  /** Of the event that it tells of; null: of a test. */
  position: number | null;
}

export interface AttemptFact {
  at: string;
  /** Null: it was taken. */
  failure: string | null;
  status: number | null;
  durationMs: number;
}

export type DeliveryEvent =
  | Fact<'WebhookTestRequested', { addressed: Addressed; at: string }>
  /** `next`: when it is tried again; null: no more, it is parked (a test is over). `addressed`: with the first one. */
  | Fact<
      'WebhookDeliveryFailed',
      { addressed: Addressed; number: number; attempt: AttemptFact; next: string | null }
    >
  | Fact<'WebhookDelivered', { number: number; attempt: AttemptFact }>
  /** No longer told to the endpoint: it was given less since. Parked without an attempt. */
  | Fact<'WebhookDeliveryUntold', { at: string }>
  | Fact<'WebhookRetryRequested', { at: string }>
  | Fact<'WebhookDeliveryDiscarded', Record<string, never>>;

export type DeliveryStatus = 'WAITING' | 'PARKED' | 'DELIVERED' | 'DISCARDED' | 'TEST_FAILED';

export interface KnownDelivery {
  status: DeliveryStatus;
  addressed: Addressed;
  attempts: number;
  /** While it waits. */
  due: string | null;
  last: AttemptFact | null;
}

export type Delivery = { status: 'ABSENT' } | KnownDelivery;

export const initial: Delivery = { status: 'ABSENT' };

/** Also what the read model keeps. */
export function evolve(state: Delivery, event: DeliveryEvent): Delivery {
  if (event.type === 'WebhookTestRequested') {
    const { addressed, at } = event.data;
    return { status: 'WAITING', addressed, attempts: 0, due: at, last: null };
  }
  if (event.type === 'WebhookDeliveryFailed') {
    const { addressed, number, attempt, next } = event.data;
    const over = addressed.position === null ? 'TEST_FAILED' : 'PARKED';
    const status = next === null ? over : 'WAITING';
    return { status, addressed, attempts: number, due: next, last: attempt };
  }
  if (state.status === 'ABSENT') throw new Error(`${event.type} of no delivery`);
  switch (event.type) {
    case 'WebhookDelivered': {
      const { number, attempt } = event.data;
      return { ...state, status: 'DELIVERED', attempts: number, due: null, last: attempt };
    }
    case 'WebhookDeliveryUntold':
      return { ...state, status: 'PARKED', due: null };
    case 'WebhookRetryRequested':
      return { ...state, status: 'WAITING', due: event.data.at };
    case 'WebhookDeliveryDiscarded':
      return { ...state, status: 'DISCARDED', due: null };
    default:
      return assertNever(event);
  }
}

export type DeliveryCommand =
  | { type: 'RequestTest'; addressed: Addressed; at: string }
  | {
      type: 'RecordFailure';
      addressed: Addressed;
      /** Which attempt it was, from 1. */
      number: number;
      attempt: AttemptFact;
      next: string | null;
    }
  | { type: 'RecordDelivered'; number: number; attempt: AttemptFact }
  | { type: 'RecordUntold'; at: string }
  | { type: 'Retry'; at: string }
  | { type: 'Discard' };

/** Nothing comes after it: the read model keeps no row of it. */
export const isOver = (status: DeliveryStatus): boolean => status === 'DELIVERED' || status === 'TEST_FAILED';

function decide(command: DeliveryCommand, state: Delivery): Decision<DeliveryEvent> {
  if (command.type === 'RequestTest') {
    const { addressed, at } = command;
    if (state.status !== 'ABSENT') return accept();
    return accept<DeliveryEvent>({ type: 'WebhookTestRequested', data: { addressed, at } });
  }
  const waits = state.status === 'WAITING';
  const attempts = state.status === 'ABSENT' ? 0 : state.attempts;
  if (command.type === 'RecordFailure') {
    const { addressed, number, attempt } = command;
    // What another instance, or somebody who retried or discarded it, has recorded meanwhile holds.
    if (attempts !== number - 1 || !(waits || state.status === 'ABSENT')) return accept();
    const next = addressed.position === null ? null : command.next;
    return accept<DeliveryEvent>({
      type: 'WebhookDeliveryFailed',
      data: { addressed, number, attempt, next },
    });
  }
  if (state.status === 'ABSENT') return refuse(refusals.unknownDelivery);
  switch (command.type) {
    case 'RecordDelivered': {
      const { number, attempt } = command;
      if (isOver(state.status)) return accept();
      return accept<DeliveryEvent>({ type: 'WebhookDelivered', data: { number, attempt } });
    }
    case 'RecordUntold':
      if (!waits) return accept();
      return accept<DeliveryEvent>({ type: 'WebhookDeliveryUntold', data: { at: command.at } });
    case 'Retry':
      if (!waits && state.status !== 'PARKED') return refuse(refusals.isOver);
      return accept<DeliveryEvent>({ type: 'WebhookRetryRequested', data: { at: command.at } });
    case 'Discard':
      if (state.status === 'DISCARDED') return accept();
      if (!waits && state.status !== 'PARKED') return refuse(refusals.isOver);
      return accept<DeliveryEvent>({ type: 'WebhookDeliveryDiscarded', data: {} });
    default:
      return assertNever(command);
  }
}

export const delivery: Decider<Delivery, DeliveryCommand, DeliveryEvent> = { initial, evolve, decide };

export const DELIVERY_EVENTS = [
  'WebhookTestRequested',
  'WebhookDeliveryFailed',
  'WebhookDelivered',
  'WebhookDeliveryUntold',
  'WebhookRetryRequested',
  'WebhookDeliveryDiscarded',
] as const satisfies DeliveryEvent['type'][];

const PREFIX = 'gridEvents.webhookDelivery-';
const ID = 'webhookDelivery:';

/** The same for the same message and endpoint. */
export const deliveryId = (webhook: string, message: string): string =>
  `${ID}${uuidFrom('webhookDelivery', webhook, message)}`;
export const deliveryStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const deliveryIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
