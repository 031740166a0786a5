import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from './context.ts';
import { differenceOf, type ItemDifference } from './duty-list/difference.ts';
import type { ListKind } from './duty-list/item.ts';
import { itemAsOf } from './duty-list/queries.ts';
import { whoIsResponsible } from './duty-list/responsible.ts';
import { type ListRow, lists } from './duty-list/rows.ts';
import { exportDutyList } from './export-query.ts';
import { listById, requireList } from './look-ups.ts';
import { significantPart } from './organs.ts';

/** Root queries of the lists subgraph. */

import { itemPage, type WithAsOf } from './type-resolvers.ts';

type Ctx = ListsContext;

export const Query = {
  dutyList: (_: unknown, { id }: { id: string }, context: Ctx) => listById(context, id),

  async dutyLists(
    _: unknown,
    args: { division: string; includeBelow: boolean; kind?: ListKind | null } & PageArguments,
    { service }: Ctx,
  ) {
    const { division, includeBelow, kind } = args;
    const place = includeBelow
      ? { prefix: significantPart(division) }
      : { where: { division, ...(kind && { kind }) } };
    const page = await service.projections.documents(lists).find({
      index: 'byDivision',
      ...place,
      ...pageOf(args),
      ...(kind && { filter: (list: ListRow) => list.kind === kind }),
    });
    return connection(page, args, ({ doc }) => doc);
  },

  dutyItem: (_: unknown, args: { list: string; code: string } & WithAsOf, { service, now }: Ctx) =>
    itemAsOf(service.projections, args.list, args.code, asOf(args.asOf, now)),

  responsible: resolveResponsible,
  difference: resolveDifference,

  unmappedDuties: (_: unknown, args: { town: string } & PageArguments & WithAsOf, context: Ctx) =>
    itemPage(context, args, {
      index: 'byDivision',
      where: { division: args.town },
      filter: ({ kind, content }) => content.townBody === null && kind !== 'WITHDRAWN' && kind !== 'NEGATIVE',
    }),

  exportDutyList,
};

interface Asked {
  division: string;
  caseClass?: string | null;
  text?: string | null;
  asOf?: AsOfInput | null;
  first: number;
}

async function resolveResponsible(_: unknown, args: Asked, { service, now }: Ctx) {
  const text = args.text?.trim() || null;
  const caseClass = args.caseClass?.trim() || null;
  const bad = (field: string, en: string, zh: string) =>
    refusalError({ code: 'INVALID_INPUT', rule: 'L-9', field, message: { en, 'zh-CN': zh } });
  if (!text && !caseClass) {
    throw bad('text', 'Ask by case class, by text, or by both.', '请给出案件类别或文字，至少其一。');
  }
  if (text && (text.length < 2 || text.length > 200)) {
    throw bad('text', 'The text has 2 to 200 characters.', '文字应为 2 至 200 字。');
  }
  if (args.first < 1 || args.first > 50) throw bad('first', 'first is 1 to 50.', 'first 应为 1 至 50。');
  const { division } = args;
  const at = asOf(args.asOf, now);
  const question = { division, caseClass, text, asOf: at, limit: args.first };
  const { matches, searched } = await whoIsResponsible(service.projections, question);
  return {
    question,
    division,
    divisionName: divisionOf(division)?.fullName ?? division,
    effectiveAt: at.effectiveAt,
    recordedAt: at.recordedAt ?? now.toISOString(),
    matches: matches.map((match) => ({ ...match, division, at })),
    searched: searched.map(({ list, edition }) => ({ list, edition: edition.number })),
  };
}

async function resolveDifference(
  _: unknown,
  args: { list: string; from: AsOfInput; to: AsOfInput } & PageArguments,
  context: Ctx,
) {
  const { limit } = pageOf(args);
  const list = await requireList(context, args.list);
  const { service, now } = context;
  const [from, to] = [asOf(args.from, now), asOf(args.to, now)];
  const whole = await differenceOf(service.projections, list.id, from, to);
  const rows = whole.differences.map((difference) => ({ cursor: cursorOf(difference), difference }));
  const start = args.after ? rows.findIndex(({ cursor }) => cursor === args.after) + 1 : 0;
  if (args.after && start === 0) {
    throw refusalError({
      code: 'INVALID_INPUT',
      field: 'after',
      message: { en: 'The cursor is not one of this difference.', 'zh-CN': '游标不属于本次比较。' },
    });
  }
  const page = { rows: rows.slice(start, start + limit), more: rows.length > start + limit };
  return { ...whole, ...connection(page, args, ({ difference }) => difference) };
}

const cursorOf = ({ code }: ItemDifference): string =>
  Buffer.from(`difference:${code}`).toString('base64url');
