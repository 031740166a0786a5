import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStore, NewEvent } from '@dutyledger/event-store/event-store';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { openEventStore } from '@dutyledger/event-store/open';
import type { DutyListEvent } from '@dutyledger/lists/duty-list/events';
import { emptyItem, type ItemContent } from '@dutyledger/lists/duty-list/item';
import { dutyListStream } from '@dutyledger/lists/duty-list/state';
import type { BenchmarkContext } from './benchmarks.ts';

/** Duty lists as counties keep them, as events: what the rebuilds, the start and the as-of pages are measured on. */

export const DIVISION = '370114000000';

const MATTERS = [
  '犬只登记与养犬违法',
  '秸秆禁烧',
  '餐饮油烟扰民',
  '占道经营',
  '私搭乱建',
  '河道采砂',
  '农村自建房安全',
  '危险化学品储存',
];
const WORK = ['日常巡查与上报', '专项整治', '举报受理与核查', '隐患排查治理', '宣传教育与引导'];
const DEPARTMENTS = [
  '公安局',
  '农业农村局',
  '综合行政执法局',
  '生态环境分局',
  '自然资源局',
  '住房和城乡建设局',
  '水务局',
  '应急管理局',
];
const DOMAINS = ['城市管理', '生态环境', '自然资源', '安全生产', '农业农村'];

const pick = (from: readonly string[], at: number): string => from[at % from.length] ?? '';

/** Register entries 0001 to 0008, in their order. */
export const ORGAN_NAMES = DEPARTMENTS.map((name) => `济南市章丘区${name}`);

const organAt = (number: number, duty: string) => ({
  organ: `organ:370114-${String((number % DEPARTMENTS.length) + 1).padStart(4, '0')}`,
  name: pick(ORGAN_NAMES, number),
  level: 'county' as const,
  duty,
});

/** The content of item `n`; the same for the same numbers. */
export const content = (n: number, revision = 0): ItemContent => ({
  ...emptyItem,
  name: `${pick(MATTERS, n)}${pick(WORK, n >> 3)}（${n}）`,
  domain: pick(DOMAINS, n),
  leads: [organAt(n, '牵头组织，制定年度计划，受理举报并依法查处')],
  cooperators: [
    organAt(n + 1, '提供技术支持并参加联合检查'),
    organAt(n + 3, '按职责协助'),
    organAt(n + 5, '日常巡查，发现问题及时上报'),
  ],
  basis: [{ title: '济南市文明养犬管理条例', article: `第${(n % 40) + 1}条` }],
  townRole: { role: 'COOPERATE', note: null },
  keywords: [pick(MATTERS, n + 1)],
  remarks: revision === 0 ? null : `第${revision}次修订`,
});

export interface Shape {
  list: string;
  items: number;
  editions: number;
  /** Items that every edition after the first one revises. */
  revised: number;
}

export const fact = <T extends DutyListEvent['type']>(
  type: T,
  data: (DutyListEvent & { type: T })['data'],
): DutyListEvent => ({ type, data }) as DutyListEvent;

/** Every edition but the first is in force from a day later than the one before it. */
export const dayOfEdition = (edition: number): string =>
  new Date(Date.UTC(2000, 0, 1 + edition * 7)).toISOString().slice(0, 10);

/** Draft changes of an edition. One in ten retires an item and adds another. */
function changesOf(
  { items, revised }: Shape,
  edition: number,
): { added: number[]; revised: number[]; retired: number[] } {
  if (edition === 1) return { added: Array.from({ length: items }, (_, n) => n), revised: [], retired: [] };
  const turnover = Math.floor(edition / 10);
  const whole = edition % 10 === 0;
  // The first `turnover` items are gone by now, and as many are new at the end.
  const first = turnover;
  const start = (edition * revised) % items;
  const numbers = new Set(Array.from({ length: revised }, (_, i) => first + ((start + i) % (items - 1))));
  return {
    added: whole ? [items + turnover - 1] : [],
    retired: whole ? [turnover - 1] : [],
    revised: [...numbers],
  };
}

function factsOf(shape: Shape, edition: number): DutyListEvent[] {
  const { added, revised, retired } = changesOf(shape, edition);
  const code = (n: number) => `${(n % 12) + 1}.${n + 1}`;
  const documentNumber = `章政发〔${2000 + (edition % 30)}〕${edition}号`;
  return [
    ...(edition === 1
      ? [
          fact('DutyListOpened', {
            id: shape.list,
            kind: 'TERRITORIAL',
            division: DIVISION,
            title: `属地管理事项责任清单 ${shape.list}`,
            maintainer: { organ: 'organ:370114-0009', name: '中共济南市章丘区委机构编制委员会办公室' },
          }),
        ]
      : []),
    ...added.map((n) => fact('ItemAdded', { code: code(n), item: content(n) })),
    ...revised.map((n) => {
      const { leads, remarks } = content(n + edition, edition);
      return fact('ItemRevised', { code: code(n), changes: { leads, remarks } });
    }),
    ...retired.map((n) => fact('ItemRetired', { code: code(n) })),
    fact('LegalityReviewed', {
      outcome: 'PASSED',
      organ: 'organ:370114-0010',
      organName: '济南市章丘区司法局',
      opinion: '合法',
    }),
    fact('EditionApproved', { body: '区委编委', documentNumber, overruling: null }),
    fact('EditionPublished', {
      list: { kind: 'TERRITORIAL', division: DIVISION, title: `属地管理事项责任清单 ${shape.list}` },
      edition,
      effectiveFrom: dayOfEdition(edition),
      documentNumber,
      added: added.map(code),
      revised: revised.map(code),
      retired: retired.map(code),
      itemCount: shape.items,
      digest: '0'.repeat(64),
    }),
  ];
}

/** What the publication of one edition of a list, and the draft before it, left in the store. */
export const editionEvents = (shape: Shape, edition: number): NewEvent[] =>
  eventsOf(factsOf(shape, edition), {
    commandId: uuidFrom('command', shape.list, edition),
    division: DIVISION,
    effectiveAt: dayOfEdition(edition),
  });

/** Facts as one command records them. */
export const eventsOf = (
  facts: readonly DutyListEvent[],
  { commandId, division, effectiveAt }: { commandId: string; division: string; effectiveAt: string },
): NewEvent[] =>
  facts.map(({ type, data }, i) => ({
    id: uuidFrom('event', commandId, i),
    type,
    version: 1,
    data,
    metadata: {
      actor: { subject: 'li-bianji', name: '李编辑', organ: 'organ:370114-0009', role: 'LIST_EDITOR' },
      reason: '按市级指导目录编制，经征求各有关部门意见后修订',
      basis: [
        { title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', documentNumber: '鲁办发〔2019〕1号' },
      ],
      commandId,
      commandDigest: '0'.repeat(64),
      correlationId: commandId,
      causationId: commandId,
      division,
      effectiveAt,
    },
  }));

/** Appends the lists edition by edition, all lists in turn, as a county's work interleaves them. */
export async function writeLists(events: EventStore, shapes: readonly Shape[]): Promise<void> {
  const last = Math.max(...shapes.map(({ editions }) => editions));
  for (let edition = 1; edition <= last; edition++) {
    const due = shapes.filter(({ editions }) => edition <= editions);
    for (let at = 0; at < due.length; at += AT_ONCE) {
      const appends = due
        .slice(at, at + AT_ONCE)
        .map((shape) => events.append(dutyListStream(shape.list), 'any', editionEvents(shape, edition)));
      await Promise.all(appends);
    }
  }
}

const AT_ONCE = 16;
/** 1,002 events each. */
const EVENTS_PER_LIST = 1_000;
const LIST = { items: 180, editions: 18, revised: 45 };

/** A folder whose events.db holds so many events of duty lists; made once per run. */
export async function storedLists({ folder }: BenchmarkContext, count: number): Promise<string> {
  const made = join(folder, `lists-${count}`);
  if (existsSync(made)) return made;
  const partial = `${made}.partial`;
  await mkdir(partial);
  const events = await openEventStore(`sqlite:${join(partial, 'events.db')}`);
  const lists = Math.max(1, Math.round(count / EVENTS_PER_LIST));
  const shapes = Array.from({ length: lists }, (_, n) => ({ ...LIST, list: `list:370114-${n}` }));
  await writeLists(events, shapes);
  await events.close();
  await rename(partial, made);
  return made;
}
