import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openSqliteEventStore } from '@dutyledger/event-store/sqlite';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { Api } from './api.ts';
import { manager } from './cast.ts';
import { Recount } from './recount.ts';

/** The raw events of all cases of the county: out of the store of a node that was stopped, or through the public endpoint. */

export interface History {
  recount: Recount;
  /** Of what happened in every case; without what differs from run to run. Null where it cannot be had. */
  digest: string | null;
}

const PREFIX = 'gridEvents.case-';

/** Ids that chance makes: of persons, and of what other services made of an event. */
const byChance = (key: string, value: unknown): unknown =>
  key === 'reporter' || key === 'dispute' || key === 'told' ? undefined : value;

export async function storedHistory(dataDir: string): Promise<History> {
  const store = await openSqliteEventStore(join(dataDir, 'events.db'));
  const recount = new Recount();
  const streams = new Map<string, string>();
  try {
    for await (const page of store.readAll({ prefix: PREFIX })) {
      for (const { stream, type, data, metadata } of page) {
        const day = metadata.effectiveAt;
        recount.take({ case: stream, type, day, data });
        const step = JSON.stringify([type, day, data], byChance);
        const before = streams.get(stream) ?? stream;
        streams.set(stream, createHash('sha256').update(before).update(step).digest('base64'));
      }
    }
  } finally {
    await store.close();
  }
  const digest = createHash('sha256');
  for (const [, of] of [...streams].sort(([a], [b]) => (a < b ? -1 : 1))) digest.update(of);
  return { recount, digest: digest.digest('hex') };
}

const PAGE = 8;
const STEPS = 100;
const CASES = `query ($division: DivisionCode!, $after: String) {
  cases(division: $division, first: ${PAGE}, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    id history(first: ${STEPS}) { pageInfo { hasNextPage } edges { node { step content recordedAt } } } } } } }`;

interface Pages {
  cases: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: {
      node: {
        id: string;
        history: {
          pageInfo: { hasNextPage: boolean };
          edges: { node: { step: string; content: unknown; recordedAt: string } }[];
        };
      };
    }[];
  };
}

/** Throws when a case has more steps than simulated cases ever have. */
export async function toldHistory(api: Api, division: string): Promise<History> {
  const recount = new Recount();
  let after: string | null = null;
  do {
    const { cases }: Pages = await api.ask<Pages>(manager({ code: division }), CASES, { division, after });
    for (const { node } of cases.edges) {
      if (node.history.pageInfo.hasNextPage) throw new Error(`${node.id} has more than ${STEPS} steps`);
      for (const { node: of } of node.history.edges) {
        recount.take({ case: node.id, type: of.step, day: chinaDate(of.recordedAt), data: of.content });
      }
    }
    after = cases.pageInfo.hasNextPage ? cases.pageInfo.endCursor : null;
  } while (after !== null);
  return { recount, digest: null };
}
