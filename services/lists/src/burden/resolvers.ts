import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { type AsOf, type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { limitExceeded, refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from '../context.ts';
import { leadLevel } from '../duty-list/figures.ts';
import type { HandlingClass, ListKind } from '../duty-list/item.ts';
import type { LeadLevels } from '../duty-list/rows.ts';
import { significantPart } from '../organs.ts';
import { itemPage, type WithAsOf } from '../type-resolvers.ts';
import { type BurdenChange, type BurdenItem, burdenChange, burdenFigures, burdenOf } from './burden.ts';
import { divisionFigures } from './division-figures.ts';

/** L-12 in GraphQL: what a town carries, and counts over divisions. */

interface TownBurden {
  town: string;
  at: AsOf;
  burden: BurdenItem[];
}

const MOST_TOWNS = 20;
const MOST_SHOWN = 200;

async function townBurden(town: string, at: AsOf, { service }: ListsContext): Promise<TownBurden> {
  if (divisionOf(town)?.level !== 'town') {
    throw refusalError({
      code: 'INVALID_INPUT',
      rule: 'L-12',
      field: 'town',
      message: { en: `${town} is no town or street.`, 'zh-CN': `${town} 不是镇（街道）的区划代码。` },
    });
  }
  return { town, at, burden: await burdenOf(service.projections, service.organs, town, at) };
}

interface FiguresArguments {
  division: string;
  includeBelow: boolean;
  kind?: ListKind | null;
  asOf?: AsOfInput | null;
}

export const burdenQueries = {
  townBurden: (_: unknown, { town, asOf: at }: { town: string } & WithAsOf, context: ListsContext) =>
    townBurden(town, asOf(at, context.now), context),

  async townBurdens(_: unknown, { towns, asOf: at }: { towns: string[] } & WithAsOf, context: ListsContext) {
    const asked = [...new Set(towns)];
    if (asked.length > MOST_TOWNS) {
      throw refusalError(
        limitExceeded({ 'zh-CN': '镇街数', en: 'towns' }, MOST_TOWNS, asked.length, 'towns'),
      );
    }
    const burdens: TownBurden[] = [];
    for (const town of asked) burdens.push(await townBurden(town, asOf(at, context.now), context));
    return burdens;
  },

  async dutyFigures(_: unknown, args: FiguresArguments, { service, now }: ListsContext) {
    const { division, includeBelow, kind } = args;
    const at = asOf(args.asOf, now);
    const figures = await divisionFigures(
      service.projections,
      division,
      { includeBelow, kind: kind ?? null },
      at,
    );
    return { ...figures, asked: args };
  },
};

interface BurdenFilter extends PageArguments {
  role?: BurdenItem['role'] | null;
  named: boolean;
  kind?: ListKind | null;
  domain?: string | null;
}

function burdenPage({ burden }: TownBurden, args: BurdenFilter) {
  const { limit } = pageOf(args);
  const rows = burden.flatMap(({ item, role, namedRole }) => {
    const { doc, id } = item.version;
    const counted = args.named ? namedRole : role;
    const wanted =
      counted !== null &&
      (!args.role || args.role === counted) &&
      (!args.kind || args.kind === doc.kind) &&
      (!args.domain || args.domain === doc.content.domain);
    const cursor = Buffer.from(`burden:${id}`).toString('base64url');
    return wanted ? [{ cursor, item, role: counted, named: namedRole !== null }] : [];
  });
  const start = args.after ? rows.findIndex(({ cursor }) => cursor === args.after) + 1 : 0;
  if (args.after && start === 0) {
    throw refusalError({
      code: 'INVALID_INPUT',
      field: 'after',
      message: { en: 'The cursor is not one of this burden.', 'zh-CN': '游标不属于本次查询。' },
    });
  }
  const page = { rows: rows.slice(start, start + limit), more: rows.length > start + limit };
  const { edges, pageInfo } = connection(page, args, (row) => row);
  return {
    edges: edges.map(({ cursor, node: { item, role, named } }) => ({ cursor, node: item, role, named })),
    pageInfo,
  };
}

interface OpenedFigures {
  asked: FiguresArguments;
}

export const burdenTypes = {
  TownBurden: {
    townName: ({ town }: TownBurden) => divisionOf(town)?.fullName ?? town,
    effectiveAt: ({ at }: TownBurden) => at.effectiveAt,
    recordedAt: ({ at }: TownBurden, _: unknown, { now }: ListsContext) => at.recordedAt ?? now.toISOString(),
    all: ({ burden }: TownBurden) => burdenFigures(burden, false),
    named: ({ burden }: TownBurden) => burdenFigures(burden, true),
    items: burdenPage,
    async since({ town, burden }: TownBurden, { asOf: then }: { asOf: AsOfInput }, context: ListsContext) {
      const before = await townBurden(town, asOf(then, context.now), context);
      return { ...burdenChange(before.burden, burden), slimmedBy: before.burden.length - burden.length };
    },
  },
  BurdenChange: {
    before: ({ before }: BurdenChange) => burdenFigures(before, false),
    enteredCount: ({ entered }: BurdenChange) => entered.length,
    entered: ({ entered }: BurdenChange) => entered.slice(0, MOST_SHOWN),
    leftCount: ({ left }: BurdenChange) => left.length,
    left: ({ left }: BurdenChange) => left.slice(0, MOST_SHOWN),
  },
  DutyFigures: {
    items(
      { asked: { division, includeBelow, kind, asOf: at } }: OpenedFigures,
      args: {
        domain?: string | null;
        handlingClass?: HandlingClass | null;
        leadLevel?: LeadLevelName | null;
      } & PageArguments,
      context: ListsContext,
    ) {
      const level = args.leadLevel && LEAD_LEVELS[args.leadLevel];
      return itemPage(
        context,
        { ...args, asOf: at ?? null },
        {
          index: 'byDivision',
          ...(includeBelow ? { prefix: significantPart(division) } : { where: { division } }),
          filter: ({ kind: kindOf, content }) =>
            (!kind || kindOf === kind) &&
            (!args.domain || content.domain === args.domain) &&
            (!args.handlingClass || content.handlingClass === args.handlingClass) &&
            (!level || leadLevel(content) === level),
        },
      );
    },
  },
};

type LeadLevelName = keyof typeof LEAD_LEVELS;
const LEAD_LEVELS = {
  DEPARTMENTS: 'departments',
  TOWNS: 'towns',
  VILLAGES: 'villages',
  JOINT: 'joint',
  NONE: 'none',
} as const satisfies Record<string, keyof LeadLevels>;
