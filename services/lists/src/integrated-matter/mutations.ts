import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { load } from '@dutyledger/event-store/handle-command';
import type { AsOf } from '@dutyledger/read-store/read-store';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Mutated, mutate } from '@dutyledger/subgraph-kit/mutation';
import type { ListsContext } from '../context.ts';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { OrganDuty, TimeLimit } from '../duty-list/item.ts';
import { type ProcedureStepInput, procedureSteps } from '../inputs.ts';
import { organsById } from '../organs.ts';
import {
  type IntegratedMatter,
  integratedMatter,
  type MatterCommand,
  type MatterEvent,
  matterStream,
} from './integrated-matter.ts';
import { asGiven, type MatterFacts, type MatterGiven } from './matter.ts';
import { itemNames, matterAsOf, rivalsOf } from './queries.ts';
import { newMatter } from './read-model.ts';
import { type MatterRow, matterRows } from './rows.ts';

/** Mutations of integrated matters (L-8): look facts up, hand one command to the matter, answer with what came of it. */

type Ctx = ListsContext;
type Input<T> = { input: T & { change: ChangeInput } };

interface MatterInput {
  name: string;
  leads: { organ: string; duty: string }[];
  participants: { organ: string; duty: string }[];
  basis: { title: string; article?: string | null; documentNumber?: string | null }[];
  caseClasses: string[];
  keywords: string[];
  items: { list: string; code: string }[];
  steps: ProcedureStepInput[];
  promised: TimeLimit;
  remarks?: string | null;
}

/** Names and levels of organs are filled in by the decider, from staffing's facts. */
const duties = (given: MatterInput['leads']): OrganDuty[] =>
  given.map(({ organ, duty }) => ({ organ, name: '', level: 'county', duty: duty.trim() }));

const trimmed = (texts: readonly string[]): string[] => [...new Set(texts.map((text) => text.trim()))];

function givenOf(input: MatterInput): MatterGiven {
  return {
    name: input.name.trim(),
    leads: duties(input.leads),
    participants: duties(input.participants),
    basis: input.basis.map(({ title, article, documentNumber }) => ({
      title: title.trim(),
      ...(article?.trim() && { article: article.trim() }),
      ...(documentNumber?.trim() && { documentNumber: documentNumber.trim() }),
    })),
    caseClasses: trimmed(input.caseClasses),
    keywords: trimmed(input.keywords),
    items: input.items.map(({ list, code }) => ({ list, code })),
    steps: procedureSteps(input.steps),
    promised: input.promised,
    remarks: input.remarks?.trim() || null,
  };
}

/** `asOf`: when the items must be in force; left out, in the newest edition. */
async function factsFor(
  { service }: Ctx,
  { leads, participants, steps, items }: MatterGiven,
  division: string,
  asOf: AsOf = {},
): Promise<MatterFacts> {
  const named = [...leads, ...participants].map(({ organ }) => organ);
  const owners = steps.flatMap(({ organ }) => (organ ? [organ] : []));
  return {
    organs: await organsById(service.organs, [...named, ...owners]),
    items: await itemNames(service.projections, items, division, asOf),
  };
}

/** The matter of an input, within the caller's division. */
async function ownMatter(context: Ctx, id: string): Promise<MatterRow> {
  const row = await context.service.projections.documents(matterRows).get(id);
  if (!row) {
    throw refusalError({
      code: 'NOT_FOUND',
      rule: 'L-8',
      field: 'matter',
      message: { en: `There is no integrated matter ${id}.`, 'zh-CN': `没有编号为 ${id} 的“一件事”。` },
    });
  }
  requireDivision(context, row.division, 'matter');
  return row;
}

/** The draft as it is then; a matter that queries do not show yet is told as it was drafted. */
async function draftAnswer(
  { service }: Ctx,
  id: string,
  { events, repeated, pending }: Mutated<IntegratedMatter>,
) {
  const row = (await service.projections.documents(matterRows).get(id)) ?? drafted(events);
  return { id, draft: row?.draft ? row : null, repeated, pending };
}

function drafted(events: readonly StoredEvent[]): MatterRow | undefined {
  const [event] = events as (StoredEvent & MatterEvent)[];
  if (event?.type !== 'IntegratedMatterDrafted') return undefined;
  const { content, ...head } = event.data;
  return newMatter(head, content, provenanceOf(event));
}

/** One command on a matter that exists. */
async function onMatter<T extends { matter: string; change: ChangeInput }>(
  context: Ctx,
  operation: string,
  input: T,
  command: (row: MatterRow) => MatterCommand | Promise<MatterCommand>,
): Promise<Mutated<IntegratedMatter>> {
  const row = await ownMatter(context, input.matter);
  const scope = commandContext(context, operation, input.change, { division: row.division, content: input });
  const stream = matterStream(row.id);
  return mutate(context.service, context.locale, integratedMatter, stream, await command(row), scope);
}

async function draftIntegratedMatter(
  _: unknown,
  { input }: Input<{ division: string; content: MatterInput }>,
  context: Ctx,
) {
  const { division, change } = input;
  requireDivision(context, division, 'division');
  const given = givenOf(input.content);
  const scope = commandContext(context, 'draftIntegratedMatter', change, { division, content: input });
  const id = newMatterId(division, scope.commandId);
  const facts = await factsFor(context, given, division);
  const command = { type: 'DraftMatter' as const, head: { id, division }, given, facts };
  const stream = matterStream(id);
  return draftAnswer(
    context,
    id,
    await mutate(context.service, context.locale, integratedMatter, stream, command, scope),
  );
}

/** Says where the matter belongs; the rest follows from the command, so that a retry drafts the same one. */
const newMatterId = (division: string, commandId: string): string =>
  `matter:${division.slice(0, 9).replace(/000$/, '')}-${commandId.replaceAll('-', '').slice(0, 10)}`;

async function reviseIntegratedMatter(
  _: unknown,
  { input }: Input<{ matter: string; basedOn: number; content: MatterInput }>,
  context: Ctx,
) {
  const given = givenOf(input.content);
  const done = await onMatter(context, 'reviseIntegratedMatter', input, async ({ division }) => ({
    type: 'ReviseMatter',
    given,
    basedOn: input.basedOn,
    facts: await factsFor(context, given, division),
  }));
  return draftAnswer(context, input.matter, done);
}

async function decideIntegratedMatter(
  _: unknown,
  {
    input,
  }: Input<{
    matter: string;
    draftNumber: number;
    approved: boolean;
    body: string;
    documentNumber: string;
    opinion: string;
  }>,
  context: Ctx,
) {
  const { matter, draftNumber, approved, body, documentNumber, opinion } = input;
  const done = await onMatter(context, 'decideIntegratedMatter', input, () => ({
    type: 'DecideMatter',
    draftNumber,
    decision: {
      outcome: approved ? 'APPROVED' : 'RETURNED',
      body: body.trim(),
      documentNumber: documentNumber.trim(),
      opinion: opinion.trim(),
    },
  }));
  return draftAnswer(context, matter, done);
}

async function publishIntegratedMatter(
  _: unknown,
  { input }: Input<{ matter: string; draftNumber: number; effectiveFrom: string; documentNumber: string }>,
  context: Ctx,
) {
  const { matter: id, draftNumber, effectiveFrom, documentNumber } = input;
  const done = await onMatter(context, 'publishIntegratedMatter', input, async ({ division }) => {
    const { state } = await load(context.service.commands, integratedMatter, matterStream(id));
    const draft = state.status === 'absent' ? null : state.draft;
    const none: MatterFacts = { organs: new Map(), items: new Map() };
    const facts = draft
      ? await factsFor(context, asGiven(draft), division, { effectiveAt: effectiveFrom })
      : none;
    return {
      type: 'PublishMatter',
      draftNumber,
      effectiveFrom,
      documentNumber: documentNumber.trim(),
      facts,
      rivals: await rivalsOf(context.service.projections, id, division),
    };
  });
  const event = publicationIn(done.events);
  const { projections } = context.service;
  return {
    id,
    version: event.version,
    effectiveFrom: event.effectiveFrom,
    matter: done.pending ? null : await matterAsOf(projections, id, { effectiveAt: event.effectiveFrom }),
    repeated: done.repeated,
    pending: done.pending,
  };
}

function publicationIn(events: readonly StoredEvent[]) {
  const [event] = events as (StoredEvent & MatterEvent)[];
  if (event?.type !== 'IntegratedMatterPublished') throw new Error('no version came of it');
  return event.data;
}

async function retireIntegratedMatter(
  _: unknown,
  { input }: Input<{ matter: string; effectiveFrom: string; documentNumber: string }>,
  context: Ctx,
) {
  const { matter: id, effectiveFrom } = input;
  const documentNumber = input.documentNumber.trim();
  const { repeated, pending } = await onMatter(context, 'retireIntegratedMatter', input, () => ({
    type: 'RetireMatter',
    effectiveFrom,
    documentNumber,
  }));
  return { id, effectiveFrom, repeated, pending };
}

export const matterMutations = {
  draftIntegratedMatter,
  reviseIntegratedMatter,
  decideIntegratedMatter,
  publishIntegratedMatter,
  retireIntegratedMatter,
};
