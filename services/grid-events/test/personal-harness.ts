import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import { type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { type OwnStores, openOwnStores } from '../src/own-stores.ts';
import { type GridEventsDependencies, startGridEvents } from '../src/service.ts';
import { COUNTY, change, TOWN } from './harness.ts';

/** The service with a key store and a folder for files, and its routes on a port. */

export const county = { roles: ['COUNTY_OPERATOR'], division: COUNTY, subject: 'county' } as const;
export const townOperator = {
  roles: ['TOWN_OPERATOR'],
  division: TOWN,
  subject: 'town',
  name: '钱镇',
} as const;
export const reader = {
  roles: ['PERSONAL_DATA_READER'],
  division: COUNTY,
  subject: 'reader',
  name: '孙专员',
} as const;
export const auditor = { roles: ['AUDITOR'], division: COUNTY, subject: 'auditor' } as const;

export const REPORTER = { name: '欧阳小明', phone: '138 5700 4321', address: '高家镇盈川村 17 号' };

export interface PersonalHarness extends Omit<Harness, 'restart'> {
  /** As that of the harness; `meanwhile` is done while nothing runs. */
  restart(without?: 'read' | 'bus', meanwhile?: () => Promise<void>): Promise<void>;
  own: OwnStores;
  folder: string;
  /** Base URL of the service's own server. */
  url: string;
  /** A header with a token. */
  bearer(as: object): Promise<{ authorization: string }>;
  /** Reports a case by a citizen; answers its id. */
  report(more?: object, as?: object): Promise<string>;
}

const REPORT = `mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } repeated } }`;

export const reportInput = (more: object = {}) => ({
  division: TOWN,
  source: 'CITIZEN',
  class: 'SL.采砂',
  description: '衢江高家段夜间采砂',
  reporter: REPORTER,
  change,
  ...more,
});

/** `more`: what the service is given besides. */
export async function startPersonalHarness(
  more: Pick<GridEventsDependencies, 'open311'> = {},
): Promise<PersonalHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'personal-'));
  const issuer = await devIssuer(folder);
  const settings = {
    keys: `sqlite:${join(folder, 'keys.db')}`,
    blobs: `file:${join(folder, 'blobs')}`,
    masterKeys: { developmentFile: join(folder, 'master.key') },
  };
  let own: OwnStores;
  let url = '';
  let meanwhile: (() => Promise<void>) | undefined;
  const start: typeof startGridEvents = async (deps) => {
    await meanwhile?.();
    own = await openOwnStores(settings);
    // Tokens of either issuer, so that requests over HTTP can be made with tokens made here.
    const verifier: CallerVerifier = {
      development: true,
      verify: async (given) => {
        const verified = await issuer.verifier.verify(given);
        return verified.ok ? verified : deps.verifier.verify(given);
      },
    };
    const service = await startGridEvents({ ...deps, verifier, ...own, ...more });
    url = await service.subgraph.listen({ port: 0 });
    return { ...service, stop: () => service.stop().finally(() => own.close()) };
  };
  const harness = await startHarness(start, county);
  const { end, restart } = harness;
  const extra = {
    folder,
    bearer: async (as: object) => {
      const token = await issuer.issue({ ...county, ...as });
      return { authorization: `Bearer ${token}` };
    },
    report: async (more: object = {}, as: object = townOperator) =>
      (await harness.ask(REPORT, { input: reportInput(more) }, as)).reportCase.case.id as string,
    restart: async (without?: 'read' | 'bus', then?: () => Promise<void>) => {
      meanwhile = then;
      await restart(without);
      meanwhile = undefined;
    },
    end: async () => {
      await end();
      await rm(folder, { recursive: true });
    },
  };
  return Object.defineProperties(Object.assign(harness, extra), {
    own: { get: () => own },
    url: { get: () => url },
  }) as PersonalHarness;
}
