/**
 * Who may subscribe to what: whoever has one of the roles, in any division, as with `dutyLists`. Each message is looked
 * at for itself. The messages come from the gateway (packages/contracts, lists-subscriptions.ts).
 */
export const Subscription = { listEvents: () => ({}) };
