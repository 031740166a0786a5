/** What an organ (机构) is (S-1). Stored in events. */

export const ORGAN_KINDS = [
  'GOVERNMENT', // 区县政府
  'DEPARTMENT', // 政府部门
  'PARTY_OFFICE', // 党委部门 (编办, 组织部 …)
  'INSTITUTION', // 事业单位
  'TOWN_GOVERNMENT', // 镇人民政府、街道办事处
  'TOWN_BODY', // 镇街职能机构
  'STATIONED_UNIT', // 派驻机构
  'VILLAGE_ORGANISATION', // 村(居)民委员会
  'ORGAN_CLASS', // stands for each organ of a sort: 各镇街, 村居, 有关部门
] as const;
export type OrganKind = (typeof ORGAN_KINDS)[number];

export const ORGAN_LEVELS = ['province', 'city', 'county', 'town', 'village'] as const;
export type OrganLevel = (typeof ORGAN_LEVELS)[number];

/** `provisional`: met in an imported list and not yet confirmed by the organ registrar (待核实). */
export type OrganStatus = 'active' | 'provisional' | 'merged' | 'abolished';

export interface Organ {
  /** `organ:<register>-<number>`, stable for good. */
  id: string;
  name: string;
  shortName: string | null;
  /** Other names that lists use for it. */
  aliases: string[];
  kind: OrganKind;
  level: OrganLevel;
  division: string;
  superior: string | null;
  creditCode: string | null;
  status: OrganStatus;
  /** Day from which this state of the organ holds. */
  effectiveFrom: string;
  /** Who answers for its duties since it was merged, split or abolished. */
  successors: string[];
}

/** What a registrar gives; the rest follows. */
export interface NewOrgan {
  name: string;
  shortName: string | null;
  aliases: string[];
  kind: OrganKind;
  level: OrganLevel;
  division: string;
  superior: string | null;
  creditCode: string | null;
  provisional: boolean;
}

/** Organs of a county and everything below it share one register; so do those of a city or a province. */
export const registerOf = (division: string): string => division.slice(0, 6);

export const isLive = (organ: Organ): boolean => organ.status === 'active' || organ.status === 'provisional';

/** XZ: 鎮(街)一般设置7个职能机构,最多不得超过9个. */
export const USUAL_BODIES = 7;
export const MOST_BODIES = 9;
