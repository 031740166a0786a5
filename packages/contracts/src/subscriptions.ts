import { callsFor, caseEvents, overdue } from './grid-events-subscriptions.ts';
import { listEvents } from './lists-subscriptions.ts';
import type { SubscriptionContract } from './subscription.ts';

/** Every subscription that the graph offers, in the order of their names. */
export const subscriptions: readonly SubscriptionContract[] = [callsFor, caseEvents, listEvents, overdue];
