import { setTimeout as sleep } from 'node:timers/promises';
import type { BusPosition } from '@dutyledger/bus/bus';
import type { Told } from '@dutyledger/contracts/subscription';
import type { GraphqlAnswer, GraphqlFault, GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import type { Caller } from '@dutyledger/subgraph-kit/identity';
import type { Locale } from '@dutyledger/subgraph-kit/request-context';
import type { Plan } from './plan.ts';
import { nameOf, SUBJECT } from './resolving-query.ts';

/** A message of the log as the subscriptions of its topic keep it. */
export interface Entry {
  part: string;
  place: number;
  /** The log behind it, as the reading that brought it had come. */
  position: BusPosition;
  id: string;
  event: string;
  recordedAt: string;
  effectiveAt: string;
  /** Position in the event store of its service: read models that show it show the message. */
  sequence: number;
  correlationId: string;
  /** By the field of Subscription. */
  told: ReadonlyMap<string, Told>;
}

/** On whose behalf a message is looked at: nothing else makes two answers to one plan differ. */
export interface Viewer {
  caller: Caller;
  locale: Locale;
}

/** The same for viewers whose answers differ only where they depend on the person. */
export const rightsOf = ({ caller: { organ, division, roles }, locale }: Viewer): string =>
  JSON.stringify([organ, division, roles, locale]);

const personOf = ({ caller: { subject, name } }: Viewer): string => JSON.stringify([subject, name]);

/** Asks the graph, in the viewer's name, once the read models of the message's service show it. */
export type Ask = (
  request: GraphqlRequest,
  viewer: Viewer,
  plan: Plan,
  entry: Entry,
) => Promise<GraphqlAnswer & { personal: boolean }>;

/** What a viewer gets of a message: its entities, nothing because it is not theirs to see, or no answer in time. */
export type Outcome =
  | { kind: 'shown'; entities: Record<string, unknown>; errors: readonly GraphqlFault[]; personal: boolean }
  | { kind: 'hidden'; personal: boolean }
  | { kind: 'failed'; personal: false };

const KEPT_BACK = new Set(['NOT_PERMITTED', 'NOT_FOUND']);
const FIRST_PAUSE_MS = 100;

/**
 * One message for all who subscribed to the same under the same rights: the graph is asked once, and once more for each
 * further person when the answer depends on the person.
 */
export class Delivery {
  readonly entry: Entry;
  /** Whether it is told as it happens, not to those who catch up. */
  readonly live: boolean;
  readonly #plan: Plan;
  readonly #ask: Ask;
  readonly #patienceMs: number;
  #first: { person: string; outcome: Promise<Outcome> } | undefined;
  readonly #own = new Map<string, Promise<Outcome>>();
  readonly #answers = new Map<Outcome, Map<string, GraphqlAnswer>>();

  constructor(entry: Entry, live: boolean, plan: Plan, ask: Ask, patienceMs: number) {
    this.entry = entry;
    this.live = live;
    this.#plan = plan;
    this.#ask = ask;
    this.#patienceMs = patienceMs;
  }

  async outcome(viewer: Viewer): Promise<Outcome> {
    const person = personOf(viewer);
    this.#first ??= { person, outcome: this.#insist(viewer) };
    const first = await this.#first.outcome;
    if (!first.personal || this.#first.person === person) return first;
    const own = this.#own.get(person) ?? this.#insist(viewer);
    this.#own.set(person, own);
    return own;
  }

  /** The same object for all who get the same. */
  answer(outcome: Outcome & { kind: 'shown' }, cursor: string): GraphqlAnswer {
    const made = this.#answers.get(outcome) ?? new Map<string, GraphqlAnswer>();
    this.#answers.set(outcome, made);
    const answer = made.get(cursor) ?? answerOf(this.#plan, this.entry, cursor, outcome);
    made.set(cursor, answer);
    return answer;
  }

  /** Services may be away, or read models behind, for a while. */
  async #insist(viewer: Viewer): Promise<Outcome> {
    const deadline = performance.now() + this.#patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      const outcome = await this.#resolve(viewer);
      if (outcome.kind !== 'failed' || performance.now() + pauseMs > deadline) return outcome;
      await sleep(pauseMs);
    }
  }

  async #resolve(viewer: Viewer): Promise<Outcome> {
    const { fields, contract, key } = this.#plan;
    const entities = this.entry.told.get(contract.field)?.entities ?? {};
    const request = this.#plan.resolving(entities);
    const { data, errors = [], personal } = await this.#ask(request, viewer, this.#plan, this.entry);
    const [subject = ''] = Object.keys(entities);
    const place = fields.findIndex(({ name }) => name === subject);
    const named = place < 0 ? SUBJECT : nameOf(place);
    const own = errors.find(({ path }) => path?.length === 1 && path[0] === named);
    if (own && KEPT_BACK.has(String(own.extensions?.['code']))) return { kind: 'hidden', personal };
    // A subgraph that could not answer at all has no path to tell.
    if (own || !data || errors.some(({ path = [] }) => path.length === 0))
      return { kind: 'failed', personal: false };
    if (data[named] === null && !errors.some(({ path }) => path?.[0] === named))
      return { kind: 'hidden', personal };
    const places = new Map(fields.map((field, at) => [nameOf(at), field.key]));
    return {
      kind: 'shown',
      personal,
      entities: Object.fromEntries([...places].map(([from, to]) => [to, data[from] ?? null])),
      errors: errors.map(({ locations: _, path = [], ...fault }) => {
        const [first = '', ...rest] = path;
        return { ...fault, path: [key, places.get(String(first)) ?? first, ...rest] };
      }),
    };
  }
}

/** The answer that a subscriber gets: what the message says itself, and what the graph says of its entities. */
function answerOf(
  plan: Plan,
  entry: Entry,
  cursor: string,
  outcome: Outcome & { kind: 'shown' },
): GraphqlAnswer {
  const { id, event, recordedAt, effectiveAt } = entry;
  const values: Record<string, unknown> = {
    __typename: plan.type,
    id,
    event,
    recordedAt,
    effectiveAt,
    ...entry.told.get(plan.contract.field)?.values,
    cursor,
  };
  const payload = Object.fromEntries(
    plan.fields.map(({ key, name }) => [
      key,
      name in plan.contract.entities ? outcome.entities[key] : (values[name] ?? null),
    ]),
  );
  const { errors } = outcome;
  return { data: { [plan.key]: payload }, ...(errors.length > 0 ? { errors } : {}) };
}
