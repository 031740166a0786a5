import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Mutated } from '@dutyledger/subgraph-kit/mutation';
import type { Table } from '@dutyledger/tables/table';
import type { ListsContext } from './context.ts';
import type { FieldChange } from './duty-list/changes.ts';
import { history, itemId, items, type ListRow, lists } from './duty-list/rows.ts';
import { type DutyList, draftItems, listIdOf, type OpenList } from './duty-list/state.ts';
import type { FileDifferences } from './import/differences.ts';
import type { MappedColumn } from './import/mapping.ts';
import type { FileItems } from './import/to-items.ts';
import { withSuggestions } from './suggested-organs.ts';

/** What importDutyItems tells: how the file was read, what stands against it, what it did or would do (L-11). */

export interface ReadFile {
  table: Table;
  columns: MappedColumn[];
  items: FileItems;
}

const MOST_LISTED = 1_000;

export function reportOf({ table, columns, items }: ReadFile, { locale }: ListsContext) {
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
    unresolvedOrgans: withSuggestions(items.unresolved).map(({ candidates, ...organ }) => ({
      ...organ,
      candidates: candidates.map(({ id, ...candidate }) => ({
        ...candidate,
        organ: { __typename: 'Organ', id },
      })),
    })),
  };
}

export const nothingStaged = {
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

/** A file that was taken once had nothing against it then. */
export const nothingAgainst = { problems: [], problemCount: 0, unresolvedOrgans: [] };

/** What the import would do, before it does it. */
export function staging(
  { add, revise, missing, unchanged }: FileDifferences,
  { retireMissing }: { retireMissing: boolean },
  state: OpenList,
) {
  const items = draftItems(state);
  const entry = (code: string, name: string, kind: string, changes: FieldChange[]) => ({
    code,
    name,
    kind,
    changes,
  });
  const retired = retireMissing ? missing : [];
  const all = [
    ...add.map(({ code, content }) => entry(code, content.name, 'ADD', [])),
    ...revise.map(({ code, before, after, fields }) =>
      entry(
        code,
        after.name,
        'REVISE',
        fields.map((field) => ({ field, before: before[field], after: after[field] })),
      ),
    ),
    ...retired.map((code) => entry(code, items.get(code)?.name ?? '', 'RETIRE', [])),
  ];
  return {
    accepted: true,
    applied: false,
    added: add.length,
    revised: revise.length,
    retired: retired.length,
    unchanged,
    missing: missing.length,
    differences: all.slice(0, MOST_LISTED),
    repeated: false,
    pending: false,
  };
}

const KINDS: Record<string, 'ADD' | 'REVISE' | 'RETIRE'> = {
  ItemAdded: 'ADD',
  ItemRevised: 'REVISE',
  ItemRetired: 'RETIRE',
};

const codeOf = ({ data }: StoredEvent): string => (data as { code: string }).code;

/** What the import did, told by what was recorded, so that a repeated call is answered as the first time. */
export async function staged(
  { events, repeated, pending }: Mutated<DutyList>,
  { list, retireMissing }: { list: string; retireMissing: boolean },
  file: ReadFile,
  { service }: ListsContext,
) {
  const back = await broughtBack(events, service);
  // What comes back changed is reset and then revised: one difference, not two.
  const told = events.filter(
    (event) => event.type !== 'ProcedureVoided' && (event.type !== 'ItemRevised' || !back.has(codeOf(event))),
  );
  const kindOf = (event: StoredEvent) => KINDS[event.type] ?? (back.has(codeOf(event)) ? 'ADD' : 'RETIRE');
  const count = (kind: string) => told.filter((event) => kindOf(event) === kind).length;
  const [added, revised, retired] = [count('ADD'), count('REVISE'), count('RETIRE')];
  const shown = told.slice(0, MOST_LISTED);
  const view = service.projections;
  const entries = await view.documents(history).getMany(shown.map((event) => `${event.id}/${codeOf(event)}`));
  return {
    accepted: true,
    applied: true,
    added,
    revised,
    retired,
    unchanged: file.items.items.length - added - revised,
    ...(retireMissing ? { missing: retired } : {}),
    differences: shown.map((event) => {
      const entry = entries.get(`${event.id}/${codeOf(event)}`);
      const { changes = [], itemName } = entry ?? {};
      return { code: codeOf(event), name: itemName ?? '', kind: kindOf(event), changes };
    }),
    list: (await view.documents(lists).get(list)) as ListRow,
    repeated,
    pending,
  };
}

/** Codes whose reset brought a published item back: the draft had retired it. Other resets took an addition back. */
async function broughtBack(
  events: readonly StoredEvent[],
  { projections }: ListsContext['service'],
): Promise<Set<string>> {
  const resets = events.filter(({ type }) => type === 'ItemReset');
  const [first] = resets;
  if (!first) return new Set();
  const list = listIdOf(first.stream);
  const ids = resets.map((event) => itemId(list, codeOf(event)));
  const published = await projections.temporal(items).getMany(ids, { recordedAt: first.recordedAt });
  return new Set(resets.map(codeOf).filter((code) => published.has(itemId(list, code))));
}

/** Refusals of the decider by the row that they are about. */
export function problemsOf(refusal: Refusal, { add, revise }: FileDifferences, { locale }: ListsContext) {
  const all = (refusal.details?.['problems'] as Refusal[] | undefined) ?? [refusal];
  const changes = [...add, ...revise];
  return all.slice(0, MOST_LISTED).map(({ field = '', message, rule }) => {
    const { row = null, code = null } = changes[Number(/^changes\[(\d+)\]/.exec(field)?.[1])] ?? {};
    return { row, column: null, heading: null, value: code, cause: message[locale], rule: rule ?? null };
  });
}
