import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Most of a short command's time goes into compiling; what was compiled is kept inside the clone.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/dutyledger', import.meta.url)));
const { run } = await import('./program.ts');

// A reader that has seen enough (`… | head`) ends the program quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Set rather than exit: what is still being written to a pipe must reach it.
process.exitCode = await run(process.argv.slice(2), process.env);
