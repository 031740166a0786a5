import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Says what is missing before anything is loaded that needs it.
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  process.stderr.write(
    `需要 Node.js ${NEEDED} 或更新版本，现为 ${process.versions.node}。请用 npm start 启动（依赖中自带 Node 24），或安装 Node ${NEEDED}。\n` +
      `Node.js ${NEEDED} or newer is needed, this is ${process.versions.node}. Use npm start (the install brings Node 24 along), or install Node ${NEEDED}.\n`,
  );
  process.exitCode = 1;
} else {
  // Most of a start goes into compiling; what was compiled is kept inside the clone.
  enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/dutyledger', import.meta.url)));
  const { run } = await import('./run.ts');
  await run(process.argv.slice(2), process.env);
}
