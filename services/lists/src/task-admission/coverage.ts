import type { Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, division as divisionOf, isWithin } from '@dutyledger/reference-data/divisions';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { editionAsOf, type ItemAsOf, itemAsOf, listsFor } from '../duty-list/queries.ts';
import { actingOrgans, whoIsResponsible } from '../duty-list/responsible.ts';
import { lists } from '../duty-list/rows.ts';
import type { Cover } from './handed-task.ts';
import { admissions } from './read-model.ts';

/**
 * May an organ hand a task down to a town, a village or its grid workers (L-6, G-3)? Only what an item of a list in
 * force gives both of them, or what was admitted for that town and runs. Into a grid only what was admitted for grids.
 */

export interface Asked {
  issuer: string;
  receiver: OrganFacts;
  /** YYYY-MM-DD. */
  day: string;
  grid: boolean;
  /** What the issuer relies on; left out, nothing covers the task. */
  admission?: string | null;
  item?: { list: string; code: string } | null;
  caseClass?: string | null;
}

export type Coverage =
  | { allowed: true; cover: Cover; because: Text }
  /** `citation`: what handing it down would violate. */
  | { allowed: false; because: Text; citation: Basis };

export async function coverageOf(view: ReadView, organs: ReadView, asked: Asked): Promise<Coverage> {
  const { admission, item, caseClass } = asked;
  if (admission) return byAdmission(view, asked, admission);
  if (asked.grid) {
    return uncovered(view, asked, {
      en: 'A task enters the grid only through an admission for grids; none was named.',
      'zh-CN': '事项进入网格须经网格事项准入，未写明所依据的准入事项。',
    });
  }
  const asOf = { effectiveAt: asked.day };
  if (item) {
    const found = await itemAsOf(view, item.list, item.code, asOf);
    const cover = found && (await byItem(view, organs, asked, found));
    return cover ?? uncovered(view, asked, notListed(`${item.list} ${item.code}`, asked));
  }
  if (!caseClass) {
    return uncovered(view, asked, {
      en: 'Neither an item of a list nor an admission was named.',
      'zh-CN': '未写明所依据的清单事项或准入事项。',
    });
  }
  const question = { division: asked.receiver.division, caseClass, text: null, asOf, limit: MOST_MATCHES };
  for (const match of (await whoIsResponsible(view, question)).matches) {
    const cover = await byItem(view, organs, asked, match.item);
    if (cover) return cover;
  }
  return uncovered(view, asked, notListed(caseClass, asked));
}

const MOST_MATCHES = 50;

const notListed = (what: string, { receiver, day }: Asked): Text => ({
  en: `No list in force on ${day} gives ${receiver.name} and the issuer this task (${what}).`,
  'zh-CN': `${day} 施行的清单均未将该事项（${what}）列为交办单位与“${receiver.name}”的职责。`,
});

/** A list names both; a town's or village's own list need not name who hands the work down. */
async function byItem(
  view: ReadView,
  organs: ReadView,
  { issuer, receiver }: Asked,
  item: ItemAsOf,
): Promise<Coverage | undefined> {
  const { list, code, division, kind, content } = item.version.doc;
  if (!isWithin(receiver.division, division) || kind === 'WITHDRAWN' || kind === 'NEGATIVE') return undefined;
  if (content.handlingClass === 'MUST_NOT_HANDLE') return undefined;
  const own = division === receiver.division;
  const duties = [...content.leads, ...content.cooperators];
  const acting = new Set((await actingOrgans(organs, duties, receiver.division)).map(({ organ }) => organ));
  if (!(own || (acting.has(receiver.id) && acting.has(issuer)))) return undefined;
  const title = (await view.documents(lists).get(list))?.title ?? list;
  return {
    allowed: true,
    cover: { list, code, title: content.name },
    because: {
      en: `Item ${code} “${content.name}” of “${title}” gives it.`,
      'zh-CN': `《${title}》事项 ${code}“${content.name}”已列入。`,
    },
  };
}

async function byAdmission(view: ReadView, asked: Asked, id: string): Promise<Coverage> {
  const { issuer, receiver, day, grid } = asked;
  const row = await view.documents(admissions).get(id);
  const no = (en: string, zh: string) => uncovered(view, asked, { en, 'zh-CN': zh });
  if (!row) return no(`There is no admission ${id}.`, `没有准入事项 ${id}。`);
  const { application } = row.state;
  const { task, applicant, towns } = application;
  const granted = ['ADMITTED', 'RUNNING', 'ENDED'].includes(row.status);
  if (!granted) return no(`“${task.title}” was not admitted.`, `“${task.title}”未获准入。`);
  const to = row.endedOn ?? task.to;
  if (day < task.from || day > to) {
    return no(
      `“${task.title}” was admitted from ${task.from} to ${to}, not for ${day}.`,
      `“${task.title}”准入期限为 ${task.from} 至 ${to}，不含 ${day}。`,
    );
  }
  if (applicant.organ !== issuer) {
    return no(
      `“${task.title}” was admitted for ${applicant.organName}.`,
      `“${task.title}”系“${applicant.organName}”获准交办。`,
    );
  }
  if (!towns.some(({ organ, division }) => organ === receiver.id || isInside(receiver.division, division))) {
    return no(
      `“${task.title}” was not admitted for ${receiver.name}.`,
      `“${task.title}”的准入范围不含“${receiver.name}”。`,
    );
  }
  if (grid && !task.grid) {
    return no(`“${task.title}” was not admitted for grids.`, `“${task.title}”未获准进入网格。`);
  }
  return {
    allowed: true,
    cover: { admission: id, title: task.title },
    because: {
      en: `“${task.title}” was admitted from ${task.from} to ${to} (${row.documentNumber}).`,
      'zh-CN': `“${task.title}”已获准入（${row.documentNumber}），期限 ${task.from} 至 ${to}。`,
    },
  };
}

/** A village of a town that the task concerns. */
const isInside = (code: string, town: string): boolean => code !== town && isWithin(code, town);

async function uncovered(view: ReadView, asked: Asked, because: Text): Promise<Coverage> {
  return { allowed: false, because, citation: await violated(view, asked.receiver.division, asked.day) };
}

/** What regulates work outside lists, by the first two digits of the division: provincial regulations. */
const REGULATIONS: Record<string, Basis> = {
  '11': { title: '北京市街道办事处条例', article: '第十条' },
  '31': { title: '上海市街道办事处条例', article: '第十条' },
  '37': { title: '山东省乡镇人民政府工作条例', article: '第四条' },
};

/** The county's admission list in force; where it has none, the province's regulation, else the rule as such. */
export async function violated(view: ReadView, division: string, day: string): Promise<Basis> {
  for (const list of await listsFor(view, division)) {
    if (list.kind !== 'ADMISSION') continue;
    const edition = await editionAsOf(view, list.id, { effectiveAt: day });
    if (edition) {
      return {
        title: list.title,
        article: `第${edition.number}版`,
        documentNumber: edition.documentNumber,
      };
    }
  }
  return REGULATIONS[division.slice(0, 2)] ?? { title: 'DutyLedger domain rules', article: 'L-6' };
}

/** The county that a town or village belongs to; a division at or above the county is its own. */
export const countyOf = (code: string): string =>
  ancestors(code, { self: true }).find((above) => divisionOf(above)?.level === 'county') ?? code;
