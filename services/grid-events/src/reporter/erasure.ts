import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { Vault } from '@dutyledger/personal-data/vault';
import type { Projections } from '@dutyledger/read-store/projection';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { AT_ONCE, firingContext, type TimerHandler, type TimerSource } from '@dutyledger/timers/timers';
import { type PersonEvent, person } from './person.ts';
import { persons } from './read-model.ts';

/**
 * Keys of persons who were erased are destroyed: at once, again until it has worked, and again at every start, so that a
 * key store that was restored from an older back-up brings none of them back.
 */

const KIND = 'personErasure';

export const erasureTimers: TimerSource = {
  handles: ['PersonErased', 'PersonKeysDestroyed'],
  changes: (stored) => {
    const event = stored as StoredEvent &
      Extract<PersonEvent, { type: 'PersonErased' | 'PersonKeysDestroyed' }>;
    const { stream } = stored;
    const id = `${stream}/keys`;
    if (event.type === 'PersonKeysDestroyed') return [{ clear: id }];
    return [{ set: id, kind: KIND, due: AT_ONCE, data: { stream, keys: event.data.keys } }];
  },
};

const machine = { subject: 'system:erasure', name: '个人信息删除任务', organ: null, role: 'SYSTEM' };

export const erasureTimerHandlers = (
  commands: CommandDeps,
  vault: Vault | null,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    if (vault === null) throw new Error('no key store is configured: erased persons keep their keys');
    const { stream, keys } = firing.timer.data as { stream: string; keys: string[] };
    await vault.destroy(keys);
    const scope = firingContext(firing, {
      actor: machine,
      reason: '依申请删除个人信息，密钥已销毁',
      basis: [{ title: '中华人民共和国个人信息保护法', article: '第四十七条' }],
    });
    await handleCommand(commands, person, stream, { type: 'RecordDestruction' }, scope);
  },
});

const PAGE = 500;
const PAUSE_MS = 5_000;
const WAIT_MS = 500;

/** Destroys anew what was erased, however long ago. */
export type Again = (projections: Pick<Projections, 'documents'>, signal: AbortSignal) => Promise<void>;

/** A service that, once it has caught up, destroys anew what was erased. */
export function keepErased(
  service: RunningService,
  work: readonly Again[],
  { events, logger }: ServiceDependencies,
): RunningService {
  const stopping = new AbortController();
  const { projections } = service;
  const done = Promise.all(
    work.map((again) => destroyAnew(projections, () => events.head(), again, logger, stopping.signal)),
  );
  return {
    ...service,
    async stop() {
      stopping.abort();
      await Promise.all([done, service.stop()]);
    },
  };
}

async function destroyAnew(
  projections: Pick<Projections, 'documents' | 'waitFor'>,
  head: () => Promise<number>,
  again: Again,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await projections.waitFor(await head(), WAIT_MS)) return await again(projections, signal);
    } catch (err) {
      if (signal.aborted) return;
      logger.warn({ err }, 'what was erased could not be destroyed anew; trying again');
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Keys of everybody who was erased. */
export const erasedPersons =
  (vault: Vault): Again =>
  async (projections, signal) => {
    for (let after: string | undefined; !signal.aborted; ) {
      const page = await projections.documents(persons).find({
        index: 'byStatus',
        where: { status: 'ERASED' },
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      await vault.destroy(page.rows.flatMap(({ doc }) => (doc.status === 'ERASED' ? doc.keys : [])));
      after = page.rows.at(-1)?.cursor;
      if (!page.more || after === undefined) return;
    }
  };
