import { randomUUID } from 'node:crypto';
import { type CommandContext, handleCommand } from '@dutyledger/event-store/handle-command';
import { unfit } from '@dutyledger/event-store/rule-texts';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { CaseRow } from '../case/rows.ts';
import type { GridEventsContext } from '../context.ts';
import { authorOf } from '../provenance.ts';
import { type Contact, maskedName, maskedPhone } from './contact.ts';
import { person, personStream } from './person.ts';
import {
  type PersonalDataAct,
  type PersonRow,
  personalDataActs,
  persons,
  type ReportedCaseRow,
  reportedCases,
} from './read-model.ts';
import { purposeMissing, unknownPerson } from './refusals.ts';
import { withVault } from './vault-access.ts';

/** Personal data of reporters (G-4), in GraphQL. */

type Ctx = GridEventsContext;

const MOST_PURPOSE = 500;
const LAW = { title: '中华人民共和国个人信息保护法', article: '第十三条第一款第三项' };

function readPurpose(given: string): string {
  const purpose = given.trim();
  if (purpose.length >= 2 && purpose.length <= MOST_PURPOSE) return purpose;
  throw refusalError(purposeMissing(MOST_PURPOSE));
}

/** Who reported the case, for callers of its division. */
async function reportedCase(context: Ctx, id: string): Promise<ReportedCaseRow | undefined> {
  const row = await context.grid.projections.documents(reportedCases).get(id);
  if (row) requireDivision(context, row.division, 'case');
  return row;
}

async function requirePerson(context: Ctx, id: string): Promise<PersonRow> {
  const row = await context.grid.projections.documents(persons).get(id);
  if (!row) throw refusalError(unknownPerson);
  requireDivision(context, row.county, 'person');
  return row;
}

/** A reading is an act of its own every time: it has no idempotency key. */
function readingContext(context: Ctx, division: string, purpose: string): CommandContext {
  const { caller, correlationId, actingAs } = context;
  if (actingAs === null) throw new Error('personal data are read in root fields');
  const { subject, name, organ } = caller;
  const commandId = randomUUID();
  return {
    commandId,
    actor: { subject, name, organ, role: actingAs },
    reason: purpose,
    basis: [LAW],
    correlationId,
    causationId: commandId,
    division,
    effectiveAt: todayOf(context),
  };
}

/** Plain values, after the reading is on record. Undefined: erased. */
async function read(
  context: Ctx,
  row: PersonRow,
  of: { case: string | null; division: string; purpose: string },
): Promise<Contact | undefined> {
  if (row.status === 'ERASED') return undefined;
  const opened = await withVault(context, (vault) => vault.open(row.id, row.sealed));
  if (opened === undefined) return undefined;
  const command = { type: 'Read' as const, case: of.case, purpose: of.purpose };
  const scope = readingContext(context, of.division, of.purpose);
  unwrap(await handleCommand(context.grid.commands, person, personStream(row.id), command, scope));
  return opened;
}

const shown = ({ id }: PersonRow, contact: Contact | undefined) => ({
  person: id,
  erased: contact === undefined,
  ...contact,
});

/** Masked values of many persons with one look-up; those that are erased are missing. */
async function openAll(context: Ctx, ids: readonly string[]): Promise<Map<string, Contact>> {
  const rows = await context.grid.projections.documents(persons).getMany(ids);
  const sealed = new Map(
    [...rows].flatMap(([id, row]) => (row.status === 'KNOWN' ? [[id, row.sealed] as const] : [])),
  );
  return withVault(context, (vault) => vault.openMany(sealed));
}

async function masked(context: Ctx, id: string) {
  const contact = await context.loaders.load('contacts', id, (ids) => openAll(context, ids));
  const { name, phone, address, email } = contact ?? {};
  return {
    person: id,
    erased: contact === undefined,
    name: name && maskedName(name),
    phone: phone && maskedPhone(phone),
    hasAddress: address !== undefined,
    hasEmail: email !== undefined,
  };
}

export const reporterQueries = {
  async reporterOf(_: unknown, args: { case: string; purpose: string }, context: Ctx) {
    const purpose = readPurpose(args.purpose);
    const reported = await reportedCase(context, args.case);
    if (!reported) return null;
    const row = await context.grid.projections.documents(persons).get(reported.person);
    if (!row) throw refusalError(unknownPerson);
    return shown(row, await read(context, row, { case: args.case, division: reported.division, purpose }));
  },

  async personalDataOf(_: unknown, args: { person: string; purpose: string }, context: Ctx) {
    const purpose = readPurpose(args.purpose);
    const row = await requirePerson(context, args.person);
    return { row, contact: await read(context, row, { case: null, division: row.county, purpose }) };
  },

  async personalDataActs(
    _: unknown,
    args: { county: string; person?: string | null; case?: string | null } & PageArguments,
    context: Ctx,
  ) {
    const { county } = args;
    requireDivision(context, county, 'county');
    const by = (index: 'byCase' | 'byPerson' | 'byCounty', where: Record<string, string>) => ({
      index,
      where,
    });
    const found = args.case
      ? by('byCase', { case: args.case })
      : args.person
        ? by('byPerson', { person: args.person })
        : by('byCounty', { county });
    const filter = (act: PersonalDataAct) =>
      act.county === county && (!args.person || act.person === args.person);
    const page = await context.grid.projections
      .documents(personalDataActs)
      .find({ ...found, reverse: true, ...pageOf(args), filter });
    return connection(page, args, ({ id, doc }) => ({ id, ...doc }));
  },
};

interface EraseInput {
  person: string;
  request?: string | null;
  change: ChangeInput;
}

async function erasePerson(_: unknown, { input }: { input: EraseInput }, context: Ctx) {
  const { id, county } = await requirePerson(context, input.person);
  const request = input.request?.trim() || null;
  if (request !== null) {
    const problem = unfit('G-4', 'request', request, 100, {
      en: 'The number of the request',
      'zh-CN': '申请编号',
    });
    if (problem) throw refusalError(problem);
  }
  const scope = commandContext(context, 'erasePerson', input.change, { division: county, content: input });
  const erasing = { type: 'Erase' as const, request };
  const { state, repeated, pending } = await mutate(
    context.grid,
    context.locale,
    person,
    personStream(id),
    erasing,
    scope,
  );
  if (state.status !== 'ERASED') throw new Error(`${id} was erased and is ${state.status}`);
  // Should it fail, the timer that the event has set tries until it works.
  await withVault(context, (vault) => vault.destroy(state.keys));
  return { person: id, repeated, pending };
}

export const reporterMutations = { erasePerson };

/** Of a case that the caller may see. */
export const maskedReporter = {
  reporter: ({ state }: CaseRow, _: unknown, context: Ctx) =>
    state.facts.reporter === null ? null : masked(context, state.facts.reporter),
};

type Export = { row: PersonRow; contact: Contact | undefined };

export const reporterTypes = {
  PersonalData: {
    reporter: ({ row, contact }: Export) => shown(row, contact),
    recordedAt: ({ row }: Export) => row.recorded.recordedAt,
    erasedAt: ({ row }: Export) => row.erased?.recordedAt,
    files: ({ row }: Export) => (row.status === 'KNOWN' ? row.files.length : 0),
    async cases({ row }: Export, args: PageArguments, { grid }: Ctx) {
      const page = await grid.projections
        .documents(reportedCases)
        .find({ index: 'byPerson', where: { person: row.id }, reverse: true, ...pageOf(args) });
      return connection(page, args, ({ id, doc }) => ({ case: id, division: doc.division }));
    },
  },
  PersonalDataAct: {
    by: ({ provenance }: PersonalDataAct) => authorOf(provenance),
    at: ({ provenance }: PersonalDataAct) => provenance.recordedAt,
    basis: ({ provenance }: PersonalDataAct) => provenance.basis,
  },
};
