import { handleCommand } from '@dutyledger/event-store/handle-command';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { limitExceeded, refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { Attachment } from '../case/events.ts';
import type { GridEventsContext } from '../context.ts';
import { person, personStream } from '../reporter/person.ts';
import { attachment, attachmentStream, type NamedIn } from './attachment.ts';
import { notThere, unfitFile } from './refusals.ts';

const MOST = 20;
const MOST_NAME = 200;
const DIGEST = /^[0-9a-f]{64}$/;

/** A file as a report names it: by the digest that its upload answered. */
export interface AttachmentInput {
  sha256: string;
  /** As it is shown to people and downloaded. */
  name: string;
}

/** Where files are named, and by which change. */
export type Naming = NamedIn & { operation: string; change: ChangeInput };

/**
 * Names uploaded files in a case (G-4): from then on they are kept. Call it before the case's own event is recorded; a
 * repeat changes nothing. A personal file goes to `person`, with whom it is erased. Throws NOT_FOUND for a file that is not
 * there (any more), LIMIT_EXCEEDED above 20, INVALID_INPUT for a name that is none, NOT_PERMITTED for another's personal file.
 */
export async function claimAttachments(
  context: GridEventsContext,
  files: readonly AttachmentInput[],
  { operation, change, ...namedIn }: Naming,
): Promise<Attachment[]> {
  if (files.length > MOST) {
    throw refusalError(
      limitExceeded({ en: 'attachments', 'zh-CN': '附件个数' }, MOST, files.length, 'attachments'),
    );
  }
  const { commands } = context.grid;
  const claimed: Attachment[] = [];
  for (const [i, { sha256, name }] of files.entries()) {
    const field = `attachments[${i}]`;
    const shown = name.trim();
    if (!DIGEST.test(sha256)) throw refusalError({ ...notThere, field: `${field}.sha256` });
    if (shown === '' || shown.length > MOST_NAME || /[/\\\p{Cc}]/u.test(shown))
      throw refusalError(unfitName(field));
    const scope = commandContext(context, `${operation}.${sha256}`, change, {
      division: namedIn.division,
      content: { sha256, case: namedIn.case },
    });
    const { subject } = context.caller;
    const command = { type: 'Name' as const, in: namedIn, by: subject };
    const { state } = unwrap(
      await handleCommand(commands, attachment, attachmentStream(sha256), command, scope),
    );
    if (state.status === 'ABSENT') throw new Error(`${sha256} is named and absent`);
    const { mediaType, bytes, key } = state.file;
    if (key !== null && namedIn.person !== null) {
      unwrap(
        await handleCommand(commands, person, personStream(namedIn.person), { type: 'AddFile', key }, scope),
      );
    }
    claimed.push({ sha256, mediaType, bytes, name: shown });
  }
  return claimed;
}

const unfitName = (field: string) => ({
  ...unfitFile({
    en: `A file has a name of 1 to ${MOST_NAME} characters without slashes or line breaks.`,
    'zh-CN': `附件名称应为 1 至 ${MOST_NAME} 字，不含斜杠和换行。`,
  }),
  field: `${field}.name`,
});
