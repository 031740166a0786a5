import { unfit } from '@dutyledger/event-store/rule-texts';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { LONGEST_CLASS } from './patterns.ts';
import { type Route, type RouteStep, routeOf } from './route.ts';

/** Routes in GraphQL (G-7). */

const entity = (__typename: string, id: string) => ({ __typename, id });
const organ = (id: string) => entity('Organ', id);

/** As lists names its items: list:370114-ab, code 1 is item:370114-ab/1. */
const itemId = ({ list, code }: { list: string; code: string }): string =>
  `item:${list.slice('list:'.length)}/${code}`;

export const routingQueries = {
  async routeFor(
    _: unknown,
    args: { division: string; caseClass: string; on?: string | null },
    context: GridEventsContext,
  ): Promise<Route> {
    const { division, on } = args;
    const caseClass = args.caseClass.trim();
    const problem = unfit('G-7', 'caseClass', caseClass, LONGEST_CLASS, {
      en: 'The class of cases',
      'zh-CN': '案件类别',
    });
    if (problem) throw refusalError(problem, context.locale);
    return routeOf(context.grid.copies, { division, caseClass, on: on ?? todayOf(context) });
  },
};

export const routingTypes = {
  CaseRoute: {
    kind: ({ target }: Route) => target.kind,
    list: ({ target }: Route) => (target.kind === 'ITEM' ? entity('DutyList', target.list) : null),
    edition: ({ target }: Route) => (target.kind === 'ITEM' ? target.edition : null),
    code: ({ target }: Route) => (target.kind === 'ITEM' ? target.code : null),
    item: ({ target }: Route) => (target.kind === 'ITEM' ? entity('DutyItem', itemId(target)) : null),
    matter: ({ target }: Route) =>
      target.kind === 'MATTER' ? entity('IntegratedMatter', target.matter) : null,
    version: ({ target }: Route) => (target.kind === 'MATTER' ? target.version : null),
    name: ({ target }: Route) => (target.kind === 'NONE' ? null : target.name),
  },
  RouteOrgan: {
    organ: (named: { organ: string }) => organ(named.organ),
    organId: (named: { organ: string }) => named.organ,
    name: (named: { organName: string }) => named.organName,
  },
  RouteStep: {
    organ: (step: RouteStep) => (step.organ === null ? null : organ(step.organ)),
  },
};
