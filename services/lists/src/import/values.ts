import { isBlank, plain, tidyName } from '@dutyledger/tables/text';
import type { HandlingClass, TownRole } from '../duty-list/item.ts';

const CLASS_WORDS = new Map<string, HandlingClass>(
  Object.entries({
    可办理: 'MAY_HANDLE',
    可办: 'MAY_HANDLE',
    可以办理: 'MAY_HANDLE',
    直接办理: 'MAY_HANDLE',
    应出具证明: 'MAY_HANDLE',
    应出具: 'MAY_HANDLE',
    可出具: 'MAY_HANDLE',
    协助办理: 'ASSIST',
    可协助办理: 'ASSIST',
    协办: 'ASSIST',
    协助: 'ASSIST',
    帮办代办: 'ASSIST',
    协助政府: 'ASSIST',
    不可办理: 'MUST_NOT_HANDLE',
    不可办: 'MUST_NOT_HANDLE',
    不得办理: 'MUST_NOT_HANDLE',
    不予办理: 'MUST_NOT_HANDLE',
    禁止办理: 'MUST_NOT_HANDLE',
    不应出具: 'MUST_NOT_HANDLE',
    不应出具证明: 'MUST_NOT_HANDLE',
    不得出具: 'MUST_NOT_HANDLE',
    不再出具: 'MUST_NOT_HANDLE',
  }),
);

/** Words that only restate the class: nothing is lost when they are not kept as a category. */
const PLAIN_CLASS_WORDS = new Set(['可办理', '协助办理', '不可办理']);

const classKey = (text: string): string =>
  plain(tidyName(text)).replace(/(类)?(事项|清单|目录)?(\(.*\))?$/, '');

/** The handling class a word of a village list stands for, undefined when it is none. */
export const handlingClassOf = (text: string): HandlingClass | undefined => CLASS_WORDS.get(classKey(text));

export const isPlainClassWord = (text: string): boolean => PLAIN_CLASS_WORDS.has(tidyName(text));

/** Ticks in a column that stands for one choice: √, 是, 1, ● …; null when the text is none. */
export function isTicked(text: string): boolean | null {
  if (isBlank(text) || /^[××xX✗✘否无0]$/.test(text.trim())) return false;
  return /^[√✓✔☑是有1●○◯■★Yy]$/u.test(text.trim()) ? true : null;
}

const ROLE_WORDS = new Map<string, TownRole>(
  Object.entries({
    主体: 'LEAD',
    主责: 'LEAD',
    牵头: 'LEAD',
    主体责任: 'LEAD',
    负责: 'LEAD',
    配合: 'COOPERATE',
    配合责任: 'COOPERATE',
    协助: 'COOPERATE',
    协同: 'COOPERATE',
    参与: 'COOPERATE',
    共有: 'SHARED',
    共同: 'SHARED',
    共同负责: 'SHARED',
    受委托: 'ENTRUSTED',
    委托: 'ENTRUSTED',
    受托: 'ENTRUSTED',
    吹哨: 'CALL',
    呼叫: 'CALL',
    无: 'NONE',
    无职责: 'NONE',
    不承担: 'NONE',
    未规定: 'UNSPECIFIED',
    未明确: 'UNSPECIFIED',
    见备注: 'UNSPECIFIED',
  }),
);

/**
 * The town's role and what the cell says beyond it: 主体(共有) is shared; 配合(受理审核) is cooperation with a note;
 * 见备注 is unspecified and keeps its text. Undefined when the word is unknown.
 */
export function townRoleOf(
  text: string,
  given: Record<string, TownRole> = {},
): { role: TownRole; note: string | null } | undefined {
  const whole = plain(tidyName(text));
  const mapped = [text, whole].find((each) => Object.hasOwn(given, each));
  if (mapped !== undefined && given[mapped]) return { role: given[mapped], note: null };
  const [, word = '', note] = /^([^(]*)(?:\((.*)\))?$/s.exec(whole) ?? [];
  const role = ROLE_WORDS.get(word);
  if (role === undefined) return undefined;
  if (note === undefined) return { role, note: word === '见备注' ? word : null };
  const inner = ROLE_WORDS.get(note);
  return inner === 'SHARED' ? { role: 'SHARED', note: null } : { role, note };
}
