import { readTable } from '@dutyledger/tables/read-table';
import type { Table } from '@dutyledger/tables/table';
import { expect } from 'vitest';
import type { ItemContent, ListKind } from '../duty-list/item.ts';
import { COUNTY, REGISTER } from './county-register.fixture.ts';
import { differencesOf, type FileDifferences } from './differences.ts';
import { findHeader } from './header.ts';
import { type MappedColumn, mapColumns } from './mapping.ts';
import { readMapping } from './mapping-file.ts';
import type { OrganCandidate } from './organ-index.ts';
import { createOrganResolver } from './organ-resolver.ts';
import { type FileItems, readItems } from './to-items.ts';

export interface ReadFile extends FileItems {
  table: Table;
  columns: MappedColumn[];
}

interface Options {
  kind?: ListKind;
  mapping?: unknown;
  fileName?: string;
  organs?: OrganCandidate[];
  division?: string;
}

/** The whole way of a file, as the import command goes it; a refusal is thrown as text. */
export function readFile(bytes: Uint8Array, options: Options = {}): ReadFile {
  const { kind = 'TERRITORIAL', organs = REGISTER, division = COUNTY } = options;
  const mapping = unwrap(readMapping(options.mapping ?? {}));
  const known = (heading: string) => Object.hasOwn(mapping.columns, heading);
  const sheet = mapping.sheet === undefined ? {} : { sheet: mapping.sheet };
  const table = unwrap(
    readTable(bytes, {
      fileName: options.fileName ?? 'list',
      rule: 'L-11',
      isWanted: (one) => findHeader(one, known) !== null,
      ...sheet,
    }),
  );
  const header = findHeader(table, known);
  if (!header) throw new Error('no header');
  const columns = unwrap(mapColumns(table, header, kind, mapping));
  const resolver = createOrganResolver(organs, division, mapping.organs);
  return { table, columns, ...readItems({ table, header, columns, kind, mapping, resolver }) };
}

function unwrap<T>(outcome: { ok: true; value: T } | { ok: false; refusal: unknown }): T {
  if (outcome.ok) return outcome.value;
  throw new Error(JSON.stringify(outcome.refusal));
}

/** The items of a file that nothing is wrong with. */
export function clean(file: FileItems): FileItems['items'] {
  expect({ problems: file.problems, unresolved: file.unresolved }).toEqual({ problems: [], unresolved: [] });
  return file.items;
}

export const csv = (rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from(rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n'));

/** What stands in a list once the items of a file were staged. */
export const stagedItems = (differences: FileDifferences): Map<string, ItemContent> =>
  new Map(differences.add.map(({ code, content }) => [code, content]));

export const stage = (file: FileItems): Map<string, ItemContent> =>
  stagedItems(differencesOf(new Map(), file.items, file.codesAreNumbers));

/** "区公安局:登记管理" per organ, for reading in a test. */
export const told = (organs: ItemContent['leads']): string[] =>
  organs.map(({ name, duty }) => name.replace(/^济南市章丘区|^章丘/, '') + (duty === null ? '' : `:${duty}`));
