import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { promiseProblem, stepProblem } from '../procedure/step-rules.ts';
import { BASIS_OPTIONAL, type ItemContent, LEAD_OPTIONAL, type ListKind, WHOLE_SHARE } from './item.ts';
import { L2, sizeProblems, violation } from './item-sizes.ts';

const ACT_486: Basis = { title: '地方各级人民政府机构设置和编制管理条例', article: '第十条' };

/** Every rule of L-2 that the content breaks, the gravest first; empty when it may stand in a list of this kind. */
export function itemProblems(kind: ListKind, item: ItemContent): Refusal[] {
  return [
    ...sizeProblems(item),
    ...leadProblems(kind, item),
    ...cooperatorProblems(item),
    ...basisProblems(kind, item),
    ...shareProblems(kind, item),
    ...classProblems(kind, item),
    ...procedureProblems(item),
  ];
}

function leadProblems(kind: ListKind, item: ItemContent): Refusal[] {
  const { leads, jointlyLed } = item;
  if (leads.length === 0) {
    if (LEAD_OPTIONAL.includes(kind)) return [];
    return [
      violation('leads', {
        en: 'Every duty has one lead organ; this item has none.',
        'zh-CN': '每项职责须有一个主体责任单位，本事项没有。',
      }),
    ];
  }
  const repeated = firstRepeated(leads.map((lead) => lead.organ));
  if (repeated !== undefined) {
    return [
      violation(`leads[${repeated}].organ`, {
        en: `${leads[repeated]?.name} is named as lead twice.`,
        'zh-CN': `主体责任单位“${leads[repeated]?.name}”重复。`,
      }),
    ];
  }
  if (leads.length > 1 && !jointlyLed) {
    return [
      violation(
        'leads[1].organ',
        {
          en: `An item has exactly one lead unless it is declared jointly led; ${leads.length} are given.`,
          'zh-CN': `除声明为共同主体的事项外，主体责任单位只能有一个，现有 ${leads.length} 个。`,
        },
        ACT_486,
      ),
    ];
  }
  if (leads.length === 1 && jointlyLed) {
    return [
      violation('jointlyLed', {
        en: 'A jointly led item names at least two leads.',
        'zh-CN': '共同主体事项至少应有两个主体责任单位。',
      }),
    ];
  }
  return [];
}

function cooperatorProblems(item: ItemContent): Refusal[] {
  const leads = new Set(item.leads.map((lead) => lead.organ));
  const both = item.cooperators.findIndex((cooperator) => leads.has(cooperator.organ));
  if (both >= 0) {
    return [
      violation(`cooperators[${both}].organ`, {
        en: `${item.cooperators[both]?.name} leads this item and cannot cooperate in it as well.`,
        'zh-CN': `“${item.cooperators[both]?.name}”已是主体责任单位，不能同时为配合责任单位。`,
      }),
    ];
  }
  const repeated = firstRepeated(item.cooperators.map((cooperator) => cooperator.organ));
  if (repeated === undefined) return [];
  return [
    violation(`cooperators[${repeated}].organ`, {
      en: `${item.cooperators[repeated]?.name} is named as cooperating organ twice.`,
      'zh-CN': `配合责任单位“${item.cooperators[repeated]?.name}”重复。`,
    }),
  ];
}

function basisProblems(kind: ListKind, item: ItemContent): Refusal[] {
  if (item.basis.length === 0 && !BASIS_OPTIONAL.includes(kind)) {
    return [
      violation('basis', {
        en: 'Every duty rests on at least one law or document.',
        'zh-CN': '每项职责至少应有一条法律法规或文件依据。',
      }),
    ];
  }
  const blank = item.basis.findIndex((entry) => entry.title.trim() === '');
  if (blank < 0) return [];
  return [
    violation(`basis[${blank}].title`, {
      en: 'A basis needs the title of the law or document.',
      'zh-CN': '依据须写明法律法规或文件名称。',
    }),
  ];
}

function shareProblems(kind: ListKind, item: ItemContent): Refusal[] {
  const { fiscalShares } = item;
  if (fiscalShares.length === 0) return [];
  if (kind !== 'SHARED') {
    return [
      violation('fiscalShares', {
        en: 'Fiscal shares belong to items of a shared list.',
        'zh-CN': '只有共有事权清单的事项有财权分配占比。',
      }),
    ];
  }
  const bad = fiscalShares.findIndex(
    ({ share }) => !Number.isInteger(share) || share <= 0 || share > WHOLE_SHARE,
  );
  if (bad >= 0) {
    return [
      violation(`fiscalShares[${bad}].percent`, {
        en: 'A fiscal share is above 0% and at most 100%, with two decimals.',
        'zh-CN': '财权分配占比应大于 0、不超过 100%,最多两位小数。',
      }),
    ];
  }
  const named = new Set([...item.leads, ...item.cooperators].map((entry) => entry.organ));
  const stranger = fiscalShares.findIndex((entry) => !named.has(entry.organ));
  if (stranger >= 0) {
    return [
      violation(`fiscalShares[${stranger}].organ`, {
        en: `${fiscalShares[stranger]?.name} bears a share but is neither lead nor cooperating organ.`,
        'zh-CN': `“${fiscalShares[stranger]?.name}”承担财权份额，但不是主体或配合责任单位。`,
      }),
    ];
  }
  const repeated = firstRepeated(fiscalShares.map((entry) => entry.organ));
  if (repeated !== undefined) {
    return [
      violation(`fiscalShares[${repeated}].organ`, {
        en: `${fiscalShares[repeated]?.name} has two shares.`,
        'zh-CN': `“${fiscalShares[repeated]?.name}”的份额重复。`,
      }),
    ];
  }
  const sum = fiscalShares.reduce((total, { share }) => total + share, 0);
  if (sum === WHOLE_SHARE) return [];
  return [
    violation(
      'fiscalShares',
      {
        en: `Fiscal shares add up to ${sum / 100}%; they must add up to exactly 100%.`,
        'zh-CN': `财权分配占比合计为 ${sum / 100}%,必须正好为 100%。`,
      },
      L2,
      { sum: sum / 100 },
    ),
  ];
}

function classProblems(kind: ListKind, item: ItemContent): Refusal[] {
  if (item.handlingClass !== null && kind !== 'VILLAGE_AFFAIRS' && kind !== 'VILLAGE_ACCEPTED') {
    return [
      violation('handlingClass', {
        en: 'A handling class (may handle, assist, must not handle) belongs to items of a village list.',
        'zh-CN': '办理类别（可办理、协助办理、不可办理）只用于村级清单。',
      }),
    ];
  }
  return [];
}

function procedureProblems(item: ItemContent): Refusal[] {
  const { procedure, promised } = item;
  const say = (field: string, message: Text, details?: Record<string, unknown>) =>
    violation(field, message, L2, details);
  const problem =
    stepProblem(procedure ?? [], 'procedure', say) ??
    (promised ? promiseProblem(procedure ?? [], promised, 'promised', say) : undefined);
  return problem ? [problem] : [];
}

/** Index of the first value that stood before, undefined when all differ. */
function firstRepeated(values: readonly string[]): number | undefined {
  const index = values.findIndex((value, i) => values.indexOf(value) < i);
  return index < 0 ? undefined : index;
}
