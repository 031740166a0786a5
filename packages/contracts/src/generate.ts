/**
 * Writes `generated/`: a JSON Schema per event and the AsyncAPI description of the topics. Refuses to change a
 * published version in a way that breaks its consumers, or to drop one: give the event a new version instead.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { breakingChanges } from './compatibility.ts';
import { documents } from './documents.ts';

const folder = new URL('../generated/', import.meta.url);
mkdirSync(folder, { recursive: true });

const wanted = documents();
const problems = readdirSync(folder)
  .filter((name) => name.endsWith('.schema.json'))
  .flatMap((name) => {
    const now = wanted.get(name);
    if (!now) return [`${name} has no contract any more`];
    const published = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    return breakingChanges(published, now).map((problem) => `${name} ${problem}`);
  });

if (problems.length > 0) {
  process.stderr.write(
    `Published contracts would break; add a new version instead:\n${problems.join('\n')}\n`,
  );
  process.exitCode = 1;
} else {
  for (const [name, document] of wanted) {
    writeFileSync(new URL(name, folder), `${JSON.stringify(document, null, 2)}\n`);
  }
}
