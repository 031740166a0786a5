import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Correction } from './duty-list/changes.ts';
import type { DraftChange } from './duty-list/draft.ts';
import {
  emptyItem,
  type HandlingClass,
  type ItemContent,
  type ProcedureStep,
  type TimeLimit,
  type TownRole,
} from './duty-list/item.ts';

/** GraphQL inputs of this service as what the decider takes. */

interface OrganDutyInput {
  organ: string;
  duty?: string | null;
}

interface BasisInput {
  title: string;
  article?: string | null;
  documentNumber?: string | null;
}

export type ProcedureStepInput = Pick<ProcedureStep, 'id' | 'name' | 'after'> & Partial<ProcedureStep>;

export interface ItemInput {
  name?: string | null;
  domain?: string | null;
  category?: string | null;
  handlingClass?: HandlingClass | null;
  jointlyLed?: boolean | null;
  leads?: OrganDutyInput[] | null;
  cooperators?: OrganDutyInput[] | null;
  basis?: BasisInput[] | null;
  townRole?: { role: TownRole; note?: string | null } | null;
  townBody?: string | null;
  fiscalShares?: { organ: string; percent: number }[] | null;
  procedure?: ProcedureStepInput[] | null;
  promised?: TimeLimit | null;
  situations?: { name: string; note?: string | null }[] | null;
  caseClasses?: string[] | null;
  keywords?: string[] | null;
  remarks?: string | null;
  extras?: unknown;
}

/** Names and levels of organs are filled in by the decider, from staffing's facts. */
const duties = (given: OrganDutyInput[]) =>
  given.map(({ organ, duty }) => ({ organ, name: '', level: 'county' as const, duty: trimmed(duty) }));

export const procedureSteps = (given: readonly ProcedureStepInput[]): ProcedureStep[] =>
  given.map(({ id, name, organ, limit, after }) => ({
    id,
    name,
    organ: organ ?? null,
    organName: null,
    limit: limit ?? null,
    after,
  }));

const trimmed = (text: string | null | undefined): string | null => text?.trim() || null;

/** How each field of the input becomes one of the item; null clears. */
const FIELDS: {
  [F in keyof ItemInput]-?: (value: NonNullable<ItemInput[F]>, path: string) => Partial<ItemContent>;
} = {
  name: (name) => ({ name: name.trim() }),
  domain: (domain) => ({ domain: trimmed(domain) }),
  category: (category) => ({ category: trimmed(category) }),
  handlingClass: (handlingClass) => ({ handlingClass }),
  jointlyLed: (jointlyLed) => ({ jointlyLed }),
  leads: (leads) => ({ leads: duties(leads) }),
  cooperators: (cooperators) => ({ cooperators: duties(cooperators) }),
  basis: (basis) => ({ basis: basis.map(readBasis) }),
  townRole: ({ role, note }) => ({ townRole: { role, note: trimmed(note) } }),
  townBody: (organ) => ({ townBody: { organ, name: '' } }),
  fiscalShares: (shares, path) => ({
    fiscalShares: shares.map(({ organ, percent }, i) => ({
      organ,
      name: '',
      share: hundredths(percent, `${path}.fiscalShares[${i}].percent`),
    })),
  }),
  procedure: (steps) => ({ procedure: procedureSteps(steps) }),
  promised: (promised) => ({ promised }),
  situations: (situations) => ({
    situations: situations.map(({ name, note }) => ({ name, note: trimmed(note) })),
  }),
  caseClasses: (caseClasses) => ({ caseClasses }),
  keywords: (keywords) => ({ keywords }),
  remarks: (remarks) => ({ remarks: trimmed(remarks) }),
  extras: (extras, path) => ({ extras: readExtras(extras, `${path}.extras`) }),
};

/** Only the fields that the input gives. */
export function itemChanges(input: ItemInput, path: string): Partial<ItemContent> {
  const changes: Partial<ItemContent> = {};
  for (const [field, read] of Object.entries(FIELDS)) {
    const value = input[field as keyof ItemInput];
    if (value === undefined) continue;
    const cleared = { [field]: emptyItem[field as keyof ItemContent] };
    Object.assign(
      changes,
      value === null ? cleared : (read as (value: unknown, path: string) => object)(value, path),
    );
  }
  return changes;
}

function readBasis({ title, article, documentNumber }: BasisInput) {
  const [a, d] = [trimmed(article), trimmed(documentNumber)];
  return { title: title.trim(), ...(a && { article: a }), ...(d && { documentNumber: d }) };
}

/** Percent with two decimals as a whole number; what cannot be one is left for the rule of L-2 to refuse. */
function hundredths(percent: number, field: string): number {
  const share = Math.round(percent * 100);
  if (Math.abs(percent * 100 - share) < 1e-6) return share;
  throw refusalError({
    code: 'INVALID_INPUT',
    field,
    message: {
      en: `A share has at most two decimals; ${percent} has more.`,
      'zh-CN': `占比最多两位小数，${percent} 超出。`,
    },
  });
}

function readExtras(extras: unknown, field: string): Record<string, string> {
  const entries =
    extras !== null && typeof extras === 'object' && !Array.isArray(extras) ? Object.entries(extras) : null;
  if (entries?.every(([, value]) => typeof value === 'string')) return Object.fromEntries(entries);
  throw refusalError({
    code: 'INVALID_INPUT',
    field,
    message: { en: 'extras is an object of strings.', 'zh-CN': 'extras 应为字符串组成的对象。' },
  });
}

export interface DraftChangeInput {
  code: string;
  add?: ItemInput | null;
  revise?: ItemInput | null;
  retire?: boolean | null;
  reset?: boolean | null;
}

export function draftChange(input: DraftChangeInput, i: number): DraftChange {
  const { code, add, revise, retire, reset } = input;
  const path = `changes[${i}]`;
  exactlyOne(path, { add, revise, retire, reset });
  if (add) return { change: 'ADD', code, item: { ...emptyItem, ...itemChanges(add, `${path}.add`) } };
  if (revise) return { change: 'REVISE', code, changes: itemChanges(revise, `${path}.revise`) };
  return { change: retire ? 'RETIRE' : 'RESET', code };
}

export interface CorrectionInput {
  code: string;
  add?: ItemInput | null;
  revise?: ItemInput | null;
  strike?: boolean | null;
}

export function correction(input: CorrectionInput, i: number): Correction {
  const { code, add, revise, strike } = input;
  const path = `corrections[${i}]`;
  exactlyOne(path, { add, revise, strike });
  if (add) return { kind: 'ADD', code, item: { ...emptyItem, ...itemChanges(add, `${path}.add`) } };
  if (revise) return { kind: 'REVISE', code, changes: itemChanges(revise, `${path}.revise`) };
  return { kind: 'STRIKE', code };
}

function exactlyOne(field: string, given: Record<string, unknown>): void {
  if (Object.values(given).filter(Boolean).length === 1) return;
  const names = Object.keys(given).join(', ');
  throw refusalError({
    code: 'INVALID_INPUT',
    field,
    message: { en: `Give exactly one of ${names}.`, 'zh-CN': `${names} 须且只能给出一个。` },
  });
}
