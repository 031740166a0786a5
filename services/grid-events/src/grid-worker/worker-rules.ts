import type { Refusal } from '@dutyledger/event-store/decider';
import { division, isWithin } from '@dutyledger/reference-data/divisions';
import { unfit, violation } from './refusals.ts';
import type { Roster, WorkerField } from './state.ts';
import type { Worker } from './worker.ts';

/** The rules that a person on the roster must meet (G-2). */

export type NewWorker = Pick<Worker, 'number' | 'name' | 'post' | 'roles' | 'town' | 'subject' | 'grids'>;
export type WorkerChanges = Partial<Pick<Worker, WorkerField>>;

const NUMBER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,29}$/;
const MOST = { name: 50, subject: 200 } as const;
/** A telephone or identity number that slipped into a field where it does not belong. */
const LOOKS_PRIVATE = /(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)/;

export function problemOf(worker: Worker, state: Roster, path: string): Refusal | undefined {
  const { county, number, name, roles, town, subject } = worker;
  if (!NUMBER.test(number)) {
    return unfit(`${path}number`, {
      en: 'A number has 1 to 30 letters, digits, - and _.',
      'zh-CN': '工号应为 1 至 30 个字母、数字、- 或 _。',
    });
  }
  const texts = { name: [name, MOST.name], subject: [subject, MOST.subject] } as const;
  for (const [field, [text, most]] of Object.entries(texts)) {
    if (text === null || (text.trim() !== '' && text.length <= most)) continue;
    return unfit(`${path}${field}`, {
      en: `${field} has 1 to ${most} characters.`,
      'zh-CN': `${field} 应为 1 至 ${most} 个字。`,
    });
  }
  const exposed = Object.entries({ number, name, subject }).find(([, text]) =>
    LOOKS_PRIVATE.test(text ?? ''),
  );
  if (exposed) {
    return unfit(`${path}${exposed[0]}`, {
      en: 'This looks like a telephone or identity number; those are not kept here.',
      'zh-CN': '内容疑似手机号码或身份证号码，此处不予保存。',
    });
  }
  if (division(town)?.level !== 'town' || !isWithin(town, county)) {
    return unfit(`${path}town`, {
      en: `${town} is not a town of ${county}.`,
      'zh-CN': `${town} 不是 ${county} 的乡镇（街道）。`,
    });
  }
  if (new Set(roles).size < roles.length) {
    return unfit(`${path}roles`, { en: 'A role is named twice.', 'zh-CN': '职责角色重复。' });
  }
  return subjectProblem(worker, state, path);
}

/** Two people do not act under one account. */
function subjectProblem({ id, subject }: Worker, state: Roster, path: string): Refusal | undefined {
  const bearer = subject === null ? undefined : state.subjects.get(subject);
  if (bearer === undefined || bearer === id) return undefined;
  return violation(
    `${path}subject`,
    {
      en: `The account belongs to ${state.workers.get(bearer)?.name ?? bearer}.`,
      'zh-CN': `该账号属于${state.workers.get(bearer)?.name ?? bearer}。`,
    },
    { worker: bearer },
  );
}
