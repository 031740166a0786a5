import { type AsOf, documents, temporal, type Version } from '@dutyledger/read-store/read-store';
import type { Provenance } from '../duty-list/rows.ts';
import type { CountyDecision, MatterHead } from './integrated-matter.ts';
import type { MatterContent } from './matter.ts';

/** Rows and collections of the read model of integrated matters (L-8); read-model.ts fills them. */

/** A matter at work: what is drafted, decided, published last. */
export interface MatterRow extends MatterHead {
  name: string;
  /** Number of the newest version, 0 before the first. */
  version: number;
  draft: MatterContent | null;
  draftNumber: number;
  decision: CountyDecision | null;
  /** The newest published content, which a new draft is compared with. */
  published: MatterContent | null;
  retiredFrom: string | null;
  touched: Provenance;
}

/** A version, as it was published. */
export interface MatterVersionRow {
  matter: string;
  number: number;
  effectiveFrom: string;
  documentNumber: string;
  content: MatterContent;
  decision: CountyDecision;
  published: Provenance;
}

/** A matter from a day on. */
export interface MatterInForce {
  matter: string;
  division: string;
  name: string;
  number: number;
  documentNumber: string;
  content: MatterContent;
  caseClasses: string[];
  /** `list/code` of the items it draws on. */
  items: string[];
  /** Lead and participants. */
  organs: string[];
}

export type MatterChange = 'DRAFTED' | 'REVISED' | 'APPROVED' | 'RETURNED' | 'PUBLISHED' | 'RETIRED';

export interface MatterHistoryRow {
  id: string;
  matter: string;
  position: number;
  change: MatterChange;
  changes: { field: string; before: unknown; after: unknown }[];
  /** Of a publication or retirement. */
  version: number | null;
  effectiveFrom: string | null;
  documentNumber: string | null;
  provenance: Provenance;
}

export const matterRows = documents<MatterRow>()('matterRows', { byDivision: ['division', 'name'] });
export const matterVersions = documents<MatterVersionRow>()('matterVersions', {
  byMatter: ['matter', 'number'],
});
export const mattersInForce = temporal<MatterInForce>()('mattersInForce', {
  byDivision: ['division', 'name'],
  byCaseClass: ['division', 'caseClasses'],
  byItem: ['items', 'name'],
  byOrgan: ['organs', 'name'],
});
export const matterHistory = documents<MatterHistoryRow>()('matterHistory', {
  byMatter: ['matter', 'position'],
});

/** A matter together with the clocks it was asked as of, which its own fields keep to. */
export interface MatterAsOf {
  version: Version<MatterInForce>;
  asOf: AsOf;
}
