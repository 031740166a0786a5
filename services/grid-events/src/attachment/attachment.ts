import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import { erasedBefore, notOfCase, notThere, othersPersonal } from './refusals.ts';

/**
 * A file that was uploaded to go with a case (G-4): kept once by the digest of what is stored. It may stay without a case
 * for a bounded time; whoever names it in a case keeps it for good, unless it is erased as personal data (个人信息保护法
 * art. 47): case by case, and with the last case the file itself.
 */

export interface StoredFile {
  /** Of the bytes as they are kept: sealed ones, when the file is personal. */
  sha256: string;
  mediaType: string;
  /** Of the file itself. */
  bytes: number;
  /** Id of the key that it is sealed with; null: it is no personal data. */
  key: string | null;
  /** Token subject of whoever uploaded it. */
  by: string;
  /** Until then a case must name it. */
  until: string;
}

export interface NamedIn {
  case: string;
  county: string;
  division: string;
  /** The reporter with whom a personal file is erased. */
  person: string | null;
}

export type AttachmentEvent =
  | Fact<'AttachmentStored', StoredFile>
  | Fact<'AttachmentNamed', NamedIn>
  /** A personal file was shown; the envelope says to whom, and why. */
  | Fact<'AttachmentRead', NamedIn & { purpose: string }>
  /** The case has it no more; the envelope says who asked for it, and why. `last`: no case has it, its bytes and key are to go. */
  | Fact<'AttachmentErased', NamedIn & { key: string | null; last: boolean }>
  /** No case has named it in time: the bytes are to be deleted. */
  | Fact<'AttachmentSwept', { key: string | null }>
  /** The bytes are no more: of a file that was swept or erased. */
  | Fact<'AttachmentDeleted', Record<string, never>>;

export interface ErasedFrom {
  case: string;
  county: string;
  division: string;
  /** Instant of the erasure. */
  at: string;
}

export interface KnownFile {
  status: 'STORED' | 'NAMED' | 'SWEPT' | 'DELETED' | 'ERASED';
  file: StoredFile;
  cases: NamedIn[];
  /** Cases that had it: also when the same bytes were uploaded again since. */
  erased: ErasedFrom[];
  /** Of an erased one: its bytes are no more. */
  destroyed: boolean;
}

export type AttachmentState = { status: 'ABSENT' } | KnownFile;

/** Also what the read model keeps: plain values. */
const evolve: Decider<AttachmentState, AttachmentCommand, AttachmentEvent>['evolve'] = (
  state,
  event,
  { recordedAt },
) => {
  if (event.type === 'AttachmentStored') {
    const cases = state.status === 'NAMED' ? state.cases : [];
    const erased = state.status === 'ABSENT' ? [] : state.erased;
    const status = cases.length > 0 ? 'NAMED' : 'STORED';
    return { status, file: event.data, cases, erased, destroyed: false };
  }
  if (state.status === 'ABSENT') throw new Error(`${event.type} before AttachmentStored`);
  switch (event.type) {
    case 'AttachmentNamed':
      return { ...state, status: 'NAMED', cases: [...state.cases, event.data] };
    case 'AttachmentRead':
      return state;
    case 'AttachmentErased': {
      const { case: of, county, division, last } = event.data;
      const cases = state.cases.filter((held) => held.case !== of);
      const erased = [...state.erased, { case: of, county, division, at: recordedAt }];
      return { ...state, status: last ? 'ERASED' : 'NAMED', cases, erased };
    }
    case 'AttachmentSwept':
      return { ...state, status: 'SWEPT' };
    case 'AttachmentDeleted':
      return state.status === 'ERASED'
        ? { ...state, destroyed: true }
        : { ...state, status: 'DELETED', destroyed: true };
    default:
      return assertNever(event);
  }
};

export type AttachmentCommand =
  | { type: 'Store'; file: StoredFile }
  | { type: 'Name'; in: NamedIn; by: string }
  | { type: 'Read'; in: NamedIn; purpose: string }
  | { type: 'Erase'; case: string }
  | { type: 'Sweep' }
  | { type: 'RecordDeletion' };

const none = accept<AttachmentEvent>();

function erase(of: string, state: AttachmentState): Decision<AttachmentEvent> {
  if (state.status === 'ABSENT') return refuse(notOfCase);
  const held = state.cases.find((each) => each.case === of);
  if (held) {
    const data = { ...held, key: state.file.key, last: state.cases.length === 1 };
    return accept<AttachmentEvent>({ type: 'AttachmentErased', data });
  }
  return refuse(state.erased.some((each) => each.case === of) ? erasedBefore : notOfCase);
}

function decide(command: AttachmentCommand, state: AttachmentState): Decision<AttachmentEvent> {
  if (command.type === 'Store') {
    const { file } = command;
    // One that waits for its case waits anew; one that a case names stays as it is.
    return state.status === 'NAMED'
      ? none
      : accept<AttachmentEvent>({ type: 'AttachmentStored', data: file });
  }
  const there = state.status === 'STORED' || state.status === 'NAMED';
  switch (command.type) {
    case 'Name': {
      if (!there) return refuse(notThere);
      if (state.erased.some(({ case: of }) => of === command.in.case)) return refuse(erasedBefore);
      if (state.file.key !== null && state.file.by !== command.by) return refuse(othersPersonal);
      if (state.cases.some(({ case: of }) => of === command.in.case)) return none;
      return accept<AttachmentEvent>({ type: 'AttachmentNamed', data: command.in });
    }
    case 'Read': {
      if (!there) return refuse(notThere);
      return accept<AttachmentEvent>({
        type: 'AttachmentRead',
        data: { ...command.in, purpose: command.purpose },
      });
    }
    case 'Erase':
      return erase(command.case, state);
    case 'Sweep':
      if (state.status !== 'STORED') return none;
      return accept<AttachmentEvent>({ type: 'AttachmentSwept', data: { key: state.file.key } });
    case 'RecordDeletion':
      return state.status === 'SWEPT' || (state.status === 'ERASED' && !state.destroyed)
        ? accept<AttachmentEvent>({ type: 'AttachmentDeleted', data: {} })
        : none;
    default:
      return assertNever(command);
  }
}

export const attachment: Decider<AttachmentState, AttachmentCommand, AttachmentEvent> = {
  initial: { status: 'ABSENT' },
  evolve,
  decide,
};

const PREFIX = 'gridEvents.attachment-';

export const attachmentStream = (sha256: string): string => `${PREFIX}${sha256}`;
export const digestOf = (stream: string): string => stream.slice(PREFIX.length);
