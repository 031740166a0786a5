import type { Basis } from '@dutyledger/event-store/event-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Role } from '@dutyledger/subgraph-kit/identity';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import { requireOrgan } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { organs as organsCopy } from '../organs.ts';
import { type PowerCommand, powerRegister } from './delegation.ts';
import { type OrganRef, powerStream, type TownRef } from './events.ts';
import { RULE } from './rules.ts';
import type { PowerRegister } from './state.ts';

/** What the mutations about powers share: facts that they look up, and how a command reaches the county's register. */

type Ctx = ListsContext;
export type Input<T> = { input: T & { change: ChangeInput } };

interface Carrying {
  operation: string;
  county: string;
  change: ChangeInput;
  content: unknown;
  effectiveAt?: string | null | undefined;
  role?: Role;
}

export function carryOut(
  context: Ctx,
  command: PowerCommand,
  carrying: Carrying,
): Promise<Mutated<PowerRegister>> {
  const { operation, county, change, content, effectiveAt, role } = carrying;
  const scope = commandContext(context, operation, change, {
    division: county,
    content,
    ...(effectiveAt && { effectiveAt }),
    ...(role && { role }),
  });
  return mutate(context.service, context.locale, powerRegister, powerStream(county), command, scope);
}

export const today = ({ now }: Ctx): string => chinaDate(now.toISOString());

export function requireCounty(context: Ctx, county: string): void {
  requireDivision(context, county, 'county');
  if (divisionOf(county)?.level === 'county') return;
  throw refusalError({
    code: 'INVALID_INPUT',
    rule: RULE,
    field: 'county',
    message: {
      en: `${county} is no county; powers are registered by county, district or county-level city.`,
      'zh-CN': `${county} 不是县（市、区）；权力目录按县登记。`,
    },
  });
}

export interface BasisInput {
  title: string;
  article?: string | null;
  documentNumber?: string | null;
}

export const readBasis = (given: readonly BasisInput[]): Basis[] =>
  given.map(({ title, article, documentNumber }) => ({
    title: title.trim(),
    ...(article?.trim() && { article: article.trim() }),
    ...(documentNumber?.trim() && { documentNumber: documentNumber.trim() }),
  }));

export async function named(
  context: Ctx,
  id: string,
  field: string,
  known: ReadonlyMap<string, OrganFacts>,
): Promise<OrganRef> {
  const found = known.get(id);
  const live = found && found.status !== 'merged' && found.status !== 'abolished';
  const { id: organ, name } = live ? found : await requireOrgan(context, id, field);
  return { organ, name };
}

export const countyOfTown = (town: string): string => `${town.slice(0, 6)}000000`;

/** The organ that receives powers for a town: its government or street office. */
export async function townRef({ service }: Ctx, town: string, field: string): Promise<TownRef> {
  const page = await service.organs.documents(organsCopy).find({
    index: 'byDivision',
    where: { division: town, kind: 'TOWN_GOVERNMENT' },
    filter: ({ status }) => status === 'active' || status === 'provisional',
    limit: 1,
  });
  const found = page.rows[0]?.doc;
  if (found) return { town, organ: found.id, name: found.name };
  throw refusalError({
    code: 'RULE_VIOLATED',
    rule: RULE,
    field,
    citation: { title: 'DutyLedger domain rules', article: RULE },
    message: {
      en: `No town government or street office of ${town} is registered; register it with staffing first.`,
      'zh-CN': `机构登记中没有 ${town} 的镇政府或街道办事处，请先登记。`,
    },
    details: { town },
  });
}
