import { join } from 'node:path';
import { accept, type Decider, type Fact } from '@dutyledger/event-store/decider';
import { type CommandContext, type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { runProjections } from '@dutyledger/read-store/runner';
import { startTimers, type Timers, type TimersOptions } from './runner.ts';
import { AT_ONCE, firingContext, type TimerHandler, type TimerSource, timersProjection } from './timers.ts';

/** For tests: an aggregate with a stage that lapses and a letter that is to be sent, on real embedded stores. */

type StageEvent =
  | Fact<'StageBegan', { due: string }>
  | Fact<'StageEnded', Record<string, never>>
  | Fact<'StageLapsed', { due: string }>
  | Fact<'LetterSent', Record<string, never>>;

type StageCommand =
  | { type: 'Begin'; due: string }
  | { type: 'End' }
  | { type: 'Lapse'; due: string }
  | { type: 'SendLetter' };

interface Stage {
  due: string | null;
  letters: number;
}

const stage: Decider<Stage, StageCommand, StageEvent> = {
  initial: { due: null, letters: 0 },
  evolve(state, event) {
    if (event.type === 'StageBegan') return { ...state, due: event.data.due };
    if (event.type === 'LetterSent') return { ...state, letters: state.letters + 1 };
    return { ...state, due: null };
  },
  decide(command, state) {
    switch (command.type) {
      case 'Begin':
        return accept<StageEvent>({ type: 'StageBegan', data: { due: command.due } });
      case 'End':
        return accept<StageEvent>({ type: 'StageEnded', data: {} });
      case 'Lapse':
        return command.due === state.due
          ? accept<StageEvent>({ type: 'StageLapsed', data: { due: command.due } })
          : accept();
      case 'SendLetter':
        return accept<StageEvent>({ type: 'LetterSent', data: {} });
    }
  },
};

/** A stage that lapses has a letter sent, which is a step of its own. */
const source: TimerSource = {
  handles: ['StageBegan', 'StageEnded', 'StageLapsed', 'LetterSent'],
  changes(event) {
    const id = event.stream;
    const { due } = event.data as { due: string };
    switch (event.type) {
      case 'StageBegan':
        return [{ set: id, kind: 'lapse', due, data: { stream: id } }];
      case 'StageLapsed':
        return [{ clear: id }, { set: `${id}/letter`, kind: 'letter', due: AT_ONCE, data: { stream: id } }];
      case 'LetterSent':
        return [{ clear: `${id}/letter` }];
      default:
        return [{ clear: id }];
    }
  },
};

const actor = { subject: 'system', name: '定时任务', organ: null, role: 'SYSTEM_ADMIN' };
const basis = [{ title: 'test' }];

function context(commandId: string): CommandContext {
  const division = '370114000000';
  const effectiveAt = '2026-03-02';
  const ids = { commandId, correlationId: commandId, causationId: commandId };
  return { ...ids, actor, reason: 'test', basis, division, effectiveAt };
}

export const stageStream = (name: string | number): string => `test.stage-${name}`;

/** Stores, read models and handlers as a service has them; `stop` closes everything, the runners first. */
export async function openStages(folder: string) {
  const events = await openEventStore(`sqlite:${join(folder, 'events.db')}`);
  const readStore = await openReadStore(`sqlite:${join(folder, 'read.db')}`);
  const table = timersProjection('stages', 1, [source]);
  const projections = await runProjections({ events, prefix: 'test.', readStore, projections: [table] });
  const commands: CommandDeps = { store: events };
  const handler =
    (commandOf: (due: string) => StageCommand): TimerHandler =>
    async (firing) => {
      const { stream } = firing.timer.data as { stream: string };
      const around = firingContext(firing, { actor, reason: 'due', basis });
      await handleCommand(commands, stage, stream, commandOf(firing.timer.due), around);
    };
  const handlers = {
    lapse: handler((due) => ({ type: 'Lapse', due })),
    letter: handler(() => ({ type: 'SendLetter' })),
  };
  const started: Timers[] = [];
  return {
    events,
    projections,
    handlers,
    async send(name: string | number, command: StageCommand, commandId: string = crypto.randomUUID()) {
      const outcome = await handleCommand(commands, stage, stageStream(name), command, context(commandId));
      const last = outcome.ok ? outcome.events.at(-1) : undefined;
      if (last) await projections.waitFor(last.position, 60_000);
    },
    start(options: Partial<TimersOptions> & Pick<TimersOptions, 'clock'>): Timers {
      const timers = startTimers({
        projections,
        table,
        events,
        prefix: 'test.',
        handlers,
        retryMs: () => 1,
        ...options,
      });
      started.push(timers);
      return timers;
    },
    /** Resolves once so many events of the type are in the store; answers them in order. */
    async recorded(type: string, count: number) {
      const { promise, resolve, reject } = Promise.withResolvers<{ stream: string; recordedAt: string }[]>();
      const found: { stream: string; recordedAt: string }[] = [];
      const subscription = events.subscribe({ types: [type] }, async (page) => {
        found.push(...page);
        if (found.length >= count) resolve(found);
      });
      subscription.ended.catch(reject);
      const all = await promise;
      await subscription.stop();
      return all;
    },
    async stop() {
      for (const timers of started) await timers.stop();
      await projections.stop();
      await readStore.close();
      await events.close();
    },
  };
}
