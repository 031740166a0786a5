import type { Text } from '@dutyledger/event-store/decider';

/** What an organ (机构) is (S-1). Stored in events. */

const ORGAN_KINDS = [
  'GOVERNMENT',
  'DEPARTMENT',
  'PARTY_OFFICE',
  'INSTITUTION',
  'TOWN_GOVERNMENT',
  'TOWN_BODY',
  'STATIONED_UNIT',
  'VILLAGE_ORGANISATION',
  'ORGAN_CLASS',
] as const;
export type OrganKind = (typeof ORGAN_KINDS)[number];

/** How people call the kinds. */
export const KIND_NAMES: Record<OrganKind, Text> = {
  GOVERNMENT: { 'zh-CN': '政府', en: 'a government' },
  DEPARTMENT: { 'zh-CN': '政府部门', en: 'a government department' },
  PARTY_OFFICE: { 'zh-CN': '党委部门', en: 'a party office' },
  INSTITUTION: { 'zh-CN': '事业单位', en: 'a public institution' },
  TOWN_GOVERNMENT: { 'zh-CN': '镇政府（街道办事处）', en: 'a town government' },
  TOWN_BODY: { 'zh-CN': '镇街职能机构', en: 'a functional body of a town' },
  STATIONED_UNIT: { 'zh-CN': '派驻机构', en: 'a stationed unit' },
  VILLAGE_ORGANISATION: { 'zh-CN': '村（居）民委员会', en: 'a village organisation' },
  /** Stands for each organ of a sort: 各镇街, 村居, 区直有关部门. */
  ORGAN_CLASS: { 'zh-CN': '一类机构的统称', en: 'a class of organs' },
};

const ORGAN_LEVELS = ['province', 'city', 'county', 'town', 'village'] as const;
export type OrganLevel = (typeof ORGAN_LEVELS)[number];

export const LEVEL_NAMES: Record<OrganLevel, Text> = {
  province: { 'zh-CN': '省级', en: 'province' },
  city: { 'zh-CN': '市级', en: 'city' },
  county: { 'zh-CN': '县级', en: 'county' },
  town: { 'zh-CN': '乡级', en: 'town' },
  village: { 'zh-CN': '村级', en: 'village' },
};

/** `provisional`: met in an imported list and not yet confirmed by the organ registrar (待核实). */
export type OrganStatus = 'active' | 'provisional' | 'merged' | 'abolished';

export interface Organ {
  /** `organ:<register>-<number>`, stable for good. */
  id: string;
  name: string;
  shortName: string | null;
  /** Other names that lists use for it; its former names are among them. */
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
  /** Of a class: which level its organs are at; null: that of its division. Of any other organ it follows. */
  level: OrganLevel | null;
  division: string;
  superior: string | null;
  creditCode: string | null;
  provisional: boolean;
}

const DIGITS = [2, 4, 6, 9, 12];

/** The level of a 12-digit division code; undefined for the whole country, which has no register. */
export function levelOf(division: string): OrganLevel | undefined {
  if (/^0+$/.test(division)) return undefined;
  return ORGAN_LEVELS[DIGITS.findIndex((digits) => /^0*$/.test(division.slice(digits)))];
}

/** Organs of a county and everything below it share one register; so do those of a city or a province itself. */
export const registerOf = (division: string): string => division.slice(0, 6);

/** The register that gave an organ its id, or undefined when the text is no organ id. */
export const registerOfId = (id: string): string | undefined => /^organ:(\d{6})-\d{4,}$/.exec(id)?.[1];

export const isLive = (organ: Organ): boolean => organ.status === 'active' || organ.status === 'provisional';

/** XZ: 镇(街)一般设置7个职能机构,最多不得超过9个. */
export const USUAL_BODIES = 7;
export const MOST_BODIES = 9;
