import type { ReadView } from '@dutyledger/read-store/read-store';
import type { OrganName } from './consultation.ts';
import type { OrganFacts } from './duty-list/organ-facts.ts';
import { organsById, townsWithin } from './organs.ts';

/**
 * Who is asked when a change names these organs (L-3, L-4): each of them that is still there; for a class of towns
 * (各镇街) every town of the division; classes that leave open who is meant (有关部门, 各村) cannot be asked. The organ
 * that keeps the list, which asks, is left out. `organs`: the service's copy of staffing's.
 */
export async function askable(
  organs: ReadView,
  ids: readonly string[],
  division: string,
  asking: string,
): Promise<OrganName[]> {
  const facts = await organsById(organs, ids);
  const named = [...facts.values()].filter(({ kind }) => kind !== 'ORGAN_CLASS');
  const ofTowns = [...facts.values()].some(({ kind, level }) => kind === 'ORGAN_CLASS' && level === 'town');
  const towns = ofTowns ? await townsWithin(organs, division) : [];
  const asked = new Map<string, OrganName>();
  for (const { id, name, status } of [...named, ...towns] as OrganFacts[]) {
    if (id !== asking && status !== 'merged' && status !== 'abolished') {
      asked.set(id, { organ: id, organName: name });
    }
  }
  return [...asked.values()];
}
