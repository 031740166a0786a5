import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays, chinaDate, isoText, milliseconds, startOfDay } from '@dutyledger/reference-data/china-time';
import { Api } from './api.ts';
import { manager } from './cast.ts';
import { type County, countyOf } from './county.ts';
import { drive, type Outcome, type Progress } from './drive.ts';
import { type Difference, differences, ownDifferences, type Told, toldFigures } from './figures.ts';
import { type History, storedHistory, toldHistory } from './history.ts';
import { type Node, ownNode, runningNode } from './node.ts';
import type { Options } from './options.ts';
import { plansOf } from './plan.ts';
import { setUp } from './setup.ts';

/** A run from the first organ to the comparison of the figures. */

export interface Result {
  outcome: Outcome;
  told: Told;
  /** First and last day of the figures. */
  from: string;
  to: string;
  seconds: number;
  used: ReturnType<Node['used']>;
  events: number;
  /** Digest of the events; null where they cannot be had. */
  digest: string | null;
  /** Empty when everybody counts the same. */
  differences: (Difference & { by: 'OWN' | 'EVENTS' })[];
}

/** It cannot be done as it was asked for; both languages. */
export class SimulationError extends Error {}

export interface Around {
  signal: AbortSignal;
  progress(told: Progress & { of: number }): void;
  note(text: string): void;
}

const HOUR_MS = 3_600_000;

/** Throws SimulationError for what cannot be simulated there, and whatever breaks. */
export async function simulate(options: Options, around: Around): Promise<Result> {
  const { division, start, grids, workers } = options;
  const county = countyOf(division, { ...(grids && { grids }), ...(workers && { workers }) });
  if (!county)
    throw new SimulationError(`${division} 不是辖有镇街的区县。 ${division} is no county with towns.`);
  if (options.url !== undefined && options.dataDir !== undefined) {
    const node = await runningNode(options.url, options.dataDir);
    if (!node) throw new SimulationError(NO_ISSUER);
    return live(node, county, options, around, (api) => toldHistory(api, division));
  }
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'dutyledger-simulator-')));
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) throw new SimulationError(NOT_EMPTY);
  // The county is set up on the morning before.
  const node = await ownNode(dataDir, milliseconds(startOfDay(addDays(start, -1))) + 9 * HOUR_MS);
  try {
    return await live(node, county, options, around, async () => {
      await node.stop();
      return storedHistory(dataDir);
    });
  } finally {
    await node.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}

const NOT_EMPTY =
  '数据目录不是空的：模拟须从头开始，请另选目录。\nThe data directory is not empty: a simulation begins from nothing; name another one.';
const NO_ISSUER =
  '--data 中没有开发令牌签发器：只能对开发节点模拟（生产环境不签发令牌）。\nThere is no development issuer in --data: only development nodes can be simulated on.';
const HAS_ORGANS =
  '该区县已有机构登记：模拟会建立自己的机构、网格和清单，请换一个区县或用空的节点。\nThe county has organs already: the simulation sets up its own; choose another county or an empty node.';

async function live(
  node: Node,
  county: County,
  options: Options,
  { signal, progress, note }: Around,
  historyOf: (api: Api) => Promise<History>,
): Promise<Result> {
  const { seed, start, days, cases, concurrency, url } = options;
  const api = new Api(node);
  if (url !== undefined && (await hasOrgans(api, county))) throw new SimulationError(HAS_ORGANS);
  note(
    `建立 Setting up ${county.name}：${county.grids.length} 网格 grids，${county.workers.length} 人员 people`,
  );
  const cast = await setUp(api, county);
  const plans = plansOf(county, { seed, start, days, cases });
  const first = url === undefined ? start : chinaDate(isoText(node.now()));
  const begun = performance.now();
  const outcome = await drive(api, node, {
    ...{ seed, county, cast, plans, concurrency, signal },
    end: milliseconds(startOfDay(addDays(start, days))),
    progress: (told) => progress({ ...told, of: cases }),
  });
  const seconds = (performance.now() - begun) / 1_000;
  const last = url === undefined ? addDays(start, days - 1) : chinaDate(isoText(node.now()));
  await node.settled();
  await allShown(api, county);
  const told = await toldFigures(api, county.code, [first, last]);
  const used = node.used();
  const { recount, digest } = await historyOf(api);
  return {
    ...{ outcome, told, seconds, used, digest, from: first, to: last, events: recount.events },
    differences: [
      ...ownDifferences(told.total, {}, outcome.own.counts()).map((one) => ({ by: 'OWN' as const, ...one })),
      ...differences(told, recount.figures(first, last)).map((one) => ({ by: 'EVENTS' as const, ...one })),
    ],
  };
}

/** The read models show everything that was recorded. */
async function allShown(api: Api, county: County): Promise<void> {
  type Answer = { gridEventsReadModels: { position: number; head: number }[] };
  await api.once(
    () => api.ask<Answer>(manager(county), '{ gridEventsReadModels { position head } }'),
    ({ gridEventsReadModels }) => gridEventsReadModels.every(({ position, head }) => position >= head),
    'the read models show everything',
  );
}

async function hasOrgans(api: Api, county: County): Promise<boolean> {
  const query =
    'query ($division: DivisionCode!) { organs(division: $division, first: 1) { edges { node { id } } } }';
  type Answer = { organs: { edges: object[] } };
  const { organs } = await api.ask<Answer>(manager(county), query, { division: county.code });
  return organs.edges.length > 0;
}
