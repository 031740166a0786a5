import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Most of a start goes into compiling; what was compiled is kept inside the clone.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/dutyledger', import.meta.url)));
const { run } = await import('./run.ts');
await run(process.argv.slice(2), process.env);
