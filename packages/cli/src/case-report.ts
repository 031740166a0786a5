import { type Command, Option } from 'commander';
import { addRecordOptions, ground, keyOf } from './acts.ts';
import { usageError } from './failure.ts';
import { attachmentOf } from './files.ts';
import { label } from './labels.ts';
import { type Cli, openSession } from './session.ts';
import { type BasisInput, parseDivision } from './values.ts';

export const LEVELS = ['WORKER', 'TOWN', 'COUNTY', 'JOINT'];
export const SOURCES = ['GRID_PATROL', 'CITIZEN', 'HOTLINE', 'DEPARTMENT', 'SENSOR', 'COMMAND'];
const URGENCIES = ['ORDINARY', 'URGENT', 'EMERGENCY'];

const REPORT = `mutation ($input: ReportCaseInput!) { reportCase(input: $input) {
  case { id status level className route { kind name lead { name } } } repeated pending } }`;

interface Reported {
  case: {
    id: string;
    status: string;
    level: string;
    className: string;
    route: { kind: string; name: string | null; lead: { name: string } | null };
  };
  repeated: boolean;
  pending: boolean;
}

interface ReportOptions {
  division: string;
  source: string;
  class: string;
  subclass?: string;
  description: string;
  at?: { lon: number; lat: number };
  grid?: string;
  address?: string;
  urgency?: string;
  level?: string;
  followUpOf?: string;
  settled?: string;
  attachment?: { sha256: string; name: string }[];
  reporterName?: string;
  reporterPhone?: string;
  reporterAddress?: string;
  reason?: string;
  basis?: BasisInput[];
  key?: string;
}

/** "lon,lat" in degrees (WGS 84). */
function parsePlace(value: string, t: Cli['t']): { lon: number; lat: number } {
  const [, lon, lat] = /^(-?\d{1,3}(?:\.\d+)?)[,，](-?\d{1,2}(?:\.\d+)?)$/.exec(value) ?? [];
  if (lon !== undefined && lat !== undefined) return { lon: Number(lon), lat: Number(lat) };
  throw usageError(t(`--at 应为“经度,纬度”：${value}`, `--at takes longitude,latitude: ${value}`));
}

async function report(cli: Cli, options: ReportOptions, self: Command): Promise<void> {
  const { client, out, t } = await openSession(cli, self, [
    options.source === 'GRID_PATROL' ? 'GRID_WORKER' : 'COUNTY_OPERATOR',
  ]);
  const { at, grid, settled, attachment, reason = t('上报案件', 'Report of a case'), basis, key } = options;
  const { reporterName, reporterPhone, reporterAddress, ...more } = options;
  const reporter = { name: reporterName, phone: reporterPhone, address: reporterAddress };
  const { division, source, subclass, description, address, urgency, level, followUpOf } = more;
  const input = {
    ...{ division, source, class: options.class, subclass, description, address, urgency, level, followUpOf },
    place: at,
    gridCode: grid,
    attachments: attachment,
    ...(settled === undefined ? {} : { settled: { text: settled } }),
    ...(Object.values(reporter).some((value) => value !== undefined) ? { reporter } : {}),
  };
  const idempotencyKey = keyOf(key, 'reportCase', input);
  const change = { reason, basis: basis ?? ground('G-4'), idempotencyKey };
  const { reportCase } = await client.ask<{ reportCase: Reported }>(REPORT, { input: { ...input, change } });
  const { id, className, level: at_, status, route } = reportCase.case;
  out.line(
    reportCase.repeated
      ? t(
          `今天已经上报过：${id}（要另报一件，请用 --key）`,
          `Already reported today: ${id} (--key makes another)`,
        )
      : t(`已上报：${id}（${className}）`, `Reported: ${id} (${className})`),
  );
  out.line(
    `${label(status, t)} · ${label(at_, t)} · ${route.lead?.name ?? t('清单未列主责单位', 'no list names a lead')}`,
  );
  out.data(reportCase);
}

/** `cases report` (G-4). */
export function registerReport(parent: Command, cli: Cli): void {
  const { t } = cli;
  const command = parent
    .command('report')
    .description(
      t(
        '上报案件：按当日有效的清单找到主责单位。',
        'Report a case: it finds its owner in the lists in force today.',
      ),
    )
    .requiredOption('--division <code>', t('所在镇街或村居', 'town or village'), (value) =>
      parseDivision(value, t),
    )
    .requiredOption('--class <code>', t('类别', 'class'))
    .requiredOption(
      '--description <text>',
      t('发生了什么（不含个人信息）', 'what happened, no personal data'),
    )
    .addOption(
      new Option('--source <source>', t(`来源：${SOURCES.join('、')}`, `source: ${SOURCES.join(', ')}`))
        .choices(SOURCES)
        .makeOptionMandatory(),
    )
    .option('--subclass <code>', t('细类', 'code within the class'))
    .option('--at <lon,lat>', t('地点（WGS 84 经纬度）', 'where (WGS 84)'), (value) => parsePlace(value, t))
    .option('--grid <code>', t('网格编码（没有经纬度时）', 'code of the grid, where there is no point'))
    .option('--address <text>', t('地址', 'where, in words'))
    .addOption(
      new Option(
        '--urgency <urgency>',
        t(`紧急程度：${URGENCIES.join('、')}`, `urgency: ${URGENCIES.join(', ')}`),
      ).choices(URGENCIES),
    )
    .addOption(
      new Option('--level <level>', t('紧急案件从哪一级开始', 'level at which an emergency begins')).choices(
        LEVELS,
      ),
    )
    .option('--settled <text>', t('网格员当场如何解决', 'how the grid worker settled it at once'))
    .option('--follow-up-of <case>', t('跟进的案件', 'the case that it follows up'))
    .option(
      '--attachment <sha256=name>',
      t('已上传的附件，可多次给出', 'a file uploaded before; may be repeated'),
      (value: string, earlier: object[] = []) => [...earlier, attachmentOf(value, t)],
    )
    .option('--reporter-name <name>', t('上报人姓名（加密保存）', 'name of the reporter (kept sealed)'))
    .option('--reporter-phone <number>', t('上报人电话（加密保存）', 'telephone of the reporter (sealed)'))
    .option('--reporter-address <text>', t('上报人地址（加密保存）', 'address of the reporter (sealed)'));
  addRecordOptions(command, t).action((options: ReportOptions, self: Command) => report(cli, options, self));
}
