import { type IntegrationEvent, validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { CopyWriter } from '@dutyledger/read-store/copy';
import { type Batch, documents, type ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, division } from '@dutyledger/reference-data/divisions';
import type { OrganFacts } from './duty-list/organ-facts.ts';
import { folded } from './duty-list/terms.ts';

/** The lists service's own copy of staffing's organs, fed from the bus. */

/** With everything that it is called, folded, to be found by. */
type OrganRow = OrganFacts & { names: string[] };

export const organs = documents<OrganRow>()('organs', {
  byDivision: ['division', 'kind'],
  byName: ['names'],
});

/** Takes one message of staffing's topic over; what was taken over before is passed by. */
export async function copyOrgans(writer: CopyWriter, message: CloudEvent): Promise<void> {
  const checked = validate(message);
  if (!checked.ok) {
    // A later version of staffing may say more than this service knows of.
    if (checked.problem.code === 'UNKNOWN_EVENT') return;
    throw new Error(`${message.type} ${message.id}: ${checked.problem.message}`);
  }
  const { event } = checked;
  await writer.apply({ key: event.subject, sequence: Number(event.sequence) }, (batch) => take(event, batch));
}

async function take(event: IntegrationEvent, batch: Batch): Promise<void> {
  switch (event.type) {
    case 'cn.dutyledger.staffing.OrganRegistered.v1':
    case 'cn.dutyledger.staffing.OrganChanged.v1':
      put(batch, event.data.organ);
      return;
    case 'cn.dutyledger.staffing.OrgansMerged.v1':
      put(batch, event.data.into);
      for (const id of event.data.sources) await end(batch, id, 'merged', [event.data.into.id]);
      return;
    case 'cn.dutyledger.staffing.OrganSplit.v1':
      for (const organ of event.data.into) put(batch, organ);
      if (event.data.sourceContinues) return;
      await end(
        batch,
        event.data.source,
        'abolished',
        event.data.into.map((organ) => organ.id),
      );
      return;
    default:
      // Not of staffing.
      return;
  }
}

function put(
  batch: Batch,
  { id, name, shortName, aliases, kind, level, division, status, successors }: OrganFacts,
): void {
  const names = [name, ...(shortName ? [shortName] : []), ...aliases].map(folded);
  batch.put(organs, id, { id, name, shortName, aliases, kind, level, division, status, successors, names });
}

async function end(
  batch: Batch,
  id: string,
  status: 'merged' | 'abolished',
  successors: string[],
): Promise<void> {
  const organ = await batch.get(organs, id);
  if (organ) batch.put(organs, id, { ...organ, status, successors });
}

const LOOK_AGAIN_MS = 25;

/**
 * Facts of the organs, by id. One that was registered a moment ago may still be on the bus: it is waited for, at most
 * `patienceMs`, before it counts as unknown.
 */
export async function organsById(
  view: ReadView,
  ids: readonly string[],
  patienceMs = 2_000,
): Promise<Map<string, OrganFacts>> {
  const wanted = [...new Set(ids)];
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await view.documents(organs).getMany(wanted);
    if (found.size === wanted.length || Date.now() >= deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

const MOST_NAMESAKES = 200;

/** Organs with this name, short name or alias, given as `folded` has it; at most 200. */
export const organsNamed = async (view: ReadView, name: string): Promise<OrganFacts[]> =>
  (
    await view.documents(organs).find({ index: 'byName', where: { names: name }, limit: MOST_NAMESAKES })
  ).rows.map(({ doc }) => doc);

/** Every organ that a list of the division may name: those of the divisions above it, its own, and those below it. */
export async function organsAround(view: ReadView, code: string): Promise<OrganFacts[]> {
  const found: OrganFacts[] = [];
  for (const above of ancestors(code)) found.push(...(await allOf(view, { where: { division: above } })));
  found.push(...(await allOf(view, { prefix: significantPart(code) })));
  return found;
}

/** The governments of the towns and streets inside the division. */
export const townsWithin = (view: ReadView, code: string): Promise<OrganFacts[]> =>
  within(view, code, 'TOWN_GOVERNMENT');

/** The organisations (村委会、居委会) of the villages and communities inside the division. */
export const villagesWithin = (view: ReadView, code: string): Promise<OrganFacts[]> =>
  within(view, code, 'VILLAGE_ORGANISATION');

const within = async (view: ReadView, code: string, wanted: string): Promise<OrganFacts[]> =>
  (await allOf(view, { prefix: significantPart(code) })).filter(
    ({ kind, status }) => kind === wanted && (status === 'active' || status === 'provisional'),
  );

const DIGITS = { country: 0, province: 2, city: 4, county: 6, town: 9, village: 12 };

/** What the codes of a division and of everything inside it begin with. */
export const significantPart = (code: string): string =>
  code.slice(0, DIGITS[division(code)?.level ?? 'village']);

async function allOf(
  view: ReadView,
  query: { where?: { division: string }; prefix?: string },
): Promise<OrganFacts[]> {
  const rows: OrganFacts[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await view
      .documents(organs)
      .find({ index: 'byDivision', ...query, limit: 1_000, ...(after && { after }) });
    rows.push(...page.rows.map((row) => row.doc));
    if (!page.more) return rows;
    after = page.rows.at(-1)?.cursor;
  }
}

/** Kinds of organs that a class (各镇街, 村居) stands for, by the level of the class. */
const MEMBERS: Partial<Record<OrganFacts['level'], string>> = {
  town: 'TOWN_GOVERNMENT',
  village: 'VILLAGE_ORGANISATION',
};

/**
 * The organ of the division asked about that a class stands for: 各镇街 asked about 双山街道 is its street office.
 * Undefined when the class is of no particular organ (有关部门), the division is above it, or none is registered.
 */
export async function memberOf(
  view: ReadView,
  organ: OrganFacts,
  asked: string,
): Promise<OrganFacts | undefined> {
  const kind = MEMBERS[organ.level];
  if (organ.kind !== 'ORGAN_CLASS' || !kind) return undefined;
  for (const code of [asked, ...ancestors(asked)]) {
    const page = await view.documents(organs).find({
      index: 'byDivision',
      where: { division: code, kind },
      filter: ({ status }) => status === 'active' || status === 'provisional',
      limit: 1,
    });
    if (page.rows[0]) return page.rows[0].doc;
  }
  return undefined;
}
