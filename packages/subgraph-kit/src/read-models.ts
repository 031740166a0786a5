import type { ProjectionStatus, Projections } from '@dutyledger/read-store/projection';
import { refusalError } from './errors.ts';
import type { Readiness } from './http.ts';

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

export const readModels = async (service: string, projections: Projections) =>
  (await projections.status()).map((status) => statusOf(service, status));

/** Lag and failures of a service's read models and of its relay, for its metrics. */
export async function followersOf(
  service: string,
  projections: Projections,
  relay: { status(): Promise<{ position: number; head: number | null; failure: string | null }> },
) {
  const models = (await readModels(service, projections)).map(({ name, position, head, failure }) => ({
    name,
    lag: Math.max(0, head - position),
    failed: failure !== null,
  }));
  const { position, head, failure } = await relay.status();
  const lag = Math.max(0, (head ?? position) - position);
  return [...models, { name: `${service}.relay`, lag, failed: failure !== null }];
}

/** A read model that stopped on an event, or is still being built, makes its service unready. */
export const readModelReadiness = async (service: string, projections: Projections): Promise<Readiness[]> =>
  (await projections.status()).map(({ name, serves, position, head, failure }) => ({
    name: `${service}.${name}`,
    ok: serves && failure === null,
    detail:
      failure?.message ??
      (serves ? `at position ${position}` : `being built: at position ${position} of ${head}`),
  }));

/**
 * Builds one read model anew while the old one serves, and says whether both hold the same: the digests differ when
 * events came in between, or when something other than events had made the old one. NOT_FOUND for an unknown name.
 */
export async function rebuildReadModel(service: string, projections: Projections, asked: string) {
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
