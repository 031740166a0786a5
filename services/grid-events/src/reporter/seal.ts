import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import { handleCommand } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { contactOf, type ReporterInput } from './contact.ts';
import { person, personStream } from './person.ts';
import { erased } from './refusals.ts';
import { withVault } from './vault-access.ts';

export interface SealedReporter {
  /** `person:<uuid>`: what the case's event carries. */
  personId: string;
  /**
   * Stands for what was given of the person in the `content` of the command: a digest of the plain values would stay in
   * the event for good, and can be guessed.
   */
  mark: string;
}

/**
 * Takes down who reports a case, sealed, in a stream of the person (G-4). The same telephone number in the same county is
 * the same person. Repeated with the same idempotency key it answers the same. Throws INVALID_INPUT for what is no
 * contact, UNAVAILABLE without key store, CONFLICT when the person of this very command was erased since.
 */
export async function sealReporter(
  context: GridEventsContext,
  reporter: ReporterInput,
  command: { operation: string; change: ChangeInput; county: string },
): Promise<SealedReporter> {
  const { contact } = unwrap(contactOf(reporter));
  const { operation, change, county } = command;
  const scope = commandContext(context, `${operation}.reporter`, change, { division: county });
  const { id, sealed, mark } = await withVault(context, async (vault) => {
    const identity =
      contact.phone === undefined ? null : { kind: `phone in ${county}`, value: contact.phone };
    const id = await vault.keyFor(`person:${uuidFrom('person', scope.commandId)}`, identity);
    const mark = await vault.mark(id, canonicalJson(contact));
    const sealed = await vault.seal(id, contact);
    if (mark === undefined || sealed === undefined) throw refusalError(erased);
    return { id, sealed, mark };
  });
  const record = { type: 'Record' as const, id, county, sealed, mark };
  unwrap(
    await handleCommand(context.grid.commands, person, personStream(id), record, {
      ...scope,
      content: { mark },
    }),
  );
  return { personId: id, mark };
}
