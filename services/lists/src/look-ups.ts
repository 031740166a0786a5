import { mayActIn, requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from './context.ts';
import { type ListRow, lists } from './duty-list/rows.ts';

export const listById = (context: ListsContext, id: string): Promise<ListRow | undefined> =>
  context.loaders.load('lists', id, (ids) => context.service.projections.documents(lists).getMany(ids));

/** The list, or the NOT_FOUND refusal that names it. */
export async function requireList(context: ListsContext, id: string, field = 'list'): Promise<ListRow> {
  const list = await context.service.projections.documents(lists).get(id);
  if (list) return list;
  throw refusalError({
    code: 'NOT_FOUND',
    rule: 'L-1',
    field,
    message: { en: `There is no duty list ${id}.`, 'zh-CN': `没有编号为 ${id} 的清单。` },
  });
}

/** Who may see what is only staged: by role, and in the caller's own division. */
const DRAFT_READERS: readonly string[] = [
  'LIST_EDITOR',
  'LIST_PUBLISHER',
  'LEGALITY_REVIEWER',
  'COUNTY_APPROVER',
  'AUDITOR',
];
export const seesDrafts = ({ caller }: ListsContext, division: string): boolean =>
  mayActIn(caller, division) && caller.roles.some((role) => DRAFT_READERS.includes(role));

/** Also an organ that was asked for its opinion sees the draft that it is asked about. Throws NOT_PERMITTED for others. */
export function requireDraftReader(context: ListsContext, { division, draft }: ListRow): void {
  const { organ } = context.caller;
  if (seesDrafts(context, division)) return;
  if (organ !== null && draft.procedure?.consultation.asked.some((entry) => entry.organ === organ)) return;
  requireDivision(context, division);
  throw refusalError({
    code: 'NOT_PERMITTED',
    field: 'draft',
    message: {
      en: 'A draft is shown to those who edit, review, approve, publish or audit it, and to the organs that are asked for their opinion on it.',
      'zh-CN': '草案仅供编制、审核、审批、公布和审计人员，以及被征求意见的单位查看。',
    },
  });
}
