import type { DevelopmentToken } from '@dutyledger/subgraph-kit/dev-issuer';
import type { County } from './county.ts';

/** Who acts: each an account of its own with the rights that its post has. */

export type Actor = Required<Pick<DevelopmentToken, 'roles' | 'division' | 'subject' | 'name'>> & {
  organ: string | null;
};

/** What the county is after it was set up. */
export interface Cast {
  /** Code of a town → id of its government. */
  governments: ReadonlyMap<string, string>;
  /** Ids of the departments that lists name. */
  departments: readonly string[];
  /** Id of the office that runs the county platform. */
  platformOrgan: string;
}

const actor = (
  roles: Actor['roles'],
  subject: string,
  name: string,
  division: string,
  organ: string | null = null,
): Actor => ({ roles, subject, name, division, organ });

export const platform = ({ code }: County, { platformOrgan }: Cast): Actor =>
  actor(['COUNTY_OPERATOR'], `platform-${code}`, '区县平台值班员', code, platformOrgan);

export const townCentre = (code: string, { governments }: Cast): Actor =>
  actor(['TOWN_OPERATOR'], `town-${code}`, '镇街网格中心值班员', code, governments.get(code) ?? null);

export const officerOf = ({ code }: County, organ: string): Actor =>
  actor(['DEPARTMENT_OFFICER'], `officer-${organ}`, '承办人员', code, organ);

export const hotline = ({ code }: County): Actor =>
  actor(['INTEGRATOR'], `hotline-${code}`, '12345 热线', code);

/** The leader of the grid: the roster has them in the order of the grids. Undefined where it has fewer people. */
export const workerOf = ({ workers }: County, grid: number): Actor | undefined => {
  const worker = workers[grid];
  return worker && actor(['GRID_WORKER'], worker.subject, worker.name, worker.town);
};

/** Sets the county up, and reads everything of it. */
export const manager = ({ code }: { code: string }): Actor =>
  actor(
    [
      ...(['LIST_EDITOR', 'LIST_PUBLISHER', 'LEGALITY_REVIEWER', 'COUNTY_APPROVER'] as const),
      ...(['ORGAN_REGISTRAR', 'GRID_MANAGER', 'COUNTY_OPERATOR', 'AUDITOR'] as const),
    ],
    `manager-${code}`,
    '章程管理员',
    code,
  );
