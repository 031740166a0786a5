import type { BlobStore } from '@dutyledger/blobs/blob-store';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import {
  type CommandContext,
  type CommandDeps,
  handleCommand,
  load,
} from '@dutyledger/event-store/handle-command';
import type { Vault } from '@dutyledger/personal-data/vault';
import {
  AT_ONCE,
  type Firing,
  firingContext,
  type TimerHandler,
  type TimerSource,
} from '@dutyledger/timers/timers';
import { type AttachmentEvent, attachment, digestOf } from './attachment.ts';

/**
 * Files that no case names go after a day: decided in the stream of the file, where a report would name it; then deleted.
 * Those that were erased from the last case are deleted at once, with their keys.
 */

const SWEEP = 'attachmentSweep';
const DELETION = 'attachmentDeletion';

type Moved = Exclude<AttachmentEvent, { type: 'AttachmentRead' }>;

export const attachmentTimers: TimerSource = {
  handles: [
    'AttachmentStored',
    'AttachmentNamed',
    'AttachmentErased',
    'AttachmentSwept',
    'AttachmentDeleted',
  ],
  changes(stored) {
    const event = stored as StoredEvent & Moved;
    const { stream } = stored;
    const data = { stream };
    switch (event.type) {
      case 'AttachmentStored':
        return [{ set: stream, kind: SWEEP, due: event.data.until, data }];
      case 'AttachmentSwept':
        return [{ set: stream, kind: DELETION, due: AT_ONCE, data: { stream, key: event.data.key } }];
      case 'AttachmentErased': {
        const { last, key } = event.data;
        return last ? [{ set: stream, kind: DELETION, due: AT_ONCE, data: { stream, key } }] : [];
      }
      case 'AttachmentNamed':
      case 'AttachmentDeleted':
        return [{ clear: stream }];
      default:
        return event satisfies never;
    }
  },
};

const sweeping = (firing: Firing): CommandContext =>
  firingContext(firing, {
    actor: { subject: 'system:timers', name: '系统定时任务', organ: null, role: 'SYSTEM' },
    reason: '上传后超过 24 小时未关联案件，系统自动清理',
    basis: [{ title: 'DutyLedger domain rules', article: 'G-4' }],
  });

const erasing = (firing: Firing): CommandContext =>
  firingContext(firing, {
    actor: { subject: 'system:erasure', name: '个人信息删除任务', organ: null, role: 'SYSTEM' },
    reason: '依申请删除含个人信息的附件，文件已销毁',
    basis: [{ title: '中华人民共和国个人信息保护法', article: '第四十七条' }],
  });

export const attachmentTimerHandlers = (
  commands: CommandDeps,
  blobs: BlobStore | null,
  vault: Vault | null,
): Record<string, TimerHandler> => ({
  async [SWEEP](firing) {
    const { stream } = firing.timer.data as { stream: string };
    await handleCommand(commands, attachment, stream, { type: 'Sweep' }, sweeping(firing));
  },
  async [DELETION](firing) {
    const { stream, key } = firing.timer.data as { stream: string; key: string | null };
    const { state } = await load(commands, attachment, stream);
    if (state.status !== 'SWEPT' && state.status !== 'ERASED') return;
    if (blobs === null) throw new Error('no blob store is configured: files that are to be deleted stay');
    const scope = state.status === 'ERASED' ? erasing(firing) : sweeping(firing);
    await blobs.delete(digestOf(stream));
    if (key !== null) await vault?.destroy([key]);
    await handleCommand(commands, attachment, stream, { type: 'RecordDeletion' }, scope);
  },
});
