import type { Text } from '@dutyledger/event-store/decider';
import type { ListKind } from '../duty-list/item.ts';
import type { ColumnField } from './fields.ts';
import type { ColumnsByField } from './lines.ts';
import type { MappingFile } from './mapping-file.ts';
import type { OrganResolver } from './organ-resolver.ts';

/** Everything that reading a row depends on. */
export interface ReadingContext {
  kind: ListKind;
  columns: ColumnsByField;
  mapping: MappingFile;
  resolver: OrganResolver;
}

export type NoticeKind =
  | 'JOINTLY_LED'
  | 'DUTIES_UNMATCHED'
  | 'FOLDED'
  | 'WORDING_KEPT'
  | 'NO_COOPERATOR'
  | 'PROSE_PROCEDURE'
  | 'TOWNS_BY_KIND';

/** What reading an item found besides its content; `field` tells the column at fault. */
export interface Findings {
  problems: { field: ColumnField; value: string; cause: Text; rule?: string }[];
  unresolved: { field: ColumnField; name: string }[];
  notices: Set<NoticeKind>;
}

export const noFindings = (): Findings => ({ problems: [], unresolved: [], notices: new Set() });
