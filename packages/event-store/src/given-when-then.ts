import { AssertionError, deepStrictEqual } from 'node:assert';
import type { Decider, Decision, Envelope, Fact, Refusal } from './decider.ts';

/**
 * The specification of a decider on events: `given(decider, ...facts).when(command).then(...facts)`.
 *
 * Beside what is asked it always checks what every decider owes: it changes neither state nor command (they are
 * frozen), decides the same twice, can evolve what it decided, as read back from a store, and cites when it refuses
 * by a rule.
 */
export function given<S, C, E extends Fact>(decider: Decider<S, C, E>, ...history: readonly Given<E>[]) {
  const state = history.reduce((before, entry) => {
    const { fact, envelope } = 'fact' in entry ? entry : { fact: entry, envelope: {} };
    return evolve(decider, before, fact, envelope);
  }, frozen(decider.initial));

  return {
    when: (command: C): Outcome<S, E> => {
      const decision = decider.decide(frozen(command), state);
      equal(decider.decide(command, state), decision, 'decide answered differently the second time');
      return outcome(decider, state, decision);
    },
  };
}

/** A fact, or a fact with parts of its envelope (`recorded`) where `evolve` looks at those. */
export type Given<E extends Fact> = E | { fact: E; envelope: Partial<Envelope> };

export const recorded = <E extends Fact>(fact: E, envelope: Partial<Envelope>): Given<E> => ({
  fact,
  envelope,
});

export interface Outcome<S, E extends Fact> {
  /** Exactly these facts, in this order. */
  then(...facts: E[]): void;
  /** No refusal and no facts: nothing had to change. */
  thenNothing(): void;
  /** A refusal with at least these particulars. */
  thenRefused(refusal: Partial<Refusal>): void;
  /** The state that the decided facts lead to, for what facts alone do not show. */
  thenState(check: (state: S) => void): void;
}

function outcome<S, E extends Fact>(
  decider: Pick<Decider<S, never, E>, 'evolve'>,
  state: S,
  decision: Decision<E>,
): Outcome<S, E> {
  const events = (): E[] => {
    if (decision.ok) return decision.events;
    const { code, rule = '', field = '', message } = decision.refusal;
    return fail(`expected facts, but it was refused: ${[code, rule, field, message.en].join(' ')}`, decision);
  };
  const after = (): S => events().reduce((before, fact) => evolve(decider, before, fact, {}), state);
  const then = (...facts: E[]): void => {
    equal(asStored(events()), asStored(facts), 'other facts than expected');
    after();
  };
  return {
    then,
    thenNothing: () => then(),
    thenRefused: (expected) => {
      if (decision.ok) {
        const types = decision.events.map((event) => event.type).join(', ');
        return fail(`expected a refusal, but it was accepted with: ${types || 'nothing'}`, decision);
      }
      const { refusal } = decision;
      if (refusal.code === 'RULE_VIOLATED' && !(refusal.rule && refusal.citation)) {
        fail('RULE_VIOLATED must name its rule and citation', refusal);
      }
      const keys = Object.keys(expected) as (keyof Refusal)[];
      const actual = Object.fromEntries(keys.map((key) => [key, refusal[key]]));
      equal(asStored(actual), asStored(expected), `refused otherwise than expected: ${refusal.message.en}`);
    },
    thenState: (check) => check(after()),
  };
}

/** As `handleCommand` does it: the effective day reaches `evolve` in the envelope only. */
function evolve<S, E extends Fact>(
  decider: Pick<Decider<S, never, E>, 'evolve'>,
  state: S,
  fact: E,
  envelope: Partial<Envelope>,
): S {
  const { effectiveAt = defaults.effectiveAt, ...content } = asStored(fact);
  return frozen(decider.evolve(state, frozen(content as E), { ...defaults, effectiveAt, ...envelope }));
}

const defaults: Envelope = {
  actor: { subject: 'test-subject', name: '测试员', organ: 'organ:test', role: 'test' },
  reason: '测试',
  basis: [{ title: '测试依据' }],
  effectiveAt: '2026-01-01',
  recordedAt: '2026-01-01T00:00:00.000Z',
};

/** What a reader gets back: members that are undefined are gone. */
const asStored = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

function equal(actual: unknown, expected: unknown, message: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AssertionError({ message: `${message}\n${detail}`, actual, expected, stackStartFn: equal });
  }
}

function fail(message: string, actual: unknown): never {
  throw new AssertionError({ message, actual, stackStartFn: fail });
}
