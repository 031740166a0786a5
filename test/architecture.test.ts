import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Architecture rules as tests: who may import whom, how large things grow, what is not done, what nobody uses. */

const root = resolve(import.meta.dirname, '..');
const sources = globSync('{packages,services,bench,infra,simulator}/**/*.ts', {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
}).sort();
/** Tests, and what only tests use: contract suites, fixtures, harnesses. */
const isTest = (file: string): boolean =>
  /\.(test|fixture)\.ts$|\/test\/|\/src\/contract[^/]*\.ts$|service-harness\.ts$|\/samples\.ts$|given-when-then\.ts$/.test(
    file,
  );
const textOf = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const unitOf = (file: string): string => file.split('/').slice(0, 2).join('/');

interface Import {
  from: string;
  /** Unit (`packages/bus`), `node:…`, or the name of a library. */
  to: string;
  typeOnly: boolean;
}

const imports: Import[] = sources.flatMap((file) =>
  [
    ...(textOf.get(file) ?? '').matchAll(
      /(?:^|\n)(?:import|export)\s(type\s)?[^'"`;]*?from\s'([^']+)'|import\('([^']+)'\)/g,
    ),
  ].map(([, type, stated, dynamic]) => ({
    from: file,
    to: targetOf(file, stated ?? dynamic ?? ''),
    typeOnly: Boolean(type),
  })),
);

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return unitOf(relative(root, resolve(root, dirname(file), specifier)));
  const own = /^@dutyledger\/([^/]+)/.exec(specifier)?.[1];
  if (own === undefined) return specifier;
  return sources.some((one) => one.startsWith(`packages/${own}/`)) ? `packages/${own}` : `services/${own}`;
}

const across = imports.filter(({ from, to }) => /^(packages|services)\//.test(to) && unitOf(from) !== to);

/** What a unit may stand on, besides libraries. */
const ALLOWED: Record<string, string[]> = {
  'packages/event-store': [],
  'packages/reference-data': [],
  'packages/read-store': ['packages/event-store'],
  'packages/contracts': ['packages/event-store'],
  'packages/blobs': [],
  'packages/personal-data': [],
  'packages/bus': ['packages/contracts', 'packages/event-store'],
  'packages/subgraph-kit': [
    'packages/bus',
    'packages/contracts',
    'packages/event-store',
    'packages/read-store',
    'packages/reference-data',
    'packages/timers',
  ],
  'packages/tables': ['packages/event-store'],
  'packages/webhooks': ['packages/event-store', 'packages/timers'],
  'packages/timers': ['packages/event-store', 'packages/read-store', 'packages/reference-data'],
  'packages/cli': [
    'packages/bus',
    'packages/event-store',
    'packages/reference-data',
    'packages/subgraph-kit',
  ],
};
const DOMAIN = [
  'packages/blobs',
  'packages/bus',
  'packages/contracts',
  'packages/event-store',
  'packages/personal-data',
  'packages/read-store',
  'packages/reference-data',
  'packages/subgraph-kit',
  'packages/tables',
  'packages/timers',
  'packages/webhooks',
];

describe('import directions', () => {
  test('packages stand on the packages below them and never on services', () => {
    const wrong = across
      .filter(({ from }) => from.startsWith('packages/') && !isTest(from))
      .filter(({ from, to }) => !ALLOWED[unitOf(from)]?.includes(to));
    expect(wrong).toEqual([]);
  });

  test('domain services share packages and never import each other', () => {
    const domains = ['services/grid-events', 'services/lists', 'services/staffing'];
    const wrong = across.filter(({ from, to }) => domains.includes(unitOf(from)) && !DOMAIN.includes(to));
    expect(wrong.filter(({ from }) => !isTest(from))).toEqual([]);
  });

  test('only the standalone node puts services together', () => {
    const wrong = across.filter(
      ({ from, to }) =>
        to.startsWith('services/') &&
        !['services/standalone', 'packages/cli', 'bench/src', 'simulator/src'].includes(unitOf(from)),
    );
    expect(wrong).toEqual([]);
  });

  test('servers for tests know nothing of the product, and only tests and benchmarks start them', () => {
    const servers = 'infra/test-servers';
    const wrong = imports.filter(({ from, to }) =>
      unitOf(from) === servers
        ? /^(packages|services|bench)\//.test(to)
        : to === servers && !isTest(from) && !from.startsWith('bench/'),
    );
    expect(wrong).toEqual([]);
  });

  test('deciders know no machinery: no stores, no servers, no clock, no randomness', () => {
    const deciders = sources.filter(
      (file) =>
        file.startsWith('services/') &&
        !isTest(file) &&
        /\b(function|const) (evolve|decide)\b|: Decision</.test(textOf.get(file) ?? ''),
    );
    expect(deciders.length).toBeGreaterThan(4);
    for (const file of deciders) {
      const used = imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to);
      const machinery = used.filter((to) => /read-store|bus|subgraph-kit|^node:(?!crypto)/.test(to));
      expect({ file, machinery }).toEqual({ file, machinery: [] });
      expect(textOf.get(file)).not.toMatch(/Date\.now|new Date\(\)|Math\.random|randomUUID|process\./);
    }
  });

  test('every package that a unit imports is one that it declares', () => {
    const undeclared = imports.flatMap(({ from, to }) => {
      if (
        isTest(from) ||
        to.startsWith('node:') ||
        unitOf(from) === to ||
        !/^(packages|services)\//.test(from)
      )
        return [];
      const declared =
        JSON.parse(readFileSync(join(root, unitOf(from), 'package.json'), 'utf8')).dependencies ?? {};
      const name = /^(packages|services)\//.test(to)
        ? `@dutyledger/${to.split('/')[1]}`
        : to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/');
      const development =
        JSON.parse(readFileSync(join(root, unitOf(from), 'package.json'), 'utf8')).devDependencies ?? {};
      return name in declared || name in development ? [] : [`${from}: ${name}`];
    });
    expect([...new Set(undeclared)]).toEqual([]);
  });
});

/** Files that are longer than the smell, each for a reason that was looked at. */
const LONG_FILES: Record<string, string> = {};

/** Likewise functions. Commands of the command line (`register…`) are declarations: options, help, what they call. */
const LONG_FUNCTIONS: Record<string, string> = {
  'packages/cli/src/client.ts createClient': 'one closure over the endpoint and its failures',
  'services/gateway/src/gateway.ts createGateway': 'the wiring of the gateway, in one place',
  'services/lists/src/import/organ-resolver.ts createOrganResolver':
    'one closure over the index of organs and what was resolved',
};

describe('sizes', () => {
  test('a file over 300 lines asked for a second look, and is listed with the reason', () => {
    const long = sources.filter((file) => !isTest(file) && (textOf.get(file) ?? '').split('\n').length > 301);
    expect(long.filter((file) => !(file in LONG_FILES))).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((file) => !long.includes(file))).toEqual([]);
  });

  test('a function over 60 lines asked for a second look, and is listed with the reason', () => {
    const long = sources
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        functionsOf(textOf.get(file) ?? '').map(({ name, lines }) => ({ file, name, lines })),
      )
      .filter(({ lines }) => lines > 60)
      .map(({ file, name }) => `${file} ${name}`);
    expect(
      long.filter((place) => !(place in LONG_FUNCTIONS) && !/\/commands\/\S+ register/.test(place)),
    ).toEqual([]);
    expect(Object.keys(LONG_FUNCTIONS).filter((place) => !long.includes(place))).toEqual([]);
  });
});

/** Top-level functions and methods by indentation, which the formatter keeps. */
function functionsOf(text: string): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const lines = text.split('\n');
  lines.forEach((line, start) => {
    const opening =
      /^( *)(?:export )?(?:async )?(?:function\*? (\w+)|(?:static |async )*(#?\w+)\([^)]*\).* \{$)/.exec(
        line,
      );
    if (!opening || /^\s*(if|for|while|switch|catch)\b/.test(line)) return;
    const end = lines.findIndex((later, i) => i > start && later === `${opening[1]}}`);
    if (end > start) found.push({ name: opening[2] ?? opening[3] ?? '', lines: end - start + 1 });
  });
  return found;
}

describe('nothing dead, nothing forgotten', () => {
  test('every export is used by another file', () => {
    const unused = sources
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        [
          ...(textOf.get(file) ?? '').matchAll(
            /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm,
          ),
        ].map(([, name]) => ({ file, name: name ?? '' })),
      )
      .filter(({ file, name }) => {
        const word = new RegExp(`\\b${name}\\b`);
        const elsewhere = sources.some((other) => other !== file && word.test(textOf.get(other) ?? ''));
        // A type may be exported because an exported function speaks of it.
        const spokenOf = ((textOf.get(file) ?? '').match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
        return (
          !elsewhere &&
          !(spokenOf && new RegExp(`^export (interface|type) ${name}\\b`, 'm').test(textOf.get(file) ?? ''))
        );
      });
    expect(unused).toEqual([]);
  });

  test('no debugging output, commented-out code, absolute paths or registry hosts', () => {
    const wrong = [...textOf].flatMap(([file, text]) =>
      /console\.(log|debug)|^\s*\/\/ (const|let|import|return|await) .*;$|['"`]\/(work|home|root)\/|registry\.npmjs/m.test(
        text,
      )
        ? [file]
        : [],
    );
    expect(wrong).toEqual([]);
  });

  test('every rule of the services that are there is named by a test', () => {
    const tests = sources
      .filter(isTest)
      .map((file) => textOf.get(file) ?? '')
      .join('\n');
    const lists = Array.from({ length: 12 }, (_, i) => `L-${i + 1}`);
    const rules = [...lists, 'S-1', 'S-2', 'EVERY-EVENT'];
    const unnamed = rules.filter(
      (rule) =>
        !new RegExp(`(?:test|it|describe)(?:\\.\\w+\\([^)]*\\))?[^\\n]*\\(\\s*['"\`]${rule}\\b`).test(tests),
    );
    expect(unnamed).toEqual([]);
  });
});
