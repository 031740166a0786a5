import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engine } from '../../infra/test-servers/engines.ts';
import { expectWhole, ledBy } from './checks.ts';
import { Load } from './load.ts';
import type { Member } from './members.ts';
import { county } from './story.ts';
import { type Shape, type System, startSystem } from './system.ts';

const START_MS = 300_000;
const STRIKE_MS = 300_000;
const HALTED_MS = 30_000;
/** How long one that was killed stays away. */
const AWAY_MS = 2_000;

const found = engine('eventstore');
const shared: Shape['events'] = 'missing' in found ? 'stand-in' : { url: found.url };
const sharedName = 'missing' in found ? 'a stand-in for EventStoreDB (not the engine)' : found.name;
/** Engines of its own are started, which can be killed; whether that works here is known from those of the other suites. */
const missing = [engine('kafka'), engine('mongodb')].flatMap((each) =>
  'missing' in each ? [each.missing] : [],
);
const engines = ['Kafka', 'FerretDB', ...(shared === 'stand-in' ? ['EventStoreDB stand-in'] : [])];

/** Skipped by name and reason where an engine cannot be had. */
const describeWhole = (title: string, suite: () => void): void => {
  if (missing.length > 0) test.skip(`${title}: ${missing.join('; ')}`);
  else describe(title, suite);
};

/** What each process says of itself when something is not as it should be; their folder is gone when people read of it. */
async function explained(error: unknown, { services, gateways }: System): Promise<never> {
  const programs = [...Object.values(services).flat(), ...gateways];
  const conditions = programs.map(async ({ name, url }) => {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return `${name}: ${await answer.text()}`;
  });
  const told = await Promise.allSettled(conditions);
  const lines = told.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)));
  throw new Error([error instanceof Error ? error.message : error, ...lines].join('\n'), { cause: error });
}

/** Strikes under load, and tells how long it took until everybody's work was acknowledged again. */
function strikes(running: () => { load: Load }) {
  const report = (what: string, from: number, back: number) => {
    const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(1);
    process.stdout.write(
      `  ${what}: all work on ${seconds(from)} s after it, ${seconds(back)} s after it was back\n`,
    );
  };
  return {
    async kill(...members: Member[]) {
      const { load } = running();
      const struck = performance.now();
      await Promise.all(members.map((each) => each.kill()));
      await sleep(AWAY_MS);
      await Promise.all(members.map((each) => each.start()));
      const back = performance.now();
      await load.workedOn();
      report(`kill -9 of ${members.map(({ name }) => name).join(', ')}`, struck, back);
    },
    async halt(...members: Member[]) {
      const { load } = running();
      const struck = performance.now();
      for (const each of members) each.halt();
      await sleep(HALTED_MS);
      for (const each of members) each.goOn();
      const back = performance.now();
      await load.workedOn();
      report(`SIGSTOP for 30 s of ${members.map(({ name }) => name).join(', ')}`, struck, back);
    },
  };
}

describeWhole(`two instances of each service on Kafka, FerretDB and ${sharedName}`, () => {
  let system: System;
  let load: Load;
  beforeAll(async () => {
    system = await startSystem({ instances: 2, events: shared });
  }, START_MS);
  afterAll(() => system?.stop(), START_MS);
  const strike = strikes(() => ({ load }));
  const instances = (n: number): Member[] =>
    [system.gateways, ...Object.values(system.services)].flatMap((each) => each.slice(n, n + 1));

  test(
    'a county registers organs, imports, publishes and asks who is responsible',
    () => county(system.client).catch((error) => explained(error, system)),
    STRIKE_MS,
  );

  test(
    'one instance leads, and when it is killed the other leads',
    async () => {
      load = new Load(system.client);
      load.start();
      await load.workedOn();
      const { lists } = system.services;
      const leader = await ledBy(lists, 'lists.dutyLists');
      const struck = performance.now();
      await leader.kill();
      const next = await ledBy(
        lists.filter((each) => each !== leader),
        'lists.dutyLists',
      );
      const seconds = ((performance.now() - struck) / 1_000).toFixed(1);
      process.stdout.write(
        `  ${leader.name} was killed: ${next.name} projects in its place after ${seconds} s\n`,
      );
      await leader.start();
      await load.workedOn();
    },
    STRIKE_MS,
  );

  test.each([0, 1])(
    'instance %i of each service and of the gateway is killed, and stands still',
    async (n) => {
      await strike.kill(...instances(n));
      await strike.halt(...instances(n));
    },
    STRIKE_MS,
  );

  test.each(engines)(
    '%s is killed, and stands still',
    async (name) => {
      const struck = system.engines.filter((each) => each.name === name);
      expect(struck).toHaveLength(1);
      await strike.kill(...struck);
      await strike.halt(...struck);
    },
    STRIKE_MS,
  );

  test(
    'nothing acknowledged was lost, nothing was doubled, and read models equal a rebuild',
    async () => {
      await load.stop();
      expect(load.organs.length).toBeGreaterThan(100);
      await expectWhole(system, load);
    },
    STRIKE_MS,
  );
});

describeWhole('one instance of each service on Kafka, FerretDB and SQLite event stores', () => {
  let system: System;
  let load: Load;
  beforeAll(async () => {
    system = await startSystem({ instances: 1, events: 'sqlite' });
  }, START_MS);
  afterAll(() => system?.stop(), START_MS);
  const strike = strikes(() => ({ load }));

  test(
    'a county registers organs, imports, publishes and asks who is responsible',
    () => county(system.client).catch((error) => explained(error, system)),
    STRIKE_MS,
  );

  test(
    'each process and each engine is killed under load, and nothing is lost or doubled',
    async () => {
      load = new Load(system.client);
      load.start();
      await load.workedOn();
      const { services, engines, gateways } = system;
      for (const each of [...services.staffing, ...services.lists, ...gateways, ...engines])
        await strike.kill(each);
      await load.stop();
      await expectWhole(system, load);
    },
    STRIKE_MS,
  );
});
