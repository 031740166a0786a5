import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { watchFollowers, watchParked } from './metrics.ts';

const valuesOf = async (registry: Registry, name: string) =>
  ((await registry.getMetricsAsJSON()).find((metric) => metric.name === name)?.values ?? []).map(
    ({ labels, value }) => [Object.values(labels)[0], value],
  );

test('services of one process are read together, and one that cannot answer spoils nothing for the others', async () => {
  const registry = new Registry();
  watchFollowers(registry, async () => [{ name: 'lists.relay', lag: 3, failed: true, leading: true }]);
  watchFollowers(registry, () => Promise.reject(new Error('the store is away')));
  watchFollowers(registry, async () => [{ name: 'staffing.relay', lag: 0, failed: false, leading: false }]);
  expect(await valuesOf(registry, 'dutyledger_follower_lag_positions')).toEqual([
    ['lists.relay', 3],
    ['staffing.relay', 0],
  ]);
  for (const name of ['dutyledger_follower_failed', 'dutyledger_follower_leading']) {
    expect(await valuesOf(registry, name)).toEqual([
      ['lists.relay', 1],
      ['staffing.relay', 0],
    ]);
  }
});

test('parked messages are counted per group, for as long as the bus can be asked', async () => {
  const registry = new Registry();
  let away = false;
  const parked = async () => {
    if (away) throw new Error('the bus is away');
    return [];
  };
  watchParked(registry, { parked }, 'lists.organs');
  expect(await valuesOf(registry, 'dutyledger_parked_messages')).toEqual([['lists.organs', 0]]);
  away = true;
  expect(await valuesOf(registry, 'dutyledger_parked_messages')).toEqual([]);
});
