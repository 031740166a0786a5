import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { isLive, MOST_BODIES, type NewOrgan, type Organ, type OrganLevel } from './organ.ts';
import type { OrganRegister } from './organ-register.ts';

/** What S-1 and S-2 ask of one organ beside the others of its register. */

export const CITE_S1: Basis = { title: '地方各级人民政府机构设置和编制管理条例', article: '第九条' };
export const CITE_S2: Basis = {
  title: '徐州市镇级机构改革(徐州日报 2020-09-17):镇(街)一般设置7个职能机构,最多不得超过9个',
  article: 'S-2',
};

export const violation = (
  field: string,
  message: Text,
  details?: Record<string, unknown>,
  rule: 'S-1' | 'S-2' = 'S-1',
): Refusal => ({
  code: 'RULE_VIOLATED',
  rule,
  field,
  citation: rule === 'S-1' ? CITE_S1 : CITE_S2,
  message,
  ...(details && { details }),
});

/** The live organ of that name under the same superior and division, other than `self`. */
export function liveNamed(
  state: OrganRegister,
  name: string,
  place: Pick<Organ, 'division' | 'superior'>,
  self?: Organ,
): Organ | undefined {
  return state.organs.find(
    (organ) =>
      isLive(organ) &&
      organ.name === name &&
      organ.division === place.division &&
      organ.superior === place.superior &&
      organ.id !== self?.id,
  );
}

const MAX_NAME = 100;
const MAX_ALIASES = 50;

/** The first problem of a new or revised organ (`self`), or nothing. */
export function problemsOf(
  organ: NewOrgan,
  state: OrganRegister,
  path: string,
  self?: Organ,
): Refusal | undefined {
  return (
    nameProblem(organ, state, path, self) ??
    creditCodeProblem(organ, state, path, self) ??
    levelProblem(organ, path) ??
    superiorProblem(organ, state, path, self) ??
    bodyProblem(organ, state, path, self)
  );
}

function nameProblem(organ: NewOrgan, state: OrganRegister, path: string, self?: Organ): Refusal | undefined {
  if (organ.name.trim() === '') {
    return violation(`${path}.name`, { en: 'An organ needs a name.', 'zh-CN': '机构名称不能为空。' });
  }
  const long = [organ.name, organ.shortName ?? '', ...organ.aliases].find((name) => name.length > MAX_NAME);
  if (long !== undefined || organ.aliases.length > MAX_ALIASES) {
    return {
      code: 'LIMIT_EXCEEDED',
      field: long === undefined ? `${path}.aliases` : `${path}.name`,
      message: {
        en: `Names have at most ${MAX_NAME} characters, an organ at most ${MAX_ALIASES} aliases.`,
        'zh-CN': `名称最多 ${MAX_NAME} 字,别名最多 ${MAX_ALIASES} 个。`,
      },
    };
  }
  const namesake = liveNamed(state, organ.name, organ, self);
  if (!namesake) return undefined;
  return violation(
    `${path}.name`,
    {
      en: `${organ.name} is registered already as ${namesake.id}.`,
      'zh-CN': `“${organ.name}”已登记为 ${namesake.id}。`,
    },
    { organ: namesake.id },
  );
}

function creditCodeProblem(
  organ: NewOrgan,
  state: OrganRegister,
  path: string,
  self?: Organ,
): Refusal | undefined {
  if (organ.creditCode === null) return undefined;
  const holder = state.organs.find(
    (other) => isLive(other) && other.creditCode === organ.creditCode && other.id !== self?.id,
  );
  if (!holder) return undefined;
  return violation(
    `${path}.creditCode`,
    {
      en: `Credit code ${organ.creditCode} belongs to ${holder.name} (${holder.id}).`,
      'zh-CN': `统一社会信用代码 ${organ.creditCode} 属于“${holder.name}”(${holder.id})。`,
    },
    { organ: holder.id },
  );
}

const LEVELS_OF_KIND: Partial<Record<NewOrgan['kind'], readonly OrganLevel[]>> = {
  TOWN_GOVERNMENT: ['town'],
  TOWN_BODY: ['town'],
  STATIONED_UNIT: ['town'],
  VILLAGE_ORGANISATION: ['village'],
  GOVERNMENT: ['province', 'city', 'county'],
};

function levelProblem(organ: NewOrgan, path: string): Refusal | undefined {
  const allowed = LEVELS_OF_KIND[organ.kind];
  if (!allowed || allowed.includes(organ.level)) return undefined;
  return violation(`${path}.kind`, {
    en: `An organ of kind ${organ.kind} belongs to a division at ${allowed.join(' or ')} level; ${organ.division} is at ${organ.level} level.`,
    'zh-CN': `${organ.kind} 类机构只能设在 ${allowed.join('、')} 级行政区划,${organ.division} 为 ${organ.level} 级。`,
  });
}

function superiorProblem(
  organ: NewOrgan,
  state: OrganRegister,
  path: string,
  self?: Organ,
): Refusal | undefined {
  if (organ.superior === null) {
    if (organ.kind !== 'TOWN_BODY') return undefined;
    return violation(`${path}.superior`, {
      en: 'A functional body belongs to its town government: name it as the superior.',
      'zh-CN': '职能机构须隶属于镇(街),请填写上级机构。',
    });
  }
  const superior = state.organs.get(organ.superior);
  if (!superior || !isLive(superior)) {
    return violation(`${path}.superior`, {
      en: `The superior ${organ.superior} is not an organ in force of this register.`,
      'zh-CN': `上级机构 ${organ.superior} 不存在或已撤并。`,
    });
  }
  if (
    organ.kind === 'TOWN_BODY' &&
    (superior.kind !== 'TOWN_GOVERNMENT' || superior.division !== organ.division)
  ) {
    return violation(`${path}.superior`, {
      en: 'A functional body belongs to the town government of its own division.',
      'zh-CN': '职能机构只能隶属于本镇(街)政府。',
    });
  }
  for (
    let above: Organ | undefined = superior;
    above;
    above = above.superior ? state.organs.get(above.superior) : undefined
  ) {
    if (above.id !== self?.id) continue;
    return violation(`${path}.superior`, {
      en: `${superior.name} is below this organ itself.`,
      'zh-CN': `“${superior.name}”是本机构的下级。`,
    });
  }
  return undefined;
}

/** S-2: the tenth body is refused. */
function bodyProblem(organ: NewOrgan, state: OrganRegister, path: string, self?: Organ): Refusal | undefined {
  if (organ.kind !== 'TOWN_BODY') return undefined;
  const bodies = state.organs.count(
    (other) =>
      isLive(other) &&
      other.kind === 'TOWN_BODY' &&
      other.superior === organ.superior &&
      other.id !== self?.id,
  );
  if (bodies < MOST_BODIES) return undefined;
  return violation(
    `${path}.kind`,
    {
      en: `The town has ${bodies} functional bodies; a town has at most ${MOST_BODIES}.`,
      'zh-CN': `该镇(街)已有 ${bodies} 个职能机构,最多不得超过 ${MOST_BODIES} 个。`,
    },
    { bodies, most: MOST_BODIES },
    'S-2',
  );
}
