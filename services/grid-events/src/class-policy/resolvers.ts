import type { Page, Row, Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import { type AsOf, type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import type { GridEventsContext } from '../context.ts';
import { authorOf } from '../provenance.ts';
import type { ClassSetting } from './class-policy.ts';
import { PHASES, type Phase, type PolicyInForce, policyInForce } from './policy.ts';
import { type ClassChangeRow, type ClassRow, classChanges, classSettings } from './rows.ts';

/** Classes of cases and their limits, in GraphQL (G-8). */

type Ctx = GridEventsContext;

/** A setting as of the clocks that it was asked as of. */
interface SettingAsOf {
  version: Version<ClassRow>;
  division: string;
  asOf: AsOf;
}

const inForce = ({ grid }: Ctx, division: string, caseClass: string, { effectiveAt, recordedAt }: AsOf) =>
  policyInForce(grid.projections, { division, caseClass, at: effectiveAt, recordedAt });

interface ClassesArguments extends PageArguments {
  division: string;
  patterns: boolean;
  asOf?: AsOfInput | null;
}

/**
 * The classes of the division and of those above it, by code; the nearest setting of each. Every division is walked in
 * the order of the codes, no farther than the page reaches.
 */
async function caseClasses(_: unknown, args: ClassesArguments, context: Ctx) {
  const { division, patterns } = args;
  const at = asOf(args.asOf, context.now);
  const { limit, after } = pageOf(args);
  const behind = after === undefined ? undefined : Buffer.from(after, 'base64url').toString();
  const filter = ({ caseClass }: ClassRow) => caseClass !== behind && (patterns || !caseClass.endsWith('*'));
  const nearest = new Map<string, Version<ClassRow>>();
  for (const place of [division, ...ancestors(division)]) {
    const page = await context.grid.projections.temporal(classSettings).find({
      index: 'byClass',
      where: { division: place },
      ...(behind !== undefined && { range: { from: behind } }),
      filter,
      asOf: at,
      limit: limit + 1,
    });
    for (const { doc, version } of page.rows) {
      if (!nearest.has(doc.caseClass)) nearest.set(doc.caseClass, version);
    }
  }
  const found = [...nearest].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const rows = found.slice(0, limit).map(([caseClass, version]) => ({
    cursor: Buffer.from(caseClass).toString('base64url'),
    version,
  }));
  const node = ({ version }: { version: Version<ClassRow> }): SettingAsOf => ({
    version,
    division,
    asOf: at,
  });
  return connection({ rows, more: found.length > limit }, args, node);
}

interface HistoryArguments extends PageArguments {
  division: string;
  caseClass?: string | null;
}

async function classPolicyHistory(_: unknown, args: HistoryArguments, { grid }: Ctx) {
  const { division, caseClass } = args;
  const page: Page<Row<ClassChangeRow>> = await grid.projections.documents(classChanges).find({
    ...(caseClass
      ? { index: 'byClass', where: { division, caseClass } }
      : { index: 'byDivision', where: { division } }),
    ...pageOf(args),
    reverse: true,
  });
  return connection(page, args, ({ doc }) => doc);
}

export const classPolicyQueries = {
  caseClasses,
  classPolicy: (
    _: unknown,
    { division, caseClass, asOf: at }: { division: string; caseClass: string; asOf?: AsOfInput | null },
    context: Ctx,
  ) => inForce(context, division, caseClass.trim(), asOf(at, context.now)),
  classPolicyHistory,
};

const phaseName = (phase: Phase): string => phase.toUpperCase();

/** Where a part of a policy was set; nothing of a default. */
const origin = (set: Version<ClassRow> | null) => ({
  isDefault: set === null,
  division: set?.doc.division ?? null,
  setFor: set?.doc.caseClass ?? null,
  effectiveFrom: set?.effectiveFrom ?? null,
});

/** What is said of the class by itself. */
const own =
  <K extends keyof ClassSetting>(field: K) =>
  ({ own: set }: PolicyInForce) =>
    set?.doc[field];

const setting =
  <K extends keyof ClassRow>(field: K) =>
  ({ version }: SettingAsOf) =>
    version.doc[field];

const provenance = {
  setBy: ({ version }: SettingAsOf) => authorOf(version.doc.set),
  setAt: ({ version }: SettingAsOf) => version.doc.set.recordedAt,
  reason: ({ version }: SettingAsOf) => version.doc.set.reason,
  basis: ({ version }: SettingAsOf) => version.doc.set.basis,
};

const phaseLimits = (limits: ClassSetting['limits']) =>
  PHASES.flatMap((phase) => (limits[phase] ? [{ phase: phaseName(phase), limit: limits[phase] }] : []));

export const classPolicyTypes = {
  ClassPolicy: {
    caseClass: ({ policy }: PolicyInForce) => policy.caseClass,
    name: ({ policy }: PolicyInForce) => policy.name,
    version: ({ policy }: PolicyInForce) => policy.version,
    category: own('category'),
    limits: ({ policy, limits }: PolicyInForce) =>
      PHASES.map((phase) => ({
        phase: phaseName(phase),
        limit: policy.limits[phase],
        ...origin(limits[phase]),
      })),
    limitText: own('limitText'),
    stages: ({ own: set }: PolicyInForce) => set?.doc.stages ?? [],
    amber: ({ policy, amberAtShare }: PolicyInForce) => ({
      atShare: policy.amberAtShare,
      ...origin(amberAtShare),
    }),
    escalation: ({ policy, escalation }: PolicyInForce) => ({ to: policy.escalation, ...origin(escalation) }),
    filingCondition: own('filingCondition'),
    closingCondition: own('closingCondition'),
  },
  CaseClass: {
    caseClass: setting('caseClass'),
    division: setting('division'),
    name: setting('name'),
    category: setting('category'),
    limits: ({ version }: SettingAsOf) => phaseLimits(version.doc.limits),
    limitText: setting('limitText'),
    stages: setting('stages'),
    amberAtShare: setting('amberAtShare'),
    escalation: setting('escalation'),
    filingCondition: setting('filingCondition'),
    closingCondition: setting('closingCondition'),
    responsible: setting('responsible'),
    source: setting('source'),
    version: setting('version'),
    effectiveFrom: ({ version }: SettingAsOf) => version.effectiveFrom,
    effectiveTo: ({ version }: SettingAsOf) => version.effectiveTo,
    policy: ({ version, division, asOf: at }: SettingAsOf, _: unknown, context: Ctx) =>
      inForce(context, division, version.doc.caseClass, at),
    ...provenance,
  },
  ClassPolicyChange: {
    name: ({ setting: set }: ClassChangeRow) => set?.name,
    limits: ({ setting: set }: ClassChangeRow) => phaseLimits(set?.limits ?? {}),
    amberAtShare: ({ setting: set }: ClassChangeRow) => set?.amberAtShare,
    escalation: ({ setting: set }: ClassChangeRow) => set?.escalation,
    author: (row: ClassChangeRow) => authorOf(row.provenance),
    reason: (row: ClassChangeRow) => row.provenance.reason,
    basis: (row: ClassChangeRow) => row.provenance.basis,
    recordedAt: (row: ClassChangeRow) => row.provenance.recordedAt,
    correlationId: (row: ClassChangeRow) => row.provenance.correlationId,
  },
};
