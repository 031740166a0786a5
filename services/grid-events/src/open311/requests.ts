import type { Find, ReadView } from '@dutyledger/read-store/read-store';
import { isoText, milliseconds } from '@dutyledger/reference-data/china-time';
import type { Locale } from '@dutyledger/subgraph-kit/request-context';
import { type CaseRow, cases } from '../case/rows.ts';
import { leadTask } from '../case/state.ts';
import { subjectOf } from './callers.ts';
import { Fault } from './faults.ts';
import type { Parameters } from './parameters.ts';
import { type RequestRow, serviceKey, serviceRequests } from './read-model.ts';
import type { ApiKey, Jurisdiction } from './settings.ts';
import { STATUS_NOTES } from './texts.ts';
import { dateTime, type Value } from './wire.ts';

/** Requests as the public sees them; a request's own application sees what it sent as well. Nobody sees who reported it. */

const DAY_MS = 86_400_000;
/** Bounds of GeoReport: days that are asked for at once, and requests that are answered at once. */
const SPAN_MS = 90 * DAY_MS;
const MOST = 1_000;
const MOST_PAGES = 100;
/** How deep pages go: what lies behind is asked for by dates. */
const DEEPEST = 20_000;
const MOST_IDS = 200;
const MOST_SERVICES = 50;

const PREFIX = 'case:';

/** The id of a case without its kind. */
export const requestIdOf = (id: string): string => id.slice(PREFIX.length);

/** What every reading of requests goes by. */
export interface Reading {
  view: ReadView;
  jurisdiction: Jurisdiction;
  /** Whoever asks, if they brought a key. */
  key: ApiKey | undefined;
  locale: Locale;
  now: Date;
}

/** A place to some hundred metres: where something is, and not in whose yard. */
const coarse = (degrees: number): number => Math.round(degrees * 1_000) / 1_000;

function shown(request: RequestRow, row: CaseRow, { key, locale }: Reading): Value {
  const { state, reported } = row;
  const { facts, policy, route, handler, status, closeBy, feedback } = state;
  const own = key !== undefined && reported.author.subject === subjectOf(key);
  const place =
    own || !facts.place ? facts.place : { lon: coarse(facts.place.lon), lat: coarse(facts.place.lat) };
  return {
    service_request_id: requestIdOf(row.id),
    status: request.open ? 'open' : 'closed',
    status_notes: (own && feedback) || STATUS_NOTES[status][locale],
    service_name: policy.name,
    service_code: facts.class,
    description: own ? facts.description : null,
    agency_responsible: leadTask(state)?.organName ?? route.lead?.organName ?? handler?.organName ?? null,
    service_notice: null,
    requested_datetime: dateTime(request.requestedAt),
    updated_datetime: dateTime(request.updatedAt),
    expected_datetime: closeBy === null ? null : dateTime(closeBy),
    address: own ? facts.address : null,
    address_id: null,
    zipcode: null,
    lat: place?.lat ?? null,
    long: place?.lon ?? null,
    media_url: null,
  };
}

/** In the order given; those that the read model of cases does not show yet are left out. */
async function showAll(rows: readonly RequestRow[], reading: Reading): Promise<Value[]> {
  const known = await reading.view.documents(cases).getMany(rows.map(({ id }) => id));
  return rows.flatMap((row) => {
    const found = known.get(row.id);
    return found ? [shown(row, found, reading)] : [];
  });
}

async function requestsNamed(ids: readonly string[], { view, jurisdiction }: Reading): Promise<RequestRow[]> {
  const full = ids.map((id) => `${PREFIX}${id}`);
  const known = await view.documents(serviceRequests).getMany(full);
  return full.flatMap((id) => {
    const row = known.get(id);
    return row?.places.includes(jurisdiction.division) ? [row] : [];
  });
}

/** One request as a list of one. Throws a Fault, 404, for one that is not there or not the public's. */
export async function requestById(id: string, reading: Reading): Promise<Value> {
  const found = await showAll(await requestsNamed([id], reading), reading);
  if (found.length > 0) return found;
  throw new Fault(404, 'service_request_id was not found.', '没有这个 service_request_id。');
}

/** Every request has its id at once; a token is that id. Throws a Fault, 404, for any other. */
export async function requestOfToken(token: string, reading: Reading): Promise<Value> {
  const [row] = await requestsNamed([token], reading);
  if (row) return [{ service_request_id: requestIdOf(row.id), token }];
  throw new Fault(404, 'token was not found.', '没有这个 token。');
}

/** The days asked for; where only one end is named, the 90 days from it. */
function span(parameters: Parameters, now: Date): { from: string; to: string } {
  const [start, end] = [parameters.instant('start_date'), parameters.instant('end_date')];
  const to = end ?? (start ? isoText(milliseconds(start) + SPAN_MS) : now.toISOString());
  const from = start ?? isoText(milliseconds(to) - SPAN_MS);
  if (from > to) {
    throw new Fault(400, 'start_date lies behind end_date.', 'start_date 晚于 end_date。');
  }
  if (milliseconds(to) - milliseconds(from) > SPAN_MS) {
    throw new Fault(
      400,
      'start_date and end_date may span 90 days.',
      'start_date 与 end_date 最多相隔 90 天。',
    );
  }
  return { from, to };
}

function statuses(parameters: Parameters): boolean[] {
  const given = parameters.list('status', 2) ?? ['open', 'closed'];
  if (given.length > 0 && given.every((status) => status === 'open' || status === 'closed')) {
    return given.map((status) => status === 'open');
  }
  throw new Fault(400, 'status is open, closed, or both.', 'status 应为 open、closed 或两者。');
}

type RequestFind = Find<RequestRow, typeof serviceRequests.indexes>;

function query(parameters: Parameters, { jurisdiction, now }: Reading): RequestFind {
  const places = jurisdiction.division;
  const open = statuses(parameters);
  const codes = parameters.list('service_code', MOST_SERVICES);
  const walk = { range: span(parameters, now), reverse: true };
  if (!codes || codes.length === 0) return { index: 'byPlace', where: { places, open }, ...walk };
  const service = codes.flatMap((code) => open.map((state) => serviceKey(code, state)));
  return { index: 'byService', where: { places, service }, ...walk };
}

/** The requests that are asked for, the newest first. Throws a Fault, 400, for what cannot be asked so. */
export async function requestList(parameters: Parameters, reading: Reading): Promise<Value> {
  const ids = parameters.list('service_request_id', MOST_IDS);
  if (ids) return showAll(await requestsNamed(ids, reading), reading);
  const size = parameters.count('page_size', MOST) ?? MOST;
  const page = parameters.count('page', MOST_PAGES * MOST) ?? 1;
  if (size * page > DEEPEST) {
    throw new Fault(
      400,
      `Pages go to the request of number ${DEEPEST}: ask by start_date and end_date.`,
      `分页最多到第 ${DEEPEST} 条：请用 start_date、end_date 缩小范围。`,
    );
  }
  const asked = query(parameters, reading);
  const table = reading.view.documents(serviceRequests);
  let left = size * (page - 1);
  for (let after: string | undefined; ; ) {
    const limit = left > 0 ? Math.min(left, MOST) : size;
    const { rows, more } = await table.find({ ...asked, limit, ...(after !== undefined && { after }) });
    if (left === 0)
      return showAll(
        rows.map(({ doc }) => doc),
        reading,
      );
    if (!more) return [];
    left -= rows.length;
    after = rows.at(-1)?.cursor;
  }
}
