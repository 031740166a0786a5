import type { Refusal } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import type { Result } from './events.ts';

/** How long the texts of a case may be, and how many things it may name. */

export const BOUNDS = {
  text: 2_000,
  name: 200,
  code: 100,
  attachments: 20,
  organs: 30,
  tasks: 50,
  links: 50,
  merged: 200,
};

export const reasonProblem = (reason: string, field = 'reason'): Refusal | undefined =>
  unfit('G-6', field, reason, BOUNDS.text, { en: 'The reason', 'zh-CN': '理由' });

export function resultProblem(field: string, { text, attachments }: Result): Refusal | undefined {
  const problem = unfit('G-6', `${field}.text`, text, BOUNDS.text, {
    en: 'What was done or found',
    'zh-CN': '处置或核实情况',
  });
  if (problem || attachments.length <= BOUNDS.attachments) return problem;
  return unfit('G-6', `${field}.attachments`, '', BOUNDS.attachments, {
    en: 'The list of attachments',
    'zh-CN': '附件',
  });
}
