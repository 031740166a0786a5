import { type Api, BASIS } from './api.ts';
import { manager, officerOf } from './cast.ts';
import type { Scene } from './scene.ts';

/** "Not our duty" (L-7): the parties agree on who handles it, and the case hears of it. */

interface Dispute {
  id: string;
  firstReceiver: { organ: { id: string } };
  parties: { organ: { id: string } }[];
}

const DISPUTES = `query ($division: DivisionCode!, $case: String!) {
  dutyDisputes(division: $division, caseReference: $case, status: [NEGOTIATION]) { edges { node {
    id firstReceiver { organ { id } } parties { organ { id } } } } } }`;
const POSITION = `mutation ($input: DisputePositionInput!) {
  takeDisputePosition(input: $input) { dispute { id } } }`;

/** `moves`: the other party takes it on. Resolves when the case knows. */
export async function settleDispute(
  api: Api,
  { county }: Scene,
  { case: id, moves }: { case: string; moves: boolean },
): Promise<void> {
  const by = manager(county);
  type Answer = { dutyDisputes: { edges: { node: Dispute }[] } };
  const { dutyDisputes } = await api.once(
    () => api.ask<Answer>(by, DISPUTES, { division: county.code, case: id }),
    ({ dutyDisputes: { edges } }) => edges.length > 0,
    `lists opens the dispute about ${id}`,
  );
  const dispute = dutyDisputes.edges[0]?.node as Dispute;
  const parties = dispute.parties.map(({ organ }) => organ.id);
  const first = dispute.firstReceiver.organ.id;
  const handler = moves ? (parties.find((organ) => organ !== first) ?? first) : first;
  const change = { reason: '职责协商（模拟）', basis: BASIS };
  for (const organ of parties) {
    const input = { id: dispute.id, organ, handler, text: '经协商同意', change };
    await api.ask(officerOf(county, organ), POSITION, { input });
  }
  await api.once(
    () => api.case(by, id),
    ({ denial }) => denial === null,
    `the case hears of the dispute about ${id}`,
  );
}
