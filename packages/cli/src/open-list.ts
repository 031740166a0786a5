import { CliFailure, EXIT, usageError } from './failure.ts';
import { type ListFacts, organId } from './lists.ts';
import { allPages, type Connection } from './pages.ts';
import type { Session } from './session.ts';
import { type ChangeInput, idempotencyKey } from './values.ts';

/** What a new list needs. */
export interface NewListOptions {
  division?: string;
  kind?: string;
  title?: string;
  maintainer?: string;
}

const LISTS = `query ($division: DivisionCode!, $kind: ListKind, $first: Int!, $after: String) {
  dutyLists(division: $division, kind: $kind, first: $first, after: $after) {
    edges { node { id kind division title } } pageInfo { hasNextPage endCursor } } }`;

const OPEN = 'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } repeated } }';

/**
 * Id of the list that the options describe: one of that division, kind and title if there is one, so that a command
 * run again does not open a second list; else a new one. A dry run opens nothing.
 */
export async function openList(
  session: Session,
  { division, kind, title, maintainer }: NewListOptions,
  dryRun: boolean,
  change: Omit<ChangeInput, 'idempotencyKey'>,
): Promise<string> {
  const { client, out, t } = session;
  if (division === undefined || kind === undefined || title === undefined || maintainer === undefined) {
    throw usageError(
      t(
        '请给出 --list；或用 --division、--kind、--title、--maintainer 新建清单。',
        'Give --list, or --division, --kind, --title and --maintainer for a new list.',
      ),
    );
  }
  const { nodes } = await allPages(
    client,
    LISTS,
    { division, kind },
    (answer: { dutyLists: Connection<ListFacts> }) => answer.dutyLists,
  );
  const existing = nodes.find((list) => list.title === title);
  if (existing) return existing.id;
  if (dryRun) {
    const message = t(
      '还没有这个清单：新建清单本身就是一项记录，试运行不会新建。请先不带 --dry-run 导入，或给出 --list。',
      'There is no such list yet, and a dry run opens none, for that is a record in itself. Import without --dry-run, or give --list.',
    );
    throw new CliFailure(EXIT.failed, { code: 'NOT_FOUND', field: 'list', message });
  }
  const input = { division, kind, title, maintainer: await organId(session, division, maintainer) };
  const { openDutyList } = await client.ask<{ openDutyList: { list: { id: string } } }>(OPEN, {
    input: { ...input, change: { ...change, idempotencyKey: idempotencyKey('openDutyList', input, change) } },
  });
  out.note(t(`已新建清单 ${openDutyList.list.id}`, `Opened the list ${openDutyList.list.id}`));
  return openDutyList.list.id;
}
