import { ORGAN_FUNCTIONS, organFunction } from './organ-functions.ts';

/**
 * Reads a phrase by which a list names organs, word by word, longest word first: 县级自然资源主管部门会同农业农村部门. Words are
 * functions, towns, villages, levels, governments, departments, endings of organ names and fillers. A word that is none
 * of these is reported, so that nobody is made responsible by half of a phrase.
 */

/** Names that stand for every organ of a sort in the division of the list. */
export type OrganClass = 'EACH_TOWN' | 'EACH_VILLAGE' | 'DEPARTMENTS' | 'COUNTY_GOVERNMENT';

export interface OrganPhrase {
  /** Keys of the functions named, in the order of the text. */
  groups: string[];
  classes: OrganClass[];
  /** What was not understood; empty if the whole phrase was. */
  rest: string;
}

type WordKind =
  | 'function'
  | 'town'
  | 'village'
  | 'county'
  | 'higher'
  | 'government'
  | 'committee'
  | 'departments'
  | 'ending'
  | 'link'
  | 'filler';

interface Word {
  kind: WordKind | 'unknown';
  text: string;
  /** Keys of a function word. */
  keys: string[];
}

const WORDS: Record<Exclude<WordKind, 'function'>, string> = {
  town: '乡镇街道 乡镇 镇乡 镇街道 镇街 街镇 街乡 乡街 乡级 镇级 乡 镇 街道办事处 街道办 街道 街',
  village:
    '村民委员会 居民委员会 村居民委员会 社区居民委员会 社区居委会 村居委会 村委会 居委会 村两委 村委 村居 村社区 村社 村级组织 村集体经济组织 ' +
    '村集体 村民会议 村民代表会议 行政村 村级 社区 村 基层群众性自治组织 群众性自治组织',
  county: '县级以上地方各级 县级以上地方 县级以上 县级 区级 区县级 县市区 市县区 市县 区县 县区 县 区 旗',
  higher: '国家 中央 省 省级 省直 省委 市 市级 市直 市委 设区的市',
  government: '人民政府 政府',
  committee: '党委 党工委 县委 区委 旗委',
  departments:
    '有关部门 相关部门 职能部门 各部门 行业主管监管部门 行业主管部门 行业监管部门 责任部门 有关职能部门 相关职能部门 有关单位 相关单位 成员单位 部门单位',
  ending:
    '局 分局 委员会 委 办公室 办 部 部门 主管部门 行政主管部门 行政部门 管理部门 行政管理部门 行政执法部门 监督管理部门 监管部门 牵头部门 ' +
    '机关 机构 管理机构 管委会 管理委员会 管理处 处 中心 服务中心 大队 支队 队 队伍 单位 公司 有限公司 系统 窗口 领导小组 指挥部 ' +
    '行政 管理 服务 事务 工作 发展 执法 行政执法 监督 监督管理 监管 平台',
  link: '、 , ; / 和 与 及 或 以及 或者 会同 联合 并',
  filler:
    '各 各级 多家 有关 相关 所在地 所在 属地 辖区 当地 同级 上级 上一级 本级 受委托 委托 铁路沿线 沿线 区直 县直 区属 县属 中共 等 等部门 其他 地方 的 国网',
};

/** Endings that name departments in general where no function goes before them. */
const DEPARTMENT_ENDING = /部门$/;
/** Words that after another function tell that function's own enforcement body: 交通运输综合行政执法大队. */
const ENFORCEMENT = new Set(['综合行政执法', '综合执法']);
/** Departments described by what they were charged with. */
const DESCRIBED =
  /^(?:(?:县级以上|县级|县|区)?(?:地方)?(?:人民)?政府(?:确定|指定)的.{0,12}?|负有.{1,20}?职责的)(?:部门|机构|单位)/;
const LONGEST_PHRASE = 200;

const dictionary = new Map<string, Word>();
for (const [kind, texts] of Object.entries(WORDS) as [WordKind, string][]) {
  for (const text of texts.split(' ')) dictionary.set(text, { kind, text, keys: [] });
}
for (const { key, words, formerly } of ORGAN_FUNCTIONS) {
  for (const text of [...words, ...formerly]) {
    const keys = dictionary.get(text)?.keys ?? [];
    dictionary.set(text, { kind: 'function', text, keys: [...keys, key] });
  }
}
const longestWord = Math.max(...Array.from(dictionary.keys(), (text) => text.length));

function nextWord(text: string, start: number): Word {
  const described = DESCRIBED.exec(text.slice(start))?.[0];
  if (described !== undefined) return { kind: 'departments', text: described, keys: [] };
  for (let length = Math.min(longestWord, text.length - start); length > 0; length -= 1) {
    const word = dictionary.get(text.slice(start, start + length));
    if (word) return word;
  }
  return { kind: 'unknown', text: text.charAt(start), keys: [] };
}

function split(text: string): Word[] {
  const words: Word[] = [];
  for (let start = 0; start < text.length; ) {
    const word = nextWord(text, start);
    words.push(word);
    start += word.text.length;
  }
  return words;
}

/** Brackets hold either more of the name, 乡（镇）人民政府, or a note, 镇街（运输）: what is not understood is a note. */
function resolveBrackets(text: string): string {
  return text.replaceAll(/（([^（）]*)）/g, (_, inner: string) =>
    readWords(split(inner)).rest === '' ? inner : '',
  );
}

/** Reads a phrase that `normaliseOrganName` has cleaned. */
export function readOrganPhrase(phrase: string): OrganPhrase {
  if (phrase.length > LONGEST_PHRASE) return { groups: [], classes: [], rest: phrase };
  return readWords(split(resolveBrackets(phrase)));
}

function readWords(words: Word[]): OrganPhrase {
  const groups = new Set<string>();
  const classes = new Set<OrganClass>();
  let rest = '';
  words.forEach((word, index) => {
    const found = readWord(words, index);
    if (found === undefined) rest += word.text;
    for (const key of found?.groups ?? []) groups.add(key);
    for (const each of found?.classes ?? []) classes.add(each);
  });
  return { groups: [...groups], classes: [...classes], rest };
}

interface Found {
  groups?: string[];
  classes?: OrganClass[];
}

/** What a word contributes at its place; nothing for fillers, undefined if it makes no sense there. */
function readWord(words: Word[], index: number): Found | undefined {
  const word = words[index] as Word;
  const next = words[index + 1]?.kind;
  switch (word.kind) {
    case 'function':
      return readFunction(words, index);
    case 'town':
      return ownerOf(words, index) ? {} : { classes: ['EACH_TOWN'] };
    case 'village':
      return { classes: ['EACH_VILLAGE'] };
    case 'departments':
      return { classes: ['DEPARTMENTS'] };
    case 'county':
    case 'link':
    case 'filler':
      return {};
    case 'higher':
      return readHigher(next);
    case 'government':
      return readGovernment(words, index);
    case 'committee': {
      const qualifies = next === 'function' || next === 'departments' || next === 'government';
      return qualifies || words[index - 1]?.kind === 'town' ? {} : { groups: ['party-committee'] };
    }
    case 'ending': {
      const before = lastOf(words, index, ['filler']);
      if (before?.kind === 'function' || before?.kind === 'ending') return {};
      return DEPARTMENT_ENDING.test(word.text) ? { classes: ['DEPARTMENTS'] } : undefined;
    }
    case 'unknown':
      return undefined;
  }
}

/**
 * A level above the county is understood beside another (市、县水利部门), not alone: 市公安局 is no organ of a district. In a
 * county-level city `stripDivisionPrefix` has taken the word off before.
 */
function readHigher(next: Word['kind'] | undefined): Found | undefined {
  return next === 'link' || next === 'county' || next === 'higher' ? {} : undefined;
}

/** Whether a town word, with its government or not, only says whose unit follows: 镇水务站. */
function ownerOf(words: Word[], index: number): boolean {
  const after = words[index + 1]?.kind === 'government' ? words[index + 2] : words[index + 1];
  return after?.kind === 'function' && isStationed(after);
}

const isStationed = (word: Word): boolean =>
  word.keys.every((key) => organFunction(key)?.kind === 'stationed');

function readFunction(words: Word[], index: number): Found | undefined {
  const word = words[index] as Word;
  const before = words[index - 1];
  if (before?.kind === 'function' && ENFORCEMENT.has(word.text)) return {};
  // A body of the town itself (镇综合执法队) is no organ of the county.
  const owner = before?.kind === 'government' ? words[index - 2] : before;
  if (owner?.kind === 'town' && !isStationed(word)) return undefined;
  return { groups: word.keys };
}

/** A government that owns what follows (县级人民政府水利部门) is not meant itself. */
function readGovernment(words: Word[], index: number): Found | undefined {
  const next = words[index + 1]?.kind;
  if (next === 'function' || next === 'ending' || next === 'departments') return {};
  const owners = new Set<Word['kind']>();
  for (let at = index - 1; at >= 0; at -= 1) {
    const kind = words[at]?.kind;
    if (kind === undefined || !['town', 'county', 'higher', 'link', 'filler', 'committee'].includes(kind))
      break;
    owners.add(kind);
  }
  if (owners.has('county')) return { classes: ['COUNTY_GOVERNMENT'] };
  return owners.has('town') ? {} : undefined;
}

function lastOf(words: Word[], index: number, skipped: Word['kind'][]): Word | undefined {
  return words.slice(0, index).findLast(({ kind }) => !skipped.includes(kind));
}
