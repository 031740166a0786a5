import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { describeOn } from '../../../../infra/test-servers/engines.ts';
import { bearer } from '../../test/fixture.ts';
import { type Message, notes, watch, webSocketClient } from '../../test/notes.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const KILLS = 40;
/** Fewer than a round, so that who misses two rounds has to read them from the bus. */
const RECENT = 5;

describeOn('kafka', 'subscriptions', ({ url }) => {
  test(`killed and resumed ${KILLS} times during load, by turns on two gateways that read the partitions each in its own order, from memory or from the bus: every event once, in order per key`, async () => {
    const busUrl = `${url}${url.includes('?') ? '&' : '?'}partitions=4&prefix=${randomUUID().slice(0, 8)}.`;
    const { url: first, bus, publish, open, another } = await notes({ busUrl, limits: { recent: RECENT } });
    const read = vi.spyOn(bus, 'read');
    const gateways = [first, (await another({ recent: RECENT })).url];
    let watching = await watch(first);
    await open(1);
    let rounds = 0;
    let published = Promise.withResolvers<void>();
    let stopped = false;
    const load = (async () => {
      while (!stopped) {
        for (const key of KEYS) await publish(key, 1, rounds + 1);
        rounds += 1;
        published.resolve();
        published = Promise.withResolvers();
      }
    })();
    const missRounds = async (count: number) => {
      for (const goal = rounds + count; rounds < goal; ) await Promise.race([published.promise, load]);
    };
    const got: Message[] = [];
    for (let kills = 0; kills < KILLS; kills += 1) {
      await watching.until(1 + (kills % 5));
      watching.stop();
      got.push(...watching.messages);
      // Twice from far, once on each gateway, then twice from near.
      if (kills % 4 < 2) await missRounds(2);
      const client = webSocketClient(gateways[kills % 2] ?? '', await bearer());
      watching = await watch('', { client, after: got.at(-1)?.cursor });
    }
    stopped = true;
    await load;
    got.push(...(await watching.until(KEYS.length * rounds - got.length)));
    for (const key of KEYS) {
      const own = got.filter(({ id }) => String(id).startsWith(`${key}-`)).map(({ n }) => n);
      expect(own).toEqual(Array.from({ length: rounds }, (_, at) => at + 1));
    }
    expect(got).toHaveLength(KEYS.length * rounds);
    // Beside the reading of each gateway, those for who came back from far.
    expect(read.mock.calls.length).toBeGreaterThan(gateways.length);
  });
});
