import { documents, temporal } from '@dutyledger/read-store/read-store';
import type { Provenance } from '../provenance.ts';
import type { ClassSetting } from './class-policy.ts';

/** Rows of the read model of case classes; read-model.ts fills them. */

/** What a division has set for a class, or for a pattern of classes, from a day on. */
export interface ClassRow extends ClassSetting {
  division: string;
  version: number;
  set: Provenance;
}

export interface ClassChangeRow {
  id: string;
  division: string;
  caseClass: string;
  position: number;
  change: 'SET' | 'WITHDRAWN';
  version: number;
  effectiveFrom: string;
  /** Fields that differ from what was known to hold on that day. */
  changed: (keyof ClassSetting)[];
  /** Null of a withdrawal. */
  setting: ClassSetting | null;
  provenance: Provenance;
}

export const classSettings = temporal<ClassRow>()('classSettings', { byClass: ['division', 'caseClass'] });
export const classChanges = documents<ClassChangeRow>()('classChanges', {
  byDivision: ['division', 'position'],
  byClass: ['division', 'caseClass', 'position'],
});

export const classId = (division: string, caseClass: string): string => `${division}/${caseClass}`;
