import type { Page, Row } from '@dutyledger/read-store/read-store';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { type AsOf, type AsOfInput, asOf, asOfKey } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import type { Resolvers } from '@dutyledger/subgraph-kit/subgraph';
import type { StaffingContext } from '../context.ts';
import { findHistory, type OrganHistoryEntry } from './history.ts';
import { levelOf, MOST_BODIES, type Organ, type OrganKind, type OrganStatus, USUAL_BODIES } from './organ.ts';
import { findOrgans, liveOrgansOf, organsById } from './organs.ts';

/** The queries and fields of schema.graphql. */

/** An organ and the point in time it was asked about, which the organs reached from it keep. */
export interface OrganNode {
  organ: Organ;
  asOf: AsOf;
}

type AsOfArgs = { asOf?: AsOfInput | null };

const node = (organ: Organ, at: AsOf): OrganNode => ({ organ, asOf: at });

/** Batched: all organs that one request asks for at one point in time are one look-up. */
async function organAt(context: StaffingContext, id: string, at: AsOf): Promise<OrganNode | null> {
  const { loaders, staffing } = context;
  const organ = await loaders.load(`organ@${asOfKey(at)}`, id, (ids) =>
    organsById(staffing.projections, ids, at),
  );
  return organ ? node(organ, at) : null;
}

async function organsAt(context: StaffingContext, ids: readonly string[], at: AsOf): Promise<OrganNode[]> {
  const nodes = await Promise.all(ids.map((id) => organAt(context, id, at)));
  return nodes.filter((each) => each !== null);
}

/**
 * An organ that another subgraph names: as of today. One whose first day lies ahead is shown as it will be, because
 * whoever named it knew it.
 */
async function referencedOrgan({ id }: { id: string }, context: StaffingContext): Promise<OrganNode | null> {
  const today = await organAt(context, id, asOf(undefined, context.now));
  if (today) return today;
  const organ = await context.loaders.load('organ@ahead', id, (ids) =>
    organsById(context.staffing.projections, ids, {}),
  );
  return organ ? node(organ, { effectiveAt: organ.effectiveFrom }) : null;
}

interface OrgansArgs extends PageArguments, AsOfArgs {
  division: string;
  includeBelow?: boolean | null;
  kind?: OrganKind | null;
  status?: Uppercase<OrganStatus> | null;
  nameContains?: string | null;
}

async function organs(_: unknown, args: OrgansArgs, { staffing, now }: StaffingContext) {
  const at = asOf(args.asOf, now);
  const page = await findOrgans(staffing.projections, {
    division: args.division,
    includeBelow: args.includeBelow ?? false,
    kind: args.kind ?? null,
    status: (args.status?.toLowerCase() as OrganStatus | undefined) ?? null,
    nameContains: args.nameContains ?? null,
    asOf: at,
    ...pageOf(args),
  });
  return connection(page, args, (row: Row<Organ>) => node(row.doc, at));
}

async function townStructure(
  _: unknown,
  args: AsOfArgs & { town: string },
  { staffing: { projections }, now }: StaffingContext,
) {
  const at = asOf(args.asOf, now);
  const [towns, bodies] = await Promise.all([
    liveOrgansOf(projections, args.town, 'TOWN_GOVERNMENT', at),
    liveOrgansOf(projections, args.town, 'TOWN_BODY', at),
  ]);
  return {
    town: towns[0] ? node(towns[0], at) : null,
    bodies: bodies.map((body) => node(body, at)),
    usual: USUAL_BODIES,
    most: MOST_BODIES,
  };
}

/** A division that is not in the tables any more is still told by its code. */
const divisionNamed = (code: string) =>
  divisionOf(code) ?? {
    code,
    name: code,
    fullName: code,
    level: levelOf(code) ?? 'country',
    parent: undefined,
  };
type DivisionNode = NonNullable<ReturnType<typeof divisionOf>>;

async function history({ organ, asOf: at }: OrganNode, args: PageArguments, { staffing }: StaffingContext) {
  const page: Page<Row<OrganHistoryEntry>> = await findHistory(
    staffing.projections,
    organ.id,
    at,
    pageOf(args),
  );
  return connection(page, args, (row) => row.doc);
}

/** A field of the organ as it is. */
const plain =
  <F extends keyof Organ>(field: F) =>
  ({ organ }: OrganNode): Organ[F] =>
    organ[field];

export const organQueries = {
  organ: (_: unknown, args: AsOfArgs & { id: string }, context: StaffingContext) =>
    organAt(context, args.id, asOf(args.asOf, context.now)),
  organs,
  townStructure,
  division: (_: unknown, { code }: { code: string }) => divisionOf(code) ?? null,
};

export const organTypes: Resolvers<StaffingContext> = {
  Organ: {
    __resolveReference: referencedOrgan,
    id: plain('id'),
    name: plain('name'),
    shortName: plain('shortName'),
    aliases: plain('aliases'),
    kind: plain('kind'),
    level: ({ organ }: OrganNode) => organ.level.toUpperCase(),
    division: ({ organ }: OrganNode) => divisionNamed(organ.division),
    superior: ({ organ, asOf: at }: OrganNode, _: unknown, context) =>
      organ.superior === null ? null : organAt(context, organ.superior, at),
    creditCode: plain('creditCode'),
    status: ({ organ }: OrganNode) => organ.status.toUpperCase(),
    effectiveFrom: plain('effectiveFrom'),
    successors: ({ organ, asOf: at }: OrganNode, _: unknown, context) =>
      organsAt(context, organ.successors, at),
    history,
  },
  Division: {
    name: ({ name, code }: DivisionNode) => name ?? code,
    parent: ({ parent }: DivisionNode) => (parent === undefined ? null : divisionNamed(parent)),
  },
  OrganHistoryEntry: {
    id: ({ event }: OrganHistoryEntry) => event,
    author: ({ actor, onBehalfOf }: OrganHistoryEntry) => ({ ...actor, organId: actor.organ, onBehalfOf }),
  },
};
