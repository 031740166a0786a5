import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import type { Batch } from '@dutyledger/read-store/read-store';
import { provenanceOf } from '../duty-list/history-entries.ts';
import { countyOf, type DelegationDecision, type PowerEvent, powerId } from './events.ts';
import {
  type DelegationRow,
  delegationHistory,
  delegations,
  holdingId,
  holdings,
  powers,
  townClasses,
} from './rows.ts';

/** The read model of powers: the register, who holds what in which town on which day, and every delegation's file. */
export const powerModel: Projection = {
  name: 'powers',
  version: 1,
  collections: [powers, holdings, delegations, townClasses, delegationHistory],
  handles: [
    'PowerRegistered',
    'PowerRevised',
    'PowerAbolished',
    'TownClassSet',
    'DelegationProposed',
    'DelegationOpinionGiven',
    'CapacityAssessed',
    'DelegationDecided',
    'DelegationWithdrawn',
    'DelegationEvaluated',
    'DelegationEvaluationOverdue',
    'DelegationEvaluationDropped',
    'PowersRecalled',
  ],
  project,
};

type Recorded = StoredEvent & PowerEvent;

async function project(stored: StoredEvent, batch: Batch): Promise<void> {
  const event = stored as Recorded;
  const county = countyOf(stored.stream);
  const day = stored.metadata.effectiveAt;
  switch (event.type) {
    case 'PowerRegistered':
    case 'PowerRevised': {
      const id = powerId(county, event.data.power.code);
      await batch.putVersion(powers, id, day, { ...event.data.power, id, county });
      return;
    }
    case 'PowerAbolished':
      return abolish(event, batch, county, event.data.code);
    case 'TownClassSet': {
      const { town, class: given } = event.data;
      await batch.putVersion(townClasses, town, day, given && { ...given, county, town });
      return;
    }
    case 'DelegationProposed':
      batch.put(delegations, event.data.id, {
        ...event.data,
        county,
        status: 'PROPOSED',
        opinions: [],
        assessments: [],
        decision: null,
        evaluations: [],
        recalls: [],
        holding: 0,
        proposed: provenanceOf(stored),
      });
      return note(event, batch, event.data.id, 'PROPOSED', event.data);
    default:
      return follow(event, batch);
  }
}

type OfDelegation = Extract<Recorded, { data: { delegation: string } }>;

/** What happens to a delegation after its proposal. */
async function follow(event: OfDelegation, batch: Batch): Promise<void> {
  const id = event.data.delegation;
  const row = await batch.get(delegations, id);
  if (!row) throw new Error(`${event.type} of ${id}, which was never proposed`);
  const put = (changes: Partial<DelegationRow>) => batch.put(delegations, id, { ...row, ...changes });
  switch (event.type) {
    case 'DelegationOpinionGiven': {
      const { opinion } = event.data;
      put({ opinions: [...row.opinions.filter(({ town }) => town !== opinion.town), opinion] });
      return note(event, batch, id, 'OPINION_GIVEN', opinion);
    }
    case 'CapacityAssessed': {
      const { assessment } = event.data;
      put({ assessments: [...row.assessments.filter(({ town }) => town !== assessment.town), assessment] });
      return note(event, batch, id, 'CAPACITY_ASSESSED', assessment);
    }
    case 'DelegationDecided': {
      const { decision } = event.data;
      const holding = decision.towns.length * row.powers.length;
      put({ decision, holding, status: decision.approved ? 'IN_FORCE' : 'REFUSED' });
      await hand(batch, row, decision);
      return note(event, batch, id, decision.approved ? 'APPROVED' : 'REFUSED', decision);
    }
    case 'DelegationWithdrawn':
      put({ status: 'WITHDRAWN' });
      return note(event, batch, id, 'WITHDRAWN', null);
    case 'DelegationEvaluated': {
      const { evaluation } = event.data;
      put({ evaluations: [...row.evaluations.filter(({ town }) => town !== evaluation.town), evaluation] });
      return note(event, batch, id, 'EVALUATED', evaluation);
    }
    case 'DelegationEvaluationOverdue':
      return note(event, batch, id, 'EVALUATION_OVERDUE', event.data.overdue);
    case 'DelegationEvaluationDropped':
      return note(event, batch, id, 'EVALUATION_DROPPED', { town: event.data.town });
    case 'PowersRecalled':
      return recall(event, event.data.recall, batch, row);
    default:
      return event satisfies never;
  }
}

/** The towns hold the powers from the day of the decision on. */
async function hand(
  batch: Batch,
  row: DelegationRow,
  { handed, from, trialUntil, documentNumber }: DelegationDecision,
): Promise<void> {
  if (handed === null || from === null) return;
  const { county, id: delegation, scope, ground } = row;
  for (const { code, former } of handed.powers)
    for (const { town, organ, name } of handed.towns) {
      const power = powerId(county, code);
      await batch.putVersion(holdings, holdingId(power, town), from, {
        power,
        code,
        county,
        town,
        townName: name,
        holder: { organ, name },
        former,
        delegation,
        from,
        trialUntil,
        scope,
        ground,
        documentNumber,
      });
    }
}

async function recall(
  event: OfDelegation,
  recalled: DelegationRow['recalls'][number],
  batch: Batch,
  row: DelegationRow,
): Promise<void> {
  const ended = await take(batch, row, recalled.powers, recalled.from, recalled.towns);
  const holding = row.holding - ended;
  const { powers: codes, towns, from, documentNumber } = recalled;
  const recalls = [...row.recalls, { powers: codes, towns, from, documentNumber }];
  batch.put(delegations, row.id, {
    ...row,
    recalls,
    holding,
    status: holding === 0 ? 'RECALLED' : row.status,
  });
  note(event, batch, row.id, 'RECALLED', recalled);
}

/** Ends what the delegation still gives of these powers; returns how many pairs of power and town that were. */
async function take(
  batch: Batch,
  row: DelegationRow,
  codes: readonly string[],
  from: string,
  towns: readonly string[] = row.decision?.towns ?? [],
): Promise<number> {
  let ended = 0;
  for (const code of codes)
    for (const town of towns) {
      const id = holdingId(powerId(row.county, code), town);
      if ((await batch.getVersion(holdings, id))?.doc.delegation !== row.id) continue;
      await batch.putVersion(holdings, id, from, null);
      ended += 1;
    }
  return ended;
}

/** Nobody holds the power from that day on, by delegation either. */
async function abolish(event: StoredEvent, batch: Batch, county: string, code: string): Promise<void> {
  const day = event.metadata.effectiveAt;
  const power = powerId(county, code);
  await batch.putVersion(powers, power, day, null);
  // Temporal collections are not walked in a projection: the delegations name the towns.
  let after: string | undefined;
  for (;;) {
    const query = { index: 'byStatus', where: { county, status: 'IN_FORCE' }, limit: 1_000 } as const;
    const page = await batch.find(delegations, { ...query, ...(after && { after }) });
    for (const { doc } of page.rows) {
      if (!doc.powers.includes(code)) continue;
      const ended = await take(batch, doc, [code], day);
      const holding = doc.holding - ended;
      batch.put(delegations, doc.id, { ...doc, holding, status: holding === 0 ? 'RECALLED' : doc.status });
    }
    if (!page.more) return;
    after = page.rows.at(-1)?.cursor;
  }
}

function note(event: StoredEvent, batch: Batch, delegation: string, change: string, details: unknown): void {
  batch.put(delegationHistory, event.id, {
    id: event.id,
    delegation,
    change,
    details,
    position: event.position,
    effectiveFrom: event.metadata.effectiveAt,
    provenance: provenanceOf(event),
  });
}
