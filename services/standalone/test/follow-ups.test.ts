import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { expect, test } from 'vitest';
import { heard } from './embedded.ts';
import { ask, folder, type Node, startNode } from './harness.ts';

/**
 * `kill -9` between what one aggregate has caused and what follows in another: a decision whose edition is to come (L-4),
 * a ruling whose adjustment is to come (L-7). What follows is a to-do on disk: in the end it has happened once.
 */

const COUNTY = '370114000000';
/** In each of them one decision, one ruling and one kill. */
const ROUNDS = 3;
const change = { reason: '测试', basis: [{ title: '测试方案', documentNumber: '章编〔2026〕1号' }] };
const paper = { documentNumber: '章字〔2026〕2号', change };
/** Killed before this many milliseconds after both were sent, or after the first of them was answered. */
const SOON_MS = 60;

const call = (
  name: string,
  answer: string,
  type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`,
): string => `mutation ($input: ${type}!) { ${name}(input: $input) { ${answer} } }`;
const ORGANS = call('registerOrgans', 'organs { id }');
const OPEN_LIST = call('openDutyList', 'list { id }');
const DECIDE = call('decideAdjustment', 'adjustment { id }');
const RULE = call('ruleDispute', 'dispute { id }');

interface Editions {
  dutyList: { editions: { edges: { node: { adjustmentId: string | null } }[] } };
}
interface Adjustments {
  adjustments: { edges: { node: { id: string; title: string; status: string } }[] };
}
interface Dispute {
  dutyDispute: { status: string; adjustment: { id: string } | null };
}
type Ids = Record<string, Record<string, { id: string }>>;

/** What one round decides and rules. */
interface Prepared {
  adjustment: string;
  dispute: string;
}

class County {
  readonly #token: string;
  #node: Node;

  constructor(node: Node, token: string) {
    this.#node = node;
    this.#token = token;
  }

  async ask<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await ask<T>(this.#node.url, this.#token, query, { ...variables });
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Waits for what comes a moment later in a read model. */
  eventually<T>(look: () => Promise<T>) {
    return expect.poll(look, { timeout: 60_000, interval: 20 });
  }

  async organs(): Promise<Organs> {
    const named = ['区公安局', '区农业农村局', '区司法局', '区委编办'];
    const organs = named.map((name) => ({ name, kind: 'DEPARTMENT' }));
    const { registerOrgans } = await this.ask<{ registerOrgans: { organs: { id: string }[] } }>(ORGANS, {
      input: { division: COUNTY, organs, change },
    });
    const [police = '', farming = '', justice = '', office = ''] = registerOrgans.organs.map(({ id }) => id);
    await heard(this.#node.url, this.#token, office);
    return { police, farming, justice, office };
  }

  /** A list with two items for each round: one to be adjusted, one to be disputed. */
  async list({ police, justice, office }: Organs): Promise<string> {
    const head = { division: COUNTY, kind: 'TERRITORIAL', title: '属地清单', maintainer: office, change };
    const opened = await this.ask<Ids>(OPEN_LIST, { input: head });
    const list = opened['openDutyList']?.['list']?.id ?? '';
    const changes = Array.from({ length: 2 * ROUNDS }, (_, i) => ({
      code: `${i + 1}`,
      add: { name: `事项${i + 1}`, leads: [{ organ: police, duty: '查处' }], basis: [{ title: '条例' }] },
    }));
    const step = (name: string, more: object) =>
      this.ask(call(name, 'pending'), { input: { list, change, ...more } });
    await step('changeDraft', { basedOn: 0, changes });
    const draftNumber = changes.length;
    await step('submitDraft', { draftNumber });
    await step('recordLegalityReview', { passed: true, organ: justice, opinion: '合法', ...paper });
    await step('recordOpinion', { organ: police, agrees: true, text: '同意', ...paper });
    await step('recordApproval', { body: '区委编委', ...paper });
    await step('publishEdition', { draftNumber, effectiveFrom: '2026-01-01', ...paper });
    return list;
  }

  async prepare(
    list: string,
    round: number,
    { police, farming, justice, office }: Organs,
  ): Promise<Prepared> {
    const changes = [{ list, kind: 'REVISE', code: `${2 * round + 1}`, item: { remarks: '调整' } }];
    const submission = { applicant: police, title: `调整${round}`, changes, ...paper };
    const submitted = await this.ask<Ids>(call('submitAdjustment', 'adjustment { id }'), {
      input: submission,
    });
    const adjustment = submitted['submitAdjustment']?.['adjustment']?.id ?? '';
    const review = { adjustment, passed: true, opinion: '同意', change };
    await this.ask(call('reviewAdjustment', 'pending'), { input: review });
    const legality = { adjustment, passed: true, organ: justice, opinion: '合法', ...paper };
    await this.ask(call('reviewAdjustmentLegality', 'pending'), { input: legality });
    const opening = {
      division: COUNTY,
      item: { list, code: `${2 * round + 2}` },
      description: '由谁负责',
      firstReceiver: police,
      returnedBy: police,
      parties: [police, farming],
      ground: '不属本单位职责',
    };
    const opened = await this.ask<Ids>(call('openDutyDispute', 'dispute { id }'), {
      input: { ...opening, ...paper },
    });
    const dispute = opened['openDutyDispute']?.['dispute']?.id ?? '';
    const referral = { id: dispute, organ: police, text: '协商不成', ...paper };
    await this.ask(call('referDispute', 'repeated'), { input: referral });
    const advice = { id: dispute, organ: office, handler: farming, text: '由农业农村局负责', ...paper };
    await this.ask(call('giveDisputeOpinion', 'repeated', 'DisputePositionInput'), { input: advice });
    return { adjustment, dispute };
  }

  /** Both at once, under keys of their own: sent again they are the same. */
  settle({ adjustment, dispute }: Prepared, { farming }: Organs): Promise<unknown>[] {
    const keyed = (idempotencyKey: string) => ({ ...paper, change: { ...change, idempotencyKey } });
    const edition = { effectiveFrom: '2026-02-01', documentNumber: '章政发〔2026〕8号' };
    const decision = {
      adjustment,
      approved: true,
      body: '区委编委',
      edition,
      ...keyed(`decide ${adjustment}`),
    };
    const ruling = {
      id: dispute,
      handler: farming,
      body: '区政府',
      reasons: '职责所在',
      ...keyed(`rule ${dispute}`),
    };
    return [this.ask(DECIDE, { input: decision }), this.ask(RULE, { input: ruling })];
  }

  /** Killed while it is at it, and started again on the same disk. */
  async killDuring(work: Promise<unknown>[]): Promise<void> {
    const answered = Promise.allSettled(work);
    if (randomInt(2) === 0) await Promise.race([answered, ...work]).catch(() => undefined);
    await pause(randomInt(SOON_MS));
    await this.#node.kill();
    await answered;
    this.#node = await startNode(this.#node.dataDir);
  }

  kill(): Promise<void> {
    return this.#node.kill();
  }
}

type Organs = Record<'police' | 'farming' | 'justice' | 'office', string>;

const EDITIONS =
  'query ($list: ID!) { dutyList(id: $list) { editions { edges { node { adjustmentId } } } } }';
const ADJUSTMENTS = `{ adjustments(division: "${COUNTY}") { edges { node { id title status } } } }`;
const DISPUTE = 'query ($id: ID!) { dutyDispute(id: $id) { status adjustment { id } } }';

test('L-4, L-7 killed between a decision and its edition, a ruling and its adjustment: each follows, once', {
  timeout: 400_000,
}, async () => {
  const dataDir = join(folder(), 'data');
  const node = await startNode(dataDir);
  const roles = ['ORGAN_REGISTRAR', 'LIST_EDITOR', 'LIST_PUBLISHER', 'COUNTY_APPROVER', 'AUDITOR'] as const;
  const county = new County(node, await (await devIssuer(dataDir)).issue({ roles, division: COUNTY }));
  const organs = await county.organs();
  const list = await county.list(organs);
  const rounds: Prepared[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await county.prepare(list, round, organs));

  for (const prepared of rounds) {
    await county.killDuring(county.settle(prepared, organs));
    // What was not acknowledged is sent again, and what was is answered as the first time.
    await Promise.all(county.settle(prepared, organs));
  }

  const wanted = rounds.map(({ adjustment }) => adjustment).sort();
  const editionsOf = async () =>
    (await county.ask<Editions>(EDITIONS, { list })).dutyList.editions.edges
      .flatMap(({ node: { adjustmentId } }) => adjustmentId ?? [])
      .sort();
  await county.eventually(editionsOf).toEqual(wanted);
  const followed: string[] = [];
  for (const { dispute } of rounds) {
    const look = async () => (await county.ask<Dispute>(DISPUTE, { id: dispute })).dutyDispute;
    await county.eventually(look).toMatchObject({ status: 'RULED', adjustment: { id: expect.any(String) } });
    followed.push((await look()).adjustment?.id ?? '');
  }
  // Nothing follows twice, however long one waits: every adjustment there is has one cause.
  await county
    .eventually(async () => {
      const { adjustments } = await county.ask<Adjustments>(ADJUSTMENTS);
      return adjustments.edges.map(({ node: { id, status } }) => `${id} ${status}`).sort();
    })
    .toEqual([...wanted.map((id) => `${id} APPLIED`), ...followed.map((id) => `${id} REVIEW`)].sort());
  expect(new Set(followed).size).toBe(ROUNDS);
  expect(await editionsOf()).toEqual(wanted);
  await county.kill();
});
