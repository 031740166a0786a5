import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { type Grid, isLive } from './grid.ts';
import type { GridNetwork } from './state.ts';

/** How the network says no: refusals that several commands share, with the ground they rest on. */

const CITE: Basis = {
  title:
    '济南市章丘区“三注重三突出”工作法：四级网格体系，原则上以300-500户或1000人左右为单位，不留空白、不留死角',
  article: 'G-1',
};

export const violation = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'G-1',
  field,
  citation: CITE,
  message,
  ...(details && { details }),
});

export const unfit = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'INVALID_INPUT',
  rule: 'G-1',
  field,
  message,
  ...(details && { details }),
});

export const tooMany = (field: string, given: number, most: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  rule: 'G-1',
  field,
  message: {
    en: `At most ${most} are allowed, ${given} were given.`,
    'zh-CN': `最多 ${most} 个，现有 ${given} 个。`,
  },
  details: { limit: most, value: given },
});

/** Somebody else changed boundaries after these were compared with the others. */
export const comparedBefore: Refusal = {
  code: 'CONFLICT',
  rule: 'G-1',
  message: {
    en: 'Other boundaries of the network were changed at this moment; please try again.',
    'zh-CN': '其他人正在同时修改本网格体系的边界，请重试。',
  },
};

export const named = ({ name, code }: Pick<Grid, 'name' | 'code'>) => ({
  en: `${name} (${code})`,
  zh: `“${name}”（${code}）`,
});

/**
 * The grid as it is, to be changed from the day on. Refused when the network has none of that id, when it has ended,
 * and when its present state begins only later: changes of one grid are recorded in the order of their days.
 */
export function changeable(
  id: string,
  state: GridNetwork,
  field: string,
  day: string,
): { ok: true; grid: Grid } | { ok: false; refusal: Refusal } {
  const grid = state.grids.get(id)?.grid;
  if (!grid) return { ok: false, refusal: unknownGrid(id, field) };
  const { en, zh } = named(grid);
  if (!isLive(grid)) {
    const refusal = violation(
      field,
      {
        en: `${en} ended on ${grid.effectiveFrom}.`,
        'zh-CN': `${zh}已于 ${grid.effectiveFrom} 终止。`,
      },
      { status: grid.status, successors: grid.successors },
    );
    return { ok: false, refusal };
  }
  if (day >= grid.effectiveFrom) return { ok: true, grid };
  const refusal = violation(
    'effectiveFrom',
    {
      en: `${en} is on record as of ${grid.effectiveFrom}; a change cannot take effect before that, on ${day}.`,
      'zh-CN': `${zh}的现状自 ${grid.effectiveFrom} 起生效，变更不能早于该日（${day}）生效。`,
    },
    { onRecordFrom: grid.effectiveFrom },
  );
  return { ok: false, refusal };
}

export const unknownGrid = (id: string, field: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'G-1',
  field,
  message: {
    en: `The network has no grid ${id.slice(0, 60)}.`,
    'zh-CN': `网格体系中没有网格 ${id.slice(0, 60)}。`,
  },
});
