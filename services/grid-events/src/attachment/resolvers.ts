import { load } from '@dutyledger/event-store/handle-command';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import type { Attachment, Result } from '../case/events.ts';
import type { GridEventsContext } from '../context.ts';
import { type AttachmentEvent, attachment, attachmentStream } from './attachment.ts';
import { attachments } from './read-model.ts';
import { notOfCase } from './refusals.ts';

/** Files of cases as they are shown, and their erasure (G-4; 个人信息保护法 art. 47), in GraphQL. */

type Ctx = GridEventsContext;

interface EraseInput {
  case: string;
  sha256: string;
  change: ChangeInput;
}

const DIGEST = /^[0-9a-f]{64}$/;

async function eraseAttachment(_: unknown, { input }: { input: EraseInput }, context: Ctx) {
  const { case: of, sha256, change } = input;
  if (!DIGEST.test(sha256)) throw refusalError(notOfCase);
  const { commands } = context.grid;
  const stream = attachmentStream(sha256);
  const { state: known } = await load(commands, attachment, stream);
  const holders = known.status === 'ABSENT' ? [] : [...known.cases, ...known.erased];
  const held = holders.find((each) => each.case === of);
  if (!held) throw refusalError(notOfCase);
  requireDivision(context, held.county, 'case');
  const { division } = held;
  const scope = commandContext(context, 'eraseAttachment', change, { division, content: input });
  const erasing = { type: 'Erase' as const, case: of };
  const { events, repeated, pending } = await mutate(
    context.grid,
    context.locale,
    attachment,
    stream,
    erasing,
    scope,
  );
  // As it was recorded: the same bytes may have been uploaded again since.
  const destroyed = events.some(
    (event) =>
      (event as unknown as AttachmentEvent).type === 'AttachmentErased' &&
      (event.data as { last: boolean }).last,
  );
  return { case: of, sha256, destroyed, repeated, pending };
}

export const attachmentMutations = { eraseAttachment };

type Shown = Attachment & { case: string };

/** Files as a case names them, each with the case. */
export const filesOf = (of: string, files: readonly Attachment[]): Shown[] =>
  files.map((file) => ({ ...file, case: of }));

/** A result of the case whose files know their case. */
export const withFiles = (of: string, result: Result | null) =>
  result && { ...result, attachments: filesOf(of, result.attachments) };

async function erasedAt({ sha256, case: of }: Shown, { grid, loaders }: Ctx): Promise<string | null> {
  const row = await loaders.load('attachments', sha256, (ids) =>
    grid.projections.documents(attachments).getMany(ids),
  );
  return row?.erased.find((each) => each.case === of)?.at ?? null;
}

export const attachmentTypes = {
  CaseAttachment: {
    erasedAt: (file: Shown, _: unknown, context: Ctx) => erasedAt(file, context),
    name: async (file: Shown, _: unknown, context: Ctx) =>
      (await erasedAt(file, context)) === null ? file.name : null,
  },
};
