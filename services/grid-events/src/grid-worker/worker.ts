/** People of the grid (G-2): who works where, in which post, with which duties. No telephone numbers, on purpose. */

export const POSTS = ['GRID_LEADER', 'GRID_WORKER', 'INFORMATION_OFFICER', 'INSPECTOR'] as const;
/** 网格长, 网格员, 网格信息员, 督查员 (Lanshan: inspectors rate the others). */
export type Post = (typeof POSTS)[number];

/** The eight duties of a grid worker in Zhangqiu, in the order of the source (seed 001). */
export const DUTY_ROLES = [
  'PARTY_LIAISON',
  'INFORMATION',
  'ENVIRONMENT',
  'SAFETY',
  'ORDER',
  'MEDIATION',
  'LIVELIHOOD',
  'CIVILITY',
] as const;
export type DutyRole = (typeof DUTY_ROLES)[number];

export interface Worker {
  /** `worker:370114-<number>`; never given twice. */
  id: string;
  /** 12-digit code of the county whose roster names the person. */
  county: string;
  /** 12-digit code of the town. */
  town: string;
  /** 工号: unique in the county. */
  number: string;
  name: string;
  post: Post;
  roles: DutyRole[];
  /** Subject of the person's token, by which the system knows them; null for those without an account. */
  subject: string | null;
  /** Ids of the grids that the person is assigned to. */
  grids: string[];
  status: 'active' | 'ended';
  /** Day from which this state holds; of one who left, the first day without. */
  effectiveFrom: string;
}

export const isActive = ({ status }: Pick<Worker, 'status'>): boolean => status === 'active';
