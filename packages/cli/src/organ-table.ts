import { parse } from 'csv-parse/sync';
import { usageError } from './failure.ts';
import type { Translate } from './language.ts';
import { parseDivision } from './values.ts';

/** A row of a register of organs, as `NewOrganInput` takes it, but for the superior, which is a name or an id. */
export interface OrganRow {
  /** Line of the file, from 1. */
  line: number;
  superior: string | null;
  organ: {
    name: string;
    shortName: string | null;
    aliases: string[];
    kind: string;
    division: string;
    level?: string;
    creditCode: string | null;
  };
}

type Column = 'name' | 'shortName' | 'aliases' | 'kind' | 'level' | 'division' | 'superior' | 'creditCode';

const HEADINGS: Record<string, Column> = {
  名称: 'name',
  机构名称: 'name',
  name: 'name',
  简称: 'shortName',
  shortname: 'shortName',
  别名: 'aliases',
  aliases: 'aliases',
  类型: 'kind',
  kind: 'kind',
  层级: 'level',
  level: 'level',
  行政区划: 'division',
  行政区划代码: 'division',
  division: 'division',
  上级: 'superior',
  上级机构: 'superior',
  superior: 'superior',
  统一社会信用代码: 'creditCode',
  creditcode: 'creditCode',
};

const KINDS: Record<string, string> = {
  政府: 'GOVERNMENT',
  政府部门: 'DEPARTMENT',
  党委部门: 'PARTY_OFFICE',
  事业单位: 'INSTITUTION',
  镇街: 'TOWN_GOVERNMENT',
  职能机构: 'TOWN_BODY',
  派驻机构: 'STATIONED_UNIT',
  村居: 'VILLAGE_ORGANISATION',
  统称: 'ORGAN_CLASS',
};

const LEVELS: Record<string, string> = {
  省级: 'PROVINCE',
  市级: 'CITY',
  县级: 'COUNTY',
  乡级: 'TOWN',
  村级: 'VILLAGE',
};

/** UTF-8, with or without byte order mark, or what older office software writes. */
function decode(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return new TextDecoder('gb18030').decode(content);
  }
}

function columnsOf(headings: readonly string[], t: Translate): (Column | undefined)[] {
  const columns = headings.map((heading) => HEADINGS[heading.replace(/[\s_-]/g, '').toLowerCase()]);
  const unknown = headings.find((heading, i) => columns[i] === undefined && heading.trim() !== '');
  const known = Object.keys(HEADINGS).join('、');
  if (unknown !== undefined) {
    throw usageError(
      t(`不认识的标题“${unknown}”；可用：${known}`, `Unknown heading "${unknown}"; there are: ${known}`),
    );
  }
  for (const needed of ['name', 'kind'] as const) {
    if (columns.includes(needed)) continue;
    throw usageError(
      t(`缺少标题“${needed === 'name' ? '名称' : '类型'}”`, `The heading "${needed}" is missing`),
    );
  }
  return columns;
}

/** One of the words of a table in either language; what the server calls it. */
function word(value: string, words: Record<string, string>, line: number, t: Translate): string {
  const given = words[value] ?? value.toUpperCase();
  if (Object.values(words).includes(given)) return given;
  const known = [...Object.keys(words), ...Object.values(words)].join('、');
  throw usageError(
    t(`第 ${line} 行：没有“${value}”；可用：${known}`, `Line ${line}: no "${value}"; there are: ${known}`),
  );
}

function rowOf(
  cells: Partial<Record<Column, string>>,
  line: number,
  division: string,
  t: Translate,
): OrganRow {
  const {
    name = '',
    shortName = '',
    aliases = '',
    kind = '',
    level = '',
    superior = '',
    creditCode = '',
  } = cells;
  if (name === '') throw usageError(t(`第 ${line} 行：没有名称`, `Line ${line}: no name`));
  return {
    line,
    superior: superior || null,
    organ: {
      name,
      shortName: shortName || null,
      aliases: aliases
        .split(/[;；、\n]/)
        .map((alias) => alias.trim())
        .filter(Boolean),
      kind: word(kind, KINDS, line, t),
      ...(level === '' ? {} : { level: word(level, LEVELS, line, t) }),
      division: cells.division ? parseDivision(cells.division, t) : division,
      creditCode: creditCode || null,
    },
  };
}

/**
 * Reads a register of organs from CSV: headings in Chinese or English in any order, 名称 and 类型 needed; lines that
 * begin with # are remarks. Throws CliFailure (usage) with the line at fault.
 */
export function readOrganTable(content: Uint8Array, division: string, t: Translate): OrganRow[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(decode(content), {
      bom: true,
      info: true,
      trim: true,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as typeof records;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw usageError(t(`不是有效的 CSV：${told}`, `Not a valid CSV: ${told}`));
  }
  const [head, ...body] = records;
  if (!head) throw usageError(t('文件是空的', 'The file is empty'));
  const columns = columnsOf(head.record, t);
  return body
    .filter(({ record }) => record.some((cell) => cell !== ''))
    .map(({ record, info }) => {
      const cells = Object.fromEntries(
        columns.flatMap((column, i) => (column ? [[column, record[i] ?? '']] : [])),
      );
      return rowOf(cells, info.lines, division, t);
    });
}
