import type { Basis } from '@dutyledger/event-store/event-store';
import { isBlank, tidyName } from '@dutyledger/tables/text';
import { emptyItem, type HandlingClass, type ItemContent } from '../duty-list/item.ts';
import { readProcedure } from '../export/layout.ts';
import { parseLimit } from '../procedure/duration.ts';
import { readBasis } from './basis.ts';
import type { ColumnField } from './fields.ts';
import { readFiscal } from './fiscal-shares.ts';
import { type ItemLines, indexOf, textsOf } from './lines.ts';
import { withoutNumbering } from './organ-split.ts';
import { resolveSteps } from './read-canonical.ts';
import { readSides } from './read-organs.ts';
import type { Findings, ReadingContext } from './reading.ts';
import { handlingClassOf, isPlainClassWord, isTicked, townRoleOf } from './values.ts';

/** The content of one item of a list in any layout; `given` is what the layout tells by other means than a column. */
export function readItem(
  item: ItemLines,
  context: ReadingContext,
  findings: Findings,
  given: { name?: string; handlingClass?: HandlingClass } = {},
): ItemContent {
  const { kind, columns } = context;
  const { defaults } = context.mapping;
  const text = (field: ColumnField) => textsOf(item, indexOf(columns, field))[0] ?? '';
  const extras = readExtras(item, context);
  const sides = readSides(item, context, findings, extras);
  const classes = given.handlingClass
    ? { handlingClass: given.handlingClass, category: null }
    : readClass(item, context, findings, extras);
  const domain = tidyName(text('domain')) || item.section || defaults.domain || null;
  const category = tidyName(text('category')) || classes.category || defaults.category || null;
  return {
    ...emptyItem,
    name: given.name ?? readName(text('name'), text('subName')),
    domain,
    category,
    handlingClass: classes.handlingClass,
    jointlyLed: sides.leads.length > 1,
    leads: sides.leads,
    cooperators: sides.cooperators,
    basis: readAllBasis(item, context, findings, extras),
    townRole: readTownRole(text('townRole'), context, findings),
    townBody: readTownBody(text('townBody'), context, findings),
    fiscalShares: kind === 'SHARED' ? readFiscal(text('fiscalShares'), sides, context, findings) : [],
    procedure: readSteps(item, context, findings, extras),
    promised: readPromised(item, context, extras),
    situations: splitList(text('situations')).map((name) => ({ name, note: null })),
    caseClasses: splitTerms(text('caseClasses')),
    keywords: splitTerms(text('keywords')),
    remarks: textsOf(item, indexOf(columns, 'remarks')).join('\n') || null,
    extras,
  };
}

/** 事项名称 and 子项名称 make one name, unless the sub-item only repeats it. */
function readName(name: string, subName: string): string {
  const [whole, part] = [tidyName(name), tidyName(subName)];
  if (part === '' || part === '无' || part === whole) return whole;
  return part.includes(whole) ? part : `${whole}（${part}）`;
}

function readExtras(item: ItemLines, { columns }: ReadingContext): Record<string, string> {
  const extras: Record<string, string> = {};
  for (const { heading, index } of columns.get('extra') ?? []) {
    const texts = textsOf(item, index);
    if (texts.length > 0) extras[heading] = texts.join('\n');
  }
  return extras;
}

const CLASS_COLUMNS: [ColumnField, HandlingClass][] = [
  ['mayHandle', 'MAY_HANDLE'],
  ['assist', 'ASSIST'],
  ['mustNotHandle', 'MUST_NOT_HANDLE'],
];

/** The handling class by word or by a tick in one of three columns; other words of such a column are a category. */
function readClass(
  item: ItemLines,
  { columns, mapping }: ReadingContext,
  findings: Findings,
  extras: Record<string, string>,
): { handlingClass: HandlingClass | null; category: string | null } {
  const column = columns.get('handlingClass')?.[0];
  const [word = ''] = textsOf(item, column?.index);
  const words = mapping.values.handlingClass;
  const known = Object.hasOwn(words, word) ? words[word] : handlingClassOf(word);
  if (column && word !== '') {
    if (known === undefined && column.confidence !== 'GUESS') findings.problems.push(unknownClass(word));
    return { handlingClass: known ?? null, category: isPlainClassWord(word) ? null : tidyName(word) };
  }
  const ticked = CLASS_COLUMNS.filter(([field]) => {
    const [text] = textsOf(item, indexOf(columns, field));
    if (text === undefined || isTicked(text) === false) return false;
    const heading = columns.get(field)?.[0]?.heading;
    if (isTicked(text) === null && heading !== undefined) extras[heading] = text;
    return true;
  });
  if (ticked.length > 1) findings.problems.push(severalTicks(ticked));
  return { handlingClass: ticked[0]?.[1] ?? mapping.defaults.handlingClass ?? null, category: null };
}

const unknownClass = (value: string): Findings['problems'][number] => ({
  field: 'handlingClass',
  value,
  rule: 'L-2',
  cause: {
    en: `"${value}" is no handling class; use 可办理, 协助办理 or 不可办理, or map it (values.handlingClass).`,
    'zh-CN': `“${value}”不是办理类别，应为可办理、协助办理或不可办理，或在对应关系 values.handlingClass 中指定。`,
  },
});

const severalTicks = (ticked: [ColumnField, HandlingClass][]): Findings['problems'][number] => ({
  field: ticked[1]?.[0] ?? 'assist',
  value: '√',
  rule: 'L-2',
  cause: {
    en: 'An item has one handling class; several are ticked.',
    'zh-CN': '每个事项只能有一个办理类别，此行勾选了多个。',
  },
});

const readBasisCached = new Map<string, ReturnType<typeof readBasis>>();

/** Laws repeat in every list; the map is emptied when it grows beyond a list's size. */
function basisOf(titles: string, articles: string, numbers: string): ReturnType<typeof readBasis> {
  const key = `${titles}\u0000${articles}\u0000${numbers}`;
  const known = readBasisCached.get(key);
  if (known) return known;
  if (readBasisCached.size >= 5_000) readBasisCached.clear();
  const found = readBasis(titles, articles, numbers);
  readBasisCached.set(key, found);
  return found;
}

function readAllBasis(
  item: ItemLines,
  { columns, mapping }: ReadingContext,
  findings: Findings,
  extras: Record<string, string>,
): Basis[] {
  const [article, number] = [indexOf(columns, 'article'), indexOf(columns, 'documentNumber')];
  const all = new Map<string, Basis>();
  for (const [i, { index, heading }] of (columns.get('basis') ?? []).entries()) {
    for (const line of item.lines) {
      const at = (column: number | undefined) => (i > 0 || column === undefined ? '' : (line[column] ?? ''));
      const found = basisOf(line[index] ?? '', at(article), at(number));
      for (const basis of found.basis) all.set(JSON.stringify(basis), { ...basis });
      if (!found.wordy) continue;
      extras[`${heading}（原文）`] = textsOf(item, index).join('\n');
      findings.notices.add('WORDING_KEPT');
    }
  }
  if (all.size === 0 && mapping.defaults.basis) return [{ ...mapping.defaults.basis }];
  return [...all.values()];
}

function readTownRole(
  text: string,
  { mapping }: ReadingContext,
  findings: Findings,
): ItemContent['townRole'] {
  const fallback = mapping.defaults.townRole;
  if (text === '') return fallback ? { role: fallback, note: null } : null;
  const role = townRoleOf(text, mapping.values.townRole);
  if (role) return role;
  findings.problems.push({
    field: 'townRole',
    value: text,
    cause: {
      en: `"${text}" is no role of a town; use 主体, 配合, 共有, 受委托, 吹哨, 无 or 未规定, or map it (values.townRole).`,
      'zh-CN': `“${text}”不是镇街角色，应为主体、配合、共有、受委托、吹哨、无或未规定，或在 values.townRole 中指定。`,
    },
  });
  return null;
}

function readTownBody(
  text: string,
  { resolver }: ReadingContext,
  findings: Findings,
): ItemContent['townBody'] {
  if (text === '') return null;
  const { pieces, unresolved } = resolver.resolveCell(text);
  for (const name of unresolved) findings.unresolved.push({ field: 'townBody', name });
  const [organ, ...more] = pieces.flatMap((piece) => piece.organs);
  if (more.length > 0) {
    findings.problems.push({
      field: 'townBody',
      value: text,
      rule: 'S-2',
      cause: { en: 'A duty maps to one functional body.', 'zh-CN': '一项职责只对应一个职能机构。' },
    });
  }
  return organ ? { organ: organ.id, name: organ.name } : null;
}

/** Steps written one per line; a procedure told in prose, or as a picture, is kept as it is. */
function readSteps(
  item: ItemLines,
  { columns, resolver }: ReadingContext,
  findings: Findings,
  extras: Record<string, string>,
): ItemContent['procedure'] {
  const column = columns.get('procedure')?.[0];
  const [text] = textsOf(item, column?.index);
  if (!column || text === undefined) return null;
  const steps = readProcedure(text, (name) => ({ name, id: null }));
  if (steps) return resolveSteps(steps, resolver, findings);
  extras[column.heading] = text;
  findings.notices.add('PROSE_PROCEDURE');
  return null;
}

/** 5个工作日; what is told in other words is kept as it is. */
function readPromised(
  item: ItemLines,
  { columns }: ReadingContext,
  extras: Record<string, string>,
): ItemContent['promised'] {
  const column = columns.get('promised')?.[0];
  const [text] = textsOf(item, column?.index);
  const limit = text === undefined ? undefined : parseLimit(text);
  if (column && text !== undefined && !limit) extras[column.heading] = text;
  return limit ?? null;
}

/** Lines, semicolons or numbers within the text (1.… 2.…) separate. */
function splitList(text: string): string[] {
  if (isBlank(text)) return [];
  const parts = /[\n;\uff1b]/.test(text)
    ? text.split(/[\n;\uff1b]/)
    : text.split(/(?=(?<!\d)\d{1,2}[.、\uff0e](?!\d))/);
  return parts.map((part) => tidyName(withoutNumbering(part))).filter((part) => part !== '');
}

const splitTerms = (text: string): string[] =>
  isBlank(text)
    ? []
    : [
        ...new Set(
          text
            .split(/[\n;\uff1b、,\uff0c]/)
            .map(tidyName)
            .filter((term) => term !== ''),
        ),
      ];
