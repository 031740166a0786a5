import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { columnLetter, type Outcome, type Table, taken } from '@dutyledger/tables/table';
import { isBlank } from '@dutyledger/tables/text';
import type { ListKind } from '../duty-list/item.ts';
import { CANONICAL_ONLY } from '../export/layout.ts';
import {
  type ColumnField,
  FIELDS,
  fieldText,
  headingKey,
  type MappedField,
  recogniseHeading,
} from './fields.ts';
import type { Header } from './header.ts';
import type { MappingFile } from './mapping-file.ts';
import { handlingClassOf, townRoleOf } from './values.ts';

export type Confidence = 'GIVEN' | 'CERTAIN' | 'LIKELY' | 'GUESS' | 'NONE';

/** What one column was taken for and why, to be shown before anything is applied. */
export interface MappedColumn {
  index: number;
  letter: string;
  heading: string;
  field: MappedField;
  confidence: Confidence;
  reason: Text;
}

/** Fields that several columns may give together; of the others the best column is taken. */
const REPEATABLE: readonly MappedField[] = ['basis', 'extra', 'ignore'];
const VILLAGE: readonly ListKind[] = ['VILLAGE_AFFAIRS', 'VILLAGE_ACCEPTED'];
const VILLAGE_FIELDS: readonly MappedField[] = ['handlingClass', 'mayHandle', 'assist', 'mustNotHandle'];
const SAMPLE = 200;

/**
 * Maps columns to fields: as given, else by heading, kind of list and the values below the heading. Columns without a
 * meaning are kept as extras. Refused when the given mapping names a column that the table does not have.
 */
export function mapColumns(
  table: Table,
  header: Header,
  kind: ListKind,
  given: MappingFile,
): Outcome<MappedColumn[]> {
  const samples = header.headings.map((_, c) => sample(table, header, c));
  const columns = header.headings.map((heading, index): MappedColumn => {
    const about = { index, letter: columnLetter(index), heading };
    const field = fieldGiven(given, about);
    if (field) return { ...about, field, confidence: 'GIVEN', reason: GIVEN };
    return { ...about, ...guess(heading, samples[index] ?? []) };
  });
  const stray = Object.keys(given.columns).find((key) => !columns.some((column) => isNamed(column, key)));
  if (stray !== undefined) return strayColumn(stray, header.headings);
  const double = givenTwice(columns);
  if (double) return double;
  byKind(columns, kind, samples);
  byValues(columns, kind, samples);
  oneEach(columns);
  return taken(columns);
}

const isNamed = (column: { letter: string; heading: string }, key: string): boolean =>
  column.heading === key || headingKey(column.heading) === headingKey(key) || column.letter === key;

/** A heading has precedence over a column letter, the letter over nothing. */
function fieldGiven(
  given: MappingFile,
  column: { letter: string; heading: string },
): MappedField | undefined {
  const keys = Object.keys(given.columns);
  const key = keys.find((name) => name === column.heading) ?? keys.find((name) => isNamed(column, name));
  return key === undefined ? undefined : given.columns[key];
}

/** Texts of a column, without blanks: enough of them to tell what it holds. */
function sample(table: Table, header: Header, column: number): string[] {
  const texts: string[] = [];
  for (let r = header.bottom + 1; r < table.rows.length && texts.length < SAMPLE; r++) {
    const text = table.rows[r]?.[column] ?? '';
    if (!isBlank(text)) texts.push(text);
  }
  return texts;
}

function guess(
  heading: string,
  texts: readonly string[],
): Omit<MappedColumn, 'index' | 'letter' | 'heading'> {
  if (CANONICAL_ONLY.has(heading)) return { field: 'ignore', confidence: 'CERTAIN', reason: OWN_EXPORT };
  const found = recogniseHeading(heading);
  if (found) {
    return {
      field: found.field,
      confidence: found.exact ? 'CERTAIN' : 'LIKELY',
      reason: found.exact ? KNOWN_HEADING : SIMILAR_HEADING,
    };
  }
  const unnamed = /^[A-Z]+列( \(\d+\))?$/.test(heading) && texts.length === 0;
  return unnamed
    ? { field: 'ignore', confidence: 'NONE', reason: EMPTY_COLUMN }
    : { field: 'extra', confidence: 'NONE', reason: UNKNOWN };
}

const share = (texts: readonly string[], is: (text: string) => boolean): number =>
  texts.length === 0 ? 0 : texts.filter(is).length / texts.length;

function change(
  column: MappedColumn | undefined,
  field: MappedField,
  confidence: Confidence,
  reason: Text,
): void {
  if (!column || column.confidence === 'GIVEN') return;
  column.field = field;
  column.confidence = confidence;
  column.reason = reason;
}

/** What a heading means depends on the kind of list. */
function byKind(columns: MappedColumn[], kind: ListKind, samples: string[][]): void {
  const first = (field: ColumnField) => columns.find((column) => column.field === field);
  for (const column of columns) {
    if (VILLAGE_FIELDS.includes(column.field) && !VILLAGE.includes(kind)) {
      change(column, 'extra', 'NONE', OTHER_KIND);
    }
    if (column.field === 'fiscalShares' && kind !== 'SHARED') change(column, 'extra', 'NONE', OTHER_KIND);
  }
  const classified = columns.find(
    ({ field, index }) =>
      (field === 'category' || field === 'domain') &&
      (samples[index] ?? []).some((text) => handlingClassOf(text) !== undefined),
  );
  if (VILLAGE.includes(kind) && !first('handlingClass')) {
    change(classified, 'handlingClass', 'GUESS', CLASSES_BELOW);
  }
  const receivers = first('receivingTowns');
  if (receivers && kind !== 'DELEGATED') change(receivers, 'extra', 'NONE', OTHER_KIND);
  if (receivers && kind === 'DELEGATED') {
    const lead = first('lead');
    if (lead && /^法定|^实施/.test(lead.heading)) change(lead, 'extra', 'NONE', FORMER_ORGAN);
    change(receivers, first('lead') ? 'extra' : 'lead', 'LIKELY', RECEIVERS_LEAD);
  }
}

const POWER_TYPES =
  /^(行政|其他).{0,6}(许可|处罚|强制|检查|给付|裁决|确认|奖励|征收|征用|权力|权利|规划|服务)/;
const ORGAN_THEN_DUTY = /^[^:\uff1a\n]{2,40}[:\uff1a]\s*\S/;
const ENDS_AS_ORGAN = /(局|委|办|部门|机关|政府|中心|街道|镇|乡|站|所|队|公司|机构)(等|[)\uff09])?$/;

/** What stands in the column decides where headings are used in two ways. */
function byValues(columns: MappedColumn[], kind: ListKind, samples: string[][]): void {
  const first = (field: ColumnField) => columns.find((column) => column.field === field);
  const texts = (column: MappedColumn) => samples[column.index] ?? [];
  for (const column of columns) {
    const isRole = share(texts(column), (text) => townRoleOf(text) !== undefined) >= 0.5;
    if (column.field === 'townDuty' && isRole) change(column, 'townRole', 'GUESS', ROLES_BELOW);
    if (column.field === 'townRole' && !isRole && texts(column).length > 0) {
      change(column, 'townDuty', 'GUESS', NO_ROLES_BELOW);
    }
  }
  const category = first('category');
  const powers = category && share(texts(category), (text) => POWER_TYPES.test(text)) >= 0.5;
  if (category && !first('domain') && !powers && !/权力|职权|类型/.test(category.heading)) {
    change(category, 'domain', 'GUESS', ONLY_GROUPING);
  }
  const pairs = [
    ['lead', 'leadDuty', 'leadAndDuty'],
    ['cooperator', 'cooperatorDuty', 'cooperatorAndDuty'],
  ] as const;
  for (const [organ, duty, both] of pairs) {
    const organs = first(organ);
    const duties = first(duty);
    const colons = organs ? share(texts(organs), (text) => ORGAN_THEN_DUTY.test(text)) : 0;
    if (organs && !duties && colons >= 0.5) change(organs, both, 'GUESS', ORGANS_WITH_DUTIES);
    if (organs || !duties || first(both) || (kind === 'BASIC' && organ === 'lead')) continue;
    const named = share(texts(duties), (text) => ORGAN_THEN_DUTY.test(text) || ENDS_AS_ORGAN.test(text));
    if (named >= 0.5) change(duties, both, 'GUESS', ORGANS_WITH_DUTIES);
  }
}

const RANK: Record<Confidence, number> = { GIVEN: 0, CERTAIN: 1, LIKELY: 2, GUESS: 3, NONE: 4 };

/** Of several columns for one field the surest and leftmost is taken, the others are kept as extras. */
function oneEach(columns: MappedColumn[]): void {
  const order = [...columns].sort(
    (a, b) => RANK[a.confidence] - RANK[b.confidence] || plainness(a) - plainness(b) || a.index - b.index,
  );
  const holders = new Map<MappedField, MappedColumn>();
  for (const column of order) {
    if (REPEATABLE.includes(column.field)) continue;
    const holder = holders.get(column.field);
    if (!holder) holders.set(column.field, column);
    else if (column.confidence !== 'GIVEN') change(column, 'extra', 'NONE', alreadyTaken(holder));
  }
  const code = holders.get('code');
  const sequence = holders.get('sequence');
  if (code && sequence) change(sequence, 'ignore', 'CERTAIN', HAS_CODES);
}

/** The field's own heading first; for the name, headings that say 名称. */
function plainness(column: MappedColumn): number {
  if (column.field === 'extra' || column.field === 'ignore') return 2;
  if (headingKey(column.heading) === headingKey(FIELDS[column.field].heading)) return 0;
  return column.field === 'name' && !column.heading.includes('名称') ? 2 : 1;
}

const GIVEN: Text = { en: 'given in the mapping', 'zh-CN': '按给定的对应关系' };
const OWN_EXPORT: Text = { en: 'column of an export of this system', 'zh-CN': '本系统导出的专用列' };
const KNOWN_HEADING: Text = { en: 'known heading', 'zh-CN': '已知列名' };
const SIMILAR_HEADING: Text = { en: 'heading of this form', 'zh-CN': '列名形式相符' };
const EMPTY_COLUMN: Text = { en: 'empty column', 'zh-CN': '空列' };
const UNKNOWN: Text = { en: 'unknown heading, kept as it is', 'zh-CN': '未识别，原样保留' };
const OTHER_KIND: Text = {
  en: 'not used in a list of this kind, kept as it is',
  'zh-CN': '本类清单不用，原样保留',
};
const CLASSES_BELOW: Text = { en: 'handling classes stand below it', 'zh-CN': '列中为办理类别' };
const FORMER_ORGAN: Text = {
  en: 'organ before the delegation, kept as it is',
  'zh-CN': '赋权前的实施机关，原样保留',
};
const RECEIVERS_LEAD: Text = {
  en: 'a delegated power is led by its receivers',
  'zh-CN': '下放事项由承接镇街负责',
};
const ROLES_BELOW: Text = { en: "towns' roles stand below it", 'zh-CN': '列中为镇街角色' };
const NO_ROLES_BELOW: Text = { en: 'duties, not roles, stand below it', 'zh-CN': '列中为职责内容' };
const ONLY_GROUPING: Text = { en: 'the only grouping column', 'zh-CN': '唯一的分类列' };
const ORGANS_WITH_DUTIES: Text = {
  en: 'organs and duties stand in one cell',
  'zh-CN': '单位与职责写在同一单元格',
};
const HAS_CODES: Text = { en: 'running number beside codes', 'zh-CN': '已有编码，序号不导入' };

const alreadyTaken = (holder: MappedColumn): Text => {
  const field = fieldText(holder.field as ColumnField);
  return {
    en: `column ${holder.letter} already gives the ${field.en}, kept as it is`,
    'zh-CN': `${holder.letter} 列已作为“${field['zh-CN']}”，本列原样保留`,
  };
};

function givenTwice(columns: readonly MappedColumn[]): { ok: false; refusal: Refusal } | null {
  const given = columns.filter(
    ({ confidence, field }) => confidence === 'GIVEN' && !REPEATABLE.includes(field),
  );
  const second = given.find(({ field }, i) => given.findIndex((column) => column.field === field) < i);
  if (!second) return null;
  const field = fieldText(second.field as ColumnField);
  const message = {
    en: `Two columns are given for ${field.en}; it is taken from one.`,
    'zh-CN': `对应关系中有两列指定为“${field['zh-CN']}”，只能指定一列。`,
  };
  return {
    ok: false,
    refusal: { code: 'INVALID_INPUT', field: `mapping.columns.${second.heading}`, message },
  };
}

function strayColumn(key: string, headings: readonly string[]): Outcome<never> {
  return {
    ok: false,
    refusal: {
      code: 'INVALID_INPUT',
      field: `mapping.columns.${key}`,
      message: {
        en: `The table has no column "${key}"; it has ${headings.join(', ')}.`,
        'zh-CN': `表中没有列“${key}”，现有：${headings.join('、')}。`,
      },
      details: { headings: [...headings] },
    },
  };
}
