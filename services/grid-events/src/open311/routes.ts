import { isUtf8 } from 'node:buffer';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { HttpOptions } from '@dutyledger/subgraph-kit/http';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { correlationIdOf, header, localeOf, requestContext } from '@dutyledger/subgraph-kit/request-context';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { slots } from '../attachment/slots.ts';
import type { GridEvents } from '../context.ts';
import { type Allowance, spend } from './allowance.ts';
import { callerOf, jurisdictionOf, keyOf, ROLE, requireKey } from './callers.ts';
import { errorsOf, Fault, faultOf, internalFault } from './faults.ts';
import { Parameters } from './parameters.ts';
import { postRequest } from './report.ts';
import { type Reading, requestById, requestList, requestOfToken } from './requests.ts';
import { changeset, serviceDefinition, serviceList } from './services.ts';
import type { ApiKey, Open311Settings } from './settings.ts';
import { type Format, MEDIA_TYPES, type Value, written } from './wire.ts';

/**
 * Open311 GeoReport v2 and its service discovery, over the same commands and read models as the graph:
 *
 *     GET  /open311/discovery.{json,xml}
 *     GET  /open311/v2/services.{json,xml}, /services/<service_code>.{json,xml}
 *     POST /open311/v2/requests.{json,xml}
 *     GET  /open311/v2/requests.{json,xml}, /requests/<service_request_id>.{json,xml}, /tokens/<token>.{json,xml}
 *
 * The ending of the path chooses the format, and nothing else does.
 */

/** Most bytes of a form; requests that are read from the stores at a time, others wait. */
const MAX_BYTES = 64 * 1024;
const AT_ONCE = 4;
const LONGEST_NAME = 200;

const FORM = 'application/x-www-form-urlencoded';
const GEOREPORT = 'http://wiki.open311.org/GeoReport_v2';

export interface Open311Parts {
  grid: GridEvents;
  settings: Open311Settings;
  now: () => Date;
  logger: Logger;
}

interface Answer {
  root: string;
  value: Value;
}

type Routes = NonNullable<HttpOptions['routes']>;

/** What is asked for: `services/SL.采砂.json` is the services' `SL.采砂` as JSON. */
interface Target {
  resource: string;
  name: string | undefined;
}

const RESOURCE = /^(?:v2\/)?([a-z]+)(?:\/(.+))?\.(?:json|xml)$/u;

function targetOf(path: string): Target {
  const [, resource = '', name] = RESOURCE.exec(path) ?? [];
  const discovery = resource === 'discovery' && name === undefined;
  if (discovery || path.startsWith('v2/')) {
    if ((name?.length ?? 0) <= LONGEST_NAME) return { resource, name };
  }
  throw nothingHere();
}

const nothingHere = (): Fault =>
  new Fault(
    404,
    'There is nothing at this address; addresses end in .json or .xml.',
    '没有这个地址；地址应以 .json 或 .xml 结尾。',
  );

const pathOf = ({ params }: FastifyRequest): string => (params as { '*': string })['*'];

/** XML where neither is named: the one format that every client of GeoReport reads. */
const formatOf = (request: FastifyRequest): Format => (pathOf(request).endsWith('.json') ? 'json' : 'xml');

const queryOf = ({ raw }: FastifyRequest): string => {
  const url = raw.url ?? '';
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
};

const discovery = async ({ grid, settings }: Open311Parts): Promise<Answer> => {
  const { url, contact, keyService, type, jurisdictions } = settings;
  const changed = await changeset(grid.projections, jurisdictions);
  const formats = ['text/xml', 'application/json'];
  const endpoint = { specification: GEOREPORT, url, changeset: changed, type, formats };
  const value = { changeset: changed, contact, key_service: keyService, endpoints: [endpoint] };
  return { root: 'discovery', value };
};

async function read({ resource, name }: Target, parameters: Parameters, reading: Reading): Promise<Answer> {
  const { view, jurisdiction, now } = reading;
  const on = chinaDate(now.toISOString());
  const requests = (value: Value): Answer => ({ root: 'service_requests', value });
  switch (resource) {
    case 'services':
      return name === undefined
        ? { root: 'services', value: await serviceList(view, jurisdiction, on) }
        : { root: 'service_definition', value: await serviceDefinition(view, jurisdiction, name, on) };
    case 'requests':
      return requests(
        name === undefined ? await requestList(parameters, reading) : await requestById(name, reading),
      );
    case 'tokens':
      if (name === undefined) throw new Fault(400, 'token was not provided.', '缺少 token。');
      return requests(await requestOfToken(name, reading));
    default:
      throw nothingHere();
  }
}

type Admit = (parameters: Parameters, now: Date) => ApiKey | undefined;

/** Counts every request: to its key; those without one, or with a wrong one, together. Answers the key. */
function admission(settings: Open311Settings): Admit {
  const allowances = new Map<string, Allowance>();
  return (parameters, now) => {
    const without = () => spend(allowances, '', settings.readsPerMinute, now.getTime());
    let key: ApiKey | undefined;
    try {
      key = keyOf(settings, parameters);
    } catch (error) {
      without();
      throw error;
    }
    if (key) spend(allowances, key.id, key.perMinute, now.getTime());
    else without();
    return key;
  };
}

async function get(parts: Open311Parts, admit: Admit, request: FastifyRequest): Promise<Answer> {
  const { grid, settings } = parts;
  const now = parts.now();
  const parameters = new Parameters(queryOf(request));
  const given = admit(parameters, now);
  const target = targetOf(pathOf(request));
  if (target.resource === 'discovery') return discovery(parts);
  const jurisdiction = jurisdictionOf(settings, parameters);
  const key = given && requireKey(given, jurisdiction);
  const locale = localeOf(request.headers['accept-language']);
  return read(target, parameters, { view: grid.projections, jurisdiction, key, locale, now });
}

async function post(parts: Open311Parts, admit: Admit, request: FastifyRequest): Promise<Answer> {
  const { grid, settings, logger } = parts;
  const now = parts.now();
  const { resource, name } = targetOf(pathOf(request));
  if (resource !== 'requests' || name !== undefined) throw notPosted();
  const parameters = new Parameters((request.body as string | undefined) ?? '');
  const given = admit(parameters, now);
  const jurisdiction = jurisdictionOf(settings, parameters);
  const key = requireKey(given, jurisdiction);
  const base = requestContext(callerOf(key, jurisdiction), request.headers, logger, now);
  const context = { ...base, actingAs: ROLE, grid };
  const idempotencyKey = header(request.headers, 'idempotency-key') ?? null;
  const on = chinaDate(now.toISOString());
  const value = await postRequest(parameters, { context, key, jurisdiction, on, idempotencyKey });
  return { root: 'service_requests', value };
}

/** The routes of the adapter. */
export function open311Routes(parts: Open311Parts): Routes {
  const admit = admission(parts.settings);
  const slot = slots(AT_ONCE);
  const url = '/open311/*';
  return (app) => {
    void app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        FORM,
        { parseAs: 'buffer', bodyLimit: MAX_BYTES },
        async (_: unknown, body: Buffer) => {
          if (isUtf8(body)) return body.toString();
          throw new Fault(400, 'The body must be in UTF-8.', '请求体应为 UTF-8 编码。');
        },
      );
      scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, parts.logger));
      scope.get(url, async (request, reply) =>
        answer(await slot(() => get(parts, admit, request)), 200, request, reply),
      );
      scope.post(url, async (request, reply) =>
        answer(await post(parts, admit, request), 200, request, reply),
      );
      scope.route({
        method: ['PUT', 'PATCH', 'DELETE'],
        url,
        handler: async () => {
          throw notPosted();
        },
      });
    });
  };
}

const notPosted = (): Fault =>
  new Fault(
    405,
    'Requests are posted to requests.json or requests.xml; all else is GET.',
    '只有 requests 可以 POST，其余为 GET。',
  );

function answer({ root, value }: Answer, status: number, request: FastifyRequest, reply: FastifyReply) {
  const format = formatOf(request);
  return reply
    .code(status)
    .header('content-type', MEDIA_TYPES[format])
    .header('cache-control', 'no-store')
    .send(written(format, root, value));
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger) {
  const correlationId = correlationIdOf(header(request.headers, 'x-correlation-id'));
  const known = faultOf(error);
  if (!known) logger.error({ err: error, correlationId }, 'internal error');
  const fault = known ?? internalFault(correlationId);
  if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter);
  // What is left of a body that is not wanted is not read.
  if (!request.raw.complete) reply.header('connection', 'close');
  const locale = localeOf(request.headers['accept-language']);
  return answer({ root: 'errors', value: errorsOf(fault, locale) }, fault.status, request, reply);
}
