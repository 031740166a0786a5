import type { Refusal } from '@dutyledger/event-store/decider';
import { isWithin } from '@dutyledger/reference-data/divisions';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { NewOrgan, OrganKind, OrganLevel } from './organ.ts';
import { violation } from './refusals.ts';
import type { OrganChanges } from './state.ts';

/** The inputs of schema.graphql, and what of them the register is asked to do. */

export interface Change {
  effectiveFrom?: string | null;
  change: ChangeInput;
}

export interface NewOrganInput {
  name: string;
  shortName?: string | null;
  aliases?: string[] | null;
  kind: OrganKind;
  division?: string | null;
  level?: Uppercase<OrganLevel> | null;
  superior?: string | null;
  creditCode?: string | null;
  provisional?: boolean | null;
}

export interface RegisterOrgansInput extends Change {
  division: string;
  organs: NewOrganInput[];
}
export interface RenameOrganInput extends Change {
  organ: string;
  name: string;
  shortName?: string | null;
}
export interface ReviseOrganInput extends Change {
  organ: string;
  aliases?: string[] | null;
  shortName?: string | null;
  superior?: string | null;
  kind?: OrganKind | null;
  creditCode?: string | null;
}
export interface ConfirmOrganInput extends Change {
  organ: string;
}
export interface MergeOrgansInput extends Change {
  sources: string[];
  into?: string | null;
  intoNew?: NewOrganInput | null;
}
export interface SplitOrganInput extends Change {
  source: string;
  into: NewOrganInput[];
  sourceContinues?: boolean | null;
}
export interface AbolishOrganInput extends Change {
  organ: string;
  successors?: string[] | null;
}

/** Null stays null and absent stays absent. */
export const trimmed = <T extends string | null | undefined>(text: T): T =>
  (typeof text === 'string' ? text.trim() : text) as T;

const distinct = (names: readonly string[] | null | undefined): string[] => [
  ...new Set((names ?? []).map((name) => name.trim())),
];

export function newOrgan(input: NewOrganInput, division: string): NewOrgan {
  return {
    name: trimmed(input.name),
    shortName: trimmed(input.shortName) ?? null,
    aliases: distinct(input.aliases),
    kind: input.kind,
    level: (input.level?.toLowerCase() as OrganLevel | undefined) ?? null,
    division: input.division ?? division,
    superior: input.superior ?? null,
    creditCode: input.creditCode ?? null,
    provisional: input.provisional ?? false,
  };
}

/** Organs of a call lie within the division that the call is about. Throws the refusal of the first that does not. */
export function requireWithin(division: string, organs: readonly NewOrgan[], path: string): void {
  const i = organs.findIndex((organ) => !isWithin(organ.division, division));
  const organ = organs[i];
  if (!organ) return;
  throw refusalError(
    violation(`${path}[${i}].division`, {
      en: `${organ.division} is not within ${division}, whose organs are registered here.`,
      'zh-CN': `${organ.division} 不在本次登记的行政区划 ${division} 之内。`,
    }),
  );
}

/** Only what the caller named is changed. */
export function changesOf(input: ReviseOrganInput): OrganChanges {
  const { aliases, shortName, superior, kind, creditCode } = input;
  if (kind === null) {
    throw refusalError({
      code: 'INVALID_INPUT',
      field: 'kind',
      message: { en: 'An organ always has a kind.', 'zh-CN': '机构类型不能为空。' },
    });
  }
  return {
    ...(aliases !== undefined && { aliases: distinct(aliases) }),
    ...(shortName !== undefined && { shortName: trimmed(shortName) }),
    ...(superior !== undefined && { superior }),
    ...(kind !== undefined && { kind }),
    ...(creditCode !== undefined && { creditCode }),
  };
}

/** Exactly one of `into` and `intoNew`. */
export function mergerTarget(input: MergeOrgansInput): { id: string } | { organ: NewOrganInput } {
  const { into, intoNew } = input;
  if (into && !intoNew) return { id: into };
  if (intoNew && !into) return { organ: intoNew };
  throw refusalError(neitherOrBoth);
}

const neitherOrBoth: Refusal = {
  code: 'INVALID_INPUT',
  field: 'into',
  message: {
    en: 'Give either into (an organ that exists) or intoNew (one that the merger founds).',
    'zh-CN': '请在 into(并入现有机构)与 intoNew(并入新设机构)中填写且仅填写一项。',
  },
};
