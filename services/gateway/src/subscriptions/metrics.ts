import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Subscriber } from './subscriber.ts';

export interface SubscriptionMetrics {
  /** Counts a message that a client was handed, or that was kept back from it as not its to see. */
  message(field: string, outcome: 'delivered' | 'hidden'): void;
  /** Takes the time of a message that a client was handed which follows live. */
  arrived(field: string, recordedAt: string): void;
  /** Counts a subscription that came to its end. */
  ended(field: string, reason: string): void;
}

/** Tells of subscriptions by field, and of nothing that tells who subscribed. */
export function subscriptionMetrics(
  registry: Registry,
  subscribers: ReadonlySet<Subscriber>,
): SubscriptionMetrics {
  const gauge = (name: string, help: string, measure: (subscriber: Subscriber) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['field'],
      registers: [registry],
      collect() {
        this.reset();
        for (const one of subscribers) this.inc({ field: one.plan.contract.field }, measure(one));
      },
    });
  };
  gauge('dutyledger_subscribers', 'Subscriptions that are open', () => 1);
  gauge(
    'dutyledger_subscription_waiting_messages',
    'Messages that wait for slow clients',
    (one) => one.waiting,
  );
  const messages = new Counter({
    name: 'dutyledger_subscription_messages_total',
    help: 'Messages handed to clients (delivered) or not theirs to see (hidden)',
    labelNames: ['field', 'outcome'],
    registers: [registry],
  });
  const ended = new Counter({
    name: 'dutyledger_subscriptions_ended_total',
    help: 'Subscriptions that ended, by reason: client, slow, expired, stopping, unresolved, bus, other',
    labelNames: ['field', 'reason'],
    registers: [registry],
  });
  const delay = new Histogram({
    name: 'dutyledger_subscription_delivery_seconds',
    help: 'From the recording of an event to its being handed to a client that follows live',
    labelNames: ['field'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
    registers: [registry],
  });
  return {
    message: (field, outcome) => messages.inc({ field, outcome }),
    arrived: (field, recordedAt) =>
      delay.observe({ field }, Math.max(0, (Date.now() - Date.parse(recordedAt)) / 1000)),
    ended: (field, reason) => ended.inc({ field, reason }),
  };
}
