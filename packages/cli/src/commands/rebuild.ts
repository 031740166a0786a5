import type { Command } from 'commander';
import { CliFailure, EXIT } from '../failure.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import { addExamples } from '../values.ts';

interface Status {
  name: string;
  version: number;
  position: number;
  head: number;
  failure: string | null;
}

interface Rebuilt {
  readModel: Status;
  digestBefore: string;
  digestAfter: string;
}

const STATUS = 'name version position head rebuilding failure';
const QUERY = `{ lists: listsReadModels { ${STATUS} } staffing: staffingReadModels { ${STATUS} }
  gridEvents: gridEventsReadModels { ${STATUS} } }`;
const mutation = (field: string): string =>
  `mutation ($input: RebuildReadModelInput!) { rebuilt: ${field}(input: $input) {
    readModel { ${STATUS} } digestBefore digestAfter } }`;
const SERVICES = {
  lists: mutation('rebuildListsReadModel'),
  staffing: mutation('rebuildStaffingReadModel'),
  gridEvents: mutation('rebuildGridEventsReadModel'),
} as const;
type Service = keyof typeof SERVICES;

async function readModels({ client }: Session): Promise<{ service: Service; status: Status }[]> {
  const answer = await client.ask<Record<Service, Status[]>>(QUERY);
  return (Object.keys(SERVICES) as Service[]).flatMap((service) =>
    answer[service].map((status) => ({ service, status })),
  );
}

/** The read models to be built anew: all, or the one of this name. */
function chosen<T extends { status: Status }>(models: T[], name: string | undefined, t: Cli['t']): T[] {
  const found = models.filter(({ status }) => name === undefined || status.name === name);
  if (found.length > 0) return found;
  const known = models.map(({ status }) => status.name).join(', ');
  const message = t(
    `没有读模型 ${name}；现有：${known}`,
    `There is no read model ${name}; there are: ${known}`,
  );
  throw new CliFailure(EXIT.failed, { code: 'NOT_FOUND', field: 'name', message });
}

/** `rebuild`: builds read models anew from all events and compares them with what was served. */
export function registerRebuild(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('rebuild')
    .description(
      t(
        '用全部事件重建读模型，服务不中断，并比较重建前后的摘要。',
        'Build read models anew from all events while they serve, and compare the digests before and after.',
      ),
    )
    .argument('[name]', t('读模型名称（默认全部）', 'name of a read model (default: all of them)'))
    .option('--status', t('只显示状态，不重建', 'show how far they are, rebuild nothing'))
    .action(async (name: string | undefined, { status = false }: { status?: boolean }, self: Command) => {
      const session = await openSession(cli, self, ['SYSTEM_ADMIN']);
      const { client, out } = session;
      const models = chosen(await readModels(session), name, t);
      if (status) {
        out.table(
          [
            t('读模型', 'Read model'),
            t('版本', 'Version'),
            t('位置', 'Position'),
            t('最新', 'Head'),
            t('故障', 'Failure'),
          ],
          models.map(({ status: { name: model, version, position, head, failure } }) => [
            model,
            version,
            position,
            head,
            failure,
          ]),
        );
        out.data(models.map((model) => model.status));
        return;
      }
      const rebuilt: Rebuilt[] = [];
      for (const { service, status: model } of models) {
        const work = client.ask<{ rebuilt: Rebuilt }>(SERVICES[service], { input: { name: model.name } });
        rebuilt.push(
          (await out.during(t(`正在重建 ${model.name}`, `Rebuilding ${model.name}`), work)).rebuilt,
        );
      }
      const equal = ({ digestBefore, digestAfter }: Rebuilt): boolean => digestBefore === digestAfter;
      out.table(
        [
          t('读模型', 'Read model'),
          t('位置', 'Position'),
          t('重建前', 'Before'),
          t('重建后', 'After'),
          t('一致', 'Equal'),
        ],
        rebuilt.map((model) => [
          model.readModel.name,
          model.readModel.position,
          model.digestBefore.slice(0, 16),
          model.digestAfter.slice(0, 16),
          equal(model) ? t('是', 'yes') : t('否', 'NO'),
        ]),
      );
      const different = rebuilt.filter((model) => !equal(model)).map(({ readModel }) => readModel.name);
      if (different.length > 0) {
        const message = t(
          `重建结果与原内容不一致：${different.join('、')}。若重建期间没有写入，请保留备份并报告。`,
          `What was rebuilt differs from what was served: ${different.join(', ')}. Unless something was written meanwhile, keep a backup and report it.`,
        );
        throw new CliFailure(EXIT.failed, { code: 'DIGESTS_DIFFER', message }, { answer: { rebuilt } });
      }
      out.data(rebuilt);
    });
  addExamples(
    command,
    t,
    'dutyledger rebuild',
    'dutyledger rebuild lists.items',
    'dutyledger rebuild --status --json',
  );
}
