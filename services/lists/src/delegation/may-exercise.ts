import type { Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import type { AsOf, ReadView, Version } from '@dutyledger/read-store/read-store';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import type { OrganRef } from './events.ts';
import { type HoldingRow, holdingId, holdings, type PowerRow, powers } from './rows.ts';

/** May this organ exercise this power in this town on this day, and on what basis (L-5, D-3)? */

export type Ground = 'STATUTE' | 'OWN_LIST' | 'DELEGATION' | 'TRANSITION';

export interface Asked {
  power: string;
  town: string;
  organ: OrganFacts;
  /** The day of the act. */
  on: string;
  /** Day that the case was filed, when the act belongs to one. */
  caseFiledOn: string | null;
  recordedAt: string | undefined;
}

export interface PowerAnswer {
  allowed: boolean;
  /** What the permission rests on; null when there is none. */
  through: Ground | null;
  power: PowerRow | null;
  /** Who holds the power in the town for this act; null when nobody does. */
  holder: OrganRef | null;
  holding: Version<HoldingRow> | null;
  basis: Basis[];
  reason: Text;
}

/** 重庆市綦江区镇街综合行政执法事项清单(2025年); 中山市镇街综合行政执法职权调整公告(2023): who filed a case finishes it. */
const TRANSITION_RULE: Basis = {
  title: '镇街综合行政执法事项清单过渡规则：调整前已立案未办结的案件，由原立案主体办结',
};

interface Holder {
  who: OrganRef;
  power: PowerRow;
  holding: Version<HoldingRow> | null;
}

async function holderOn(view: ReadView, power: string, town: string, at: AsOf): Promise<Holder | undefined> {
  const registered = await view.temporal(powers).get(power, at);
  if (!registered) return undefined;
  const holding = (await view.temporal(holdings).get(holdingId(power, town), at)) ?? null;
  return { who: holding?.doc.holder ?? registered.doc.holder, power: registered.doc, holding };
}

/** A town's functional body acts in the name of the town that holds the power. */
const actsFor = (organ: OrganFacts, { who, holding }: Holder): boolean =>
  organ.id === who.organ || (organ.kind === 'TOWN_BODY' && organ.division === holding?.doc.town);

export async function mayExercise(view: ReadView, asked: Asked): Promise<PowerAnswer> {
  const { power, town, organ, on, caseFiledOn, recordedAt } = asked;
  const at = (effectiveAt: string): AsOf => ({ effectiveAt, ...(recordedAt && { recordedAt }) });
  const now = await holderOn(view, power, town, at(on));
  const then =
    caseFiledOn !== null && caseFiledOn < on ? await holderOn(view, power, town, at(caseFiledOn)) : undefined;
  const moved = then !== undefined && then.who.organ !== now?.who.organ;
  const decisive = moved ? then : now;
  if (!decisive) return nobody(power, on);
  const allowed = actsFor(organ, decisive);
  return {
    allowed,
    through: allowed ? (moved ? 'TRANSITION' : groundOf(decisive)) : null,
    power: decisive.power,
    holder: decisive.who,
    holding: decisive.holding,
    basis: [...(moved ? [TRANSITION_RULE] : []), ...groundsOf(decisive)],
    reason: moved ? movedReason(allowed, asked, decisive) : reasonOf(allowed, asked, decisive),
  };
}

const groundOf = ({ holding, power }: Holder): Ground =>
  holding ? 'DELEGATION' : power.item ? 'OWN_LIST' : 'STATUTE';

function groundsOf({ holding, power }: Holder): Basis[] {
  if (!holding) return power.basis;
  const { ground, documentNumber, delegation } = holding.doc;
  return [{ title: `赋权 ${delegation}`, documentNumber }, ...ground, ...power.basis];
}

const nobody = (power: string, on: string): PowerAnswer => ({
  allowed: false,
  through: null,
  power: null,
  holder: null,
  holding: null,
  basis: [],
  reason: {
    en: `The county's register has no power ${power} on ${on}; what the law gives nobody, nobody may do (法无授权不可为).`,
    'zh-CN': `${on} 本县权力目录中没有 ${power}；法无授权不可为。`,
  },
});

function reasonOf(allowed: boolean, { organ, on }: Asked, { who, holding, power }: Holder): Text {
  const since = holding && {
    en: `by delegation ${holding.doc.delegation} (${holding.doc.documentNumber}) from ${holding.effectiveFrom}`,
    zh: `依赋权 ${holding.doc.delegation}（${holding.doc.documentNumber}），自 ${holding.effectiveFrom} 起`,
  };
  const trial = holding?.doc.trialUntil && on <= holding.doc.trialUntil ? holding.doc.trialUntil : null;
  if (allowed) {
    return {
      en: `${who.name} holds “${power.name}” here ${since?.en ?? 'in its own right'}${trial ? `, on trial until ${trial}` : ''}.`,
      'zh-CN': `“${power.name}”在此由${who.name}行使${since ? `（${since.zh}）` : '（法定职权）'}${trial ? `，试行至 ${trial}` : ''}。`,
    };
  }
  return {
    en: `On ${on} “${power.name}” is held here by ${who.name}${since ? `, ${since.en}` : ''}, not by ${organ.name}; hand the case to it.`,
    'zh-CN': `${on}“${power.name}”在此由${who.name}行使${since ? `（${since.zh}）` : ''}，${organ.name}无权行使，应当移送。`,
  };
}

function movedReason(allowed: boolean, { organ, caseFiledOn }: Asked, { who, power }: Holder): Text {
  return {
    en: `The case was filed on ${caseFiledOn}, before “${power.name}” changed hands here; ${who.name}, which filed it, finishes it${allowed ? '' : `, not ${organ.name}`}.`,
    'zh-CN': `案件于 ${caseFiledOn} 立案，早于“${power.name}”的职权调整，由原立案主体${who.name}办结${allowed ? '' : `，${organ.name}不得承办`}。`,
  };
}
