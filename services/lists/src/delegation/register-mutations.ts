import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from '../context.ts';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import { itemAsOf } from '../duty-list/queries.ts';
import { organsById } from '../organs.ts';
import {
  type BasisInput,
  carryOut,
  countyOfTown,
  type Input,
  named,
  readBasis,
  requireCounty,
  today,
  townRef,
} from './carry-out.ts';
import { type OrganRef, type Power, type PowerKind, powerId } from './events.ts';
import { RULE } from './rules.ts';

/** Mutations of a county's register of powers and of its classes of towns (L-5). */

type Ctx = ListsContext;

interface PowerInput {
  code: string;
  name: string;
  kind: PowerKind;
  field?: string | null;
  basis: BasisInput[];
  holder?: string | null;
  list?: string | null;
  itemCode?: string | null;
}

async function registerPowers(
  _: unknown,
  { input }: Input<{ county: string; powers: PowerInput[]; effectiveFrom?: string | null }>,
  context: Ctx,
) {
  const { county, effectiveFrom, change } = input;
  requireCounty(context, county);
  const given = input.powers.flatMap(({ holder }) => holder ?? []);
  const known = await organsById(context.service.organs, given, 0);
  const powers: Power[] = [];
  for (const [i, one] of input.powers.entries()) {
    powers.push(await readPower(context, one, `powers[${i}]`, known));
  }
  const carrying = {
    operation: 'registerPowers',
    county,
    change,
    content: input,
    effectiveAt: effectiveFrom,
  };
  const done = await carryOut(context, { type: 'RegisterPowers', powers }, carrying);
  const count = (type: string) => done.events.filter((event: StoredEvent) => event.type === type).length;
  return {
    registered: count('PowerRegistered'),
    revised: count('PowerRevised'),
    repeated: done.repeated,
    pending: done.pending,
  };
}

async function readPower(
  context: Ctx,
  given: PowerInput,
  path: string,
  known: ReadonlyMap<string, OrganFacts>,
): Promise<Power> {
  const { list = null, itemCode = null } = given;
  return {
    code: given.code,
    name: given.name.trim(),
    kind: given.kind,
    field: given.field?.trim() || null,
    basis: readBasis(given.basis),
    holder: given.holder
      ? await named(context, given.holder, `${path}.holder`, known)
      : await leadOf(context, list, itemCode, path),
    item: list && itemCode ? { list, code: itemCode } : null,
  };
}

/** Without a holder of its own a power is its item's lead's. */
async function leadOf(
  context: Ctx,
  list: string | null,
  code: string | null,
  path: string,
): Promise<OrganRef> {
  const at = { effectiveAt: today(context) };
  const found = list && code ? await itemAsOf(context.service.projections, list, code, at) : undefined;
  const [lead] = found?.version.doc.content.leads ?? [];
  if (lead) return { organ: lead.organ, name: lead.name };
  throw refusalError({
    code: 'INVALID_INPUT',
    rule: RULE,
    field: `${path}.holder`,
    message: {
      en: `Name the holder of the power, or an item of a list in force that has a lead${list ? `; ${list} has no such item ${code}` : ''}.`,
      'zh-CN': `请写明权力的行使主体，或写明现行清单中有主体责任单位的事项${list ? `；${list} 中没有这样的事项 ${code}` : ''}。`,
    },
  });
}

async function abolishPower(
  _: unknown,
  { input }: Input<{ power: string; effectiveFrom: string }>,
  context: Ctx,
) {
  const { power, effectiveFrom, change } = input;
  const [, prefix = '', code = ''] = /^power:(\d{6})\/(.+)$/.exec(power) ?? [];
  const county = `${prefix}000000`;
  requireCounty(context, county);
  const command = { type: 'AbolishPower', code, from: effectiveFrom } as const;
  const carrying = { operation: 'abolishPower', county, change, content: input, effectiveAt: effectiveFrom };
  const { repeated, pending } = await carryOut(context, command, carrying);
  return { power: powerId(county, code), repeated, pending };
}

async function setTownClass(
  _: unknown,
  {
    input,
  }: Input<{ town: string; class?: string | null; name?: string | null; effectiveFrom?: string | null }>,
  context: Ctx,
) {
  const { town, effectiveFrom, change } = input;
  requireDivision(context, town, 'town');
  await townRef(context, town, 'town');
  const code = input.class?.trim();
  const given = code ? { code, name: input.name?.trim() || code } : null;
  const command = { type: 'SetTownClass', town, class: given } as const;
  const county = countyOfTown(town);
  const carrying = { operation: 'setTownClass', county, change, content: input, effectiveAt: effectiveFrom };
  const { repeated, pending } = await carryOut(context, command, carrying);
  return { town, class: given?.code ?? null, repeated, pending };
}

export const registerMutations = { registerPowers, abolishPower, setTownClass };
