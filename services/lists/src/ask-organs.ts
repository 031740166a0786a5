import type { ReadView } from '@dutyledger/read-store/read-store';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import type { OrganName } from './consultation.ts';
import type { OrganFacts } from './duty-list/organ-facts.ts';
import { organsById, townsWithin, villagesWithin } from './organs.ts';

/**
 * Who is asked when a change names these organs (L-3, L-4): each of them that is still there, and who speaks for the
 * classes among them; classes that leave open who is meant (有关部门) cannot be asked. The organ that keeps the list,
 * which asks, is left out. `organs`: the service's copy of staffing's.
 */
export async function askable(
  organs: ReadView,
  ids: readonly string[],
  division: string,
  asking: string,
): Promise<OrganName[]> {
  const facts = [...(await organsById(organs, ids)).values()];
  const named = facts.filter(({ kind }) => kind !== 'ORGAN_CLASS');
  const classes = facts.filter(({ kind }) => kind === 'ORGAN_CLASS').map(({ level }) => level);
  const asked = new Map<string, OrganName>();
  for (const { id, name, status } of [...named, ...(await membersOf(organs, classes, division))]) {
    if (id !== asking && status !== 'merged' && status !== 'abolished') {
      asked.set(id, { organ: id, organName: name });
    }
  }
  return [...asked.values()];
}

/**
 * For the class of towns (各镇街) every town of the division answers. For the class of villages (各村居) the villages
 * answer themselves where the list is a town's or a village's own; a county asks the towns, which guide and help their
 * villages (村民委员会组织法 art. 5, 城市居民委员会组织法 art. 2) and gather what they say: its villages are hundreds.
 */
async function membersOf(
  organs: ReadView,
  classes: readonly OrganFacts['level'][],
  division: string,
): Promise<OrganFacts[]> {
  const { level } = divisionOf(division) ?? {};
  const villages = classes.includes('village');
  const themselves = level === 'town' || level === 'village';
  return [
    ...(classes.includes('town') || (villages && !themselves) ? await townsWithin(organs, division) : []),
    ...(villages && themselves ? await villagesWithin(organs, division) : []),
  ];
}
