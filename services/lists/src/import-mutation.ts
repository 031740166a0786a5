import { hash } from 'node:crypto';
import type { Refusal } from '@dutyledger/event-store/decider';
import { load } from '@dutyledger/event-store/handle-command';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { RefusedError, refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import { readTable } from '@dutyledger/tables/read-table';
import type { ListsContext } from './context.ts';
import type { ChangeDraft, DraftChange } from './duty-list/draft.ts';
import { dutyList } from './duty-list/duty-list.ts';
import { namedOrgans, type OrganFacts } from './duty-list/organ-facts.ts';
import type { ListRow } from './duty-list/rows.ts';
import { draftItems, dutyListStream, type OpenList } from './duty-list/state.ts';
import { differencesOf, type FileDifferences } from './import/differences.ts';
import { findHeader } from './import/header.ts';
import { mapColumns } from './import/mapping.ts';
import { type MappingFile, readMapping } from './import/mapping-file.ts';
import { createOrganResolver } from './import/organ-resolver.ts';
import { readItems } from './import/to-items.ts';
import {
  nothingAgainst,
  nothingStaged,
  problemsOf,
  type ReadFile,
  reportOf,
  staged,
  staging,
} from './import-report.ts';
import { type Carrying, carryOut, ownList, requireSeen } from './list-command.ts';
import { organsAround, organsById } from './organs.ts';

/** L-11: a file is read whole, compared with the draft, and staged as one command, or not at all. */

interface ImportInput {
  list: string;
  fileName: string;
  content: Uint8Array;
  sheet?: string | null;
  mapping?: unknown;
  retireMissing: boolean;
  dryRun: boolean;
  basedOn?: number | null;
  change: ChangeInput;
}

export async function importDutyItems(_: unknown, { input }: { input: ImportInput }, context: ListsContext) {
  const list = await ownList(context, input.list);
  const carrying = { operation: 'importDutyItems', list, change: input.change, content: contentOf(input) };
  const before = input.dryRun ? undefined : await carriedOutBefore(context, carrying);
  const organs = await organsAround(context.service.organs, list.division);
  const file = readFile(input, list, organs, context);
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  if (state.status === 'absent') throw new Error(`${list.id} is in the read model and not in the store`);
  const report = reportOf(file, context);
  const found = differencesOf(
    draftItems(state),
    file.items.items,
    file.items.codesAreNumbers,
    state.items.keys(),
  );
  const missing = found.missing.length;
  if (before)
    return { ...report, ...nothingAgainst, missing, ...(await staged(before, input, file, context)) };
  requireSeen(input.basedOn ?? 0, state);
  if (file.items.problems.length > 0 || file.items.unresolved.length > 0) {
    return { ...report, ...nothingStaged, list };
  }
  const command = await commandOf(found, input, state, organs, context);
  const decided = input.dryRun
    ? dutyList.decide(command, state)
    : await carriedOutOrRefused(context, command, carrying);
  if (!decided.ok) {
    if (decided.refusal.code === 'CONFLICT') throw refusalError(decided.refusal, context.locale);
    const problems = problemsOf(decided.refusal, found, context);
    return { ...report, ...nothingStaged, list, problems, problemCount: problems.length };
  }
  return 'done' in decided
    ? { ...report, missing, ...(await staged(decided.done, input, file, context)) }
    : { ...report, ...staging(found, input, state), list };
}

/** What the rules refuse is told row by row, not as one error. */
async function carriedOutOrRefused(context: ListsContext, command: ChangeDraft, carrying: Carrying) {
  try {
    return { ok: true as const, done: await carryOut(context, command, carrying) };
  } catch (error) {
    if (error instanceof RefusedError) return { ok: false as const, refusal: error.refusal };
    throw error;
  }
}

/**
 * What came of this very command when it was carried out before. By now the draft may hold, or refuse, other things:
 * the file must not be compared with it again. A command without changes records nothing and only looks.
 */
async function carriedOutBefore(context: ListsContext, carrying: Carrying) {
  const look: ChangeDraft = { type: 'ChangeDraft', changes: [], basedOn: 0, organs: new Map() };
  const outcome = await carryOut(context, look, carrying);
  return outcome.repeated ? outcome : undefined;
}

/** What tells a retry from another import: the file by its digest. */
const contentOf = ({ content, change, ...input }: ImportInput) => ({
  ...input,
  file: hash('sha256', content),
});

function readFile(
  input: ImportInput,
  list: ListRow,
  organs: OrganFacts[],
  { locale }: ListsContext,
): ReadFile {
  const mapping: MappingFile = unwrap(readMapping(input.mapping ?? {}), locale).value;
  const known = (heading: string): boolean => Object.hasOwn(mapping.columns, heading);
  const sheet = input.sheet ?? mapping.sheet;
  const { value: table } = unwrap(
    readTable(input.content, {
      fileName: input.fileName,
      rule: 'L-11',
      isWanted: (one) => findHeader(one, known) !== null,
      ...(sheet && { sheet }),
    }),
    locale,
  );
  const header = findHeader(table, known);
  if (!header) {
    throw refusalError({
      code: 'INVALID_INPUT',
      rule: 'L-11',
      field: 'content',
      message: {
        en: 'No line of the file looks like the headings of a list (事项名称, 主体责任单位 …).',
        'zh-CN': '文件中没有找到清单表头（如“事项名称”“主体责任单位”）。',
      },
    });
  }
  const columns = unwrap(mapColumns(table, header, list.kind, mapping), locale).value;
  const resolver = createOrganResolver(organs, list.division, mapping.organs);
  if (resolver.unknownTargets.length > 0) throw refusalError(unknownTarget(resolver.unknownTargets));
  return { table, columns, items: readItems({ table, header, columns, kind: list.kind, mapping, resolver }) };
}

const unknownTarget = (names: string[]): Refusal => ({
  code: 'INVALID_INPUT',
  rule: 'L-11',
  field: 'mapping.organs',
  message: {
    en: `The mapping names organs that are not registered: ${names.slice(0, 20).join(', ')}.`,
    'zh-CN': `映射中的机构未登记：${names.slice(0, 20).join('、')}。`,
  },
  details: { names },
});

async function commandOf(
  found: FileDifferences,
  input: ImportInput,
  state: OpenList,
  around: OrganFacts[],
  { service }: ListsContext,
): Promise<ChangeDraft> {
  const changes: DraftChange[] = [
    ...found.add.map(({ code, content }) => ({ change: 'ADD' as const, code, item: content })),
    ...found.revise.map(({ code, after, fields }) => ({
      change: 'REVISE' as const,
      code,
      changes: Object.fromEntries(fields.map((field) => [field, after[field]])),
    })),
    ...(input.retireMissing ? found.missing.map((code) => ({ change: 'RETIRE' as const, code })) : []),
  ];
  const organs = new Map(around.map((organ) => [organ.id, organ]));
  // Fields that the file says nothing of may name organs of elsewhere.
  const named = found.revise.flatMap(({ after }) => namedOrgans(after)).filter((id) => !organs.has(id));
  for (const [id, organ] of await organsById(service.organs, named)) organs.set(id, organ);
  return { type: 'ChangeDraft', changes, basedOn: input.basedOn ?? state.draftNumber, organs };
}
