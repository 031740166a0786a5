/** The same in all services: how a rule of the domain refuses. */
export { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
