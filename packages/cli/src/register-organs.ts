import type { Session } from './session.ts';
import { type ChangeInput, idempotencyKey } from './values.ts';

/** The most that the contract takes in one call. */
const BATCH = 1_000;

export interface RegisteredOrgan {
  id: string;
  name: string;
}

const REGISTER = `mutation ($input: RegisterOrgansInput!) {
  registerOrgans(input: $input) { organs { id name } repeated pending } }`;

/**
 * Registers organs, a batch after the other. `known` says what the register held before, so that organs that were
 * registered, ended and are needed again make a new command.
 */
export async function registerAll(
  { client, out, t }: Session,
  division: string,
  organs: readonly Record<string, unknown>[],
  change: Omit<ChangeInput, 'idempotencyKey'>,
  options: { known: unknown; effectiveFrom?: string },
): Promise<RegisteredOrgan[]> {
  const registered: RegisteredOrgan[] = [];
  const effective = options.effectiveFrom === undefined ? {} : { effectiveFrom: options.effectiveFrom };
  for (let at = 0; at < organs.length; at += BATCH) {
    const input = { division, organs: organs.slice(at, at + BATCH), ...effective };
    const idempotent = {
      ...change,
      idempotencyKey: idempotencyKey('registerOrgans', input, change, options.known),
    };
    const work = client.ask<{ registerOrgans: { organs: RegisteredOrgan[] } }>(REGISTER, {
      input: { ...input, change: idempotent },
    });
    const answer = await out.during(t('正在登记机构', 'Registering organs'), work);
    registered.push(...answer.registerOrgans.organs);
  }
  return registered;
}
