/** The process of a node with a simulated clock. Its parent sets the clock; when the parent goes, it goes. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/dutyledger', import.meta.url)));
const { startStandalone } = await import('@dutyledger/standalone/standalone');
const { simulatedClock } = await import('./clock.ts');

const [dataDir = '', start = ''] = process.argv.slice(2);
const clock = simulatedClock(Number(start));
const node = await startStandalone({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  production: false,
  logLevel: 'error',
  identity: { kind: 'development' },
  clock,
});

async function stop(): Promise<void> {
  await node.stop();
  process.exit(0);
}

// Ctrl-C reaches the whole group: the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.on('message', (ms: number) => {
  clock.set(ms);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ set: ms, cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: maxRSS / 1_024 });
});
process.send?.({ url: node.url });
