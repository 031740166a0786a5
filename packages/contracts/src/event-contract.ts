import type { Text } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Static, TSchema } from 'typebox';
import { problemOf } from './check.ts';
import { type CloudEvent, cloudEvent } from './envelope.ts';

/** One version of one integration event: its name, where it is published, and what it carries. */
export interface EventContract<Name extends string = string, Data extends TSchema = TSchema> {
  service: string;
  event: string;
  version: number;
  /** `cn.dutyledger.<service>.<Event>.v<N>`. */
  type: Name;
  topic: string;
  description: Text;
  /** What the subject, which is also the key that messages are ordered by, stands for. */
  subject: Text;
  data: Data;
}

/** The event that a contract describes, as a type. */
export type EventOf<Contract> =
  Contract extends EventContract<infer Name, infer Data> ? CloudEvent<Name, Static<Data>> : never;

/** Whether an event is of this kind; its data are as the contract says, because it was checked when it was published. */
export const is = <Contract extends EventContract>(
  contract: Contract,
  event: CloudEvent,
): event is EventOf<Contract> & CloudEvent => event.type === contract.type;

/** What the relay hands to the bus. */
export interface OutgoingMessage {
  topic: string;
  key: string;
  event: CloudEvent;
}

export function defineEvent<
  const Service extends string,
  const Event extends string,
  const Version extends number,
  Data extends TSchema,
>(
  contract: Omit<EventContract<string, Data>, 'type'> & { service: Service; event: Event; version: Version },
): EventContract<`cn.dutyledger.${Service}.${Event}.v${Version}`, Data> {
  const { service, event, version } = contract;
  return { ...contract, type: `cn.dutyledger.${service}.${event}.v${version}` };
}

/**
 * The integration event for a recorded one, ready to be published. Throws a TypeError when `data` breaks the
 * contract: a service must not be able to publish what its consumers would refuse.
 */
export function outgoing<Name extends string, Data extends TSchema>(
  contract: EventContract<Name, Data>,
  parts: { stored: StoredEvent; id?: string; subject?: string; data: Static<Data> },
): OutgoingMessage {
  const problem = problemOf(contract.data, parts.data, 'DATA_MISMATCH', '/data');
  if (problem) throw new TypeError(`${contract.type} from ${parts.stored.id}: ${problem.message}`);
  const event = cloudEvent({
    service: contract.service,
    event: contract.event,
    version: contract.version,
    ...parts,
  });
  return { topic: contract.topic, key: event.subject, event };
}
