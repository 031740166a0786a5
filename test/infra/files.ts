import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

/** For the tests of `infra/` and the compose files: what they say, as plain values. */

export const root = resolve(import.meta.dirname, '../..');
export const textOf = (file: string): string => readFileSync(resolve(root, file), 'utf8');

export interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string | number>;
  user?: string;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  container_name?: string;
  depends_on?: string[] | Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, null>;
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, by the rules of the Compose specification. */
const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/** The variables that a file takes from its surroundings; `needed` ones have no default. */
export const variablesOf = (file: string): { name: string; needed: boolean }[] =>
  [...textOf(file).matchAll(VARIABLE)].map(([, name = '', kind]) => ({ name, needed: kind === '?' }));

/** A compose file with its variables filled in. */
export function compose(file: string, given: Record<string, string> = {}): Compose {
  const filled = textOf(file).replace(VARIABLE, (_, name: string, kind: string, rest: string) => {
    return given[name] ?? (kind === '-' ? rest : `<${name}>`);
  });
  return parse(filled, { merge: true }) as Compose;
}

export const yaml = <T>(file: string): T => parse(textOf(file)) as T;
