import type { ProjectionStatus, Projections } from '@dutyledger/read-store/projection';
import { refusalError } from './errors.ts';
import type { Readiness } from './http.ts';
import type { KeptRelay } from './relays.ts';

/** `ReadModelStatus` of common.graphql; the name carries the service: `lists.dutyLists`. */
const statusOf = (
  service: string,
  { name, version, position, head, building, failure }: ProjectionStatus,
) => ({
  name: `${service}.${name}`,
  version,
  position,
  head,
  rebuilding: building?.position ?? null,
  failure: failure && `${failure.message} (event ${failure.eventId}, position ${failure.position})`,
});

const readModels = async (service: string, projections: Projections) =>
  (await projections.status()).map((status) => statusOf(service, status));

/** `<service>ReadModels` and `rebuild<Service>ReadModel`. */
export function readModelFields(service: string, projections: Projections) {
  const rebuild = `rebuild${service.charAt(0).toUpperCase()}${service.slice(1)}ReadModel`;
  return {
    Query: { [`${service}ReadModels`]: () => readModels(service, projections) },
    Mutation: {
      [rebuild]: (_: unknown, { input }: { input: { name: string } }) =>
        rebuildReadModel(service, projections, input.name),
    },
  };
}

/** Lag, failures and where the work is done, of a service's read models and of its relay, for its metrics. */
export async function followersOf(service: string, projections: Projections, relay: KeptRelay) {
  const models = (await projections.status()).map(({ name, position, head, failure, leading }) => ({
    name: `${service}.${name}`,
    lag: Math.max(0, head - position),
    failed: failure !== null,
    leading,
  }));
  const relayed = await relay.status();
  if (!relayed) return models;
  const { position, head, failure } = relayed;
  const lag = Math.max(0, (head ?? position) - position);
  return [...models, { name: `${service}.relay`, lag, failed: failure !== null, leading: true }];
}

function detailOf({
  serves,
  position,
  head,
  failure,
  leading,
  replacedBy,
  trouble,
}: ProjectionStatus): string {
  if (failure) return failure.message;
  if (replacedBy !== null) return `replaced by version ${replacedBy} of a newer program: stop this one`;
  if (trouble !== null) return trouble;
  if (!serves) return `being built: at position ${position} of ${head}`;
  return `at position ${position}${leading ? '' : ', written by another process'}`;
}

/** A read model that stopped on an event, is still being built or out of reach makes its process unready. */
export const readModelReadiness = async (service: string, projections: Projections): Promise<Readiness[]> =>
  (await projections.status()).map((status) => ({
    name: `${service}.${status.name}`,
    ok: status.serves && status.failure === null && status.trouble === null,
    detail: detailOf(status),
  }));

/**
 * Builds one read model anew while the old one serves, and says whether both hold the same: the digests differ when
 * events came in between, or when something other than events had made the old one. NOT_FOUND for an unknown name.
 */
async function rebuildReadModel(service: string, projections: Projections, asked: string) {
  const name = asked.startsWith(`${service}.`) ? asked.slice(service.length + 1) : asked;
  const known = (await projections.status()).map((status) => status.name);
  if (!known.includes(name)) {
    const names = known.map((one) => `${service}.${one}`).join(', ');
    throw refusalError({
      code: 'NOT_FOUND',
      field: 'name',
      message: {
        'zh-CN': `没有名为 ${asked} 的读模型；现有：${names}。`,
        en: `There is no read model ${asked}; there are ${names}.`,
      },
    });
  }
  const digestBefore = await projections.digest(name);
  await projections.rebuild(name);
  const digestAfter = await projections.digest(name);
  const readModel = (await readModels(service, projections)).find((one) => one.name === `${service}.${name}`);
  return { readModel, digestBefore, digestAfter };
}
