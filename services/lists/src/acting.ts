import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Role } from '@dutyledger/subgraph-kit/identity';
import type { ListsContext } from './context.ts';
import type { OrganFacts } from './duty-list/organ-facts.ts';
import { organsById } from './organs.ts';

/** Who speaks for an organ: its own people, or a list editor who records what came on paper. */

export interface Acting {
  role: Role;
  /** The organ that the paper is of; undefined for an organ's own people. */
  onBehalfOf?: string;
}

export interface Speaking {
  organ: Pick<OrganFacts, 'id' | 'name'>;
  /** Roles that speak for their own organ in this step. */
  own: readonly Role[];
  /** Number of the paper; undefined or blank: there is none. */
  documentNumber?: string | null | undefined;
  /** Division of the matter, which an editor's rights must cover. */
  division: string;
  what: Text;
}

/** An organ's own officers in lists: of departments, and of towns and villages. */
export const OFFICERS: readonly Role[] = ['DEPARTMENT_OFFICER', 'TOWN_OPERATOR'];

/** Throws NOT_PERMITTED, saying who may, for anybody else. */
export function speakFor({ caller }: ListsContext, speaking: Speaking): Acting {
  const { organ, own, documentNumber, division, what } = speaking;
  const role = caller.roles.find((held) => own.includes(held));
  if (role && caller.organ === organ.id) return { role };
  const editor = caller.roles.includes('LIST_EDITOR') && mayActIn(caller, division);
  if (editor && documentNumber?.trim()) return { role: 'LIST_EDITOR', onBehalfOf: organ.name };
  throw refusalError(notSpeaking(organ.name, own, what, editor));
}

const notSpeaking = (organ: string, own: readonly Role[], what: Text, editor: boolean): Refusal => ({
  code: 'NOT_PERMITTED',
  field: editor ? 'documentNumber' : 'organ',
  message: {
    en: `${what.en} of ${organ} is given by its own people (${own.join(' or ')}, acting for ${organ}), or recorded from paper by a LIST_EDITOR of the division with the document number (documentNumber).`,
    'zh-CN': `“${organ}”的${what['zh-CN']}应由该单位人员（${own.join(' 或 ')}，且所属机构为该单位）提出，或由本区划的 LIST_EDITOR 凭书面文件代录并注明文号（documentNumber）。`,
  },
  details: { organ, roles: own },
});

/** The organ as it is, or the refusal: it must be registered and not have ended. */
export async function requireOrgan(context: ListsContext, id: string, field: string): Promise<OrganFacts> {
  const organ = (await organsById(context.service.organs, [id])).get(id);
  if (organ && organ.status !== 'merged' && organ.status !== 'abolished') return organ;
  throw refusalError({
    code: 'RULE_VIOLATED',
    rule: 'L-2',
    field,
    citation: { title: 'DutyLedger domain rules', article: 'L-2' },
    message: organ
      ? { en: `${organ.name} was ${organ.status}.`, 'zh-CN': `“${organ.name}”已撤并。` }
      : { en: `Staffing knows no organ ${id}.`, 'zh-CN': `机构登记中没有 ${id}。` },
    details: { organ: id, ...(organ && { successors: organ.successors }) },
  });
}
