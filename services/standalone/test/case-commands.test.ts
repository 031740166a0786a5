import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASE_STEPS } from '@dutyledger/cli/case-steps';
import { run } from '@dutyledger/cli/program';
import { jpeg } from '@dutyledger/grid-events/attachment/pictures.fixture';
import { CASE_EVENT_TYPES } from '@dutyledger/grid-events/case/evolve';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode, heard } from './embedded.ts';
import { folder } from './harness.ts';
import { County } from './reforms/county.ts';

/** Cases, calls, figures and files by the command line alone (G-4 to G-10). */

const COUNTY = '370114000000';
const TOWN = '370114101000';
const files = folder();
const dataDir = folder();

let node: Standalone;
let organs: string[];
beforeAll(async () => {
  node = await embeddedNode({ dataDir });
  organs = await new County(node, COUNTY).register([
    { name: '区水利局', kind: 'DEPARTMENT' },
    { name: '区公安分局', kind: 'DEPARTMENT' },
    { name: '测试镇人民政府', kind: 'TOWN_GOVERNMENT', level: 'TOWN', division: TOWN },
    { name: '区自然资源局', kind: 'DEPARTMENT' },
    { name: '区应急管理局', kind: 'DEPARTMENT' },
  ]);
});
afterAll(() => node.stop());

test('every step of a case has words of its own', () => {
  expect(Object.keys(CASE_STEPS).sort()).toEqual([...CASE_EVENT_TYPES].sort());
});

/** A command line as typed; what it printed. */
async function typed(...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((part) => {
      printed[name] += String(part);
      return true;
    }),
  );
  try {
    const env = { DUTYLEDGER_URL: `${node.url}/graphql`, DATA_DIR: dataDir };
    const code = await run(args, env);
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A command that must succeed; its JSON answer. */
async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await typed(...args, '--json');
  if (code !== 0) throw new Error(`dutyledger ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
}

interface Case {
  id: string;
  status: string;
  level: string;
  tasks: { id: string; status: string; organName: string; disputed: boolean }[];
  history: { step: string; reason: string }[];
}
const after = async (verb: string, id: string, ...args: string[]) =>
  (await json<{ case: Case }>('cases', verb, id, '--reason', `依规${verb}`, ...args)).case;
const acted = async (...args: Parameters<typeof after>) => (await after(...args)).status;
const officer = async (organ: string | undefined) => [
  '--token',
  await node.token({ roles: ['DEPARTMENT_OFFICER'], organ: organ ?? '', division: COUNTY }),
];
const report = (description: string, ...args: string[]) =>
  json<{ case: Case; repeated: boolean }>(
    ...['cases', 'report', '--division', '370114101', '--source', 'CITIZEN', '--class', '水利.采砂'],
    ...['--description', description, ...args],
  );

test('G-4 to G-8 a case from its report to its evaluation, with a file', async () => {
  const picture = join(files, '现场.jpg');
  writeFileSync(picture, jpeg());
  const { sha256 } = await json<{ sha256: string }>('attachments', 'add', picture);
  const named = `${sha256}=现场.jpg`;
  const first = await report('夜间采砂', '--attachment', named, '--reporter-phone', '13800001234');
  expect(first).toMatchObject({ repeated: false, case: { status: 'REPORTED', level: 'TOWN' } });
  const { id } = first.case;
  expect((await report('夜间采砂', '--attachment', named, '--reporter-phone', '13800001234')).repeated).toBe(
    true,
  );
  const copy = join(files, 'copy.jpg');
  await json('attachments', 'get', sha256, '--out', copy);
  expect(readFileSync(copy).byteLength).toBeGreaterThan(100);

  expect(await acted('accept', id)).toBe('ACCEPTED');
  expect(await acted('file', id)).toBe('FILED');
  expect(await acted('escalate', id, '--to', 'COUNTY')).toBe('FILED');
  const token = await node.token({ roles: ['COUNTY_OPERATOR'], division: COUNTY });
  await heard(node.url, await node.token({ roles: ['AUDITOR'] }), organs.at(-1) ?? '');
  const tasks = join(files, 'tasks.json');
  const task = { key: 'a', name: '查处', organ: organs[0], role: 'LEAD' };
  writeFileSync(tasks, JSON.stringify([task]));
  await vi.waitUntil(async () => {
    const { code, stderr } = await typed(
      ...['cases', 'dispatch', id, '--tasks', tasks, '--reason', '派遣', '--key', crypto.randomUUID()],
      ...['--token', token],
    );
    if (code !== 0 && !/机构/.test(stderr)) throw new Error(stderr);
    return code === 0;
  });
  expect(
    await acted('suspend', id, '--cause', 'EXPERT_APPRAISAL', '--until', '2099-12-31').catch(String),
  ).toMatch(/LIMIT|RULE|INVALID/);
  const officer = [
    '--token',
    await node.token({ roles: ['DEPARTMENT_OFFICER'], organ: organs[0] ?? '', division: COUNTY }),
  ];
  const open = await json<Case>('cases', 'show', id);
  const assigned = open.tasks[0]?.id ?? '';
  expect(await json<Case[]>('cases', 'list', '--division', '370114', '--organ', '区水利局')).toMatchObject([
    { id },
  ]);
  await acted('accept-task', id, '--task', assigned, ...officer);
  expect(await acted('finish-task', id, '--task', assigned, '--result', '已查处', ...officer)).toBe(
    'HANDLED',
  );
  expect(await acted('feedback', id, '--text', '已反馈')).toBe('FED_BACK');
  expect(await acted('verify', id, '--result', '现场已恢复', '--close')).toBe('CLOSED');
  const yes = ['--responded', 'yes', '--resolved', 'yes', '--satisfied', 'no'];
  expect(await acted('evaluate', id, '--by', 'REPORTER', ...yes)).toBe('EVALUATED');

  const shown = await typed('cases', 'show', id, '--lang', 'en');
  expect(shown.stdout).toMatch(/evaluated/);
  expect(shown.stdout).toMatch(/ dispatched /);
  const { history } = await json<Case>('cases', 'show', id);
  expect(history.at(0)?.step).toBe('CaseReported');
  expect(history.at(-1)?.step).toBe('CaseEvaluated');
});

test('G-5 lists are filtered and cut, refusals say their rule, wrong usage asks nothing', async () => {
  const { id } = (await report('垃圾堆放')).case;
  const { id: other } = (await report('路灯损坏')).case;
  expect(
    await json<Case[]>('cases', 'list', '--division', '370114101', '--status', 'REPORTED'),
  ).toMatchObject([{ id: other }, { id }]);
  const cut = await typed('cases', 'list', '--division', '370114', '--limit', '1', '--lang', 'en');
  expect(cut.stdout).toContain(other);
  expect(cut.stdout).not.toContain(id);
  expect(cut.stderr).toContain('The first 1 only');
  expect(await json('cases', 'list', '--division', '370114', '--overdue')).toEqual([]);
  expect(await json('cases', 'list', '--division', '370114', '--to', '2000-01-01')).toEqual([]);
  expect(await acted('merge', other, '--into', id)).toBe('MERGED');
  expect(await acted('unmerge', other)).toBe('REPORTED');
  expect(await acted('link', other, '--to', id)).toBe('REPORTED');
  expect(await acted('void', other)).toBe('VOIDED');
  expect(await acted('refuse', id)).toBe('REFUSED');
  expect(await acted('reopen', id, '--third-party', '回访中心')).toBe('REPORTED');

  const wrong = await typed('cases', 'close', id, '--reason', '结案', '--lang', 'en');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/rule: +G-/);
  expect((await typed('cases', 'show', 'case:370114000000-none', '--lang', 'en')).stderr).toMatch(
    /NOT_FOUND/,
  );
  for (const args of [
    ['cases', 'accept', id],
    ['cases', 'list', '--division', '370114', '--overdue', '--level', 'TOWN'],
    ['cases', 'list', '--division', '370114', '--status', 'NEVER'],
    ['cases', 'extend', id, '--amount', '0', '--reason', 'x'],
    ['cases', 'settle', id, '--result', 'x', '--attachment', 'x', '--reason', 'x'],
    ['cases', 'dispatch', id, '--tasks', join(files, 'none.json'), '--reason', 'x'],
    ['attachments', 'add', join(files, 'x.html')],
    ['cases'],
  ]) {
    expect({ args, code: (await typed(...args)).code }).toEqual({ args, code: 2 });
  }
});

test('G-9, G-10 a call from its issue to its rating, and the figures', async () => {
  const town = await node.token({ roles: ['TOWN_OPERATOR'], organ: organs[2] ?? '', division: TOWN });
  const water = await node.token({ roles: ['DEPARTMENT_OFFICER'], organ: organs[0] ?? '', division: COUNTY });
  const as = (token: string) => ['--token', token];
  const issued = await json<{ call: { id: string } }>(
    ...['calls', 'issue', '--division', '370114101', '--kind', 'EMERGENCY', '--title', '夜间采砂'],
    ...['--asked', '到场查处', '--address', '河边', '--lead', organs[0] ?? '', ...as(town)],
  );
  const { id } = issued.call;
  const act = (verb: string, token: string, ...args: string[]) =>
    json<{ call: { parts: { status: string }[] } }>(
      'calls',
      verb,
      id,
      '--reason',
      verb,
      ...args,
      ...as(token),
    );
  await act('accept', water, '--text', '即来');
  await act('arrive', water);
  await act('finish', water, '--text', '已查处');
  const organ = ['--organ', organs[0] ?? ''];
  expect((await act('rate', town, ...organ, '--points', '5')).call.parts).toMatchObject([
    { status: 'RATED' },
  ]);
  expect(await json('calls', 'list', '--division', '370114', '--status', 'CLOSED')).toMatchObject([{ id }]);
  expect(await json('calls', 'list', '--division', '370114', ...organ)).toEqual([]);
  expect((await typed('calls', 'show', id, '--lang', 'en')).stdout).toMatch(/CallRated/);

  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const period = ['--division', '370114', '--from', today, '--to', today];
  await vi.waitUntil(async () => {
    const { counts } = await json<{ counts: { measure: string; count: number }[] }>('indicators', ...period);
    return counts.some(({ measure, count }) => measure === 'REPORTED' && count === 3);
  });
  expect((await typed('indicators', ...period, '--by', 'division')).stdout).toMatch(/上报数[\s\S]*结案率/);
});

test('G-5 to G-8 what is done with a case in between: back and forth, joint meeting, tasks that move, limits that stand still', async () => {
  const { id } = (await report('占用河道')).case;
  await acted('accept', id, '--file');
  expect(await after('escalate', id)).toMatchObject({ level: 'COUNTY' });
  expect(await after('send-back', id)).toMatchObject({ level: 'TOWN' });
  expect(await after('escalate', id, '--key', `${id} again`)).toMatchObject({ level: 'COUNTY' });
  const county = ['--token', await node.token({ roles: ['COUNTY_OPERATOR'], division: COUNTY })];
  expect(await after('escalate', id, '--to', 'JOINT', ...county)).toMatchObject({ level: 'JOINT' });
  const met = ['--participant', '区水利局', '--participant', '区公安分局', '--decision', '联合查处'];
  await acted('meet', id, ...met, '--document-number', '会纪〔2026〕1号');
  const tasks = join(files, 'two-tasks.json');
  const [water, police, planning] = [organs[0], organs[1], organs[3]];
  writeFileSync(
    tasks,
    JSON.stringify([
      { key: 'a', name: '查处', organ: water, role: 'LEAD' },
      { key: 'b', name: '协助', organ: police, role: 'COOPERATE' },
    ]),
  );
  await acted('dispatch', id, '--tasks', tasks);
  const show = () => json<Case>('cases', 'show', id);
  const { tasks: given } = await show();
  const [lead = '', other = ''] = given.map((task) => task.id);

  await acted('return-task', id, '--task', other, ...(await officer(police)));
  expect(await show()).toMatchObject({ tasks: [{}, { status: 'RETURNED' }] });
  await acted('transfer', id, '--task', other, '--to', '区自然资源局');
  expect((await show()).tasks.some(({ organName }) => organName === '区自然资源局')).toBe(true);
  await acted('supervise', id, '--organ', '区水利局');

  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const handler = await officer(water);
  const cause = ['--cause', 'FORCE_MAJEURE', '--until', until];
  expect(await acted('suspend', id, ...cause, ...handler)).toBe('HANDLING');
  expect(await acted('decide-suspension', id, '--decision', 'approve')).toBe('SUSPENDED');
  expect(await acted('resume', id, ...handler)).toBe('HANDLING');
  expect(await acted('extend', id, '--amount', '1', ...handler)).toBe('HANDLING');
  expect(await acted('decide-extension', id, '--decision', 'approve')).toBe('HANDLING');
  const denied = ['--task', lead, '--proposed', planning ?? '', ...handler];
  expect(await acted('deny-duty', id, ...denied)).toBe('HANDLING');
  const { tasks: now, history } = await show();
  expect(now[0]).toMatchObject({ disputed: true });
  expect(history.slice(-6).map(({ step }) => step)).toEqual([
    ...['CaseSuspensionRequested', 'CaseSuspended', 'CaseResumed'],
    ...['CaseExtensionRequested', 'CaseExtended', 'CaseDutyDenied'],
  ]);
  const steps = new Set(history.map(({ step }) => step));
  for (const step of ['CaseSentBack', 'CaseJointMeetingHeld', 'CaseTaskTransferred', 'CaseSupervised']) {
    expect(steps).toContain(step);
  }

  const { id: small } = (await report('占道经营')).case;
  await acted('accept', small, '--file');
  expect(await acted('settle', small, '--result', '已劝离')).toBe('FED_BACK');
  expect(await acted('rework', small)).toBe('FILED');
});

test('G-9 a call that is refused, handed on, done again and withdrawn', async () => {
  const as = (roles: readonly ('TOWN_OPERATOR' | 'COUNTY_OPERATOR')[], more: object = {}) =>
    node.token({ roles, division: COUNTY, ...more }).then((token) => ['--token', token]);
  const town = await as(['TOWN_OPERATOR'], { organ: organs[2] ?? '', division: TOWN });
  const county = await as(['COUNTY_OPERATOR']);
  const [water, police] = await Promise.all([organs[0], organs[1]].map(officer));
  const issued = await json<{ call: { id: string } }>(
    ...['calls', 'issue', '--division', '370114101', '--kind', 'JOINT_ENFORCEMENT', '--title', '联合执法'],
    ...['--asked', '到场', '--address', '河边', '--lead', '区水利局', '--organ', '区公安分局'],
    ...['--at', new Date(Date.now() + 86_400_000).toISOString(), ...town],
  );
  const { id } = issued.call;
  const act = async (verb: string, token: string[] = [], ...args: string[]) => {
    const { call } = await json<{ call: { parts: { organName: string; status: string }[] } }>(
      ...['calls', verb, id, '--reason', `依规${verb}`, ...args, ...token],
    );
    return Object.fromEntries(call.parts.map(({ organName, status }) => [organName, status]));
  };
  const law = ['--law', '中华人民共和国水法', '--article', '第六十五条'];
  expect(await act('refuse', police, ...law)).toMatchObject({ 区公安分局: 'REFUSED' });
  const stands = ['--organ', '区公安分局', '--stands', 'yes', '--substitute', '区自然资源局'];
  expect(await act('decide', county, ...stands)).toEqual({
    区水利局: 'CALLED',
    区公安分局: 'SUBSTITUTED',
    区自然资源局: 'CALLED',
  });
  const another = ['--organ', '区自然资源局', '--substitute', '区应急管理局'];
  expect(await act('substitute', county, ...another)).toMatchObject({
    区自然资源局: 'SUBSTITUTED',
    区应急管理局: 'CALLED',
  });
  await act('accept', water);
  await act('tell', water, '--text', '在途');
  await act('arrive', water);
  expect(await act('finish', water, '--text', '已办')).toMatchObject({ 区水利局: 'DONE' });
  expect(await act('rework', town, '--organ', '区水利局')).toMatchObject({ 区水利局: 'REWORK' });
  expect(await act('withdraw', town, '--organ', '区应急管理局')).toMatchObject({ 区应急管理局: 'WITHDRAWN' });
  expect((await typed('calls', 'show', id, '--lang', 'en')).stdout).toMatch(/CallFeedbackGiven/);
});
