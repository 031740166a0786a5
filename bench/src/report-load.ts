/** A thread that reports cases at a fixed rate, whether or not the earlier ones were answered, and takes their times. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import type { NewGrid } from '@dutyledger/grid-events/grid-network/grid-rules';
import { CHANGE } from './client.ts';
import { randomness } from './measure.ts';
import { thread } from './thread.ts';

export interface ReportLoad {
  url: string;
  /** Of a hotline, which reports for citizens. */
  hotline: string;
  /** Of the grid workers, by town. */
  patrols: Readonly<Record<string, string>>;
  grids: readonly NewGrid[];
  classes: readonly string[];
  /** Number of the first report; no number is reported twice. */
  first: number;
  perSecond: number;
  seconds: number;
}

export interface Reported {
  /** Milliseconds of each answer from when its report was due to be sent, in the order of sending. */
  times: number[];
  /** Answered before the read models showed them. */
  pending: number;
}

export interface Reporters {
  /** Rejects when one report is answered by anything but its case, in its grid and with its owner. */
  send(load: ReportLoad): Promise<Reported>;
  end(): Promise<void>;
}

export const reporters = (): Reporters => thread(import.meta.url);

const REPORT = /* GraphQL */ `
  mutation ($input: ReportCaseInput!) {
    reportCase(input: $input) {
      case { id status level gridId className route { kind name lead { name } } clocks { phase due } }
      repeated
      pending
    }
  }
`;

const WHAT = [
  '堆放建筑垃圾，影响通行',
  '夜间施工噪声扰民',
  '井盖缺失，存在安全隐患',
  '占道经营，堵塞消防通道',
];
const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'];
/** One report in five is a grid worker's; the others are of citizens, who leave their name and number. */
const PATROL = 5;
/** One citizen in ten has called before. */
const AGAIN = 10;

function corners({ code, boundary }: NewGrid): [number, number, number, number] {
  const [southWest, , northEast] = boundary?.type === 'Polygon' ? (boundary.coordinates[0] ?? []) : [];
  if (!southWest || !northEast) throw new Error(`the grid ${code} has no square`);
  return [southWest[0], southWest[1], northEast[0], northEast[1]];
}

/** The report with the number, always the same, and the grid that it lies in. */
function reportOf({ grids, classes }: ReportLoad, n: number) {
  const random = randomness(Math.imul(n + 1, 2_654_435_761));
  const some = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const grid = some(grids);
  const [west, south, east, north] = corners(grid);
  const inside = (from: number, to: number) => from + (0.1 + 0.8 * random()) * (to - from);
  const number = n % AGAIN === 0 ? Math.floor(n / AGAIN) : n;
  const reporter = {
    name: `${SURNAMES[number % SURNAMES.length]}某${number}`,
    phone: `139${String(number).padStart(8, '0')}`,
    address: `${grid.villageName}${(number % 400) + 1}号`,
  };
  const patrol = n % PATROL === 0;
  const input = {
    division: grid.town,
    source: patrol ? 'GRID_PATROL' : 'HOTLINE',
    class: some(classes),
    description: `${grid.villageName}路口以东${Math.floor(random() * 500)}米处${some(WHAT)}，请尽快处理。`,
    place: { lon: inside(west, east), lat: inside(south, north) },
    address: `${grid.villageName}路口`,
    ...(patrol ? {} : { reporter }),
    change: { ...CHANGE, reason: '群众反映', idempotencyKey: `report-${n}` },
  };
  return { grid, patrol, input };
}

/** As many connections as a platform keeps open; a report waits for one, which counts. */
const agent = new Agent({ keepAlive: true, maxSockets: 100 });

function post(url: string, token: string, body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const sent = request(url, { method: 'POST', headers, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    response.once('end', () => {
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`answered ${response.statusCode}: ${text.slice(0, 500)}`));
    });
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

async function one(load: ReportLoad, n: number, due: number): Promise<{ time: number; pending: boolean }> {
  const { grid, patrol, input } = reportOf(load, n);
  const token = (patrol ? load.patrols[grid.town] : undefined) ?? load.hotline;
  const text = await post(load.url, token, JSON.stringify({ query: REPORT, variables: { input } }));
  const time = performance.now() - due;
  const { data, errors } = JSON.parse(text);
  const { case: found, repeated, pending } = data?.reportCase ?? {};
  const number = grid.code.slice(-6);
  const right =
    found?.gridId?.endsWith(number) && found.route.kind === 'ITEM' && found.route.lead && !repeated;
  if (errors || !right) throw new Error(`report ${n} was answered ${text.slice(0, 500)}`);
  return { time, pending };
}

async function all(load: ReportLoad): Promise<Reported> {
  const { first, perSecond, seconds } = load;
  const from = performance.now();
  const sent: ReturnType<typeof one>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = from + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    sent.push(one(load, first + n, due));
  }
  const answers = await Promise.all(sent);
  return {
    times: answers.map(({ time }) => time),
    pending: answers.filter(({ pending }) => pending).length,
  };
}

parentPort?.on('message', (load: ReportLoad) => {
  all(load).then(
    (reported) => parentPort?.postMessage(reported),
    (error: Error) => parentPort?.postMessage(error.message),
  );
});
