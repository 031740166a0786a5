import type { Basis } from '@dutyledger/event-store/event-store';

/**
 * A duty item (L-2): its content. The rules are in item-rules.ts. Stored in events: a field is added
 * by giving it a neutral default in `emptyItem`, never by changing what an existing one means.
 */

/** Kinds of list (L-1); the comment names the reform. */
const LIST_KINDS = [
  'CORE_COORDINATED', // 区级统筹的核心事权 (LS)
  'SHARED', // 区镇共有事权 (LS)
  'DELEGATED', // 调整下放事权 (LS), 赋权清单
  'TERRITORIAL', // 属地管理事项责任清单 (ZQ, ZJ)
  'RESPONSIBILITY', // 责任清单 (XZ)
  'POWER', // 权力清单 (XZ)
  'PUBLIC_SERVICE', // 公共服务事项清单 (XZ)
  'ADMISSION', // 职责准入清单 (县镇职责边界清单) (XZ)
  'VILLAGE_ACCEPTED', // 村级便民服务点受理民生服务清单 (XZ)
  'DATA_SHARING', // 县镇跨部门信息共享清单 (XZ)
  'VILLAGE_AFFAIRS', // 村级事务清单 (FG)
  'NEGATIVE', // 负面清单 (LS)
  'ENFORCEMENT_POWER', // 行政处罚等执法事项清单 (ZJ)
  'BASIC', // 基本履职事项 (2025)
  'COOPERATIVE', // 配合履职事项 (2025)
  'WITHDRAWN', // 上级部门收回事项 (2025)
] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export const HANDLING_CLASSES = ['MAY_HANDLE', 'ASSIST', 'MUST_NOT_HANDLE'] as const;
export type HandlingClass = (typeof HANDLING_CLASSES)[number];

export const TOWN_ROLES = [
  'LEAD',
  'COOPERATE',
  'SHARED',
  'ENTRUSTED',
  'CALL',
  'NONE',
  'UNSPECIFIED',
] as const;
export type TownRole = (typeof TOWN_ROLES)[number];

/** Level of an organ as it was when the item named it: decides the counts of L-12 (78 by departments, 3 by towns). */
export type OrganLevel = 'province' | 'city' | 'county' | 'town' | 'village';

/** An organ and what it has to do. Name and level are kept as they were, so that history explains itself. */
export interface OrganDuty {
  organ: string;
  name: string;
  level: OrganLevel;
  duty: string | null;
}

export interface FiscalShare {
  organ: string;
  name: string;
  /** Hundredths of a percent: 10,000 is the whole. */
  share: number;
}

export interface TimeLimit {
  amount: number;
  unit: 'WORKING_DAYS' | 'CALENDAR_DAYS' | 'WORKING_HOURS' | 'HOURS' | 'MINUTES';
}

export interface ProcedureStep {
  id: string;
  name: string;
  organ: string | null;
  organName: string | null;
  limit: TimeLimit | null;
  /** Ids of the steps that must be done before; steps that do not wait for each other run in parallel. */
  after: string[];
}

export interface ItemContent {
  name: string;
  domain: string | null;
  category: string | null;
  handlingClass: HandlingClass | null;
  /** Declared: several leads are equally responsible. Otherwise there is exactly one. */
  jointlyLed: boolean;
  leads: OrganDuty[];
  cooperators: OrganDuty[];
  basis: Basis[];
  townRole: { role: TownRole; note: string | null } | null;
  /** The town functional body that carries it (XZ). */
  townBody: { organ: string; name: string } | null;
  fiscalShares: FiscalShare[];
  procedure: ProcedureStep[] | null;
  /** 承诺时限: how long the whole procedure takes at most; no shorter than its critical path. */
  promised: TimeLimit | null;
  situations: { name: string; note: string | null }[];
  /** Codes of the case classes that lead to this item (L-9). */
  caseClasses: string[];
  /** Other words that people use for it. */
  keywords: string[];
  remarks: string | null;
  /** Columns of an imported list that the product gives no meaning to, by heading: an export gives them back. */
  extras: Record<string, string>;
}

export const emptyItem: ItemContent = {
  name: '',
  domain: null,
  category: null,
  handlingClass: null,
  jointlyLed: false,
  leads: [],
  cooperators: [],
  basis: [],
  townRole: null,
  townBody: null,
  fiscalShares: [],
  procedure: null,
  promised: null,
  situations: [],
  caseClasses: [],
  keywords: [],
  remarks: null,
  extras: {},
};

export type ItemField = keyof ItemContent;
export const ITEM_FIELDS = Object.keys(emptyItem) as ItemField[];

/** Kinds whose items may stand without a legal basis (L-2). */
export const BASIS_OPTIONAL: readonly ListKind[] = ['VILLAGE_AFFAIRS', 'VILLAGE_ACCEPTED', 'NEGATIVE'];

/**
 * Kinds whose items may stand without a lead organ: published village lists name none (the handling class says what
 * the village does), and a negative list prohibits. Everywhere else a duty without an owner is refused.
 */
export const LEAD_OPTIONAL: readonly ListKind[] = ['VILLAGE_AFFAIRS', 'VILLAGE_ACCEPTED', 'NEGATIVE'];

/** The whole of the fiscal shares, in hundredths of a percent. */
export const WHOLE_SHARE = 10_000;

/** Fields in which two contents differ, in the order of the type; one that was recorded before a field was, has none. */
export function changedFields(before: ItemContent, after: ItemContent): ItemField[] {
  return ITEM_FIELDS.filter(
    (field) => !sameValue(before[field] ?? emptyItem[field], after[field] ?? emptyItem[field]),
  );
}

/** Structural equality of JSON values; the order of object keys does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keysA = Object.keys(a).filter((key) => (a as Record<string, unknown>)[key] !== undefined);
  const keysB = Object.keys(b).filter((key) => (b as Record<string, unknown>)[key] !== undefined);
  return (
    keysA.length === keysB.length &&
    keysA.every((key) => sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
