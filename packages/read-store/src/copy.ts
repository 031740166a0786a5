import { hash } from 'node:crypto';
import type { AnySpec, ReadStore } from './adapter.ts';
import { inTurn } from './in-turn.ts';
import { Pace } from './pace.ts';
import type { Copy } from './projection.ts';
import { documentReader, temporalReader } from './readers.ts';
import { checkSameDeclaration } from './slot.ts';
import { WriteBuffer } from './write-buffer.ts';

/**
 * Opens a service's own copy of other services' facts. Another version than the stored one starts empty; the bus has
 * to be read from its beginning then. A failed `apply` changes nothing and may be tried again.
 */
export async function openCopy(
  readStore: ReadStore,
  name: string,
  version: number,
  specs: readonly AnySpec[],
): Promise<Copy> {
  const stored = await readStore.generations(name);
  for (const generation of stored) checkSameDeclaration(generation, { name, version, collections: specs });
  for (const generation of stored) if (generation.version !== version) await readStore.drop(generation);
  const generation =
    stored.find((candidate) => candidate.version === version) ??
    (await readStore.create(name, version, specs, true));
  const buffer = new WriteBuffer(generation, 0);
  const turn = inTurn();

  const applyOne: Copy['apply'] = async ({ key, sequence, recordedAt }, write) => {
    const last = await generation.sequence(key);
    if (last !== undefined && sequence <= last) return false;
    try {
      buffer.at(recordedAt);
      await write(buffer);
      const { change, settle } = await buffer.collect(new Pace());
      await generation.apply({ ...change, sequence: { key, sequence } });
      settle();
      return true;
    } catch (error) {
      buffer.reset();
      throw error;
    }
  };

  return {
    id: hash('sha256', JSON.stringify([generation.secret, name, version])).slice(0, 16),
    apply: (message, write) => turn(() => applyOne(message, write)),
    documents: (spec) => documentReader(() => generation, spec),
    temporal: (spec) => temporalReader(() => generation, spec),
  };
}
