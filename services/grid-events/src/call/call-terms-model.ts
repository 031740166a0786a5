import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type ReadView, temporal, type Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import type { AsOf } from '@dutyledger/subgraph-kit/as-of';
import type { Limit } from '../class-policy/policy.ts';
import { type Provenance, provenanceOf } from '../provenance.ts';
import { type CallTermsEvent, limitName, settingsOf } from './call-terms.ts';
import {
  CALL_KINDS,
  type CallKind,
  DEFAULT_LIMITS,
  DEFAULT_OVERDUE,
  DEFAULT_SCALE,
  type OverduePolicy,
  type Scale,
  STEPS,
  type Step,
  type Terms,
} from './terms.ts';

/** Which terms of calls hold where and when, with both clocks. */

interface SettingRow {
  division: string;
  value: Limit | string;
  set: Provenance;
}

const settings = temporal<SettingRow>()('callTerms', { byDivision: ['division'] });

const idOf = (division: string, name: string): string => `${division}/${name}`;

export const callTermsProjection: Projection = {
  name: 'callTerms',
  version: 1,
  collections: [settings],
  handles: ['CallTermsSet'],
  async project(stored, batch) {
    const { data } = stored as StoredEvent & CallTermsEvent;
    const { division, effectiveFrom } = data;
    const set = provenanceOf(stored);
    for (const [name, value] of settingsOf(data)) {
      const row = value === null ? null : { division, value, set };
      await batch.putVersion(settings, idOf(division, name), effectiveFrom, row);
    }
  },
};

/** A setting as it holds, and where it was set: null for the product's default. */
export interface InForce<T> {
  value: T;
  set: Version<SettingRow> | null;
}

export interface LimitInForce extends InForce<Limit> {
  kind: CallKind;
  step: Step;
}

export interface TermsInForce {
  limits: LimitInForce[];
  overdue: InForce<OverduePolicy>;
  scale: InForce<Scale>;
}

/** The terms in force in a division: those of its county, else of the city, the province; else the defaults. */
export async function termsInForce(view: ReadView, division: string, asOf: AsOf): Promise<TermsInForce> {
  const places = ancestors(division, { self: true });
  const steps = CALL_KINDS.flatMap((kind) => STEPS.map((step) => ({ kind, step })));
  const names = [...steps.map(({ kind, step }) => limitName(kind, step)), 'overdue', 'scale'];
  const ids = places.flatMap((place) => names.map((name) => idOf(place, name)));
  const found = await view.temporal(settings).getMany(ids, asOf);
  const inForce = <T>(name: string, otherwise: T): InForce<T> => {
    const [set = null] = places.flatMap((place) => found.get(idOf(place, name)) ?? []);
    return { value: (set?.doc.value as T | undefined) ?? otherwise, set };
  };
  return {
    limits: steps.map(({ kind, step }) => ({
      kind,
      step,
      ...inForce(limitName(kind, step), DEFAULT_LIMITS[kind][step]),
    })),
    overdue: inForce('overdue', DEFAULT_OVERDUE),
    scale: inForce('scale', DEFAULT_SCALE),
  };
}

/** What a call of this kind that is issued in the division on that day runs under. */
export async function termsOn(view: ReadView, division: string, kind: CallKind, day: string): Promise<Terms> {
  const { limits, overdue, scale } = await termsInForce(view, division, { effectiveAt: day });
  const own = limits.filter((limit) => limit.kind === kind);
  return {
    limits: Object.fromEntries(own.map(({ step, value }) => [step, value])) as Terms['limits'],
    overdue: overdue.value,
    scale: scale.value,
  };
}
