import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import type { OrganDuty, ProcedureStep, TimeLimit } from '../duty-list/item.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { promiseProblem, stepProblem } from '../procedure/step-rules.ts';

/** What an integrated matter (一件事, L-8) says, and what must hold of it. Stored in events. */

/** An item of a duty list that the matter draws on, with its name as it was. */
export interface DrawnItem {
  list: string;
  code: string;
  name: string;
}

export interface MatterContent {
  name: string;
  /** 牵头: one department across departments (由“条”上的部门牵头, 浙江“县乡一体、条抓块统”). */
  lead: OrganDuty;
  /** 协同: each with its own duty. */
  participants: OrganDuty[];
  basis: Basis[];
  /** Codes of case classes that open it; one that ends with `*` stands for all that begin so. */
  caseClasses: string[];
  /** Words of people that open it. */
  keywords: string[];
  items: DrawnItem[];
  /** Each with organ and limit; what does not wait for each other runs in parallel. */
  steps: ProcedureStep[];
  promised: TimeLimit;
  remarks: string | null;
}

/** What an editor gives: names are filled in, and that there is one lead is a rule. */
export interface MatterGiven extends Omit<MatterContent, 'lead' | 'items'> {
  leads: OrganDuty[];
  items: Omit<DrawnItem, 'name'>[];
}

/** What was looked up for a content. */
export interface MatterFacts {
  organs: ReadonlyMap<string, OrganFacts>;
  /** Names of the items that a list of the division, or of one above or within it, holds on the day concerned. */
  items: ReadonlyMap<string, string>;
}

/** Key of an item in `MatterFacts`. */
export const itemKey = ({ list, code }: Omit<DrawnItem, 'name'>): string => `${list}/${code}`;

const MOST = { participants: 50, basis: 50, terms: 100, items: 200, steps: 100, duty: 2_000 };
const CASE_CLASS = /^[\p{L}\p{N}]+(?:[._/-][\p{L}\p{N}]+)*(?:[._/-]?\*)?$/u;

const l8 = (field: string, message: Text, details?: Record<string, unknown>): Refusal =>
  broken('L-8', field, message, details);

/** The content with names as staffing and the lists have them, or the first rule of L-8 that it breaks. */
export function matterContent(given: MatterGiven, facts: MatterFacts): MatterContent | Refusal {
  const problem =
    sizeProblem(given) ??
    leadProblem(given) ??
    triggerProblem(given) ??
    organProblem(given, facts.organs) ??
    itemProblem(given, facts) ??
    stepsProblem(given);
  const [lead] = given.leads;
  if (problem || !lead) return problem ?? noLead;
  const filled = (duty: OrganDuty): OrganDuty => {
    const { name = duty.name, level = duty.level } = facts.organs.get(duty.organ) ?? {};
    return { ...duty, name, level };
  };
  const { leads: _, ...content } = given;
  return {
    ...content,
    lead: filled(lead),
    participants: given.participants.map(filled),
    items: given.items.map((item) => ({ ...item, name: facts.items.get(itemKey(item)) ?? '' })),
    steps: given.steps.map((step) => ({
      ...step,
      organName: facts.organs.get(step.organ ?? '')?.name ?? step.organName,
    })),
  };
}

/** The content as an editor would give it again, to be held against facts that have changed since. */
export const asGiven = ({ lead, ...content }: MatterContent): MatterGiven => ({ ...content, leads: [lead] });

const noLead = l8('leads', {
  en: 'An integrated matter has exactly one lead organ; none is given.',
  'zh-CN': '“一件事”须有且只有一个牵头单位，现没有。',
});

function sizeProblem(given: MatterGiven): Refusal | undefined {
  const name = unfit('L-8', 'name', given.name, MAX.name, { en: 'The name', 'zh-CN': '名称' });
  if (name) return name;
  const counts: [string, number, number][] = [
    ['participants', given.participants.length, MOST.participants],
    ['basis', given.basis.length, MOST.basis],
    ['caseClasses', given.caseClasses.length, MOST.terms],
    ['keywords', given.keywords.length, MOST.terms],
    ['items', given.items.length, MOST.items],
    ['steps', given.steps.length, MOST.steps],
    ['remarks', given.remarks?.length ?? 0, MAX.text],
  ];
  const over = counts.find(([, actual, most]) => actual > most);
  if (over) return tooMany(...over);
  const texts: [string, string, number][] = [
    ...given.leads.map(({ duty }, i): [string, string, number] => [
      `leads[${i}].duty`,
      duty ?? '',
      MOST.duty,
    ]),
    ...given.participants.map(({ duty }, i): [string, string, number] => [
      `participants[${i}].duty`,
      duty ?? '',
      MOST.duty,
    ]),
    ...given.keywords.map((word, i): [string, string, number] => [`keywords[${i}]`, word, MAX.name]),
    ...given.steps.flatMap(({ id, name: text }, i): [string, string, number][] => [
      [`steps[${i}].id`, id, MAX.name],
      [`steps[${i}].name`, text, MAX.name],
    ]),
  ];
  for (const [field, text, most] of texts) {
    const problem = unfit('L-8', field, text, most, { en: field, 'zh-CN': field });
    if (problem) return problem;
  }
  return undefined;
}

const tooMany = (field: string, actual: number, limit: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  rule: 'L-8',
  field,
  message: {
    en: `${field} has ${actual}, at most ${limit} are taken.`,
    'zh-CN': `${field} 为 ${actual}，上限为 ${limit}。`,
  },
  details: { limit, actual },
});

function leadProblem({ leads, participants, basis }: MatterGiven): Refusal | undefined {
  if (leads.length === 0) return noLead;
  if (leads.length > 1) {
    return l8('leads[1].organ', {
      en: `An integrated matter has exactly one lead organ; ${leads.length} are given.`,
      'zh-CN': `“一件事”须有且只有一个牵头单位，现有 ${leads.length} 个。`,
    });
  }
  const both = participants.findIndex(({ organ }) => organ === leads[0]?.organ);
  if (both >= 0) {
    return l8(`participants[${both}].organ`, {
      en: 'The lead organ cannot be among those that take part.',
      'zh-CN': '牵头单位不能同时列为协同单位。',
    });
  }
  const again = participants.findIndex(
    ({ organ }, i) => participants.findIndex((one) => one.organ === organ) < i,
  );
  if (again >= 0) {
    return l8(`participants[${again}].organ`, {
      en: 'An organ takes part once.',
      'zh-CN': '协同单位重复。',
    });
  }
  if (basis.length > 0) return undefined;
  return l8('basis', {
    en: 'An integrated matter rests on at least one law or document.',
    'zh-CN': '“一件事”至少应有一条法律法规或文件依据。',
  });
}

function triggerProblem({ basis, caseClasses, keywords }: MatterGiven): Refusal | undefined {
  const untitled = basis.findIndex(({ title }) => title.trim() === '');
  if (untitled >= 0) {
    return l8(`basis[${untitled}].title`, {
      en: 'A basis needs the title of the law or document.',
      'zh-CN': '依据须写明法律法规或文件名称。',
    });
  }
  if (caseClasses.length + keywords.length === 0) {
    return l8('caseClasses', {
      en: 'Nothing would open the matter: give case classes, keywords, or both.',
      'zh-CN': '没有触发条件：请给出事件类别或关键词，至少其一。',
    });
  }
  const unfitClass = caseClasses.findIndex((code) => code.length > MAX.name || !CASE_CLASS.test(code));
  if (unfitClass < 0) return undefined;
  return l8(`caseClasses[${unfitClass}]`, {
    en: `“${caseClasses[unfitClass]?.slice(0, 60)}” is no code of a case class: letters and digits, parted by . _ / or -; a * at the end stands for all that begin so.`,
    'zh-CN': `“${caseClasses[unfitClass]?.slice(0, 60)}”不是事件类别编码：应为文字、字母、数字，以 . _ / - 分段；末尾的 * 表示其下全部类别。`,
  });
}

function organProblem(
  { leads, participants, steps }: MatterGiven,
  organs: ReadonlyMap<string, OrganFacts>,
): Refusal | undefined {
  const named: [string, string][] = [
    ...leads.map(({ organ }, i): [string, string] => [`leads[${i}].organ`, organ]),
    ...participants.map(({ organ }, i): [string, string] => [`participants[${i}].organ`, organ]),
    ...steps.flatMap(({ organ }, i): [string, string][] => (organ ? [[`steps[${i}].organ`, organ]] : [])),
  ];
  for (const [field, id] of named) {
    const organ = organs.get(id);
    if (!organ) {
      return l8(
        field,
        {
          en: `Staffing knows no organ ${id}; every organ of a matter is registered there.`,
          'zh-CN': `机构登记中没有 ${id}；“一件事”中的单位均须已登记。`,
        },
        { organ: id },
      );
    }
    if (organ.status === 'merged' || organ.status === 'abolished') {
      return l8(
        field,
        {
          en: `${organ.name} was ${organ.status}; name who answers for it now.`,
          'zh-CN': `“${organ.name}”已${organ.status === 'merged' ? '并入其他机构' : '撤销'}，请改为现承担单位。`,
        },
        { organ: id, successors: organ.successors },
      );
    }
  }
  const lead = organs.get(leads[0]?.organ ?? '');
  if (!lead || (lead.level !== 'town' && lead.level !== 'village' && lead.kind !== 'ORGAN_CLASS'))
    return undefined;
  return l8('leads[0].organ', {
    en: `${lead.name} cannot lead: a particular department of the county or above leads, towns and villages take part.`,
    'zh-CN': `“${lead.name}”不能牵头：“一件事”由县级以上具体部门牵头，镇街、村居为协同单位。`,
  });
}

function itemProblem({ items }: MatterGiven, facts: MatterFacts): Refusal | undefined {
  for (const [i, item] of items.entries()) {
    if (items.findIndex((one) => itemKey(one) === itemKey(item)) < i) {
      return l8(`items[${i}]`, { en: 'An item is named once.', 'zh-CN': '引用的清单事项重复。' });
    }
    if (facts.items.has(itemKey(item))) continue;
    return l8(
      `items[${i}]`,
      {
        en: `No list of this division, or of one above or within it, holds item ${item.code} (${item.list}) on that day.`,
        'zh-CN': `本区划及其上下级区划的清单在该日没有事项 ${item.code}（${item.list}）。`,
      },
      { ...item },
    );
  }
  return undefined;
}

/** Every step is owned by an organ of the matter and has a limit; no circles; the promise holds on the critical path. */
function stepsProblem({ leads, participants, steps, promised }: MatterGiven): Refusal | undefined {
  if (steps.length === 0) {
    return l8('steps', {
      en: 'A matter is handled in at least one step.',
      'zh-CN': '“一件事”至少应有一个办理步骤。',
    });
  }
  const organs = new Set([...leads, ...participants].map(({ organ }) => organ));
  for (const [i, { id, organ, limit }] of steps.entries()) {
    if (!organ || !organs.has(organ)) {
      return l8(`steps[${i}].organ`, {
        en: `Step ${id} belongs to ${organ ? 'an organ that takes no part in the matter' : 'no organ'}; every step is owned by the lead or one that takes part.`,
        'zh-CN': `步骤“${id}”${organ ? '的单位未参与本“一件事”' : '没有承办单位'}；每个步骤均应由牵头或协同单位承办。`,
      });
    }
    if (limit) continue;
    return l8(`steps[${i}].limit`, {
      en: `Step ${id} has no time limit; without it nothing can be promised.`,
      'zh-CN': `步骤“${id}”没有时限，无法作出总时限承诺。`,
    });
  }
  return stepProblem(steps, 'steps', l8) ?? promiseProblem(steps, promised, 'promised', l8);
}
