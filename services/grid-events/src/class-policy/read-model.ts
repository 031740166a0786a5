import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { provenanceOf } from '../provenance.ts';
import type { ClassPolicyEvent, ClassSetting } from './class-policy.ts';
import { classChanges, classId, classSettings } from './rows.ts';

/** What is set for classes of cases, with both clocks, and how it came to be. */
export const classPolicyModel: Projection = {
  name: 'classPolicies',
  version: 1,
  collections: [classSettings, classChanges],
  handles: ['ClassPolicySet', 'ClassPolicyWithdrawn'],
  async project(stored, batch) {
    const event = stored as StoredEvent & ClassPolicyEvent;
    const { division, effectiveFrom, version } = event.data;
    const setting = event.type === 'ClassPolicySet' ? event.data.setting : null;
    const caseClass = event.type === 'ClassPolicySet' ? event.data.setting.caseClass : event.data.caseClass;
    const id = classId(division, caseClass);
    const provenance = provenanceOf(stored);
    const before = (await batch.getVersion(classSettings, id, effectiveFrom))?.doc;
    const row = setting && { ...setting, division, version, set: provenance };
    await batch.putVersion(classSettings, id, effectiveFrom, row);
    batch.put(classChanges, stored.id, {
      id: stored.id,
      division,
      caseClass,
      position: stored.position,
      change: setting ? 'SET' : 'WITHDRAWN',
      version,
      effectiveFrom,
      changed: setting ? changedFields(before, setting) : [],
      setting,
      provenance,
    });
  },
};

/** Every field that a new class has is changed. */
function changedFields(before: ClassSetting | undefined, after: ClassSetting): (keyof ClassSetting)[] {
  const fields = Object.keys(after) as (keyof ClassSetting)[];
  return fields.filter((field) => canonicalJson(before?.[field] ?? null) !== canonicalJson(after[field]));
}
