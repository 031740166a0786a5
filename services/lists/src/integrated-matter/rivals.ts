import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';

/**
 * One case class opens one matter of a division (L-8): routing takes a case to the matter that its class names (G-7), and
 * of two it could only guess. A class that one matter names beside another's pattern is no such doubt: what is named
 * goes before what a pattern stands for, in L-9 as in G-7.
 */

/** A version of another matter of the division, for as long as it is in force. */
export interface Rival {
  matter: string;
  name: string;
  caseClasses: string[];
  from: string;
  /** First day that it is not in force any more; null while that is not known. */
  to: string | null;
}

/** Why the triggers cannot be in force from the day on; undefined when nothing else opens on them then or later. */
export function rivalProblem(
  caseClasses: readonly string[],
  effectiveFrom: string,
  rivals: readonly Rival[],
): Refusal | undefined {
  const current = rivals.filter(({ from, to }) => to === null || (to > effectiveFrom && to > from));
  for (const [i, caseClass] of caseClasses.entries())
    for (const rival of current) {
      const taken = rival.caseClasses.find((other) => overlap(caseClass, other));
      if (taken !== undefined) return takenBy(`caseClasses[${i}]`, caseClass, taken, rival);
    }
  return undefined;
}

/** Whether both name the same class, or are patterns of which one stands for all that the other does. */
function overlap(one: string, other: string): boolean {
  if (one === other) return true;
  if (!one.endsWith('*') || !other.endsWith('*')) return false;
  const [a, b] = [one.slice(0, -1), other.slice(0, -1)];
  return a.startsWith(b) || b.startsWith(a);
}

function takenBy(
  field: string,
  caseClass: string,
  taken: string,
  { matter, name, from, to }: Rival,
): Refusal {
  const also = taken === caseClass ? { en: '', zh: '' } : { en: ` (as ${taken})`, zh: `（${taken}）` };
  const until =
    to === null
      ? { en: `from ${from} on`, zh: `自 ${from} 起` }
      : { en: `from ${from} until ${to}`, zh: `自 ${from} 至 ${to}` };
  return broken(
    'L-8',
    field,
    {
      en: `Case class ${caseClass}${also.en} opens “${name}” ${until.en}; a case class opens one matter of a division. Let one of them go, or begin when the other has ended.`,
      'zh-CN': `案件类别 ${caseClass}${also.zh}${until.zh}已由“${name}”受理；同一地区的一个类别只能对应一个“一件事”。请删去其一，或在其终止之后施行。`,
    },
    { caseClass, matter, name, taken, from, to },
  );
}
