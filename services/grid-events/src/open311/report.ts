import { reportCase } from '../case/report.ts';
import { BOUNDS } from '../case/texts.ts';
import type { GridEventsContext } from '../context.ts';
import type { ReporterInput } from '../reporter/contact.ts';
import { Fault } from './faults.ts';
import type { Parameters } from './parameters.ts';
import { placeOf } from './place.ts';
import { requestIdOf } from './requests.ts';
import { serviceNamed } from './services.ts';
import type { ApiKey, Jurisdiction } from './settings.ts';
import { RECEIVED } from './texts.ts';
import type { Value } from './wire.ts';

/** A request that is posted is a case that is reported: the same command as in the graph (G-4). */

const HAN = /^\p{Script=Han}+$/u;

/** The name as people here write it: 欧阳小明, John Smith. */
function nameOf(parameters: Parameters): string | null {
  const [first, last] = [parameters.one('first_name') ?? '', parameters.one('last_name') ?? ''];
  const name = HAN.test(first) && HAN.test(last) ? `${last}${first}` : `${first} ${last}`.trim();
  return name === '' ? null : name;
}

/** Null where nothing is given by which anybody could be called back. */
function reporterOf(parameters: Parameters): ReporterInput | null {
  const [phone, email] = [parameters.one('phone') ?? null, parameters.one('email') ?? null];
  const name = nameOf(parameters);
  return name === null && phone === null && email === null ? null : { name, phone, email };
}

/** A link is written down and never followed: what it leads to may be anything, and inside this network as well. */
function linkOf(parameters: Parameters): string | undefined {
  const given = parameters.one('media_url');
  if (given === undefined) return undefined;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return new URL(given).href;
  throw new Fault(400, 'media_url is an http or https URL.', 'media_url 应为 http 或 https 网址。');
}

/** What happened, and the link below it. */
function descriptionOf(parameters: Parameters, service: string): string {
  const link = linkOf(parameters);
  const text = parameters.text('description', BOUNDS.text) ?? service;
  const whole = link === undefined ? text : `${text}\nmedia_url: ${link}`;
  if (whole.length <= BOUNDS.text) return whole;
  throw new Fault(
    400,
    `description and media_url may have ${BOUNDS.text} characters together.`,
    `description 与 media_url 合计最多 ${BOUNDS.text} 字。`,
  );
}

export interface Posting {
  context: GridEventsContext;
  key: ApiKey;
  jurisdiction: Jurisdiction;
  /** The day in China. */
  on: string;
  /** With it the same post is one case however often it is sent. */
  idempotencyKey: string | null;
}

/** Reports the case; answers what GeoReport answers to a post. Throws a Fault or a refusal. */
export async function postRequest(parameters: Parameters, posting: Posting): Promise<Value> {
  const { context, key, jurisdiction, on, idempotencyKey } = posting;
  const { projections } = context.grid;
  const code = parameters.one('service_code');
  if (code === undefined) throw new Fault(400, 'service_code was not provided.', '缺少参数 service_code。');
  const service = await serviceNamed(projections, jurisdiction, code, on);
  const place = await placeOf(projections, parameters, jurisdiction, on);
  const input = {
    ...place,
    source: key.source,
    class: code,
    description: descriptionOf(parameters, service),
    reporter: reporterOf(parameters),
    change: {
      reason: `${key.name}（Open311）`,
      basis: [{ title: 'DutyLedger domain rules', article: 'G-4' }],
      idempotencyKey,
    },
  };
  const reported = await reportCase(undefined, { input }, context);
  return [
    {
      service_request_id: requestIdOf(reported.case.id),
      service_notice: RECEIVED[context.locale],
      account_id: null,
    },
  ];
}
