import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// As in vitest.config.ts: nothing is left outside of the clone.
process.env['XDG_DATA_HOME'] = join(import.meta.dirname, 'node_modules', '.cache');

// The contract suites on real servers, one file after another: each keeps a server and a process busy.
export default defineConfig({
  test: {
    include: ['{packages,services,infra,test}/**/*.engine.test.ts'],
    globalSetup: ['infra/test-servers/setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
