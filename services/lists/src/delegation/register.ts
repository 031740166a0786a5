import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import { accept, type Decision, refuse } from '@dutyledger/event-store/decider';
import type { Power, PowerEvent, TownClass } from './events.ts';
import { basisProblem, MOST, RULE, refusal, text, tooMany, twice } from './rules.ts';
import type { PowerRegister } from './state.ts';

/** The powers of a county, who holds them unless they are delegated, and the classes of its towns (L-5). */

export type RegisterCommand =
  | { type: 'RegisterPowers'; powers: Power[] }
  | { type: 'AbolishPower'; code: string; from: string }
  | { type: 'SetTownClass'; town: string; class: TownClass | null };

const CODE = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u;

/** What is there already with the same content is passed by: the same register again changes nothing. */
export function registerPowers(powers: readonly Power[], state: PowerRegister): Decision<PowerEvent> {
  if (powers.length === 0 || powers.length > MOST.powers) {
    return refuse(tooMany('powers', MOST.powers, powers.length, { en: 'powers', 'zh-CN': '项权力' }));
  }
  const [repeated] = twice(powers.map(({ code }) => code));
  if (repeated !== undefined) {
    return refuse(refusal('powers', `Code ${repeated} is given twice.`, `编码 ${repeated} 重复。`));
  }
  const events: PowerEvent[] = [];
  for (const [i, power] of powers.entries()) {
    const problem = powerProblem(power, `powers[${i}]`);
    if (problem) return refuse(problem);
    const before = state.powers.get(power.code);
    if (before && canonicalJson(before) === canonicalJson(power)) continue;
    events.push({ type: before ? 'PowerRevised' : 'PowerRegistered', data: { power } });
  }
  return accept(...events);
}

const powerProblem = ({ code, name, basis, field }: Power, path: string) =>
  (CODE.test(code)
    ? undefined
    : refusal(
        `${path}.code`,
        'A code has 1 to 60 letters, digits, points, hyphens or underscores.',
        '编码应为 1 至 60 个字母、数字、点、连字符或下划线。',
      )) ??
  text(`${path}.name`, name, 'The name of the power', '权力名称', 500) ??
  (field === null ? undefined : text(`${path}.field`, field, 'The field', '领域', 100)) ??
  basisProblem(`${path}.basis`, basis);

export function abolishPower({ code, from }: { code: string; from: string }, state: PowerRegister) {
  if (!state.powers.has(code)) {
    return refuse({
      code: 'NOT_FOUND',
      rule: RULE,
      field: 'power',
      message: { en: `The register has no power ${code}.`, 'zh-CN': `权力目录中没有 ${code}。` },
    });
  }
  return accept<PowerEvent>({ type: 'PowerAbolished', data: { code }, effectiveAt: from });
}

export function setTownClass(
  { town, class: given }: { town: string; class: TownClass | null },
  state: PowerRegister,
): Decision<PowerEvent> {
  const before = state.classes.get(town) ?? null;
  if (canonicalJson(before) === canonicalJson(given)) return accept();
  const problem =
    given &&
    (text('class.code', given.code, 'The code of the class', '类别代码', 30) ??
      text('class.name', given.name, 'The name of the class', '类别名称', 50));
  return problem
    ? refuse(problem)
    : accept<PowerEvent>({ type: 'TownClassSet', data: { town, class: given } });
}
