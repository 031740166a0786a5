import { hash } from 'node:crypto';
import type { Caller, Role } from '@dutyledger/subgraph-kit/identity';
import { Fault } from './faults.ts';
import type { Parameters } from './parameters.ts';
import type { ApiKey, Jurisdiction, Open311Settings } from './settings.ts';

/** Who asks, and about which area. */

/** What an application acts as. */
export const ROLE: Role = 'INTEGRATOR';

/** Under which an application's reports stand in the history. */
export const subjectOf = ({ id }: ApiKey): string => `open311:${id}`;

export const callerOf = (key: ApiKey, { division }: Jurisdiction): Caller => ({
  subject: subjectOf(key),
  name: key.name,
  organ: null,
  division,
  roles: [ROLE],
});

/** The key that a request brings; undefined: none. Throws a Fault, 403, for one that is not known. */
export function keyOf({ keys }: Open311Settings, parameters: Parameters): ApiKey | undefined {
  const given = parameters.one('api_key');
  if (given === undefined) return undefined;
  // Compared by digest: how long it takes says nothing about the keys.
  const digest = hash('sha256', given);
  const key = keys.find(({ sha256 }) => sha256 === digest);
  if (key) return key;
  throw new Fault(403, 'The api_key is not valid.', 'api_key 无效。');
}

/** Throws a Fault: 400 where several are served and none is named, 404 for one that is not served. */
export function jurisdictionOf({ jurisdictions }: Open311Settings, parameters: Parameters): Jurisdiction {
  const id = parameters.one('jurisdiction_id');
  const [first, second] = jurisdictions;
  if (id === undefined && first && !second) return first;
  if (id === undefined)
    throw new Fault(400, 'jurisdiction_id was not provided.', '缺少参数 jurisdiction_id。');
  const found = jurisdictions.find((one) => one.id === id);
  if (found) return found;
  throw new Fault(404, 'jurisdiction_id was not found.', '没有这个 jurisdiction_id。');
}

/** Throws a Fault, 403, without a key or with one that is not for the jurisdiction. */
export function requireKey(key: ApiKey | undefined, { id }: Jurisdiction): ApiKey {
  if (key?.jurisdictions.includes(id)) return key;
  throw key
    ? new Fault(403, 'The api_key is not for this jurisdiction.', 'api_key 不适用于该辖区。')
    : new Fault(403, 'The api_key is missing.', '缺少 api_key。');
}
