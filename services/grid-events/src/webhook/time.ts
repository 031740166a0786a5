import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { Vault } from '@dutyledger/personal-data/vault';
import { AT_ONCE, firingContext, type TimerHandler, type TimerSource } from '@dutyledger/timers/timers';
import { type WebhookEvent, webhook } from './webhook.ts';

/** Keys of secrets are destroyed when these have ended: of a former secret, or of a webhook that was removed. */

const KIND = 'webhookKey';

const timerOf = (stream: string, key: string): string => `${stream}/keys/${key}`;

export const webhookTimers: TimerSource = {
  handles: ['WebhookSecretRotated', 'WebhookRemoved', 'WebhookKeyDestroyed'],
  changes(stored) {
    const { stream } = stored;
    const event = stored as StoredEvent & WebhookEvent;
    const destroy = (key: string, due: string) => ({
      set: timerOf(stream, key),
      kind: KIND,
      due,
      data: { stream, key },
    });
    switch (event.type) {
      case 'WebhookSecretRotated':
        return [destroy(event.data.former, event.data.formerUntil)];
      case 'WebhookRemoved':
        return event.data.keys.map((key) => destroy(key, AT_ONCE));
      case 'WebhookKeyDestroyed':
        return [{ clear: timerOf(stream, event.data.key) }];
      default:
        return [];
    }
  },
};

const machine = { subject: 'system:webhooks', name: 'Webhook 密钥任务', organ: null, role: 'SYSTEM' };

export const webhookTimerHandlers = (
  commands: CommandDeps,
  vault: Vault | null,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    if (vault === null) throw new Error('no key store is configured: secrets of webhooks keep their keys');
    const { stream, key } = firing.timer.data as { stream: string; key: string };
    await vault.destroy([key]);
    const around = firingContext(firing, {
      actor: machine,
      reason: '签名密钥已失效，予以销毁',
      basis: [{ title: 'Standard Webhooks', article: 'Key rotation' }],
    });
    await handleCommand(commands, webhook, stream, { type: 'RecordKeyDestroyed', key }, around);
  },
});
