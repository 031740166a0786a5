import type { ItemContent } from '../duty-list/item.ts';
import type { CanonicalItem, NamedOrgan } from '../export/layout.ts';
import type { ColumnField } from './fields.ts';
import type { Findings, ReadingContext } from './reading.ts';

/** Steps with their organs looked up. */
export function resolveSteps(
  steps: NonNullable<CanonicalItem['procedure']>,
  resolver: ReadingContext['resolver'],
  findings: Findings,
): ItemContent['procedure'] {
  return steps.map(({ organ, ...step }) => {
    const found = organ && resolver.resolveNamed(organ.id, organ.name);
    if (organ && !found) findings.unresolved.push({ field: 'procedure', name: organ.name });
    return { ...step, organ: found?.id ?? null, organName: found?.name ?? organ?.name ?? null };
  });
}

/** An exported row with its organs looked up: by the row's own directory, else by name. */
export function resolveCanonical(
  item: CanonicalItem,
  { resolver }: ReadingContext,
  findings: Findings,
): ItemContent {
  const find = ({ id, name }: NamedOrgan, field: ColumnField) => {
    const organ = resolver.resolveNamed(id, name);
    if (!organ) findings.unresolved.push({ field, name });
    return organ;
  };
  const duties = (organs: CanonicalItem['leads'], field: ColumnField) =>
    organs.flatMap((each) => {
      const organ = find(each, field);
      return organ ? [{ organ: organ.id, name: organ.name, level: organ.level, duty: each.duty }] : [];
    });
  const body = item.townBody && find(item.townBody, 'townBody');
  const leads = duties(item.leads, 'lead');
  return {
    ...item,
    jointlyLed: leads.length > 1,
    leads,
    cooperators: duties(item.cooperators, 'cooperator'),
    townBody: body && { organ: body.id, name: body.name },
    fiscalShares: item.fiscalShares.flatMap((each) => {
      const organ = find(each, 'fiscalShares');
      return organ ? [{ organ: organ.id, name: organ.name, share: each.share }] : [];
    }),
    procedure: item.procedure && resolveSteps(item.procedure, resolver, findings),
  };
}
