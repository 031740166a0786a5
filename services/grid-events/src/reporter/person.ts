import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  refuse,
} from '@dutyledger/event-store/decider';
import { erased, unknownPerson } from './refusals.ts';

/**
 * Whoever reports a case, as a person (G-4; 个人信息保护法 art. 47, 51). Events hold what is known of the person sealed with
 * the person's own key, and who read it when and why; destroying the key erases every copy of it, wherever it is.
 */

/** What is known of a person; each value sealed. */
export type Sealed = Partial<Record<'name' | 'phone' | 'address' | 'email', string>>;

export type PersonEvent =
  /** `mark` stands for the plain values: it recognises the same ones, and dies with the key. */
  | Fact<'PersonRecorded', { id: string; county: string; sealed: Sealed; mark: string }>
  /** A file that the person sent and that is sealed with the key `key`, to be erased with the person. */
  | Fact<'PersonFileAdded', { key: string }>
  /** The envelope says who; `purpose` why. `case`: null when everything held of the person was given out. */
  | Fact<'PersonalDataRead', { case: string | null; purpose: string }>
  /** From here on nothing may be read; `keys` are to be destroyed. `request`: number of the person's request. */
  | Fact<'PersonErased', { keys: string[]; request: string | null }>
  /** Done: nobody can read it any more. */
  | Fact<'PersonKeysDestroyed', Record<string, never>>;

export interface KnownPerson {
  status: 'KNOWN';
  id: string;
  county: string;
  sealed: Sealed;
  mark: string;
  /** Keys of files. */
  files: string[];
}

export interface ErasedPerson {
  status: 'ERASED';
  id: string;
  county: string;
  keys: string[];
  destroyed: boolean;
}

export type Person = { status: 'ABSENT' } | KnownPerson | ErasedPerson;

export const initial: Person = { status: 'ABSENT' };

/** Also what the read model keeps: plain values. */
export function evolve(state: Person, event: PersonEvent): Person {
  if (event.type === 'PersonRecorded') {
    const { id, county, sealed, mark } = event.data;
    const known = state.status === 'KNOWN' ? state : { files: [], sealed: {} };
    return { status: 'KNOWN', id, county, mark, files: known.files, sealed: { ...known.sealed, ...sealed } };
  }
  if (state.status === 'ABSENT') throw new Error(`${event.type} before PersonRecorded`);
  switch (event.type) {
    case 'PersonFileAdded':
      return state.status === 'KNOWN' ? { ...state, files: [...state.files, event.data.key] } : state;
    case 'PersonalDataRead':
      return state;
    case 'PersonErased': {
      const { id, county } = state;
      return { status: 'ERASED', id, county, keys: event.data.keys, destroyed: false };
    }
    case 'PersonKeysDestroyed':
      return state.status === 'ERASED' ? { ...state, destroyed: true } : state;
    default:
      return assertNever(event);
  }
}

export type PersonCommand =
  | { type: 'Record'; id: string; county: string; sealed: Sealed; mark: string }
  | { type: 'AddFile'; key: string }
  | { type: 'Read'; case: string | null; purpose: string }
  | { type: 'Erase'; request: string | null }
  | { type: 'RecordDestruction' };

function decide(command: PersonCommand, state: Person): Decision<PersonEvent> {
  if (command.type === 'Record') {
    if (state.status === 'ERASED') return refuse(erased);
    const { type: _, ...data } = command;
    const same = state.status === 'KNOWN' && state.mark === command.mark;
    return same ? accept() : accept<PersonEvent>({ type: 'PersonRecorded', data });
  }
  if (state.status === 'ABSENT') return refuse(unknownPerson);
  if (state.status === 'ERASED') {
    if (command.type === 'Erase') return accept();
    if (command.type !== 'RecordDestruction') return refuse(erased);
    return state.destroyed ? accept() : accept<PersonEvent>({ type: 'PersonKeysDestroyed', data: {} });
  }
  switch (command.type) {
    case 'AddFile': {
      const { key } = command;
      return state.files.includes(key)
        ? accept()
        : accept<PersonEvent>({ type: 'PersonFileAdded', data: { key } });
    }
    case 'Read': {
      const { case: of, purpose } = command;
      return accept<PersonEvent>({ type: 'PersonalDataRead', data: { case: of, purpose } });
    }
    case 'Erase': {
      const keys = [state.id, ...state.files];
      return accept<PersonEvent>({ type: 'PersonErased', data: { keys, request: command.request } });
    }
    case 'RecordDestruction':
      throw new Error(`the keys of ${state.id}, who is not erased, were destroyed`);
    default:
      return assertNever(command);
  }
}

export const person: Decider<Person, PersonCommand, PersonEvent> = { initial, evolve, decide };

const PREFIX = 'gridEvents.person-';
const ID = 'person:';

export const personStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const personIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
