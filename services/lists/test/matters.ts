import type { Data, Harness } from '@dutyledger/subgraph-kit/service-harness';
import { COUNTY, change, ORGANS } from './harness.ts';

/** Integrated matters for tests: what editors send, and the way to a published version. */

export const DRAFT_MATTER = /* GraphQL */ `
  mutation ($input: DraftIntegratedMatterInput!) {
    draftIntegratedMatter(input: $input) { id draft { number name changes { field } decision { approved } } repeated pending }
  }
`;
export const REVISE_MATTER = /* GraphQL */ `
  mutation ($input: ReviseIntegratedMatterInput!) {
    reviseIntegratedMatter(input: $input) {
      id draft { number version changes { field before after } decision { approved } } repeated
    }
  }
`;
export const DECIDE_MATTER = /* GraphQL */ `
  mutation ($input: DecideIntegratedMatterInput!) {
    decideIntegratedMatter(input: $input) { id draft { number decision { approved body opinion } } repeated }
  }
`;
export const PUBLISH_MATTER = /* GraphQL */ `
  mutation ($input: PublishIntegratedMatterInput!) {
    publishIntegratedMatter(input: $input) { id version effectiveFrom matter { name version } repeated pending }
  }
`;
export const RETIRE_MATTER = /* GraphQL */ `
  mutation ($input: RetireIntegratedMatterInput!) {
    retireIntegratedMatter(input: $input) { id effectiveFrom repeated pending }
  }
`;

export const days = (amount: number) => ({ amount, unit: 'WORKING_DAYS' });

export const matterStep = (
  id: string,
  name: string,
  organ: { id: string },
  limit: object | null,
  ...after: string[]
) => ({ id, name, organ: organ.id, limit, after });

const { enforcement, police, farming, towns } = ORGANS;

export const dumping = {
  name: '建筑垃圾偷倒治理“一件事”',
  leads: [{ organ: enforcement.id, duty: '牵头查处' }],
  participants: [
    { organ: police.id, duty: '拦截车辆、控制人员' },
    { organ: farming.id, duty: '评估耕地损毁' },
    { organ: towns.id, duty: '吹哨、现场看护' },
  ],
  basis: [{ title: '城市建筑垃圾管理规定', article: '第二十三条' }],
  caseClasses: ['SR.03'],
  keywords: ['偷倒渣土'],
  steps: [
    matterStep('1', '吹哨', towns, days(1)),
    matterStep('2', '拦截取证', police, days(2), '1'),
    matterStep('3', '损毁评估', farming, days(5), '1'),
    matterStep('4', '处罚', enforcement, days(3), '2', '3'),
  ],
  promised: days(10),
};

export const APPROVER = { roles: ['COUNTY_APPROVER'] } as const;

export async function draftMatter({ ask }: Harness, content: object, division = COUNTY): Promise<string> {
  const input = { division, content, change };
  return (await ask(DRAFT_MATTER, { input })).draftIntegratedMatter.id;
}

export async function approveMatter({ ask }: Harness, matter: string, draftNumber: number): Promise<void> {
  const decision = { approved: true, body: '区委编委', documentNumber: '章编〔2024〕3号', opinion: '同意' };
  await ask(DECIDE_MATTER, { input: { matter, draftNumber, ...decision, change } }, APPROVER);
}

/** Approval and publication of the draft as it stands. */
export async function publishMatter(
  h: Harness,
  matter: string,
  draftNumber: number,
  effectiveFrom: string,
): Promise<Data> {
  await approveMatter(h, matter, draftNumber);
  const documentNumber = `章政办发〔${effectiveFrom.slice(0, 4)}〕9号`;
  const input = { matter, draftNumber, effectiveFrom, documentNumber, change };
  return (await h.ask(PUBLISH_MATTER, { input })).publishIntegratedMatter;
}
