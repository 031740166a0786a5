import type { Refusal } from '@dutyledger/event-store/decider';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import { addDays } from '@dutyledger/reference-data/china-time';
import type { Application, Task } from './state.ts';

/** What an application for a task must say (L-6). */

const SHANDONG = { title: '山东省乡镇人民政府工作条例', article: '第四条' };

/** What an application has to say, in the order of the form. */
const STATEMENTS: [field: keyof Task & string, most: number, zh: string, en: string][] = [
  ['title', MAX.title, '事项名称', 'The name of the task'],
  ['what', MAX.text, '交办内容', 'What is to be done'],
  ['whyUnlisted', MAX.text, '未列入清单的理由', 'Why no list covers it'],
  ['funds', MAX.text, '经费保障', 'What funds come with it'],
  ['people', MAX.text, '人员保障', 'What people come with it'],
  ['technology', MAX.text, '技术保障', 'What technology comes with it'],
  ['training', MAX.text, '培训保障', 'What training comes with it'],
];

const MOST_DAYS = 366;

export function taskProblem(task: Task, today: string): Refusal | undefined {
  for (const [field, most, zh, en] of STATEMENTS) {
    const problem = unfit('L-6', `task.${field}`, String(task[field]), most, { en, 'zh-CN': zh });
    if (problem) return { ...problem, citation: SHANDONG };
  }
  const { from, to } = task;
  if (from < today) {
    return broken('L-6', 'task.from', {
      en: `The task would start on ${from}, before today (${today}); it starts once it is admitted.`,
      'zh-CN': `拟自 ${from} 起交办，早于今日（${today}）；事项须经准入后方可开始。`,
    });
  }
  if (to < from || to > addDays(from, MOST_DAYS - 1)) {
    return broken(
      'L-6',
      'task.to',
      {
        en: `A task ends on a day after it starts and within ${MOST_DAYS} days: what lasts belongs in a list (L-4).`,
        'zh-CN': `交办事项为阶段性、临时性任务，止期不得早于起期，期限不得超过 ${MOST_DAYS} 天；长期事项应按程序列入清单（L-4）。`,
      },
      { from, to, most: MOST_DAYS },
    );
  }
  return undefined;
}

const MOST_TOWNS = 200;

export function townsProblem({ towns, division }: Application): Refusal | undefined {
  if (towns.length === 0 || towns.length > MOST_TOWNS) {
    return broken('L-6', 'towns', {
      en: `Name the towns concerned, 1 to ${MOST_TOWNS}.`,
      'zh-CN': `请列明涉及的镇街（1 至 ${MOST_TOWNS} 个）。`,
    });
  }
  const twice = towns.findIndex(({ organ }, i) => towns.findIndex((other) => other.organ === organ) < i);
  if (twice < 0) return undefined;
  return broken(
    'L-6',
    `towns[${twice}]`,
    {
      en: `${towns[twice]?.organName} is named twice.`,
      'zh-CN': `“${towns[twice]?.organName}”重复。`,
    },
    { division },
  );
}
