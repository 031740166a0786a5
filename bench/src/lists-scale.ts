import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStore } from '@dutyledger/event-store/open';
import type { Benchmark } from './benchmarks.ts';
import { CHANGE, type Data, openList, registerOrgans } from './client.ts';
import { median, percentile, randomness, timed } from './measure.ts';
import { type Node, startNode } from './node.ts';
import { type PacedLoad, pacedLoad } from './paced-load.ts';
import { itemOf, MATTERS, type ScaleList, scaleLists, writeProvinces } from './provinces.ts';
import { type Row, row } from './report.ts';

const PER_SECOND = 50;
/** The penalty powers of Zhejiang (浙江省综合行政执法事项). */
const POWERS = 2_511;
const LOOK_AGAIN_MS = 200;

const RESPONSIBLE = /* GraphQL */ `
  query ($division: DivisionCode!, $text: String!, $asOf: AsOf) {
    responsible(division: $division, text: $text, asOf: $asOf) {
      matches { score because item { code name } lead { name } cooperators { name } }
    }
  }
`;
const SEARCH = /* GraphQL */ `
  query ($division: DivisionCode!, $text: String!, $asOf: AsOf) {
    searchItems(division: $division, text: $text, asOf: $asOf) {
      edges { score node { code name domain } highlights { field parts { text matched } } } found complete
    }
  }
`;

interface Question {
  division: string;
  text: string;
  asOf?: { effectiveAt: string };
}

/** Until every read model shows the last event. */
async function caughtUp({ ask }: Node): Promise<void> {
  for (;;) {
    const { listsReadModels: models } = await ask('{ listsReadModels { position head failure } }');
    const failed = models.find(({ failure }: { failure: string | null }) => failure !== null);
    if (failed) throw new Error(failed.failure);
    if (models.every(({ position, head }: { position: number; head: number }) => position === head)) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

const QUIET_SECONDS = 3;
const QUIET_SHARE = 0.1;

/** Until this process has nothing left to do: what other services are told of the items goes on behind. */
async function quiet(): Promise<void> {
  for (let seconds = 0; seconds < QUIET_SECONDS; ) {
    const before = process.cpuUsage();
    await sleep(1_000);
    const { user, system } = process.cpuUsage(before);
    seconds = (user + system) / 1e6 < QUIET_SHARE ? seconds + 1 : 0;
  }
}

const countyOf = ({ division }: ScaleList): string => division.slice(0, 6).padEnd(12, '0');
const provinceOf = ({ division }: ScaleList): string => division.slice(0, 2).padEnd(12, '0');

/** What is asked, by the name of the row; the same in every run. */
function questions(lists: readonly ScaleList[]): Record<string, { query: string; asked: Question[] }> {
  const random = randomness(7);
  const some = (): ScaleList => lists[Math.floor(random() * lists.length)] as ScaleList;
  const many = (make: (list: ScaleList, name: string) => Question): Question[] =>
    Array.from({ length: 200 }, () => {
      const list = some();
      const item = itemOf(list.first + Math.floor(random() * list.items), list.division);
      return make(list, item.name);
    });
  const matter = () => MATTERS[Math.floor(random() * MATTERS.length)] ?? '';
  return {
    responsible: {
      query: RESPONSIBLE,
      asked: many(({ division }) => ({ division, text: `${matter()}怎么办` })),
    },
    'responsible, whole name': {
      query: RESPONSIBLE,
      asked: many(({ division }, text) => ({ division, text })),
    },
    'search, county': {
      query: SEARCH,
      asked: many((list) => ({ division: countyOf(list), text: matter() })),
    },
    'search, province, a name': {
      query: SEARCH,
      asked: many((list, name) => ({ division: provinceOf(list), text: name.slice(0, 6) })),
    },
    'search, province, common word': {
      query: SEARCH,
      asked: many((list) => ({ division: provinceOf(list), text: '管理' })),
    },
    'search, town, common word': {
      query: SEARCH,
      asked: many(({ division }) => ({ division, text: '管理' })),
    },
    'search, nothing found': {
      query: SEARCH,
      asked: many((list) => ({ division: provinceOf(list), text: '核动力航母' })),
    },
    'search, one character': {
      query: SEARCH,
      asked: many((list) => ({ division: countyOf(list), text: '犬' })),
    },
  };
}

const bodies = (query: string, asked: readonly Question[]): string[] =>
  asked.map((variables) => JSON.stringify({ query, variables }));

/** Milliseconds of this process per answer, asked one after the other: tells most where the machine is shared. */
async function processorTime(
  asked: readonly Question[],
  ask: (question: Question) => Promise<unknown>,
): Promise<number> {
  const before = process.cpuUsage();
  for (const question of asked) await ask(question);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / asked.length;
}

async function answers(
  node: Node,
  load: PacedLoad,
  lists: readonly ScaleList[],
  quick: boolean,
): Promise<Row[]> {
  const rows: Row[] = [];
  const { url, token } = node;
  for (const [name, { query, asked }] of Object.entries(questions(lists))) {
    const send = (seconds: number) =>
      load.send({ url, token, bodies: bodies(query, asked), perSecond: PER_SECOND, seconds });
    await send(2);
    const times = await send(quick ? 6 : 20);
    const p95 = { value: percentile(times, 0.95), unit: 'ms' };
    rows.push(row(`lists-scale, ${name}, p95`, p95, { atMost: 50 }));
    rows.push(row(`lists-scale, ${name}, p50`, { value: percentile(times, 0.5), unit: 'ms' }));
    const value = await processorTime(asked.slice(0, 100), (question) => node.ask(query, { ...question }));
    rows.push(row(`lists-scale, ${name}, processor time`, { value, unit: 'ms' }));
  }
  return rows;
}

/** One after the other, in turn: what a day in the past costs more than now. */
async function asOfRatio(node: Node, lists: readonly ScaleList[], quick: boolean): Promise<Row> {
  const asked = questions(lists)['search, county']?.asked.slice(0, quick ? 60 : 200) ?? [];
  const [now, then]: [number[], number[]] = [[], []];
  for (const question of asked) {
    now.push(await timed(() => node.ask(SEARCH, { ...question })));
    then.push(await timed(() => node.ask(SEARCH, { ...question, asOf: { effectiveAt: '2024-06-01' } })));
  }
  const [value, reference] = [median(then), median(now)];
  const ratio = median(then.map((time, at) => time / (now[at] ?? time)));
  return row('lists-scale, as of a day', { value, unit: 'ms', reference, ratio }, { atMost: 1.25 });
}

type Send = (mutation: string, type: string, input: object, answer?: string) => Promise<Data>;

/** Stages 2,511 powers and takes them through every step before publication; answers the number of the draft. */
async function approvedDraft(send: Send, organ: string): Promise<number> {
  const changes = Array.from({ length: POWERS }, (_, n) => {
    const { name, domain, basis, keywords } = itemOf(n, '370114000000');
    return {
      code: `P${n + 1}`,
      add: { name: `对${name}的处罚`, domain, basis, keywords, leads: [{ organ }] },
    };
  });
  const { draft } = await send(
    'changeDraft',
    'ChangeDraftInput',
    { basedOn: 0, changes },
    'draft { number }',
  );
  await send('submitDraft', 'SubmitDraftInput', { draftNumber: draft.number });
  const paper = { organ, documentNumber: '复函〔2024〕1号' };
  const legality = { passed: true, opinion: '合法', ...paper };
  const reviewed = await send('recordLegalityReview', 'RecordLegalityReviewInput', legality);
  for (const { organ: asked } of reviewed.draft.asked) {
    const opinion = { ...paper, organ: asked.id, agrees: true, text: '同意' };
    await send('recordOpinion', 'RecordOpinionInput', opinion);
  }
  const approval = { body: '区委编委', documentNumber: '章编〔2024〕1号' };
  await send('recordApproval', 'RecordApprovalInput', approval);
  return draft.number;
}

/** Registered at the first run on kept data. */
async function anOrgan(node: Node): Promise<string> {
  const { organ } = await node.ask('{ organ(id: "organ:370114-0001") { id } }');
  return organ?.id ?? (await registerOrgans(node))[0];
}

/** Publication of an edition of 2,511 items through the API, until queries show it. */
async function publication(node: Node): Promise<Row[]> {
  const organ = await anOrgan(node);
  const list = await openList(node, '浙江省综合行政执法事项', organ);
  const send: Send = async (mutation, type, input, answer = 'draft { number asked { organ { id } } }') => {
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${answer} } }`;
    return (await node.ask(query, { input: { list, ...input, change: CHANGE } }))[mutation];
  };
  const draftNumber = await approvedDraft(send, organ);
  const publish = { draftNumber, effectiveFrom: '2024-01-01', documentNumber: '章政发〔2024〕1号' };
  const before = process.cpuUsage();
  const value = await timed(async () => {
    const { pending } = await send('publishEdition', 'PublishEditionInput', publish, 'pending');
    if (pending) await caughtUp(node);
  });
  const { user, system } = process.cpuUsage(before);
  const { dutyList } = await node.ask('query ($list: ID!) { dutyList(id: $list) { figures { total } } }', {
    list,
  });
  if (dutyList.figures.total !== POWERS) throw new Error('the edition is not what queries show');
  const name = 'lists-scale, publication of 2,511 items';
  return [
    row(name, { value, unit: 'ms' }, { atMost: 2_000 }),
    row(`${name}, processor time`, { value: (user + system) / 1_000, unit: 'ms' }),
  ];
}

/** The events of the lists in a folder; made at the first run that is given it. */
async function storedIn(folder: string, lists: readonly ScaleList[]): Promise<void> {
  const file = join(folder, 'events.db');
  if (existsSync(file)) return;
  const partial = join(folder, 'partial');
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const events = await openEventStore(`sqlite:${join(partial, 'events.db')}`);
  await writeProvinces(events, lists);
  await events.close();
  await rename(join(partial, 'events.db'), file);
  await rm(partial, { recursive: true });
}

/** Starts a node on the folder; seconds that its read models took to build, in this run or the one that built them. */
async function builtNode(folder: string): Promise<{ node: Node; seconds: number }> {
  const file = join(folder, 'built.json');
  const node = await startNode(folder);
  const milliseconds = await timed(() => caughtUp(node));
  if (!existsSync(file)) await writeFile(file, JSON.stringify({ seconds: milliseconds / 1_000 }));
  await quiet();
  return { node, seconds: JSON.parse(await readFile(file, 'utf8')).seconds };
}

/** A node that holds the lists of provinces: what an answer through the gateway takes at 50 requests a second. */
export const run: Benchmark = async ({ folder, quick, data }) => {
  const own = data ?? (await mkdtemp(join(folder, 'lists-scale-')));
  const lists = quick ? scaleLists(300, 100_000) : scaleLists(3_000, 1_000_000);
  await storedIn(own, lists);
  const load = pacedLoad();
  const { node, seconds } = await builtNode(own);
  const items = lists.reduce((sum, list) => sum + list.items, 0).toLocaleString('en');
  const { size } = await stat(join(own, 'read.db'));
  const rows: Row[] = [
    row(`lists-scale, building ${items} items`, { value: seconds, unit: 's' }),
    row(`lists-scale, read models of ${items} items`, { value: size / 2 ** 20, unit: 'MiB' }),
  ];
  rows.push(...(await answers(node, load, lists, quick)));
  rows.push(await asOfRatio(node, lists, quick));
  rows.push(...(await publication(node)));
  await load.end();
  await node.stop();
  return rows;
};
