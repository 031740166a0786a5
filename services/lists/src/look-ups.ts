import { mayActIn } from '@dutyledger/subgraph-kit/access';
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
const DRAFT_READERS: readonly string[] = ['LIST_EDITOR', 'LIST_PUBLISHER', 'AUDITOR'];
export const seesDrafts = ({ caller }: ListsContext, division: string): boolean =>
  mayActIn(caller, division) && caller.roles.some((role) => DRAFT_READERS.includes(role));
