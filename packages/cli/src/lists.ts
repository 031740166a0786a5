import { CliFailure, EXIT } from './failure.ts';
import { allPages, type Connection } from './pages.ts';
import type { Session } from './session.ts';

export interface ListFacts {
  id: string;
  kind: string;
  division: string;
  title: string;
}

/** The list of this id. Throws CliFailure (NOT_FOUND) when there is none. */
export async function findList({ client, t }: Session, id: string): Promise<ListFacts> {
  const { dutyList } = await client.ask<{ dutyList: ListFacts | null }>(
    'query ($id: ID!) { dutyList(id: $id) { id kind division title } }',
    { id },
  );
  if (dutyList) return dutyList;
  throw noSuchList(id, t);
}

export const noSuchList = (id: string, t: Session['t']): CliFailure =>
  new CliFailure(EXIT.failed, {
    code: 'NOT_FOUND',
    field: 'list',
    message: t(
      `没有编号为 ${id} 的清单。用 dutyledger lists 查看现有清单。`,
      `There is no list ${id}. dutyledger lists shows those there are.`,
    ),
  });

const ORGANS = `query ($division: DivisionCode!, $name: String!, $first: Int!, $after: String) {
  organs(division: $division, includeBelow: true, nameContains: $name, first: $first, after: $after) {
    edges { node { id name shortName status } } pageInfo { hasNextPage endCursor } } }`;

interface OrganFacts {
  id: string;
  name: string;
  shortName: string | null;
  status: string;
}

const isLive = ({ status }: OrganFacts): boolean => status === 'ACTIVE' || status === 'PROVISIONAL';

/** Id of the organ that is meant by an id or by the name or short name of one organ of the division. */
export async function organId(session: Session, division: string, given: string): Promise<string> {
  if (given.startsWith('organ:')) return given;
  const { t } = session;
  const { nodes } = await allPages(
    session.client,
    ORGANS,
    { division, name: given },
    (answer: { organs: Connection<OrganFacts> }) => answer.organs,
  );
  const live = nodes.filter(isLive);
  const named = live.filter(({ name }) => name === given);
  const meant = named.length > 0 ? named : live.filter(({ shortName }) => shortName === given);
  const [organ] = meant;
  if (organ && meant.length === 1) return organ.id;
  const near = (meant.length > 1 ? meant : live).slice(0, 5).map(({ id, name }) => `${name}（${id}）`);
  const nearest = near.length === 0 ? '' : t(`。相近：${near.join('、')}`, `. Near: ${near.join(', ')}`);
  const message =
    meant.length > 1
      ? t(`“${given}”指多个机构，请给出编号`, `"${given}" names several organs; give the id`)
      : t(`${division} 没有名为“${given}”的机构`, `${division} has no organ named "${given}"`);
  throw new CliFailure(EXIT.failed, { code: 'NOT_FOUND', message: `${message}${nearest}` });
}
