import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { expect, test } from 'vitest';
import type { Projection } from './projection.ts';
import { type Batch, documents } from './read-store.ts';
import { together } from './together.ts';

const rows = documents<{ n: number }>()('rows', {});
const others = documents<{ n: number }>()('others', {});

function part(spec: typeof rows, version: number, handles: string[], seen: string[]): Projection {
  return {
    name: spec.name,
    version,
    collections: [spec],
    handles,
    prefetch: ({ id }) => [{ spec, id }],
    project: ({ type }) => {
      seen.push(`${spec.name} ${type}`);
    },
  };
}

test('each part gets the events that it handles, in the order of the parts; a version raised anywhere is a new one', async () => {
  const seen: string[] = [];
  const whole = together('all', [part(rows, 2, ['A', 'B'], seen), part(others, 3, ['B'], seen)]);
  expect(whole).toMatchObject({ name: 'all', version: 5, handles: ['A', 'B'], collections: [rows, others] });
  const event = (type: string) => ({ type, id: type }) as StoredEvent;
  for (const type of ['A', 'B']) await whole.project(event(type), {} as Batch);
  expect(seen).toEqual(['rows A', 'rows B', 'others B']);
  expect(whole.prefetch?.(event('A'))).toEqual([{ spec: rows, id: 'A' }]);
  expect(whole.prefetch?.(event('B'))).toHaveLength(2);
});
