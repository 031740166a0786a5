import { bracketed, isBlank } from '@dutyledger/tables/text';
import type { ListKind } from '../duty-list/item.ts';
import {
  type CellDuties,
  mergeDuties,
  type NamedDuty,
  readCombined,
  readDuties,
  type Sides,
  takeSides,
} from './duties.ts';
import type { ColumnField } from './fields.ts';
import { type ItemLines, indexOf, textsOf } from './lines.ts';
import type { Findings, ReadingContext } from './reading.ts';

const LEAD = { organ: 'lead', duty: 'leadDuty', both: 'leadAndDuty' } as const;
const COOPERATOR = { organ: 'cooperator', duty: 'cooperatorDuty', both: 'cooperatorAndDuty' } as const;
type Side = typeof LEAD | typeof COOPERATOR;

/** Kinds whose items are the towns' own by definition: their published lists name no lead. */
const TOWNS_LEAD: readonly ListKind[] = ['BASIC', 'DELEGATED'];
const TOWNS = '镇街';

/** Leads and cooperators of an item, with their duties, out of all its lines and columns. */
export function readSides(
  item: ItemLines,
  context: ReadingContext,
  findings: Findings,
  extras: Record<string, string>,
): Sides {
  const leads = readSide(item, LEAD, context, findings);
  const remark = cooperatorRemark(item, context);
  const cooperators = remark ? [] : readSide(item, COOPERATOR, context, findings);
  if (remark) {
    extras[remark.heading] = remark.text;
    findings.notices.add('NO_COOPERATOR');
  }
  addTowns(item, leads, cooperators, context, findings);
  const sides = takeSides(leads, cooperators);
  if (sides.folded.length > 0) findings.notices.add('FOLDED');
  if (sides.leads.length > 1) findings.notices.add('JOINTLY_LED');
  return sides;
}

function readSide(
  item: ItemLines,
  side: Side,
  { columns, mapping, resolver }: ReadingContext,
  findings: Findings,
): NamedDuty[] {
  const duty = indexOf(columns, side.duty);
  const parts = pairsOf(item, indexOf(columns, side.organ), duty).map(([names, duties]) =>
    note(readDuties(names, duties, resolver), side.organ, findings),
  );
  for (const text of textsOf(item, indexOf(columns, side.both))) {
    parts.push(note(readCombined(text, resolver), side.both, findings));
  }
  const fallback = mapping.defaults[side.organ];
  if (parts.length === 0 && fallback !== undefined) {
    parts.push(note(readDuties(fallback, textsOf(item, duty).join('\n'), resolver), side.organ, findings));
  }
  return parts.length === 1 ? (parts[0] ?? []) : mergeDuties(parts);
}

function note(found: CellDuties, field: ColumnField, findings: Findings): NamedDuty[] {
  for (const name of found.unresolved) findings.unresolved.push({ field, name });
  if (found.unmatched) findings.notices.add('DUTIES_UNMATCHED');
  return found.entries;
}

/** Organs and duties line by line; an organ merged over several lines has the duties of all of them. */
function pairsOf(
  item: ItemLines,
  organ: number | undefined,
  duty: number | undefined,
): [organs: string, duties: string][] {
  if (organ === undefined) return [];
  const pairs = new Map<string, string[]>();
  let current = '';
  for (const line of item.lines) {
    if (!isBlank(line[organ] ?? '')) current = line[organ] ?? '';
    if (current === '') continue;
    const duties = pairs.get(current) ?? [];
    const text = duty === undefined ? '' : (line[duty] ?? '');
    if (text !== '' && !duties.includes(text)) duties.push(text);
    pairs.set(current, duties);
  }
  return [...pairs].map(([organs, duties]) => [organs, duties.join('\n')]);
}

/** "(法条未规定)" in place of cooperating organs says that there are none; the remark itself is kept. */
function cooperatorRemark(
  item: ItemLines,
  { columns }: ReadingContext,
): { heading: string; text: string } | null {
  const column = columns.get('cooperator')?.[0];
  const [text, ...more] = textsOf(item, column?.index);
  if (!column || text === undefined || more.length > 0 || bracketed(text) === null) return null;
  return { heading: column.heading, text };
}

/** A column for the towns' duty names them by its heading; some kinds of list name them by what they are. */
function addTowns(
  item: ItemLines,
  leads: NamedDuty[],
  cooperators: NamedDuty[],
  { columns, kind, resolver, mapping }: ReadingContext,
  findings: Findings,
): void {
  const text = (field: ColumnField) => textsOf(item, indexOf(columns, field))[0] ?? '';
  const unnamed = (side: Side) =>
    !columns.has(side.organ) && !columns.has(side.both) && mapping.defaults[side.organ] === undefined;
  const lead = TOWNS_LEAD.includes(kind) && unnamed(LEAD);
  const cooperate = kind === 'COOPERATIVE' && unnamed(COOPERATOR);
  const duty = text('townDuty') || (lead ? text('leadDuty') : cooperate ? text('cooperatorDuty') : '');
  if (!lead && !cooperate && isBlank(duty)) return;
  const [town] = note(readDuties(TOWNS, duty, resolver), 'townDuty', findings);
  if (!town) return;
  if (lead || cooperate) findings.notices.add('TOWNS_BY_KIND');
  const named = [...leads, ...cooperators].find((each) => each.organ === town.organ);
  if (named) named.duty ??= town.duty;
  else (lead ? leads : cooperators).push(town);
}
