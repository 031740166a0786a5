import type { Decider } from '../src/decider.ts';
import { accept, refuse } from '../src/decider.ts';
import type { CommandContext } from '../src/handle-command.ts';

/** A small aggregate for the tests of what surrounds aggregates. */

export type CounterEvent =
  | { type: 'CounterRaised'; data: { by: number; note?: string }; effectiveAt?: string }
  | { type: 'CounterClosed'; data: Record<string, never>; effectiveAt?: string };

export type CounterCommand =
  | { type: 'RaiseCounter'; by: number; times?: number; effectiveAt?: string }
  | { type: 'CloseCounter' };

export interface Counter {
  total: number;
  closed: boolean;
  /** Subjects and days of the raises, to see what `evolve` is told. */
  trace: string[];
}

export const counter: Decider<Counter, CounterCommand, CounterEvent> = {
  initial: { total: 0, closed: false, trace: [] },
  versions: { CounterRaised: 2 },
  evolve: (state, event, { actor, effectiveAt }) =>
    event.type === 'CounterClosed'
      ? { ...state, closed: true }
      : {
          ...state,
          total: state.total + event.data.by,
          trace: [...state.trace, `${actor.subject} ${effectiveAt}`].slice(-3),
        },
  decide: (command, state) => {
    if (command.type === 'CloseCounter') {
      return state.closed ? accept() : accept({ type: 'CounterClosed', data: {} });
    }
    if (state.closed) {
      return refuse({
        code: 'RULE_VIOLATED',
        rule: 'T-1',
        field: 'counter',
        citation: { title: '测试条例', article: '1' },
        message: { 'zh-CN': '计数已关闭', en: 'The counter is closed' },
      });
    }
    const { by, times = 1, effectiveAt } = command;
    return accept(
      ...Array.from(
        { length: times },
        (): CounterEvent => ({
          type: 'CounterRaised',
          data: { by },
          ...(effectiveAt ? { effectiveAt } : {}),
        }),
      ),
    );
  },
};

export const contextOf = (commandId: string, over: Partial<CommandContext> = {}): CommandContext => ({
  commandId,
  actor: { subject: 'u-1', name: '王晓', organ: 'organ:370114-0001', role: 'list-editor' },
  reason: '年度调整',
  basis: [{ title: '测试条例' }],
  correlationId: 'w-1',
  causationId: 'w-0',
  division: '370114000000',
  effectiveAt: '2026-01-01',
  ...over,
});
