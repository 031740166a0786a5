import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from './http.ts';

export interface WaitingRoom {
  /** The one that was found for port 0. */
  readonly port: number;
  /** Frees the port for the server that takes over. Safe to call twice. */
  close(): Promise<void>;
}

/** Answers for a process that cannot serve yet: it lives (/healthz), and is not ready (everything else, 503) and why. */
export async function openWaitingRoom(
  { host, port }: { host: string; port: number },
  reasons: () => Readiness[],
): Promise<WaitingRoom> {
  const server = createServer((request, response) => {
    const alive = request.url === '/healthz';
    request.resume();
    response
      .writeHead(alive ? 200 : 503, { 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify(alive ? { ok: true } : { ok: false, checks: reasons() }));
  });
  server.listen({ host, port });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
