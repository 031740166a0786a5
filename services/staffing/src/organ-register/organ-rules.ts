import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { isLive, KIND_NAMES, LEVEL_NAMES, MOST_BODIES, type Organ, type OrganLevel } from './organ.ts';
import { limitExceeded, notThere, violation } from './refusals.ts';
import { bearing, type OrganRegister } from './state.ts';

/**
 * What S-1 and S-2 ask of one organ beside the others of its register. A new state of an organ holds from its day
 * on without end, and the others may have changes ahead of them: rules are therefore checked for every day from
 * that day on, not only for the newest states.
 */

export const MAX_NAME = 100;
export const MAX_ALIASES = 50;
/** Organs registered by one command. */
export const MAX_REGISTERED = 1_000;
/** Organs that one merger or split names: their states fit into one event of 1 MiB, whatever their names. */
export const MAX_MERGED = 30;

const at = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

/** A state of an organ and the days it holds: from its `effectiveFrom` up to, not including, `until`. */
interface Span {
  organ: Organ;
  /** null: without end. */
  until: string | null;
}

/** The states of an organ that hold on `day` or later. */
function spansFrom(state: OrganRegister, id: string, day: string): Span[] {
  const life = state.organs.get(id) ?? [];
  return life
    .map((organ, i) => ({ organ, until: life[i + 1]?.effectiveFrom ?? null }))
    .filter(({ until }) => until === null || until > day);
}

/** Live states, on `self.effectiveFrom` or later, of other organs that the index lists under `key`. */
const others = (state: OrganRegister, key: string, self: Pick<Organ, 'id' | 'effectiveFrom'>): Span[] =>
  (state.bearers.get(key) ?? [])
    .filter((id) => id !== self.id)
    .flatMap((id) => spansFrom(state, id, self.effectiveFrom))
    .filter(({ organ }) => isLive(organ));

const daysOf = ({ organ, until }: Span): Text => ({
  en: until === null ? `since ${organ.effectiveFrom}` : `from ${organ.effectiveFrom} until ${until}`,
  'zh-CN': until === null ? `${organ.effectiveFrom} 起` : `${organ.effectiveFrom} 至 ${until}`,
});

/** The first problem of an organ's new state, or nothing. The organ itself may be on record or not. */
export function problemsOf(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  return (
    textProblem(organ, path) ??
    nameProblem(organ, state, path) ??
    creditCodeProblem(organ, state, path) ??
    levelProblem(organ, path) ??
    superiorProblem(organ, state, path) ??
    bodyProblem(organ, state, path) ??
    townProblem(organ, state, path)
  );
}

function textProblem({ name, shortName, aliases }: Organ, path: string): Refusal | undefined {
  const names = Object.entries({
    name,
    ...(shortName !== null && { shortName }),
    ...Object.fromEntries(aliases.map((alias, i) => [`aliases[${i}]`, alias])),
  });
  for (const [field, text] of names) {
    if (text.trim() === '' || /[\n\r\t]/.test(text)) {
      return violation(at(path, field), {
        en: 'A name is one line of text.',
        'zh-CN': '名称不能为空，也不能换行或含制表符。',
      });
    }
    const length = Array.from(text).length;
    if (length > MAX_NAME) return limitExceeded(at(path, field), length, MAX_NAME);
  }
  return aliases.length > MAX_ALIASES
    ? limitExceeded(at(path, 'aliases'), aliases.length, MAX_ALIASES)
    : undefined;
}

function nameProblem(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  const namesake = others(state, bearing.name(organ.name), organ).find(
    (other) =>
      other.organ.name === organ.name &&
      other.organ.division === organ.division &&
      other.organ.superior === organ.superior,
  );
  if (!namesake) return undefined;
  const { id } = namesake.organ;
  const days = daysOf(namesake);
  return violation(
    at(path, 'name'),
    {
      en: `${organ.name} is the name of ${id} ${days.en}.`,
      'zh-CN': `“${organ.name}”为 ${id} 的名称(${days['zh-CN']})。`,
    },
    { organ: id },
  );
}

function creditCodeProblem(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  const { creditCode } = organ;
  if (creditCode === null) return undefined;
  const holder = others(state, bearing.creditCode(creditCode), organ).find(
    (other) => other.organ.creditCode === creditCode,
  );
  if (!holder) return undefined;
  const { id, name } = holder.organ;
  const days = daysOf(holder);
  return violation(
    at(path, 'creditCode'),
    {
      en: `Credit code ${creditCode} belongs to ${name} (${id}) ${days.en}.`,
      'zh-CN': `统一社会信用代码 ${creditCode} 属于“${name}”(${id}，${days['zh-CN']})。`,
    },
    { organ: id },
  );
}

const LEVELS_OF_KIND: Partial<Record<Organ['kind'], readonly OrganLevel[]>> = {
  TOWN_GOVERNMENT: ['town'],
  TOWN_BODY: ['town'],
  STATIONED_UNIT: ['town'],
  VILLAGE_ORGANISATION: ['village'],
  GOVERNMENT: ['province', 'city', 'county'],
};

function levelProblem(organ: Organ, path: string): Refusal | undefined {
  const allowed = LEVELS_OF_KIND[organ.kind];
  if (!allowed || allowed.includes(organ.level)) return undefined;
  const kind = KIND_NAMES[organ.kind];
  const level = LEVEL_NAMES[organ.level];
  const needed = {
    en: allowed.map((l) => LEVEL_NAMES[l].en),
    zh: allowed.map((l) => LEVEL_NAMES[l]['zh-CN']),
  };
  return violation(at(path, 'kind'), {
    en: `The division of ${kind.en} is at ${needed.en.join(' or ')} level; ${organ.division} is at ${level.en} level.`,
    'zh-CN': `${kind['zh-CN']}只能设在${needed.zh.join('、')}行政区划，${organ.division} 为${level['zh-CN']}。`,
  });
}

function superiorProblem(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  const field = at(path, 'superior');
  const { superior, effectiveFrom } = organ;
  if (superior === null) {
    if (organ.kind !== 'TOWN_BODY') return undefined;
    return violation(field, {
      en: 'A functional body belongs to its town government: name it as the superior.',
      'zh-CN': '职能机构须隶属于镇（街），请填写上级机构。',
    });
  }
  const missing = notThere(superior, state, field, effectiveFrom);
  if (missing) return missing;
  if (isBelow(superior, organ.id, effectiveFrom, null, state)) {
    return violation(field, {
      en: `${superior} is this organ itself or below it.`,
      'zh-CN': `${superior} 是本机构或其下级机构。`,
    });
  }
  const fit = ({ organ: above }: Span): boolean =>
    above.kind === 'TOWN_GOVERNMENT' && above.division === organ.division;
  if (organ.kind !== 'TOWN_BODY' || spansFrom(state, superior, effectiveFrom).every(fit)) return undefined;
  return violation(field, {
    en: 'A functional body belongs to the town government of its own division.',
    'zh-CN': '职能机构只能隶属于本镇（街）政府。',
  });
}

/** Whether `id` is `above`, or is below it on some day from `from` up to `until`. */
function isBelow(
  id: string,
  above: string,
  from: string,
  until: string | null,
  state: OrganRegister,
): boolean {
  if (id === above) return true;
  return spansFrom(state, id, from).some((span) => {
    const { superior, effectiveFrom } = span.organ;
    if (superior === null || (until !== null && effectiveFrom >= until)) return false;
    const start = effectiveFrom > from ? effectiveFrom : from;
    const end = span.until !== null && (until === null || span.until < until) ? span.until : until;
    return isBelow(superior, above, start, end, state);
  });
}

/** S-2: the tenth body is refused, on whatever day from the new one's first on it would be the tenth. */
function bodyProblem(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  if (organ.kind !== 'TOWN_BODY') return undefined;
  const bodies = others(state, bearing.bodyOf(organ.division), organ).filter(
    (span) => span.organ.kind === 'TOWN_BODY',
  );
  const starts = bodies.map((span) => span.organ.effectiveFrom).filter((day) => day > organ.effectiveFrom);
  for (const day of [organ.effectiveFrom, ...starts]) {
    const count = bodies.filter(
      (span) => span.organ.effectiveFrom <= day && (span.until === null || span.until > day),
    ).length;
    if (count < MOST_BODIES) continue;
    return violation(
      at(path, 'kind'),
      {
        en: `The town ${organ.division} has ${count} functional bodies on ${day}; a town has at most ${MOST_BODIES}.`,
        'zh-CN': `${organ.division} 在 ${day} 已有 ${count} 个职能机构，最多不得超过 ${MOST_BODIES} 个。`,
      },
      { bodies: count, most: MOST_BODIES, day },
      'S-2',
    );
  }
  return undefined;
}

/** A town government stays one as long as it has functional bodies. */
function townProblem(organ: Organ, state: OrganRegister, path: string): Refusal | undefined {
  if (organ.kind === 'TOWN_GOVERNMENT') return undefined;
  const body = others(state, bearing.superior(organ.id), organ).find(
    (span) => span.organ.kind === 'TOWN_BODY' && span.organ.superior === organ.id,
  );
  if (!body) return undefined;
  return violation(at(path, 'kind'), {
    en: `${body.organ.name} (${body.organ.id}) is a functional body of it; only a town government has such bodies.`,
    'zh-CN': `“${body.organ.name}”(${body.organ.id})是其职能机构，只有镇（街）政府可设职能机构。`,
  });
}

/** An organ that has organs below it from `day` on cannot end then, unless they end with it. */
export function stranded(
  id: string,
  together: string[],
  state: OrganRegister,
  day: string,
  path: string,
): Refusal | undefined {
  const below = others(state, bearing.superior(id), { id, effectiveFrom: day }).find(
    ({ organ }) => organ.superior === id && !together.includes(organ.id),
  );
  if (!below) return undefined;
  const { organ } = below;
  return violation(
    path,
    {
      en: `${organ.name} (${organ.id}) is subordinate to it; give it another superior first.`,
      'zh-CN': `“${organ.name}”(${organ.id})隶属于该机构，请先调整其上级机构。`,
    },
    { subordinate: organ.id },
  );
}
