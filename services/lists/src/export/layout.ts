import type { Basis } from '@dutyledger/event-store/event-store';
import type {
  FiscalShare,
  HandlingClass,
  ItemContent,
  OrganDuty,
  ProcedureStep,
  TownRole,
} from '../duty-list/item.ts';
import { limitText, parseLimit } from '../procedure/duration.ts';

/**
 * The canonical layout of an exported list: Chinese headings as real lists have them, several values of a cell on lines
 * of their own, organs and their duties line by line. Every row carries the mark of the layout, so that the import
 * reads it back exactly; a row without the mark (added by hand) is read as any other list.
 */
export const FORMAT_HEADING = '导出格式';
export const FORMAT_MARK = 'DL1';
/** `name=id` of every organ that the row names: names may change, ids do not. */
export const ORGANS_HEADING = '机构标识';
export const CANONICAL_ONLY: ReadonlySet<string> = new Set([FORMAT_HEADING, ORGANS_HEADING]);

const EXTRA_PREFIX = '附加:';

const CLASSES: Record<HandlingClass, string> = {
  MAY_HANDLE: '可办理',
  ASSIST: '协助办理',
  MUST_NOT_HANDLE: '不可办理',
};

const ROLES: Record<TownRole, string> = {
  LEAD: '主体',
  COOPERATE: '配合',
  SHARED: '共有',
  ENTRUSTED: '受委托',
  CALL: '吹哨',
  NONE: '无',
  UNSPECIFIED: '未规定',
};

const keyOf = <K extends string>(labels: Record<K, string>, label: string): K | undefined =>
  (Object.keys(labels) as K[]).find((key) => labels[key] === label);

/** An organ as a row names it, before it is looked up; the id comes from the row's own directory. */
export interface NamedOrgan {
  name: string;
  id: string | null;
}

/** An exported row read back: the content with names in place of organs. */
export interface CanonicalItem
  extends Omit<
    ItemContent,
    'jointlyLed' | 'leads' | 'cooperators' | 'townBody' | 'fiscalShares' | 'procedure'
  > {
  leads: (NamedOrgan & { duty: string | null })[];
  cooperators: (NamedOrgan & { duty: string | null })[];
  townBody: NamedOrgan | null;
  fiscalShares: (NamedOrgan & { share: number })[];
  procedure: (Omit<ProcedureStep, 'organ' | 'organName'> & { organ: NamedOrgan | null })[] | null;
}

export interface CanonicalRow {
  code: string;
  content: ItemContent;
}

interface Column {
  heading: string;
  write(row: CanonicalRow): string;
}

/** The columns in their order; extras stand between the last of these and the two technical columns. */
export const COLUMNS: readonly Column[] = [
  { heading: '事项编码', write: ({ code }) => code },
  { heading: '事项名称', write: ({ content }) => content.name },
  { heading: '领域', write: ({ content }) => content.domain ?? '' },
  { heading: '事项类型', write: ({ content }) => content.category ?? '' },
  {
    heading: '办理类别',
    write: ({ content }) => (content.handlingClass === null ? '' : CLASSES[content.handlingClass]),
  },
  { heading: '主体责任单位', write: ({ content }) => organNames(content.leads) },
  { heading: '主体责任', write: ({ content }) => organDuties(content.leads) },
  { heading: '配合责任单位', write: ({ content }) => organNames(content.cooperators) },
  { heading: '配合责任', write: ({ content }) => organDuties(content.cooperators) },
  { heading: '镇街角色', write: ({ content }) => writeRole(content.townRole) },
  { heading: '承接机构', write: ({ content }) => content.townBody?.name ?? '' },
  { heading: '依据', write: ({ content }) => lines(content.basis.map((basis) => basis.title)) },
  { heading: '条款', write: ({ content }) => lines(content.basis.map((basis) => basis.article ?? null)) },
  {
    heading: '文号',
    write: ({ content }) => lines(content.basis.map((basis) => basis.documentNumber ?? null)),
  },
  { heading: '财权分配占比', write: ({ content }) => content.fiscalShares.map(writeShare).join('\n') },
  { heading: '具体情形', write: ({ content }) => content.situations.map(writeSituation).join('\n') },
  { heading: '流程步骤', write: ({ content }) => (content.procedure ?? []).map(writeStep).join('\n') },
  {
    heading: '承诺时限',
    write: ({ content }) => (content.promised ? limitText(content.promised, 'zh-CN') : ''),
  },
  { heading: '事件类别', write: ({ content }) => lines(content.caseClasses) },
  { heading: '关键词', write: ({ content }) => lines(content.keywords) },
  { heading: '备注', write: ({ content }) => content.remarks ?? '' },
];

const RESERVED: ReadonlySet<string> = new Set([
  ...COLUMNS.map((column) => column.heading),
  ...CANONICAL_ONLY,
]);

/** An extra keeps its heading, unless the layout has a column of that name. */
export const extraHeading = (key: string): string =>
  RESERVED.has(key) || key.startsWith(EXTRA_PREFIX) ? EXTRA_PREFIX + key : key;

/** `name=id` per organ of the row. */
export function organDirectory({ content }: CanonicalRow): string {
  const organs = new Map<string, string>();
  const add = (name: string | null, id: string | null) => {
    if (name !== null && id !== null && !organs.has(name)) organs.set(name, id);
  };
  for (const { name, organ } of [...content.leads, ...content.cooperators, ...content.fiscalShares])
    add(name, organ);
  if (content.townBody) add(content.townBody.name, content.townBody.organ);
  for (const step of content.procedure ?? []) add(step.organName, step.organ);
  return [...organs].map(([name, id]) => `${mark(name)}=${mark(id)}`).join('\n');
}

/** Reads an exported row; `cell` gives the text under a heading, `headings` are all of the table. */
export function readCanonical(
  headings: readonly string[],
  cell: (heading: string) => string,
): { code: string; item: CanonicalItem } {
  const ids = new Map(
    splitLines(cell(ORGANS_HEADING)).map((line) => {
      const [name = '', id = ''] = cut(line, '=');
      return [unmark(name), unmark(id)];
    }),
  );
  const named = (name: string): NamedOrgan => ({ name, id: ids.get(name) ?? null });
  const orNull = (text: string) => (text === '' ? null : text);
  const item: CanonicalItem = {
    name: cell('事项名称'),
    domain: orNull(cell('领域')),
    category: orNull(cell('事项类型')),
    handlingClass: keyOf(CLASSES, cell('办理类别')) ?? null,
    leads: organs(cell('主体责任单位'), cell('主体责任'), named),
    cooperators: organs(cell('配合责任单位'), cell('配合责任'), named),
    basis: readBasis(cell('依据'), cell('条款'), cell('文号')),
    townRole: readRole(cell('镇街角色')),
    townBody: cell('承接机构') === '' ? null : named(cell('承接机构')),
    fiscalShares: splitLines(cell('财权分配占比')).map((line) => readShare(line, named)),
    situations: splitLines(cell('具体情形')).map(readSituation),
    procedure: readProcedure(cell('流程步骤'), named),
    promised: parseLimit(cell('承诺时限')) ?? null,
    caseClasses: readLines(cell('事件类别')).filter((term) => term !== null),
    keywords: readLines(cell('关键词')).filter((term) => term !== null),
    remarks: orNull(cell('备注')),
    extras: {},
  };
  for (const heading of headings) {
    const text = RESERVED.has(heading) ? '' : cell(heading);
    if (text !== '')
      item.extras[heading.startsWith(EXTRA_PREFIX) ? heading.slice(EXTRA_PREFIX.length) : heading] = text;
  }
  return { code: cell('事项编码'), item };
}

/** Within a cell of several lines: line breaks, bars and a lone dash of the text itself are marked by a backslash. */
const mark = (text: string): string =>
  text
    .replace(/[\\|、=]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replace(/^—$/, '\\—');

const unmark = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\([\\|、=—n])/g, (_, char: string) => (char === 'n' ? '\n' : char))
    : text;

/** Parts between separators that no backslash precedes. */
function cut(text: string, separator: string): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === separator) parts.push('');
    else parts[parts.length - 1] += char === '\\' ? char + (text[++i] ?? '') : char;
  }
  return parts;
}

const splitLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Nothing at all is an empty cell; nothing among others is a dash, so that lines keep their places. */
function lines(values: readonly (string | null)[]): string {
  if (values.every((value) => value === null)) return '';
  return values.map((value) => (value === null || value === '' ? '—' : mark(value))).join('\n');
}

const readLines = (text: string): (string | null)[] =>
  splitLines(text).map((line) => (line === '—' ? null : unmark(line)));

const organNames = (organs: readonly OrganDuty[]) => lines(organs.map((organ) => organ.name));
const organDuties = (organs: readonly OrganDuty[]) => lines(organs.map((organ) => organ.duty));

function organs(names: string, duties: string, named: (name: string) => NamedOrgan) {
  const all = readLines(names).filter((name) => name !== null);
  const texts = readLines(duties);
  if (texts.length > all.length && all.length > 0)
    texts.splice(all.length - 1, texts.length, lastDuty(texts, all.length));
  return all.map((name, i) => ({ ...named(name), duty: texts[i] ?? null }));
}

/** More lines than organs were typed by a person: what is over belongs to the last organ. */
const lastDuty = (texts: (string | null)[], organs: number): string =>
  texts
    .slice(organs - 1)
    .map((text) => text ?? '—')
    .join('\n');

function readBasis(titles: string, articles: string, numbers: string): Basis[] {
  const article = readLines(articles);
  const number = readLines(numbers);
  return readLines(titles).map((title, i) => ({
    title: title ?? '',
    ...(article[i] && { article: article[i] }),
    ...(number[i] && { documentNumber: number[i] }),
  }));
}

function writeRole(townRole: ItemContent['townRole']): string {
  if (townRole === null) return '';
  const { role, note } = townRole;
  return note === null || note === '' ? ROLES[role] : `${ROLES[role]}(${note})`;
}

function readRole(text: string): ItemContent['townRole'] {
  const [, word = '', note] = /^([^(\uff08]*)(?:[(\uff08](.*)[)\uff09])?$/s.exec(text) ?? [];
  const role = keyOf(ROLES, word);
  return role === undefined ? null : { role, note: note ?? null };
}

/** "区公安局 62.5%": hundredths of a percent as people write them. */
const writeShare = ({ name, share }: FiscalShare): string => `${mark(name)} ${share / 100}%`;

function readShare(line: string, named: (name: string) => NamedOrgan) {
  const [, name = line, percent = '0'] = /^(.*?)\s*([\d.]+)\s*%$/s.exec(line) ?? [];
  return { ...named(unmark(name)), share: Math.round(Number(percent) * 100) };
}

const writeSituation = ({ name, note }: ItemContent['situations'][number]): string =>
  note === null || note === '' ? mark(name) : `${mark(name)} | ${mark(note)}`;

function readSituation(line: string): ItemContent['situations'][number] {
  const [name = '', note] = cut(line, '|').map((part) => unmark(part.trim()));
  return { name, note: note ?? null };
}

/** "2 | 现场核查 | 区公安局 | 3个工作日 | 1": id, name, organ, limit, ids of the steps before it. */
function writeStep(step: ProcedureStep): string {
  const limit = step.limit === null ? '—' : limitText(step.limit, 'zh-CN');
  const after = step.after.length === 0 ? '—' : step.after.map(mark).join('、');
  const organ = step.organName === null ? '—' : mark(step.organName);
  return [mark(step.id), mark(step.name), organ, limit, after].join(' | ');
}

/** Null when a line is no step: then the cell is prose and not a procedure. */
export function readProcedure(text: string, named: (name: string) => NamedOrgan): CanonicalItem['procedure'] {
  const steps: NonNullable<CanonicalItem['procedure']> = [];
  for (const line of splitLines(text)) {
    const parts = cut(line, '|').map((part) => part.trim());
    const [id, name, organ, limit, after] = parts;
    if (!id || !name || organ === undefined || limit === undefined || after === undefined) return null;
    const known = parseLimit(limit) ?? null;
    if (limit !== '—' && known === null) return null;
    steps.push({
      id: unmark(id),
      name: unmark(name),
      organ: organ === '—' ? null : named(unmark(organ)),
      limit: known,
      after: after === '—' ? [] : cut(after, '、').map(unmark),
    });
  }
  return steps.length === 0 ? null : steps;
}
