import { describe, expect, test } from 'vitest';
import type { Client } from './client.ts';
import { allPages, type Connection, PAGE } from './pages.ts';

interface Answer {
  numbers: Connection<number>;
}

/** A connection of so many numbers, and the sizes of the pages that were asked for. */
function serverOf(total: number): { client: Client; asked: number[] } {
  const asked: number[] = [];
  const client = {
    ask: async (_: string, { first, after }: { first: number; after: string | null }) => {
      asked.push(first);
      const from = Number(after ?? 0);
      const to = Math.min(total, from + first);
      const edges = Array.from({ length: to - from }, (_edge, i) => ({ node: from + i }));
      return { numbers: { edges, pageInfo: { hasNextPage: to < total, endCursor: String(to) } } };
    },
  } as unknown as Client;
  return { client, asked };
}

const read = (client: Client, limit?: number) =>
  allPages(client, 'query', {}, (answer: Answer) => answer.numbers, limit);

describe('allPages', () => {
  test.each([0, 1, PAGE, PAGE + 1, 3 * PAGE])('reads all of %i, each once', async (total) => {
    const { client } = serverOf(total);
    const { nodes, more } = await read(client);
    expect(nodes).toEqual(Array.from({ length: total }, (_, i) => i));
    expect(more).toBe(false);
  });

  test('stops at the limit and says that there is more', async () => {
    const { client, asked } = serverOf(1_000);
    const { nodes, more } = await read(client, PAGE + 50);
    expect(nodes).toHaveLength(PAGE + 50);
    expect(more).toBe(true);
    expect(asked).toEqual([PAGE, 50]);
  });
});
