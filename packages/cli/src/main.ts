#!/usr/bin/env node
import { run } from './program.ts';

// A reader that has seen enough (`… | head`) ends the program quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Set rather than exit: what is still being written to a pipe must reach it.
process.exitCode = await run(process.argv.slice(2), process.env);
