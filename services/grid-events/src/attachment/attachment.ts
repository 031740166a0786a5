import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import { notThere, othersPersonal } from './refusals.ts';

/**
 * A file that was uploaded to go with a case (G-4): kept once by the digest of what is stored. It may stay without a case
 * for a bounded time; whoever names it in a case keeps it for good.
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
  /** No case has named it in time: the bytes are to be deleted, and then are. */
  | Fact<'AttachmentSwept', { key: string | null }>
  | Fact<'AttachmentDeleted', Record<string, never>>;

export interface KnownFile {
  status: 'STORED' | 'NAMED' | 'SWEPT' | 'DELETED';
  file: StoredFile;
  cases: NamedIn[];
}

export type AttachmentState = { status: 'ABSENT' } | KnownFile;

/** Also what the read model keeps: plain values. */
export function evolve(state: AttachmentState, event: AttachmentEvent): AttachmentState {
  if (event.type === 'AttachmentStored') {
    const cases = state.status === 'NAMED' ? state.cases : [];
    return { status: cases.length > 0 ? 'NAMED' : 'STORED', file: event.data, cases };
  }
  if (state.status === 'ABSENT') throw new Error(`${event.type} before AttachmentStored`);
  switch (event.type) {
    case 'AttachmentNamed':
      return { ...state, status: 'NAMED', cases: [...state.cases, event.data] };
    case 'AttachmentRead':
      return state;
    case 'AttachmentSwept':
      return { ...state, status: 'SWEPT' };
    case 'AttachmentDeleted':
      return { ...state, status: 'DELETED' };
    default:
      return assertNever(event);
  }
}

export type AttachmentCommand =
  | { type: 'Store'; file: StoredFile }
  | { type: 'Name'; in: NamedIn; by: string }
  | { type: 'Read'; in: NamedIn; purpose: string }
  | { type: 'Sweep' }
  | { type: 'RecordDeletion' };

const none = accept<AttachmentEvent>();

function decide(command: AttachmentCommand, state: AttachmentState): Decision<AttachmentEvent> {
  if (command.type === 'Store') {
    const { file } = command;
    // One that waits for its case waits anew; one that a case names stays as it is.
    return state.status === 'NAMED'
      ? none
      : accept<AttachmentEvent>({ type: 'AttachmentStored', data: file });
  }
  const gone = state.status === 'ABSENT' || state.status === 'SWEPT' || state.status === 'DELETED';
  switch (command.type) {
    case 'Name': {
      if (gone) return refuse(notThere);
      if (state.file.key !== null && state.file.by !== command.by) return refuse(othersPersonal);
      if (state.cases.some(({ case: of }) => of === command.in.case)) return none;
      return accept<AttachmentEvent>({ type: 'AttachmentNamed', data: command.in });
    }
    case 'Read': {
      if (gone) return refuse(notThere);
      return accept<AttachmentEvent>({
        type: 'AttachmentRead',
        data: { ...command.in, purpose: command.purpose },
      });
    }
    case 'Sweep':
      if (state.status !== 'STORED') return none;
      return accept<AttachmentEvent>({ type: 'AttachmentSwept', data: { key: state.file.key } });
    case 'RecordDeletion':
      return state.status === 'SWEPT'
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
