import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

// vitest keeps a token of its server in the user's data folder: a test run leaves nothing outside of the clone.
process.env['XDG_DATA_HOME'] = join(import.meta.dirname, 'node_modules', '.cache');

export default defineConfig({
  test: {
    include: [
      'packages/**/*.test.ts',
      'services/**/*.test.ts',
      'simulator/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: [...configDefaults.exclude, '**/*.engine.test.ts'],
    pool: 'forks',
    // All cores: by itself vitest leaves one to its main process, which has little to do.
    maxWorkers: '100%',
    // Safety nets, not measurements: far above what the slowest test takes on an overloaded machine of two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
