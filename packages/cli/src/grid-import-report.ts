import { CliFailure, EXIT } from './failure.ts';
import { changedFields, type FieldChange } from './field-changes.ts';
import type { Cli, Session } from './session.ts';

/** `GridImportReport` of the contract: what came of a file of grids or grid workers, and how it is shown. */

export interface GridImportReport {
  accepted: boolean;
  applied: boolean;
  sheet: string | null;
  encoding: string | null;
  columns: { letter: string; heading: string; field: string | null }[];
  rows: number;
  problems: {
    row: number | null;
    column: string | null;
    heading: string | null;
    value: string | null;
    cause: string;
    rule: string | null;
  }[];
  problemCount: number;
  created: number;
  revised: number;
  unchanged: number;
  differences: { code: string; name: string; kind: 'CREATE' | 'REVISE'; changes: FieldChange[] }[];
  repeated: boolean;
  pending: boolean;
}

export const REPORT_FIELDS = `accepted applied sheet encoding columns { letter heading field } rows
  problems { row column heading value cause rule } problemCount created revised unchanged
  differences { code name kind changes { field before after } } repeated pending`;

const MOST_SHOWN = 20;

function tellOthers({ out, t }: Session, hidden: number): void {
  if (hidden > 0)
    out.line(t(`……另有 ${hidden} 条（--json 可列出更多）`, `… and ${hidden} more (--json lists more)`));
}

/** How the file was read, and what stands against it. */
export function showReading(session: Session, report: GridImportReport): void {
  const { out, t } = session;
  const place = [
    report.sheet === null ? '' : t(`工作表“${report.sheet}”`, `sheet "${report.sheet}"`),
    report.encoding ?? '',
    t(`${report.rows} 行`, `${report.rows} rows`),
  ];
  out.line(place.filter(Boolean).join(t('，', ', ')));
  out.table(
    [t('列', 'Column'), t('标题', 'Heading'), t('理解为', 'Taken for')],
    report.columns.map(({ letter, heading, field }) => [
      letter,
      heading,
      field ?? t('（不导入）', '(left out)'),
    ]),
  );
  if (report.problemCount === 0) return;
  out.line();
  out.line(
    t(
      `问题：${report.problemCount} 处，未导入任何内容`,
      `${report.problemCount} problems; nothing is imported`,
    ),
  );
  out.table(
    [t('行', 'Row'), t('列', 'Column'), t('值', 'Value'), t('原因', 'Cause')],
    report.problems
      .slice(0, MOST_SHOWN)
      .map(({ row, column, heading, value, cause, rule }) => [
        row,
        [column, heading].filter(Boolean).join(' '),
        value,
        rule === null ? cause : `${cause} [${rule}]`,
      ]),
  );
  tellOthers(session, report.problemCount - Math.min(report.problems.length, MOST_SHOWN));
}

/** What it changes, or would change. */
export function showChanges(session: Session, report: GridImportReport): void {
  const { out, t } = session;
  const { created, revised, unchanged, differences } = report;
  out.line();
  out.line(
    t(
      `新增 ${created}，变更 ${revised}，未变 ${unchanged}`,
      `${created} new, ${revised} revised, ${unchanged} unchanged`,
    ),
  );
  if (differences.length === 0) return;
  out.table(
    [t('差异', 'Kind'), t('编码', 'Code'), t('名称', 'Name'), t('逐字段变化', 'Field by field')],
    differences
      .slice(0, MOST_SHOWN)
      .map(({ kind, code, name, changes }) => [
        kind === 'CREATE' ? t('新增', 'new') : t('变更', 'revised'),
        code,
        name,
        kind === 'REVISE' ? changedFields(changes) : '',
      ]),
  );
  tellOthers(session, created + revised - Math.min(differences.length, MOST_SHOWN));
}

/** Ends the command when something stands against the file. */
export function requireAccepted(report: GridImportReport, t: Cli['t']): void {
  if (report.accepted) return;
  const message = t(
    `文件未导入：${report.problemCount} 处问题，没有记录任何内容。`,
    `The file is not imported: ${report.problemCount} problems; nothing was recorded.`,
  );
  throw new CliFailure(EXIT.importProblems, { code: 'IMPORT_PROBLEMS', message }, { answer: { report } });
}
