import type { Text } from '@dutyledger/event-store/decider';
import { readTable } from '@dutyledger/tables/read-table';
import { columnLetter, fileRefused, type Outcome, type Table, taken } from '@dutyledger/tables/table';
import { bracketed, isBlank, plain } from '@dutyledger/tables/text';
import { type ClassSetting, MOST_CLASSES } from './class-policy.ts';
import { readLimit } from './limit-text.ts';
import { PHASES, type Phase } from './policy.ts';
import { settingProblem } from './setting-rules.ts';

/** A catalogue of case classes out of a file (G-8): one class in each row, under the headings that catalogues have. */

const HEADINGS = {
  standard: ['地区/标准', '地区', '标准'],
  category: ['大类', '大类名称'],
  code: ['类别编码', '事件编码'],
  name: ['小类名称', '小类', '类别名称'],
  accept: ['受理时限'],
  file: ['立案时限'],
  dispatch: ['派遣时限'],
  handle: ['处置时限', '处理时限', '办理时限'],
  verify: ['核查时限'],
  unit: ['单位', '时限单位'],
  filingCondition: ['立案条件'],
  closingCondition: ['结案条件'],
  responsible: ['责任单位'],
  source: ['来源'],
} as const satisfies Record<string, readonly string[]> & Record<Phase, readonly string[]>;
type Field = keyof typeof HEADINGS;
type Columns = Partial<Record<Field, number>>;

/** A cell that cannot be what it should be. */
export interface RowProblem {
  /** Line of the file, from 1. */
  row: number;
  column: string | null;
  heading: string | null;
  value: string;
  cause: Text;
}

export interface ClassFile {
  settings: ClassSetting[];
  problems: RowProblem[];
}

interface FileGiven {
  fileName: string;
  content: Uint8Array;
  /** Only rows of this 地区/标准. */
  standard: string | null;
}

const SEARCHED_LINES = 20;

/** Every class of the file, and every bad row; nothing of a file with one is taken. Refused whole: what is no catalogue. */
export function readClassFile({ fileName, content, standard }: FileGiven): Outcome<ClassFile> {
  const read = readTable(content, {
    fileName,
    rule: 'G-8',
    isWanted: (table) => headerOf(table) !== undefined,
  });
  if (!read.ok) return read;
  const header = headerOf(read.value);
  if (!header) return noHeader;
  const { rows } = read.value;
  const lines = rows
    .map((cells, i) => new Line(cells, i + 1, header.columns, rows[header.line] ?? []))
    .filter((line) => line.row > header.line + 1 && !line.isEmpty);
  const wanted =
    standard === null ? lines : lines.filter((line) => key(line.text('standard')) === key(standard));
  if (wanted.length === 0) return nothingWanted(standard, lines);
  if (wanted.length > MOST_CLASSES) return tooMany(wanted.length);
  return taken(classesOf(wanted));
}

const key = (text: string): string => plain(text).trim();

/** Headings without what stands in brackets behind them: 立案条件(概括). */
const headingKey = (cell: string): string => key(cell).replace(/\([^()]*\)$/, '');

function headerOf(table: Table): { line: number; columns: Columns } | undefined {
  for (const [line, cells] of table.rows.slice(0, SEARCHED_LINES).entries()) {
    const columns: Columns = {};
    for (const [column, cell] of cells.entries()) {
      const known = Object.entries(HEADINGS).find(([, names]) =>
        (names as readonly string[]).includes(headingKey(cell)),
      );
      const field = known?.[0] as Field | undefined;
      if (field !== undefined) columns[field] ??= column;
    }
    if (columns.name !== undefined && Object.keys(columns).length > 1) return { line, columns };
  }
  return undefined;
}

/** A row of the file, cell by field. */
class Line {
  readonly row: number;
  readonly #cells: readonly string[];
  readonly #columns: Columns;
  readonly #headings: readonly string[];

  constructor(cells: readonly string[], row: number, columns: Columns, headings: readonly string[]) {
    this.row = row;
    this.#cells = cells;
    this.#columns = columns;
    this.#headings = headings;
  }

  get isEmpty(): boolean {
    return this.#cells.every((cell) => cell.trim() === '');
  }

  text(field: Field): string {
    const column = this.#columns[field];
    return column === undefined ? '' : (this.#cells[column] ?? '').trim();
  }

  /** What the source leaves out, it leaves empty, or says so in brackets or with a dash: (摘录截断). */
  given(field: Field): string | null {
    const text = this.text(field);
    return isBlank(text) || bracketed(text) !== null ? null : text;
  }

  problem(field: Field, cause: Text): RowProblem {
    const column = this.#columns[field];
    return {
      row: this.row,
      column: column === undefined ? null : columnLetter(column),
      heading: column === undefined ? null : (this.#headings[column] ?? null),
      value: this.text(field).slice(0, 200),
      cause,
    };
  }
}

function classesOf(lines: readonly Line[]): ClassFile {
  const settings: ClassSetting[] = [];
  const problems: RowProblem[] = [];
  const first = new Map<string, Line>();
  for (const line of lines) {
    const read = classOf(line);
    if ('row' in read) {
      problems.push(read);
      continue;
    }
    const earlier = first.get(read.caseClass);
    if (earlier) problems.push(line.problem('name', repeated(read.caseClass, earlier, line)));
    else first.set(read.caseClass, line);
    settings.push(read);
  }
  return { settings, problems };
}

function classOf(line: Line): ClassSetting | RowProblem {
  const name = line.given('name');
  if (name === null) return line.problem('name', NO_NAME);
  const category = line.given('category');
  const limits: ClassSetting['limits'] = {};
  let handling: Pick<ClassSetting, 'limitText' | 'stages'> = { limitText: null, stages: [] };
  for (const phase of PHASES) {
    const read = readLimit(line.text(phase), phase === 'handle' ? line.text('unit') : '');
    if (read === 'UNIT') return line.problem(phase === 'handle' ? 'unit' : phase, NO_UNIT);
    if (read === 'LIMIT') return line.problem(phase, NO_LIMIT);
    if (read.limit) limits[phase] = read.limit;
    if (phase === 'handle') handling = { limitText: read.text, stages: read.stages };
  }
  const setting: ClassSetting = {
    caseClass: line.given('code') ?? codeOf(category, name),
    name,
    category,
    limits,
    ...handling,
    amberAtShare: null,
    escalation: null,
    filingCondition: line.given('filingCondition'),
    closingCondition: line.given('closingCondition'),
    responsible: line.given('responsible'),
    source: line.given('source'),
  };
  const problem = settingProblem(setting);
  return problem ? line.problem(fieldOf(problem.field ?? 'name'), problem.message) : setting;
}

/** 市容环境.暴露垃圾: what codes may not hold becomes a dash. */
const codeOf = (category: string | null, name: string): string =>
  [...(category === null ? [] : [category]), name].map(asCode).join('.');

const asCode = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

/** Where a rule's field stands in the file. */
function fieldOf(field: string): Field {
  const last = field.slice(field.indexOf('.') + 1);
  if (last === 'caseClass') return 'code';
  return last in HEADINGS ? (last as Field) : 'handle';
}

const NO_NAME: Text = { en: 'The class has no name.', 'zh-CN': '缺少小类名称。' };
const NO_UNIT: Text = {
  en: 'The unit of the limit is one of 分钟, 小时, 工作时, 工作日, 自然日.',
  'zh-CN': '时限单位应为分钟、小时、工作时、工作日或自然日。',
};
const NO_LIMIT: Text = {
  en: 'A limit is a whole number with its unit, or stages with a limit each: 停工4工作时;处罚7工作日.',
  'zh-CN': '时限应为整数加单位，或分段写明，如“停工4工作时;处罚7工作日”。',
};

function repeated(caseClass: string, earlier: Line, line: Line): Text {
  const [here, there] = [line.text('standard'), earlier.text('standard')];
  const hint = here === there ? { en: '', 'zh-CN': '' } : CHOOSE;
  return {
    en: `The class ${caseClass} stands in row ${earlier.row} already.${hint.en}`,
    'zh-CN': `类别 ${caseClass} 与第 ${earlier.row} 行重复。${hint['zh-CN']}`,
  };
}

const CHOOSE: Text = {
  en: ' The file holds several standards: choose one of them.',
  'zh-CN': '文件含多个“地区/标准”，请指定其一。',
};

const noHeader = fileRefused('NO_HEADER', {
  en: 'No line of the file has the headings of a catalogue of case classes (小类名称, 处置时限 …).',
  'zh-CN': '文件中没有找到案件类别目录的表头（如“小类名称”“处置时限”）。',
});

function nothingWanted(standard: string | null, lines: readonly Line[]) {
  const standards = [...new Set(lines.map((line) => line.text('standard')))].slice(0, 50);
  if (standard === null)
    return fileRefused('EMPTY', { en: 'The file holds no class.', 'zh-CN': '文件中没有案件类别。' });
  return fileRefused(
    'EMPTY',
    {
      en: `The file has no row of “${standard}”; it has ${standards.join(', ')}.`,
      'zh-CN': `文件中没有“${standard}”的行，现有：${standards.join('、')}。`,
    },
    { standards },
  );
}

const tooMany = (actual: number) =>
  fileRefused(
    'TOO_MANY_ROWS',
    {
      en: `The file holds ${actual} classes; at most ${MOST_CLASSES} are taken at once.`,
      'zh-CN': `文件含 ${actual} 个类别，一次最多 ${MOST_CLASSES} 个。`,
    },
    { limit: MOST_CLASSES, actual },
  );
