import type { Refusal } from '@dutyledger/event-store/decider';
import type { ItemContent, OrganDuty, OrganLevel } from './item.ts';

/** What the lists service knows of an organ: its own copy of staffing's facts. */
export interface OrganFacts {
  id: string;
  name: string;
  shortName: string | null;
  aliases: string[];
  kind: string;
  level: OrganLevel;
  division: string;
  status: 'active' | 'provisional' | 'merged' | 'abolished';
  successors: string[];
}

/** Ids of all organs that an item names. */
export function namedOrgans(item: Partial<ItemContent>): string[] {
  return [
    ...(item.leads ?? []).map((entry) => entry.organ),
    ...(item.cooperators ?? []).map((entry) => entry.organ),
    ...(item.fiscalShares ?? []).map((entry) => entry.organ),
    ...(item.townBody ? [item.townBody.organ] : []),
    ...(item.procedure ?? []).flatMap((step) => (step.organ ? [step.organ] : [])),
  ];
}

/** The item with names and levels as staffing has them, or why an organ cannot be named (L-2, S-2). */
export function withOrganFacts(
  item: ItemContent,
  organs: ReadonlyMap<string, OrganFacts>,
): ItemContent | Refusal {
  let problem: Refusal | undefined;
  const live = (id: string, field: string): OrganFacts | undefined => {
    const organ = organs.get(id);
    if (!organ) problem ??= unknownOrgan(id, field);
    else if (organ.status === 'merged' || organ.status === 'abolished') problem ??= endedOrgan(organ, field);
    else return organ;
    return undefined;
  };
  const duties = (entries: OrganDuty[], role: string) =>
    entries.map((entry, i) => {
      const organ = live(entry.organ, `${role}[${i}].organ`);
      return organ ? { ...entry, name: organ.name, level: organ.level } : entry;
    });
  const filled: ItemContent = {
    ...item,
    leads: duties(item.leads, 'leads'),
    cooperators: duties(item.cooperators, 'cooperators'),
    fiscalShares: item.fiscalShares.map((entry, i) => ({
      ...entry,
      name: live(entry.organ, `fiscalShares[${i}].organ`)?.name ?? entry.name,
    })),
    procedure:
      item.procedure?.map((step, i) =>
        step.organ
          ? { ...step, organName: live(step.organ, `procedure[${i}].organ`)?.name ?? step.organName }
          : step,
      ) ?? null,
  };
  if (item.townBody) {
    const body = live(item.townBody.organ, 'townBody');
    if (body && body.kind !== 'TOWN_BODY') problem ??= notABody(body);
    if (body) filled.townBody = { organ: body.id, name: body.name };
  }
  return problem ?? filled;
}

const unknownOrgan = (id: string, field: string): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'L-2',
  field,
  citation: { title: 'DutyLedger domain rules', article: 'L-2' },
  message: {
    en: `Staffing knows no organ ${id}; every organ that a duty names is registered there.`,
    'zh-CN': `机构登记中没有 ${id}；清单中的单位均须已登记。`,
  },
  details: { organ: id },
});

const endedOrgan = (organ: OrganFacts, field: string): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'L-2',
  field,
  citation: { title: 'DutyLedger domain rules', article: 'L-2' },
  message: {
    en: `${organ.name} was ${organ.status}; name who answers for it now.`,
    'zh-CN': `“${organ.name}”已${organ.status === 'merged' ? '并入其他机构' : '撤销'}，请改为现承担单位。`,
  },
  details: { organ: organ.id, successors: organ.successors },
});

const notABody = (organ: OrganFacts): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'S-2',
  field: 'townBody',
  citation: {
    title: '徐州市镇级机构改革（徐州日报 2020-09-17）：镇（街道）承担的全部职责明确到具体职能机构',
    article: 'S-2',
  },
  message: {
    en: `${organ.name} is no functional body of a town.`,
    'zh-CN': `“${organ.name}”不是镇（街）职能机构。`,
  },
  details: { organ: organ.id, kind: organ.kind },
});
