import { parseArgs } from 'node:util';
import { chinaDate, isRealDate } from '@dutyledger/reference-data/china-time';
import { parseDivision } from '@dutyledger/reference-data/divisions';
import { countyOf } from './county.ts';

/** How the simulation is asked for on the command line. */

export interface Options {
  /** Twelve digits. */
  division: string;
  days: number;
  cases: number;
  seed: string;
  start: string;
  concurrency: number;
  /** Of the endpoint of a node that runs; undefined: one of its own. */
  url: string | undefined;
  dataDir: string | undefined;
  grids: number | undefined;
  workers: number | undefined;
}

const DEFAULTS = {
  division: '370114',
  days: '30',
  cases: '10000',
  seed: '1',
  start: '2026-04-20',
  concurrency: '32',
};

export const HELP = `npm run simulate -- [--division <区划 division>] [--days <天数>] [--cases <件数>] [--seed <种子>] …

  --division     区县，6 或 12 位代码，默认 370114              county, 6 or 12 digits, default 370114
  --days         天数，1 至 366，默认 30                         days, 1 to 366, default 30
  --cases        案件数，1 至 1000000，默认 10000                cases, 1 to 1,000,000, default 10,000
  --seed         种子：相同种子，相同的经过，默认 1              the same seed makes the same history, default 1
  --start        首日，默认 2026-04-20（含五一假期）             first day, default 2026-04-20 (with the May holiday)
  --concurrency  同时进行的请求，1 至 256，默认 32               requests at a time, 1 to 256, default 32
  --grids        网格数；默认章丘 485、兰山 1401，其余按镇街数   grids; default 485 in Zhangqiu, 1,401 in Lanshan, else by towns
  --workers      网格员数；默认章丘 3000                         grid workers; default 3,000 in Zhangqiu
  --data         数据目录，须为空；默认临时目录，用后删除        data directory, empty; default a temporary one, removed afterwards
  --url          已运行的开发节点的 GraphQL 地址；须用 --data 给出其数据目录（签发令牌）
                 GraphQL endpoint of a development node that runs; --data then names its data directory, for tokens

未给 --url 时自行启动一个节点，时间由模拟推进：30 天在数分钟内过去，时限照走，超时照报。
Without --url it starts a node of its own, whose time the simulation sets on: 30 days pass in minutes, limits run.
给出 --url 时按该节点的实际时间：所有案件都在今天办理，不会超时；该区县须尚无机构登记。
With --url all of it happens in that node's own time: today, nothing runs out; the county must have no organs yet.
Ctrl-C：办完当前一步后停止，核对已有的结果。不能续跑：同一种子从头再跑，经过相同。
Ctrl-C ends after the step that is under way and checks what there is. A run is not resumed: the same seed begins anew.
`;

const wholeOf = (text: string, most: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : undefined;

/** The options, a mistake in them, or the wish to see the help. */
export function readOptions(
  args: readonly string[],
): { options: Options } | { mistake: string } | { help: true } {
  const string = { type: 'string' } as const;
  const names = { ...DEFAULTS, url: '', data: '', grids: '', workers: '' };
  let given: Record<string, string | boolean | undefined>;
  try {
    given = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(Object.keys(names).map((name) => [name, string])),
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { mistake: `启动参数有误：${told}\nWrong arguments: ${told}` };
  }
  if (given['help']) return { help: true };
  const text = (name: keyof typeof names): string => String(given[name] ?? names[name]);
  const numbers = { days: 366, cases: 1_000_000, concurrency: 256, grids: 20_000, workers: 20_000 };
  for (const [name, most] of Object.entries(numbers)) {
    const value = text(name as keyof typeof names);
    if (value !== '' && wholeOf(value, most) === undefined) {
      return wrong(name, value, `1 至 ${most} 的整数`, `a whole number from 1 to ${most}`);
    }
  }
  const place = parseDivision(text('division').padEnd(12, '0'));
  if (!place.ok || !countyOf(place.value, { grids: 1, workers: 1 })) {
    return wrong('division', text('division'), '辖有镇街的区县', 'a county with towns');
  }
  if (!isRealDate(text('start')))
    return wrong('start', text('start'), '日期，如 2026-04-20', 'a day such as 2026-04-20');
  const url = text('url') || undefined;
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    return wrong('url', url, '网址', 'a URL');
  }
  if (url !== undefined && text('data') === '') {
    return wrong(
      'data',
      '',
      '该节点的数据目录（与 --url 一并给出）',
      'the data directory of the node, beside --url',
    );
  }
  return {
    options: {
      ...{ division: place.value, seed: text('seed'), url, dataDir: text('data') || undefined },
      ...{
        days: Number(text('days')),
        cases: Number(text('cases')),
        concurrency: Number(text('concurrency')),
      },
      start: url === undefined ? text('start') : chinaDate(new Date().toISOString()),
      grids: wholeOf(text('grids'), numbers.grids),
      workers: wholeOf(text('workers'), numbers.workers),
    },
  };
}

const wrong = (name: string, value: string, zh: string, en: string) => ({
  mistake: `--${name} 应为${zh}：${value}\n--${name} must be ${en}: ${value}`,
});
