import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

// vitest keeps a token of its server in the user's data folder: a test run leaves nothing outside of the clone.
process.env['XDG_DATA_HOME'] = join(import.meta.dirname, 'node_modules', '.cache');

const exclude = [...configDefaults.exclude, '**/*.engine.test.ts'];

/** What sets something of the whole process (the collector of traces is one for all), or starts whole nodes in it. */
const ALONE = [
  '{packages,services}/**/tracing*.test.ts',
  'services/{standalone,grid-events}/test/**/*.test.ts',
  'simulator/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: [
            'packages/**/*.test.ts',
            'services/**/*.test.ts',
            'simulator/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: [...exclude, ...ALONE],
          // A process loads once what its files share, a third of the work of all tests. So none of them may leave
          // anything behind in a module, a global or a prototype.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, exclude } },
    ],
    pool: 'forks',
    // All cores: by itself vitest leaves one to its main process, which has little to do.
    maxWorkers: '100%',
    // Safety nets, not measurements: far above what the slowest test takes on an overloaded machine of two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
