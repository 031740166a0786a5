import { COUNTY, ORGANS } from './harness.ts';

/** For the table of access: one request for each root field and entity of limits and task admissions. */

const ground = 'change: { reason: "按目录编制", basis: [{ title: "意见" }] }';
const step = (name: string, fields: string): string =>
  `mutation { ${name}(input: { ${fields}, ${ground} }) { repeated } }`;
const nowhere = 'id: "admission:370114-none"';
const { staffing, police } = ORGANS;

export const taskRequests: Record<string, string> = {
  'Query.stageLimits': `{ stageLimits(division: "${COUNTY}") { stage } }`,
  'Query.taskAdmission': `{ taskAdmission(${nowhere}) { id } }`,
  'Query.taskAdmissions': `{ taskAdmissions(division: "${COUNTY}") { edges { cursor } } }`,
  'Query.mayHandDown': `{ mayHandDown(issuer: "${police.id}", town: "${ORGANS.street.id}") { allowed } }`,
  'Query.handedTasks': `{ handedTasks(division: "${COUNTY}") { edges { cursor } } }`,
  'Query.handedTaskFigures': `{ handedTaskFigures(division: "${COUNTY}") { total } }`,
  'Mutation.setStageLimits': step('setStageLimits', `division: "${COUNTY}", limits: []`),
  'Mutation.applyForTask': step(
    'applyForTask',
    `division: "${COUNTY}", applicant: "${staffing.id}", documentNumber: "号", towns: [], task: {
      title: "t", what: "w", whyUnlisted: "w", from: "2026-01-01", to: "2026-01-01",
      funds: "f", people: "p", technology: "t", training: "t" }`,
  ),
  'Mutation.recordTownOpinion': step(
    'recordTownOpinion',
    `${nowhere}, organ: "${staffing.id}", agrees: true, text: " "`,
  ),
  'Mutation.recordTaskLegalityReview': step(
    'recordTaskLegalityReview',
    `${nowhere}, organ: "${staffing.id}", passed: true, opinion: " "`,
  ),
  'Mutation.decideTask': step('decideTask', `${nowhere}, admit: true, body: " ", documentNumber: " "`),
  'Mutation.withdrawTask': step('withdrawTask', nowhere),
  'Mutation.endTask': step('endTask', nowhere),
  'Mutation.handDownTask': step(
    'handDownTask',
    `issuer: "${staffing.id}", town: "${police.id}", title: " ", what: " "`,
  ),
  'Mutation.reportUnlistedTask': step('reportUnlistedTask', `town: "${police.id}", title: " ", what: " "`),
};

const noDispute = 'id: "dispute:370114-none"';
const organ = `organ: "${staffing.id}"`;

/** The same for disputes and gaps. */
export const disputeRequests: Record<string, string> = {
  'Query.dutyDispute': `{ dutyDispute(${noDispute}) { id } }`,
  'Query.dutyDisputes': `{ dutyDisputes(division: "${COUNTY}") { edges { cursor } } }`,
  'Query.dutyGaps': `{ dutyGaps(division: "${COUNTY}") { edges { cursor } } }`,
  'Mutation.openDutyDispute': step(
    'openDutyDispute',
    `division: "${COUNTY}", description: " ", firstReceiver: "${police.id}", returnedBy: "${staffing.id}",
      parties: [], ground: " ", documentNumber: "号"`,
  ),
  'Mutation.takeDisputePosition': step(
    'takeDisputePosition',
    `${noDispute}, ${organ}, handler: "${police.id}", text: " "`,
  ),
  'Mutation.referDispute': step('referDispute', `${noDispute}, ${organ}, text: " "`),
  'Mutation.giveDisputeOpinion': step(
    'giveDisputeOpinion',
    `${noDispute}, ${organ}, handler: "${police.id}", text: " "`,
  ),
  'Mutation.ruleDispute': step(
    'ruleDispute',
    `${noDispute}, handler: "${police.id}", body: " ", documentNumber: " ", reasons: " "`,
  ),
  'Mutation.withdrawDispute': step('withdrawDispute', noDispute),
  'Mutation.pauseDispute': step('pauseDispute', noDispute),
  'Mutation.resumeDispute': step('resumeDispute', noDispute),
  'Mutation.reportGap': step('reportGap', `division: "${COUNTY}", caseClass: " ", description: " "`),
  'Mutation.closeGap': step('closeGap', 'id: "gap:370114-none", item: { list: "list:none", code: "1" }'),
};
