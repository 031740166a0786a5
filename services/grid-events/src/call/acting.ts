import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn, requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { requireCase } from '../case/carry-out.ts';
import type { CaseRow } from '../case/rows.ts';
import { isOpen } from '../case/state.ts';
import type { GridEventsContext } from '../context.ts';
import { type Organ, organsById } from '../organs.ts';
import { editionsInForce } from '../routing/copy.ts';
import { type CallRow, calls } from './read-model.ts';
import { absent } from './refusals.ts';
import type { Called, DutyCitation } from './state.ts';

/** Who acts in a call, and on what (G-9). Each throws the refusal that says who may. */

type Ctx = GridEventsContext;

/** The government of the town that the caller acts for. */
export async function callersTown(context: Ctx): Promise<Organ> {
  const { organ } = context.caller;
  const town =
    organ === null ? undefined : (await organsById(context.grid.copies.organs, [organ])).get(organ);
  if (town?.kind === 'TOWN_GOVERNMENT' && isActive(town)) return town;
  throw refusalError(townOnly);
}

/** The organ that the caller answers for. */
export function callersOrgan({ caller }: Ctx): string {
  if (caller.organ !== null) return caller.organ;
  throw refusalError(organOnly);
}

/** Whether the caller may know of the call: people of its divisions, of the town, and of the called organs. */
export const sees = ({ caller }: Pick<Ctx, 'caller'>, { state }: CallRow): boolean =>
  mayActIn(caller, state.division) ||
  caller.organ === state.town.organ ||
  state.parts.some(({ organ }) => organ === caller.organ);

/** The call, for whoever may know of it. */
export async function requireCall(context: Ctx, id: string): Promise<CallRow> {
  const row = await context.grid.projections.documents(calls).get(id);
  if (row && sees(context, row)) return row;
  throw refusalError(absent);
}

/** The call, for the town that issued it. */
export async function ownCall(context: Ctx, id: string): Promise<CallRow> {
  const row = await requireCall(context, id);
  if (context.caller.organ === row.state.town.organ) return row;
  throw refusalError({ ...townOnly, field: 'id', details: { town: row.state.town.organ } });
}

/** The call, for its county. */
export async function callOfCounty(context: Ctx, id: string): Promise<CallRow> {
  const row = await requireCall(context, id);
  requireDivision(context, row.state.county, 'id');
  return row;
}

/** A list that is cited was published, in that edition; what the citation lacks is told by the call itself. */
export async function requirePublished(context: Ctx, citation: DutyCitation | null): Promise<void> {
  if (citation?.kind !== 'ITEM' || citation.list === '' || citation.edition < 1) return;
  const { list, edition } = citation;
  const editions = await context.grid.copies.routing.temporal(editionsInForce).versions(list);
  if (editions.some(({ doc }) => doc.edition === edition)) return;
  throw refusalError(
    broken(
      'G-9',
      'citation.list',
      {
        en: `No edition ${edition} of the list ${list} has been published: a refusal cites a duty that is in force.`,
        'zh-CN': `清单 ${list} 没有公布过第 ${edition} 版：拒绝响应须援引有效的职责依据。`,
      },
      { editions: [...new Set(editions.map(({ doc }) => doc.edition))] },
    ),
  );
}

/** An organ that can be called from the county: a department, office, institution or unit that serves it. */
export async function callable(context: Ctx, county: string, id: string, field: string): Promise<Organ> {
  const organ = (await organsById(context.grid.copies.organs, [id])).get(id);
  if (!organ) {
    throw refusalError(
      broken('G-9', field, { en: `Staffing knows no organ ${id}.`, 'zh-CN': `机构登记中没有 ${id}。` }),
    );
  }
  const serves = isWithin(county, organ.division) || isWithin(organ.division, county);
  if (serves && canAnswer(organ)) return organ;
  throw refusalError(
    broken(
      'G-9',
      field,
      {
        en: `${organ.name} cannot be called: called are departments and units, in being, that serve the town’s county.`,
        'zh-CN': `不能呼叫“${organ.name}”：被呼叫的应为服务本县（市、区）的在册部门或单位。`,
      },
      {
        organ: id,
        status: organ.status,
        ...(organ.successors.length > 0 && { successors: organ.successors }),
      },
    ),
  );
}

/** The case that a town calls for: its own, and not closed. */
export async function caseToCallFor(context: Ctx, id: string, town: string): Promise<CaseRow> {
  const row = await requireCase(context, id);
  if (isWithin(row.division, town) && isOpen(row.state)) return row;
  throw refusalError(
    broken(
      'G-9',
      'caseId',
      {
        en: `A town calls for a case of its own that is not closed; ${id} is ${row.status} in ${row.division}.`,
        'zh-CN': `镇街只能为本辖区未办结的案件呼叫；案件 ${id} 位于 ${row.division}，状态为 ${row.status}。`,
      },
      { status: row.status, division: row.division },
    ),
  );
}

/** Whom the case's item or integrated matter names, but for the towns and villages among them. */
export async function namedByRoute(context: Ctx, { state: { route } }: CaseRow): Promise<Called[]> {
  const { lead, cooperators } = route;
  const named = [
    ...(lead ? [{ ...lead, role: 'LEAD' as const }] : []),
    ...cooperators.map((one) => ({ ...one, role: 'COOPERATE' as const })),
  ];
  const facts = await organsById(
    context.grid.copies.organs,
    named.map(({ organ }) => organ),
  );
  return named
    .filter(({ organ }) => canAnswer(facts.get(organ)))
    .map(({ organ, organName, role }) => ({ organ, organName, role }));
}

const canAnswer = (organ: Organ | undefined): boolean =>
  organ !== undefined && isActive(organ) && !NOT_CALLED.includes(organ.kind);

const NOT_CALLED: readonly Organ['kind'][] = ['TOWN_GOVERNMENT', 'VILLAGE_ORGANISATION', 'ORGAN_CLASS'];

const isActive = ({ status }: Organ): boolean => status === 'active' || status === 'provisional';

const townOnly: Refusal = {
  code: 'NOT_PERMITTED',
  rule: 'G-9',
  field: 'organ',
  message: {
    en: 'A town calls for itself: this is done by a TOWN_OPERATOR who acts for the government of the town that calls.',
    'zh-CN': '镇街只能为本镇街呼叫：应由所属机构为该乡镇政府（街道办事处）的 TOWN_OPERATOR 办理。',
  },
};

const organOnly: Refusal = {
  code: 'NOT_PERMITTED',
  rule: 'G-9',
  field: 'organ',
  message: {
    en: 'A called organ answers for itself: the caller must act for a registered organ.',
    'zh-CN': '由被呼叫部门自行响应：办理人员须有所属机构。',
  },
};
