import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { division, isKnown, isWithin } from '@dutyledger/reference-data/divisions';
import type { Boundary } from './boundary.ts';
import { type Grid, GUIDANCE, isLive, outsideGuidance } from './grid.ts';
import { named, unfit, violation } from './refusals.ts';
import type { GridField, GridNetwork } from './state.ts';

/** The rules that a grid must meet, whatever brought it into its state (G-1). */

/** A grid to be created. */
export interface NewGrid
  extends Pick<
    Grid,
    'code' | 'name' | 'kind' | 'town' | 'village' | 'villageName' | 'households' | 'population' | 'sizeReason'
  > {
  /** Of a micro grid: the code of the basic grid that it is part of. */
  parentCode: string | null;
  boundary: Boundary | null;
}

/** What of a grid may be revised; fields that are left out stay as they are. */
export type GridChanges = Partial<Pick<Grid, Exclude<GridField, 'parent'>>>;

/** What stands against a boundary that was compared with the others, by its place in the command. */
export interface BoundaryFault {
  at: number;
  kind: 'OVERLAPS' | 'OUTSIDE_PARENT' | 'NOT_COMPARABLE';
  /** Name and code of the other grid. */
  other: { name: string; code: string };
  /** Of the smaller boundary's area (OVERLAPS), or of the own one (OUTSIDE_PARENT); 0 to 1. */
  share: number;
}

/** The comparison of new boundaries with the others: a fact, looked up before the network decides. */
export interface Compared {
  /** `GridNetwork.shapes` of the state that they were compared with. */
  seen: number;
  faults: readonly BoundaryFault[];
}

const CODE = /^[\p{L}\p{N}][\p{L}\p{N}_/.-]*$/u;
const MOST = { code: 40, name: 100, reason: 500, people: 1_000_000 } as const;

/** The first thing that speaks against the grid as it would be; undefined when nothing does. */
export function problemOf(grid: Grid, state: GridNetwork, path: string): Refusal | undefined {
  return (
    textProblem(grid, path) ??
    placeProblem(grid, path) ??
    parentProblem(grid, state, path) ??
    figureProblem(grid, path) ??
    codeProblem(grid, state, path)
  );
}

function textProblem({ code, name, villageName, sizeReason }: Grid, path: string): Refusal | undefined {
  if (code.length > MOST.code || !CODE.test(code)) {
    return unfit(`${path}code`, {
      en: `A grid code has 1 to ${MOST.code} letters, digits and - _ / . : "${code.slice(0, 60)}".`,
      'zh-CN': `网格编码应为 1 至 ${MOST.code} 个字母、汉字、数字或 - _ / .：“${code.slice(0, 60)}”。`,
    });
  }
  const texts = {
    name: [name, MOST.name],
    villageName: [villageName, MOST.name],
    sizeReason: [sizeReason, MOST.reason],
  } as const;
  for (const [field, [text, most]] of Object.entries(texts)) {
    if (text === null || (text.trim() !== '' && text.length <= most)) continue;
    return unfit(`${path}${field}`, {
      en: `${field} has 1 to ${most} characters.`,
      'zh-CN': `${field} 应为 1 至 ${most} 个字。`,
    });
  }
  return undefined;
}

function placeProblem({ county, town, village }: Grid, path: string): Refusal | undefined {
  if (division(town)?.level !== 'town' || !isWithin(town, county)) {
    return unfit(`${path}town`, {
      en: `${town} is not a town of ${county}.`,
      'zh-CN': `${town} 不是 ${county} 的乡镇（街道）。`,
    });
  }
  if (village === null || (village !== town && isWithin(village, town) && isKnown(village))) return undefined;
  return unfit(`${path}village`, {
    en: `${village} is not a village or community of ${town}.`,
    'zh-CN': `${village} 不是 ${town} 的村（社区）。`,
  });
}

function parentProblem(grid: Grid, state: GridNetwork, path: string): Refusal | undefined {
  const field = `${path}parentCode`;
  if (grid.kind !== 'MICRO') {
    return grid.parent === null
      ? undefined
      : unfit(field, {
          en: 'Only a micro grid is part of another grid.',
          'zh-CN': '只有微网格隶属于其他网格。',
        });
  }
  const parent = grid.parent === null ? undefined : state.grids.get(grid.parent);
  if (!parent || !isLive(parent.grid) || parent.grid.kind === 'MICRO') {
    return unfit(field, {
      en: 'A micro grid is part of a basic grid that is there: give its code.',
      'zh-CN': '微网格应隶属于现有的基础网格：请填写其编码。',
    });
  }
  if (parent.since <= grid.effectiveFrom && parent.grid.town === grid.town) return undefined;
  const { en, zh } = named(parent.grid);
  return unfit(field, {
    en: `${en} is of another town, or not there yet on ${grid.effectiveFrom}.`,
    'zh-CN': `${zh}属于另一乡镇，或在 ${grid.effectiveFrom} 尚未设立。`,
  });
}

function figureProblem(grid: Grid, path: string): Refusal | undefined {
  for (const field of ['households', 'population'] as const) {
    const value = grid[field];
    if (value === null || (Number.isInteger(value) && value >= 0 && value <= MOST.people)) continue;
    return unfit(`${path}${field}`, {
      en: `${field} is a whole number from 0 to ${MOST.people}.`,
      'zh-CN': `${field === 'households' ? '户数' : '人口数'}应为 0 至 ${MOST.people} 的整数。`,
    });
  }
  if (!outsideGuidance(grid) || grid.sizeReason !== null) return undefined;
  return violation(`${path}sizeReason`, outside(grid), {
    households: grid.households,
    population: grid.population,
    guidance: GUIDANCE,
  });
}

const outside = ({ households, population }: Grid): Text => ({
  en: `A grid is to have 300 to 500 households or about 1,000 people; this has ${households ?? 'an unknown number of'} households and ${population ?? 'an unknown number of'} people. Outside the guidance a reason is needed.`,
  'zh-CN': `网格原则上以300—500户或1000人左右为单位，本网格${households === null ? '户数不详' : `${households}户`}、${population === null ? '人口不详' : `${population}人`}；超出时须说明理由。`,
});

/** A code may be borne again from the day on which its bearer has ended. */
function codeProblem(grid: Grid, state: GridNetwork, path: string): Refusal | undefined {
  const bearer = state.grids.get(state.codes.get(grid.code) ?? '')?.grid;
  if (!bearer || bearer.id === grid.id) return undefined;
  if (!isLive(bearer) && bearer.effectiveFrom <= grid.effectiveFrom) return undefined;
  const { en, zh } = named(bearer);
  return violation(
    `${path}code`,
    { en: `The code is borne by ${en} already.`, 'zh-CN': `编码已由${zh}使用。` },
    { grid: bearer.id },
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;

/** What the comparison of boundaries found, as refusals by the place in the command. */
export function boundaryProblems(
  compared: Compared,
  pathOf: (at: number) => string,
): { at: number; refusal: Refusal }[] {
  return compared.faults.map(({ at, kind, other, share }) => {
    const { en, zh } = named(other);
    const field = `${pathOf(at)}boundary`;
    const details = { other: other.code, share };
    switch (kind) {
      case 'OVERLAPS': {
        const message = {
          en: `The boundary overlaps ${en} by ${percent(share)} of the smaller one.`,
          'zh-CN': `边界与${zh}重叠，占较小者面积的 ${percent(share)}。`,
        };
        return { at, refusal: violation(field, message, details) };
      }
      case 'OUTSIDE_PARENT': {
        const message = {
          en: `${percent(share)} of the micro grid lie outside ${en}, which it is part of.`,
          'zh-CN': `微网格有 ${percent(share)} 的面积在其所属的${zh}之外。`,
        };
        return { at, refusal: violation(field, message, details) };
      }
      default: {
        const message = {
          en: `The boundary cannot be compared with that of ${en}; simplify it.`,
          'zh-CN': `边界无法与${zh}的边界比较，请简化。`,
        };
        return { at, refusal: unfit(field, message, details) };
      }
    }
  });
}
