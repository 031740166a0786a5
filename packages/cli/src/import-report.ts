import { changedFields, type FieldChange } from './field-changes.ts';
import { label } from './labels.ts';
import type { Session } from './session.ts';

/** `ImportReport` of the contract, as far as it is shown. */
export interface ImportReport {
  accepted: boolean;
  applied: boolean;
  sheet: string | null;
  encoding: string | null;
  columns: { letter: string; heading: string; field: string | null; confidence: string; why: string }[];
  rows: number;
  skippedRows: Notice[];
  problems: Problem[];
  problemCount: number;
  notices: Notice[];
  unresolvedOrgans: UnresolvedOrgan[];
  added: number;
  revised: number;
  retired: number;
  unchanged: number;
  missing: number;
  differences: { code: string; name: string; kind: 'ADD' | 'REVISE' | 'RETIRE'; changes: FieldChange[] }[];
  list: { id: string; division: string; title: string; draft: { number: number } };
  repeated: boolean;
  pending: boolean;
}

interface Notice {
  row: number | null;
  message: string;
}

interface Problem {
  row: number | null;
  column: string | null;
  heading: string | null;
  value: string | null;
  cause: string;
  rule: string | null;
}

export interface UnresolvedOrgan {
  name: string;
  rows: number[];
  candidates: { organ: { id: string }; name: string; similarity: number }[];
  /** `NewOrganInput` of staffing, provisional. */
  suggestion: Record<string, unknown> | null;
}

export const IMPORT = `mutation ($input: ImportDutyItemsInput!) { importDutyItems(input: $input) {
  accepted applied sheet encoding columns { letter heading field confidence why } rows
  skippedRows { row message } problems { row column heading value cause rule } problemCount
  notices { row message }
  unresolvedOrgans { name rows candidates { organ { id } name similarity } suggestion }
  added revised retired unchanged missing differences { code name kind changes { field before after } }
  list { id division title draft { number } } repeated pending } }`;

const MOST_SHOWN = 20;
const percent = (share: number): string => `${Math.round(share * 100)}%`;

function showSome<T>({ out, t }: Session, all: readonly T[], total: number, show: (some: T[]) => void): void {
  show(all.slice(0, MOST_SHOWN));
  const hidden = total - Math.min(all.length, MOST_SHOWN);
  if (hidden > 0)
    out.line(t(`……另有 ${hidden} 条（--json 可列出更多）`, `… and ${hidden} more (--json lists more)`));
}

/** How the file was understood: sheet, encoding, and what each column was taken for. */
export function showColumns({ out, t }: Session, report: ImportReport): void {
  const place = [
    report.sheet === null ? '' : t(`工作表“${report.sheet}”`, `sheet "${report.sheet}"`),
    report.encoding ?? '',
    t(`${report.rows} 行`, `${report.rows} rows`),
  ];
  out.line(place.filter(Boolean).join(t('，', ', ')));
  out.table(
    [t('列', 'Column'), t('标题', 'Heading'), t('理解为', 'Taken for'), t('把握', 'Sure'), t('理由', 'Why')],
    report.columns.map(({ letter, heading, field, confidence, why }) => [
      letter,
      heading,
      field ?? t('（附加列）', '(extra)'),
      field === null ? '' : label(confidence, t),
      why,
    ]),
  );
}

/** What stands against the file, and what is worth knowing. */
export function showProblems(session: Session, report: ImportReport): void {
  const { out, t } = session;
  const row = t('行', 'Row');
  if (report.problemCount > 0) {
    out.line();
    out.line(
      t(
        `问题：${report.problemCount} 处，未导入任何内容`,
        `${report.problemCount} problems; nothing is imported`,
      ),
    );
    showSome(session, report.problems, report.problemCount, (some) =>
      out.table(
        [row, t('列', 'Column'), t('值', 'Value'), t('原因', 'Cause')],
        some.map(({ row: at, column, heading, value, cause, rule }) => [
          at,
          [column, heading].filter(Boolean).join(' '),
          value,
          rule === null ? cause : `${cause} [${rule}]`,
        ]),
      ),
    );
  }
  if (report.unresolvedOrgans.length > 0) showUnresolved(session, report.unresolvedOrgans);
  const notices = byMessage([...report.skippedRows, ...report.notices]);
  if (notices.length > 0) {
    out.line();
    out.line(t('提示', 'Notices'));
    showSome(session, notices, notices.length, (some) =>
      out.table(
        [t('所在行', 'Rows'), t('内容', 'Message')],
        some.map(({ message, rows }) => [rowsText(rows), message]),
      ),
    );
  }
}

/** Each message once, with its rows. */
function byMessage(notices: readonly Notice[]): { message: string; rows: number[] }[] {
  const rows = Map.groupBy(notices, ({ message }) => message);
  return [...rows].map(([message, all]) => ({ message, rows: all.flatMap(({ row }) => row ?? []) }));
}

const rowsText = (rows: readonly number[]): string =>
  rows.length > 8 ? `${rows.slice(0, 8).join(', ')} … (${rows.length})` : rows.join(', ');

function showUnresolved(session: Session, unresolved: readonly UnresolvedOrgan[]): void {
  const { out, t } = session;
  out.line();
  out.line(
    t(
      `未能识别的机构：${unresolved.length} 个（用 --mapping 对应，或用 --register-unknown 登记为待核实）`,
      `${unresolved.length} organs are not known (map them with --mapping, or register them as to be confirmed with --register-unknown)`,
    ),
  );
  showSome(session, unresolved, unresolved.length, (some) =>
    out.table(
      [t('名称', 'Name'), t('所在行', 'Rows'), t('相近机构', 'Nearest')],
      some.map(({ name, rows, candidates }) => [
        name,
        rowsText(rows),
        candidates
          .map((candidate) => `${candidate.name} ${candidate.organ.id} ${percent(candidate.similarity)}`)
          .join('; '),
      ]),
    ),
  );
}

/** What the import changes in the draft. */
export function showDifferences(session: Session, report: ImportReport): void {
  const { out, t } = session;
  const { added, revised, retired, unchanged, missing, differences } = report;
  const total = added + revised + retired;
  out.line();
  out.line(
    t(
      `与草稿相比：新增 ${added}，修改 ${revised}，移除 ${retired}，未变 ${unchanged}；文件中没有的 ${missing}`,
      `Against the draft: ${added} added, ${revised} revised, ${retired} retired, ${unchanged} unchanged; not in the file: ${missing}`,
    ),
  );
  if (total === 0) return;
  showSome(session, differences, total, (some) => showChanges(session, some));
}

/** Staged changes; the fields only where something was revised. */
export function showChanges(
  { out, t }: Session,
  changes: readonly { code: string; name: string; kind: string; changes: FieldChange[] }[],
): void {
  const revised = changes.some(({ kind }) => kind === 'REVISE');
  out.table(
    [
      t('差异', 'Kind'),
      t('编码', 'Code'),
      t('事项', 'Item'),
      ...(revised ? [t('逐字段变化', 'Field by field')] : []),
    ],
    changes.map(({ kind, code, name, changes: fields }) => [
      label(kind, t),
      code,
      name,
      ...(revised ? [kind === 'REVISE' ? changedFields(fields) : ''] : []),
    ]),
  );
}
