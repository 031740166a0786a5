import type { Refusal } from '@dutyledger/event-store/decider';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { broken } from '@dutyledger/event-store/rule-texts';
import { ancestors, division as divisionOf } from '@dutyledger/reference-data/divisions';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import type { OrganName } from '../organs.ts';
import { provenanceOf } from '../provenance.ts';
import {
  callable,
  callersOrgan,
  callersTown,
  callOfCounty,
  caseToCallFor,
  namedByRoute,
  ownCall,
  requireCall,
  requirePublished,
} from './acting.ts';
import { type CallCommand, call } from './call.ts';
import type { Grade } from './call-rules.ts';
import { termsOn } from './call-terms-model.ts';
import { type CallRow, callRow } from './read-model.ts';
import {
  type CallContent,
  type Called,
  type CallRole,
  callStream,
  type DutyCitation,
  type KnownCall,
  type Place,
} from './state.ts';
import type { CallKind } from './terms.ts';

/** Mutations of calls: look facts up, hand one command to the call, answer with the call as it is then (G-9). */

type Ctx = GridEventsContext;
type Input<T> = { input: T & { change: ChangeInput } };
type OnCall<T = unknown> = Input<T & { id: string }>;
/** A command without what every command carries. */
type Step = CallCommand extends infer C ? (C extends { now: string } ? Omit<C, 'now'> : never) : never;

/** The answer is made of what the command handler knows: the read model may be behind. */
async function carryOut(
  { grid, locale, now }: Ctx,
  id: string,
  step: Step,
  around: CommandContext,
  row?: CallRow,
) {
  const command = { ...step, now: now.toISOString() } as CallCommand;
  const done = await mutate(grid, locale, call, callStream(id), command, around);
  const { events, repeated, pending } = done;
  const [first] = events;
  const origin = row ?? (first && { position: first.position, issued: provenanceOf(first) });
  if (!origin) throw new Error(`${id} answered without an issue`);
  return { call: callRow(done.state as KnownCall, origin), repeated, pending };
}

interface IssueInput {
  kind: CallKind;
  title: string;
  asked: string;
  place: { address: string; lon?: number | null; lat?: number | null };
  appointedAt?: string | null;
  caseId?: string | null;
  follows?: string | null;
  organs?: { organ: string; role: CallRole }[] | null;
}

async function issueCall(_: unknown, { input }: Input<IssueInput>, context: Ctx) {
  const { id: organ, name: organName, division } = await callersTown(context);
  const county = countyOf(division);
  const around = commandContext(context, 'issueCall', input.change, { division, content: input });
  const content: CallContent = {
    id: `call:${county.slice(0, 6)}-${around.commandId.replaceAll('-', '').slice(0, 12)}`,
    division,
    county,
    town: { organ, organName },
    kind: input.kind,
    title: input.title.trim(),
    asked: input.asked.trim(),
    place: placeOf(input.place),
    appointedAt: input.appointedAt ?? null,
    case: input.caseId ?? null,
    follows: input.follows ? (await ownCall(context, input.follows)).id : null,
  };
  const ofCase = input.caseId ? await caseToCallFor(context, input.caseId, division) : null;
  const organs =
    input.organs || !ofCase
      ? await calledOrgans(context, county, input.organs ?? [])
      : await namedByRoute(context, ofCase);
  const terms = await termsOn(context.grid.projections, county, input.kind, todayOf(context));
  return carryOut(context, content.id, { type: 'IssueCall', call: content, organs, terms }, around);
}

const calledOrgans = (
  context: Ctx,
  county: string,
  named: readonly { organ: string; role: CallRole }[],
): Promise<Called[]> =>
  Promise.all(
    named.map(async ({ organ, role }, i) => {
      const { id, name } = await callable(context, county, organ, `organs[${i}]`);
      return { organ: id, organName: name, role };
    }),
  );

function placeOf({ address, lon, lat }: IssueInput['place']): Place {
  const given = [lon, lat].filter((number) => typeof number === 'number');
  if (given.length === 1) throw refusalError(halfAPoint);
  const [x, y] = given;
  return { address: address.trim(), point: x === undefined || y === undefined ? null : { lon: x, lat: y } };
}

const countyOf = (code: string): string =>
  ancestors(code, { self: true }).find((above) => divisionOf(above)?.level === 'county') ?? code;

/** A step that the called organ takes itself. */
function byOrgan<T>(operation: string, stepOf: (input: T, organ: string) => Step) {
  return async (_: unknown, { input }: OnCall<T>, context: Ctx) => {
    const organ = callersOrgan(context);
    const row = await requireCall(context, input.id);
    const scope = { division: row.state.division, content: input };
    const around = commandContext(context, operation, input.change, scope);
    return carryOut(context, input.id, stepOf(input, organ), around, row);
  };
}

/** A step of the town that called. */
function byTown<T>(operation: string, stepOf: (input: T) => Step) {
  return async (_: unknown, { input }: OnCall<T>, context: Ctx) => {
    const row = await ownCall(context, input.id);
    const scope = { division: row.state.division, content: input };
    const around = commandContext(context, operation, input.change, scope);
    return carryOut(context, input.id, stepOf(input), around, row);
  };
}

/** A decision of the county, that may put another organ in the place of one. */
function byCounty<T extends { substitute?: string | null }>(
  operation: string,
  stepOf: (input: T, substitute: OrganName | null) => Step,
) {
  return async (_: unknown, { input }: OnCall<T>, context: Ctx) => {
    const row = await callOfCounty(context, input.id);
    const { division, county } = row.state;
    const organ = input.substitute ? await callable(context, county, input.substitute, 'substitute') : null;
    const substitute = organ && { organ: organ.id, organName: organ.name };
    const around = commandContext(context, operation, input.change, { division, content: input });
    return carryOut(context, input.id, stepOf(input, substitute), around, row);
  };
}

interface Answer {
  text?: string | null;
}
interface Said {
  text: string;
}

const trimmed = (text: string | null | undefined): string | null => text?.trim() || null;

interface CitationInput {
  list?: string | null;
  edition?: number | null;
  item?: string | null;
  title?: string | null;
  article?: string | null;
}

/** An item when it names one, else an article; what is missing of either is told by the decider. */
function citationOf(given: CitationInput | null | undefined): DutyCitation | null {
  if (!given) return null;
  const { list, edition, item, title, article } = given;
  if (list || edition || item) {
    return { kind: 'ITEM', list: list ?? '', edition: edition ?? 0, code: item?.trim() ?? '' };
  }
  return { kind: 'ARTICLE', title: title?.trim() ?? '', article: article?.trim() ?? '' };
}

const acceptCall = byOrgan<Answer>('acceptCall', ({ text }, organ) => ({
  type: 'AcceptCall',
  organ,
  text: trimmed(text),
}));

const arriveOnCall = byOrgan<Answer>('arriveOnCall', ({ text }, organ) => ({
  type: 'ArriveOnCall',
  organ,
  text: trimmed(text),
}));

const finishCall = byOrgan<Said>('finishCall', ({ text }, organ) => ({
  type: 'FinishCall',
  organ,
  text: text.trim(),
}));

const reportOnCall = byOrgan<Said>('reportOnCall', ({ text }, organ) => ({
  type: 'GiveCallFeedback',
  organ,
  text: text.trim(),
}));

async function refuseCall(
  _: unknown,
  { input }: OnCall<Said & { citation?: CitationInput | null }>,
  context: Ctx,
) {
  const organ = callersOrgan(context);
  const row = await requireCall(context, input.id);
  const citation = citationOf(input.citation);
  await requirePublished(context, citation);
  const scope = { division: row.state.division, content: input };
  const around = commandContext(context, 'refuseCall', input.change, scope);
  const step: Step = { type: 'RefuseCall', organ, text: input.text.trim(), citation };
  return carryOut(context, input.id, step, around, row);
}

const decideCallRefusal = byCounty<{
  organ: string;
  stands: boolean;
  reasons: string;
  substitute?: string | null;
}>('decideCallRefusal', ({ organ, stands, reasons }, substitute) => ({
  type: 'DecideCallRefusal',
  organ,
  stands,
  reasons: reasons.trim(),
  substitute,
}));

const substituteCalledOrgan = byCounty<{ organ: string; reasons: string; substitute: string }>(
  'substituteCalledOrgan',
  ({ organ, reasons }, substitute) => {
    if (!substitute) throw new Error('the schema asks for a substitute');
    return { type: 'SubstituteCalledOrgan', organ, reasons: reasons.trim(), substitute };
  },
);

const askCallRework = byTown<{ organ: string; text: string }>('askCallRework', ({ organ, text }) => ({
  type: 'AskCallRework',
  organ,
  text: text.trim(),
}));

const rateCall = byTown<{
  organ: string;
  points?: number | null;
  grade?: Grade | null;
  text?: string | null;
}>('rateCall', ({ organ, points = null, grade = null, text }) => ({
  type: 'RateCall',
  organ,
  given: { points, grade },
  text: trimmed(text),
}));

const withdrawCall = byTown<{ organs?: string[] | null }>('withdrawCall', ({ organs = null }) => ({
  type: 'WithdrawCall',
  organs,
}));

export const callMutations = {
  issueCall,
  acceptCall,
  arriveOnCall,
  finishCall,
  reportOnCall,
  refuseCall,
  decideCallRefusal,
  substituteCalledOrgan,
  askCallRework,
  rateCall,
  withdrawCall,
};

const halfAPoint: Refusal = broken('G-9', 'place', {
  en: 'A point has a longitude and a latitude: give both, or neither.',
  'zh-CN': '坐标应同时填写经度和纬度，或者都不填写。',
});
