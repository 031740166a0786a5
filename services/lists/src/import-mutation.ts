import { hash } from 'node:crypto';
import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { load } from '@dutyledger/event-store/handle-command';
import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import type { Mutated } from '@dutyledger/subgraph-kit/mutation';
import type { ListsContext } from './context.ts';
import type { FieldChange } from './duty-list/changes.ts';
import type { ChangeDraft, DraftChange } from './duty-list/draft.ts';
import { dutyList } from './duty-list/duty-list.ts';
import type { OrganFacts } from './duty-list/organ-facts.ts';
import { history, type ListRow, lists } from './duty-list/rows.ts';
import { type DutyList, draftItems, dutyListStream, type OpenList } from './duty-list/state.ts';
import { differencesOf, type FileDifferences } from './import/differences.ts';
import { findHeader } from './import/header.ts';
import { type MappedColumn, mapColumns } from './import/mapping.ts';
import { type MappingFile, readMapping } from './import/mapping-file.ts';
import { createOrganResolver } from './import/organ-resolver.ts';
import { readTable } from './import/read-table.ts';
import type { Table } from './import/table.ts';
import { type FileItems, readItems } from './import/to-items.ts';
import { carryOut, ownList } from './list-command.ts';
import { organsAround } from './organs.ts';
import { withSuggestions } from './suggested-organs.ts';

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

const MOST_LISTED = 1_000;

export async function importDutyItems(_: unknown, { input }: { input: ImportInput }, context: ListsContext) {
  const list = await ownList(context, input.list);
  const organs = await organsAround(context.service.organs, list.division);
  const file = readFile(input, list, organs, context);
  const { state } = await load(context.service.commands, dutyList, dutyListStream(list.id));
  if (state.status === 'absent') throw new Error(`${list.id} is in the read model and not in the store`);
  const report = reportOf(file, context);
  if (file.items.problems.length > 0 || file.items.unresolved.length > 0) {
    return { ...report, ...nothingStaged, list };
  }
  const found = differencesOf(draftItems(state), file.items.items, file.items.codesAreNumbers);
  const command = commandOf(found, input, state, organs);
  const refused = dutyList.decide(command, state);
  if (!refused.ok && refused.refusal.code !== 'CONFLICT') {
    const problems = problemsOf(refused.refusal, found, file.items, context);
    return { ...report, ...nothingStaged, list, problems, problemCount: problems.length };
  }
  const counts = { unchanged: found.unchanged, missing: found.missing.length };
  if (input.dryRun) return { ...report, ...counts, ...staging(found, input.retireMissing, state), list };
  const carrying = { operation: 'importDutyItems', list, change: input.change, content: contentOf(input) };
  const done = await carryOut(context, command, carrying);
  return { ...report, ...counts, ...(await staged(done, list, context)) };
}

/** What tells a retry from another import: the file by its digest. */
const contentOf = ({ content, change, ...input }: ImportInput) => ({
  ...input,
  file: hash('sha256', content),
});

interface ReadFile {
  table: Table;
  columns: MappedColumn[];
  items: FileItems;
}

function readFile(
  input: ImportInput,
  list: ListRow,
  organs: OrganFacts[],
  { locale }: ListsContext,
): ReadFile {
  const mapping: MappingFile = unwrap(readMapping(input.mapping ?? {}), locale).value;
  const known = (heading: string): boolean => heading in mapping.columns;
  const sheet = input.sheet ?? mapping.sheet;
  const { value: table } = unwrap(
    readTable(input.content, { fileName: input.fileName, knownHeading: known, ...(sheet && { sheet }) }),
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

function commandOf(
  found: FileDifferences,
  input: ImportInput,
  state: OpenList,
  organs: OrganFacts[],
): ChangeDraft {
  const changes: DraftChange[] = [
    ...found.add.map(({ code, content }) => ({ change: 'ADD' as const, code, item: content })),
    ...found.revise.map(({ code, after, fields }) => ({
      change: 'REVISE' as const,
      code,
      changes: Object.fromEntries(fields.map((field) => [field, after[field]])),
    })),
    ...(input.retireMissing ? found.missing.map((code) => ({ change: 'RETIRE' as const, code })) : []),
  ];
  return {
    type: 'ChangeDraft',
    changes,
    basedOn: input.basedOn ?? state.draftNumber,
    organs: new Map(organs.map((organ) => [organ.id, organ])),
  };
}

const nothingStaged = {
  accepted: false,
  applied: false,
  added: 0,
  revised: 0,
  retired: 0,
  unchanged: 0,
  missing: 0,
  differences: [],
  repeated: false,
  pending: false,
};

/** What the import would do, before it does it. */
function staging(found: FileDifferences, retireMissing: boolean, state: OpenList) {
  const items = draftItems(state);
  const entry = (code: string, name: string, kind: string, changes: FieldChange[]) => ({
    code,
    name,
    kind,
    changes,
  });
  const all = [
    ...found.add.map(({ code, content }) => entry(code, content.name, 'ADD', [])),
    ...found.revise.map(({ code, before, after, fields }) =>
      entry(
        code,
        after.name,
        'REVISE',
        fields.map((field) => ({ field, before: before[field], after: after[field] })),
      ),
    ),
    ...(retireMissing
      ? found.missing.map((code) => entry(code, items.get(code)?.name ?? '', 'RETIRE', []))
      : []),
  ];
  return {
    accepted: true,
    applied: false,
    added: found.add.length,
    revised: found.revise.length,
    retired: retireMissing ? found.missing.length : 0,
    differences: all.slice(0, MOST_LISTED),
    repeated: false,
    pending: false,
  };
}

const KINDS: Record<string, 'ADD' | 'REVISE' | 'RETIRE'> = {
  ItemAdded: 'ADD',
  ItemRevised: 'REVISE',
  ItemRetired: 'RETIRE',
  ItemReset: 'RETIRE',
};

/** What the import did, told by what was recorded, so that a repeated call is answered as the first time. */
async function staged(
  { events, repeated, pending }: Mutated<DutyList>,
  list: ListRow,
  { service }: ListsContext,
) {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  const codeOf = ({ data }: { data: unknown }) => (data as { code: string }).code;
  const shown = events.slice(0, MOST_LISTED);
  const view = service.projections;
  const entries = await view.documents(history).getMany(shown.map((event) => `${event.id}/${codeOf(event)}`));
  return {
    accepted: true,
    applied: true,
    added: count('ItemAdded'),
    revised: count('ItemRevised'),
    retired: count('ItemRetired') + count('ItemReset'),
    differences: shown.map((event) => {
      const entry = entries.get(`${event.id}/${codeOf(event)}`);
      const { changes = [], itemName } = entry ?? {};
      return { code: codeOf(event), name: itemName ?? '', kind: KINDS[event.type], changes };
    }),
    list: (await view.documents(lists).get(list.id)) ?? list,
    repeated,
    pending,
  };
}

function reportOf({ table, columns, items }: ReadFile, { locale }: ListsContext) {
  const say = (text: Text) => text[locale];
  return {
    sheet: table.sheet,
    encoding: table.encoding,
    columns: columns.map(({ letter, heading, field, confidence, reason }) => ({
      letter,
      heading,
      field: field === 'extra' ? null : field,
      confidence,
      why: say(reason),
    })),
    rows: items.items.length,
    skippedRows: items.skipped.map(({ row, text }) => ({ row, message: text })),
    problems: items.problems.slice(0, MOST_LISTED).map(({ cause, ...problem }) => ({
      rule: null,
      ...problem,
      cause: say(cause),
    })),
    problemCount: items.problems.length,
    notices: items.notices.flatMap(({ text, rows }): { row: number | null; message: string }[] =>
      rows.length === 0
        ? [{ row: null, message: say(text) }]
        : rows.map((row) => ({ row, message: say(text) })),
    ),
    unresolvedOrgans: withSuggestions(items.unresolved),
  };
}

/** Refusals of the decider by the row that they are about. */
function problemsOf(
  refusal: Refusal,
  found: FileDifferences,
  { items }: FileItems,
  { locale }: ListsContext,
) {
  const all = (refusal.details?.['problems'] as Refusal[] | undefined) ?? [refusal];
  const codes = [...found.add.map(({ code }) => code), ...found.revise.map(({ code }) => code)];
  return all.slice(0, MOST_LISTED).map(({ field = '', message, rule }) => {
    const code = codes[Number(/^changes\[(\d+)\]/.exec(field)?.[1])] ?? null;
    const row = items.find((item) => item.code === code && code !== null)?.row ?? null;
    return { row, column: null, heading: null, value: code, cause: message[locale], rule: rule ?? null };
  });
}
