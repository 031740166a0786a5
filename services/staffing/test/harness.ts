import { type Harness, startHarness as startServiceHarness } from '@dutyledger/subgraph-kit/service-harness';
import { startStaffing } from '../src/service.ts';

export type { Data, Fault, Harness } from '@dutyledger/subgraph-kit/service-harness';

export const COUNTY = '370114000000';
export const TOWN = '370114101000';

/** The staffing service, asked as an organ registrar of the county unless told otherwise. */
export const startHarness = (): Promise<Harness> =>
  startServiceHarness(startStaffing, { roles: ['ORGAN_REGISTRAR'], division: COUNTY });

export const change = {
  reason: '机构改革',
  basis: [{ title: '章丘区机构改革方案', documentNumber: '章办发〔2026〕1号' }],
};

export const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterOrgansInput!) {
    registerOrgans(input: $input) { organs { id name status level effectiveFrom } repeated pending }
  }
`;

/** Registers organs in the county from 2026-01-01 on and gives their ids. */
export async function register(
  { ask }: Pick<Harness, 'ask'>,
  organs: readonly object[],
  input: object = {},
): Promise<string[]> {
  const { registerOrgans } = await ask(REGISTER, {
    input: { division: COUNTY, organs, effectiveFrom: '2026-01-01', change, ...input },
  });
  if (registerOrgans.pending) throw new Error('not shown in time');
  return registerOrgans.organs.map(({ id }: { id: string }) => id);
}
