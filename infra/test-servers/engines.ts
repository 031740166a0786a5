import { describe, inject, test } from 'vitest';

/** A server that runs for the tests: where, and what it is called in their names. */
export interface Engine {
  url: string;
  name: string;
}

/** Or why there is none. */
export interface Missing {
  missing: string;
}

export interface Engines {
  eventstore: Engine | Missing;
  kafka: Engine | Missing;
  mongodb: Engine | Missing;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: Engines;
  }
}

/** What `npm run test:engines` found or started; for test files (`*.engine.test.ts`). */
export const engine = (kind: keyof Engines): Engine | Missing => inject('engines')[kind];

/** A suite on a real server, `<title> on <server>`; where there is none it is reported as skipped, with the reason. */
export function describeOn(kind: keyof Engines, title: string, suite: (found: Engine) => void): void {
  const found = engine(kind);
  if ('missing' in found) test.skip(`${title}: ${found.missing}`);
  else describe(`${title} on ${found.name}`, () => suite(found));
}
