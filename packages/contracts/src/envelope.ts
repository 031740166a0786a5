/**
 * CloudEvents 1.0 (JSON) with the extensions of the CloudEvents repository: the envelope of every integration event.
 */
export interface CloudEvent<Type extends string = string, Data = unknown> {
  specversion: '1.0';
  /** The stored event's id: consumers recognise repeats by it. */
  id: string;
  /** `/dutyledger/<service>`. */
  source: string;
  /** `cn.dutyledger.<service>.<Event>.v<N>`. */
  type: Type;
  /** The aggregate: the key that messages are ordered by. */
  subject: string;
  /** Day from which the fact holds, as an instant: midnight China Standard Time. */
  time: string;
  datacontenttype: 'application/json';
  correlationid: string;
  causationid: string;
  /** Grows per subject; the position of the stored event, in decimal. */
  sequence: string;
  /** When the event was recorded. */
  recordedtime: string;
  data: Data;
}
