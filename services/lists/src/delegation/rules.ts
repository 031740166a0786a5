import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import type { Delegation, InForce, PowerRegister } from './state.ts';

/** Refusals of L-5. */

export const RULE = 'L-5';

/** Who may delegate penalties, and on what conditions. */
export const PENALTY_LAW: Basis = { title: '中华人民共和国行政处罚法', article: '第二十四条' };

export const MOST = { powers: 500, perDelegation: 3_000, towns: 500, pairs: 100_000, criteria: 50 };

export const refusal = (
  field: string,
  en: string,
  zh: string,
  details?: Record<string, unknown>,
  citation?: Basis,
): Refusal => ({
  ...broken(RULE, field, { en, 'zh-CN': zh }, details),
  ...(citation && { citation }),
});

export const text = (field: string, given: string, en: string, zh: string, most = MAX.text) =>
  unfit(RULE, field, given, most, { en, 'zh-CN': zh });

export const tooMany = (field: string, most: number, count: number, what: Text): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  rule: RULE,
  field,
  message: {
    en: `1 to ${most} ${what.en} at a time, not ${count}.`,
    'zh-CN': `每次 1 至 ${most} ${what['zh-CN']}，现为 ${count}。`,
  },
});

export const unknownDelegation = (id: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: RULE,
  field: 'delegation',
  message: {
    en: `This county has no delegation ${id}.`,
    'zh-CN': `本县没有编号为 ${id} 的赋权。`,
  },
});

const STATUS: Record<Delegation['status'], Text> = {
  proposed: { en: 'is proposed and not decided yet', 'zh-CN': '尚在办理，未作决定' },
  withdrawn: { en: 'was withdrawn', 'zh-CN': '已撤回' },
  refused: { en: 'was refused', 'zh-CN': '未获批准' },
  decided: { en: 'was decided', 'zh-CN': '已作决定' },
};

/** The delegation in the status that a step asks for, or why the step is out of order. */
export function inStatus<S extends Delegation['status']>(
  state: PowerRegister,
  id: string,
  wanted: S,
): { ok: true; delegation: Extract<Delegation, { status: S }> } | { ok: false; refusal: Refusal } {
  const delegation = state.delegations.get(id);
  if (!delegation) return { ok: false, refusal: unknownDelegation(id) };
  if (delegation.status === wanted) {
    return { ok: true, delegation: delegation as Extract<Delegation, { status: S }> };
  }
  const { en, 'zh-CN': zh } = STATUS[delegation.status];
  return {
    ok: false,
    refusal: refusal('delegation', `Delegation ${id} ${en}.`, `赋权 ${id} ${zh}。`, {
      status: delegation.status,
    }),
  };
}

export const notReceiving = (
  { decision }: InForce,
  towns: readonly string[],
  field: string,
): Refusal | undefined => {
  const stranger = towns.find((town) => !decision.towns.includes(town));
  return stranger === undefined
    ? undefined
    : refusal(
        field,
        `Town ${stranger} received nothing by this delegation.`,
        `镇街 ${stranger} 未经本赋权取得权力。`,
        { towns: decision.towns },
      );
};

export function basisProblem(field: string, basis: readonly Basis[]): Refusal | undefined {
  if (basis.length === 0) {
    return refusal(
      field,
      'A power, and its delegation, rests on a law or document; name at least one.',
      '权力及其下放须有依据，请至少列明一项法律或文件。',
    );
  }
  return basis.length <= 100
    ? undefined
    : tooMany(field, 100, basis.length, { en: 'grounds', 'zh-CN': '项依据' });
}

/** Codes of the list that stand twice. */
export const twice = (codes: readonly string[]): string[] => [
  ...new Set(codes.filter((code, i) => codes.indexOf(code) !== i)),
];

export const overlapping = (code: string, town: string, delegation: string): Refusal =>
  refusal(
    'powers',
    `${town} holds power ${code} already, by delegation ${delegation}; a power has one holder.`,
    `${town} 已由赋权 ${delegation} 取得权力 ${code}；同一权力只能由一个主体行使。`,
    { power: code, delegation },
  );
