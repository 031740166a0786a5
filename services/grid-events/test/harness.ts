import type { Bus } from '@dutyledger/bus/bus';
import { outgoing } from '@dutyledger/contracts/event-contract';
import { type OrganFacts, OrganRegistered } from '@dutyledger/contracts/staffing';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type Data, type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { vi } from 'vitest';
import { startGridEvents } from '../src/service.ts';

export { refused } from '@dutyledger/subgraph-kit/refused.fixture';
export type { Data, Harness as GridHarness };

/** Qujiang, and two of its towns. */
export const COUNTY = '330803000000';
export const TOWN = '330803114000';
export const OTHER_TOWN = '330803109000';

export const change = {
  reason: '处置需要',
  basis: [{ title: '衢江区基层治理“一件事”改革方案', documentNumber: '衢江政发〔2024〕8号' }],
};

export const fact = (number: number, name: string, facts: Partial<OrganFacts> = {}): OrganFacts => ({
  id: `organ:330803-${String(number).padStart(4, '0')}`,
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: COUNTY,
  superior: null,
  creditCode: null,
  status: 'active',
  effectiveFrom: '2019-01-01',
  successors: [],
  ...facts,
});

export const ORGANS = {
  water: fact(1, '衢州市衢江区水利局'),
  police: fact(2, '衢州市公安局衢江分局'),
  forestry: fact(3, '衢州市衢江区林业局'),
  planning: fact(4, '衢州市自然资源和规划局衢江分局'),
  command: fact(5, '衢江区社会治理中心', { kind: 'INSTITUTION' }),
  town: fact(20, '高家镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town', division: TOWN }),
  otherTown: fact(21, '全旺镇人民政府', { kind: 'TOWN_GOVERNMENT', level: 'town', division: OTHER_TOWN }),
  village: fact(30, '高家村村民委员会', {
    kind: 'VILLAGE_ORGANISATION',
    level: 'village',
    division: '330803114200',
  }),
} satisfies Record<string, OrganFacts>;

let said = 0;

/** Another service's record, for its words on the bus. */
export function recordOf(type: string, stream: string): StoredEvent {
  said += 1;
  return {
    id: `00000000-0000-4000-8000-${String(said).padStart(12, '0')}`,
    type,
    version: 1,
    stream,
    revision: said,
    position: said,
    recordedAt: '2024-01-01T00:00:00.000Z',
    data: {},
    metadata: {
      actor: { subject: 's', name: 'n', organ: null, role: 'SYSTEM' },
      reason: 'r',
      basis: [],
      commandId: 'c',
      commandDigest: 'd',
      correlationId: 'c',
      causationId: 'c',
      division: COUNTY,
      effectiveAt: '2019-01-01',
    },
  };
}

type Message = ReturnType<typeof outgoing>;

/** By message: the groups of this service that have handled it. */
const heard = new Map<string, Set<string>>();

/** How many groups listen to each service: copies and reactions. */
const EARS = { staffing: 1, lists: 3 };

/** Says something on the bus in the name of another service; resolves when all of this one's groups have heard it. */
export async function say(
  harness: Harness,
  by: keyof typeof EARS,
  messages: readonly Message[],
): Promise<void> {
  const publisher = await harness.bus.publisher(by);
  await publisher.publish(messages);
  const all = () => messages.every(({ event }) => (heard.get(event.id)?.size ?? 0) >= EARS[by]);
  await vi.waitUntil(all, { timeout: 60_000, interval: 5 });
}

export const announce = (harness: Harness, organs: readonly OrganFacts[]): Promise<void> =>
  say(
    harness,
    'staffing',
    organs.map((organ) =>
      outgoing(OrganRegistered, {
        stored: recordOf('OrganRegistered', 'staffing.organRegister-330803'),
        data: { organ },
      }),
    ),
  );

/** The bus, which remembers what a subscriber has handled. */
function noting(bus: Bus): Bus {
  const subscribe = bus.subscribe.bind(bus);
  vi.spyOn(bus, 'subscribe').mockImplementation((options, handler) =>
    subscribe(options, async (event) => {
      await handler(event);
      heard.set(event.id, (heard.get(event.id) ?? new Set()).add(options.group));
    }),
  );
  return bus;
}

/** The service with the organs above; asked as an operator of the county platform unless told otherwise. */
export async function startGridHarness(): Promise<Harness> {
  const start: typeof startGridEvents = (deps) => startGridEvents({ ...deps, bus: noting(deps.bus) });
  const harness = await startHarness(start, {
    roles: ['COUNTY_OPERATOR'],
    division: COUNTY,
    organ: ORGANS.command.id,
    name: '赵指挥',
  });
  await announce(harness, Object.values(ORGANS));
  return harness;
}
