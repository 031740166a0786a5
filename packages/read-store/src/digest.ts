import { createHash } from 'node:crypto';
import type { Generation } from './adapter.ts';
import { Pace } from './pace.ts';

/** JSON with sorted keys: the same text for the same content. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 (hex) over every document and version of a generation, in a fixed order. */
export async function digestOf(generation: Generation): Promise<string> {
  const hash = createHash('sha256');
  const pace = new Pace();
  const collections = [...generation.collections].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { kind, name } of collections) {
    hash.update(`${canonical([kind, name])}\n`);
    const rows = kind === 'documents' ? generation.documents(name).dump() : generation.temporal(name).dump();
    for await (const row of rows) {
      hash.update(`${canonical(row)}\n`);
      await pace.step();
    }
  }
  return hash.digest('hex');
}
