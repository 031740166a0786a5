import type { IncomingMessage } from 'node:http';

/** For how long the rest of a body may come, and how long nothing of it. */
const MOST_MS = 30_000;
const IDLE_MS = 2_000;

/** Resolves when the rest of the body has come and was dropped, or when it was waited for long enough. */
function dropped(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve();
    const most = setTimeout(end, MOST_MS);
    const idle = setTimeout(end, IDLE_MS);
    const came = () => idle.refresh();
    function end(): void {
      clearTimeout(most);
      clearTimeout(idle);
      request.off('data', came).off('end', end).off('close', end);
      resolve();
    }
    request.on('data', came).once('end', end).once('close', end).resume();
  });
}

/**
 * An answer that is given before the body of its request has come. The answer is sent at once; what still comes is
 * dropped for a while before the connection ends: one that is closed upon unread bytes is reset, and whoever still
 * writes loses the answer (RFC 9112, 9.6).
 */
export async function* answerBeforeBody<T>(
  answer: Iterable<T> | AsyncIterable<T>,
  request: IncomingMessage,
): AsyncGenerator<T> {
  yield* answer;
  await dropped(request);
}
