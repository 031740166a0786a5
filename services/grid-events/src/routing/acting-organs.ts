import type { ReadView } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import { type Organ, type OrganName, organs } from '../organs.ts';

/** Who acts for the organs that a list names. */

/** Kinds of organs that a class of organs (各镇街, 村居) stands for, by the level of the class. */
const MEMBERS: Partial<Record<Organ['level'], Organ['kind']>> = {
  town: 'TOWN_GOVERNMENT',
  village: 'VILLAGE_ORGANISATION',
};

/** Mergers that followed on one another since the list was published. */
const MOST_MERGERS = 5;

const isActive = ({ status }: Organ): boolean => status === 'active' || status === 'provisional';

/**
 * Who acts where a list names these organs, by the id that it names; left out are those for whom nobody in particular
 * does (有关部门, or 各镇街 of a case that lies in no town). Of a class of towns it is the town in which the division lies;
 * of an organ that was merged since, the one it was merged into; an organ that is not in the copy yet, itself.
 */
export async function actingOrgans(
  view: ReadView,
  named: readonly { organ: string; name: string }[],
  division: string,
): Promise<Map<string, OrganName>> {
  const facts = await view.documents(organs).getMany([...new Set(named.map(({ organ }) => organ))]);
  const acting = new Map<string, OrganName>();
  for (const { organ, name } of named) {
    if (acting.has(organ)) continue;
    const known = facts.get(organ);
    const itself = !known || (isActive(known) && known.kind !== 'ORGAN_CLASS');
    const who = itself ? { id: organ, name } : await anotherFor(view, known, division);
    if (who) acting.set(organ, { organ: who.id, organName: who.name });
  }
  return acting;
}

const anotherFor = (view: ReadView, organ: Organ, division: string): Promise<Organ | undefined> =>
  organ.kind === 'ORGAN_CLASS' ? member(view, organ, division) : heir(view, organ);

async function member(view: ReadView, { level }: Organ, division: string): Promise<Organ | undefined> {
  const kind = MEMBERS[level];
  if (!kind) return undefined;
  for (const code of [division, ...ancestors(division)]) {
    const page = await view.documents(organs).find({
      index: 'byDivision',
      where: { division: code, kind },
      filter: isActive,
      limit: 1,
    });
    if (page.rows[0]) return page.rows[0].doc;
  }
  return undefined;
}

/** Where it was split, nobody but the lists can say who took over the duty: the organ stays the one that is named. */
async function heir(view: ReadView, organ: Organ): Promise<Organ> {
  let last = organ;
  for (let i = 0; i < MOST_MERGERS && !isActive(last); i += 1) {
    const [successor, ...others] = last.successors;
    if (successor === undefined || others.length > 0) return organ;
    const next = await view.documents(organs).get(successor);
    if (!next) return organ;
    last = next;
  }
  return last;
}
