import type { Command } from 'commander';
import type { FieldChange } from '../field-changes.ts';
import { showChanges } from '../import-report.ts';
import { noSuchList } from '../lists.ts';
import { STANDING, type Standing, type StepOptions, stepChange, takeSteps } from '../publish-steps.ts';
import { type Cli, openSession, type Session } from '../session.ts';
import { addChangeOptions, addExamples, type ChangeOptions, parseDay } from '../values.ts';

interface Draft extends Standing {
  added: number;
  revised: number;
  retired: number;
  itemCount: number;
  review: { passed: boolean; organName: string } | null;
  approval: { body: string; documentNumber: string } | null;
  opinions: { organName: string; position: 'AGREE' | 'OBJECT' | 'NONE'; text: string }[];
  changes: { edges: { node: { code: string; name: string; change: string; changes: FieldChange[] } }[] };
}

interface List {
  id: string;
  title: string;
  division: string;
  edition: { number: number; effectiveFrom: string } | null;
  draft: Draft;
}

interface Published {
  edition: { number: number; effectiveFrom: string; itemCount: number; digest: string };
  repeated: boolean;
  pending: boolean;
}

interface Options extends ChangeOptions, StepOptions {
  list: string;
  effective: string;
  dryRun?: boolean;
}

const MOST_SHOWN = 20;

const LIST = `query ($list: ID!) { dutyList(id: $list) { id title division
  edition { number effectiveFrom }
  draft { ${STANDING} added revised retired itemCount
    review { passed organName opinion } approval { body documentNumber } opinions { organName position text }
    changes(first: ${MOST_SHOWN}) { edges { node { code name change changes { field before after } } } } } } }`;
const PUBLISH = `mutation ($input: PublishEditionInput!) { publishEdition(input: $input) {
  edition { number effectiveFrom documentNumber publishedAt itemCount added revised retired slimmedBy digest }
  repeated pending } }`;

async function findDraft({ client, t }: Session, list: string): Promise<List> {
  const { dutyList } = await client.ask<{ dutyList: List | null }>(LIST, { list });
  if (!dutyList) throw noSuchList(list, t);
  return dutyList;
}

function showDraft(session: Session, { title, edition, draft }: List, options: Options): void {
  const { out, t } = session;
  const { number, added, revised, retired, itemCount, review, approval, opinions, changes } = draft;
  const none = t('（无）', '(none)');
  const objections = opinions.filter(({ position }) => position === 'OBJECT');
  out.line(
    t(
      `${title}：草稿 ${number}，现行第 ${edition?.number ?? '—'} 版`,
      `${title}: draft ${number}, in force: edition ${edition?.number ?? '—'}`,
    ),
  );
  out.line(
    t(
      `新增 ${added}，修改 ${revised}，移除 ${retired}；公布后共 ${itemCount} 项，自 ${options.effective} 起生效，文号 ${options.document}`,
      `${added} added, ${revised} revised, ${retired} retired; ${itemCount} items once published, in force from ${options.effective}, document ${options.document}`,
    ),
  );
  out.line(t(`合法性审核：${review?.organName ?? none}`, `Legality review: ${review?.organName ?? none}`));
  out.line(t(`审批：${approval?.body ?? none}`, `Approval: ${approval?.body ?? none}`));
  for (const { organName, text } of objections) {
    out.line(t(`反对意见：${organName}：${text}`, `Objection: ${organName}: ${text}`));
  }
  if (changes.edges.length === 0) return;
  showChanges(
    session,
    changes.edges.map(({ node }) => ({ ...node, kind: node.change })),
  );
  const hidden = added + revised + retired - changes.edges.length;
  if (hidden > 0) out.line(t(`……另有 ${hidden} 条`, `… and ${hidden} more`));
}

async function publish(cli: Cli, options: Options, self: Command): Promise<void> {
  const { t } = cli;
  const session = await openSession(cli, self, ['LIST_EDITOR', 'COUNTY_APPROVER', 'LIST_PUBLISHER']);
  const { client, out } = session;
  const list = await findDraft(session, options.list);
  const { draft } = list;
  const { document, effective } = options;
  const change = {
    reason: options.reason ?? t(`公布清单 ${document}`, `Publication of ${document}`),
    basis: options.basis ?? [{ title: list.title, documentNumber: document }],
  };
  showDraft(session, list, options);
  if (options.dryRun) {
    out.data(list);
    return;
  }
  await takeSteps(session, list, draft, options, change);
  const input = {
    list: list.id,
    draftNumber: draft.number,
    effectiveFrom: effective,
    documentNumber: document,
  };
  const { publishEdition } = await client.ask<{ publishEdition: Published }>(PUBLISH, {
    input: { ...input, change: stepChange('publish', draft.number, input, change) },
  });
  const { edition, repeated } = publishEdition;
  out.line();
  out.line(
    t(
      `已公布第 ${edition.number} 版，${edition.itemCount} 项，自 ${edition.effectiveFrom} 起生效${repeated ? '（此前已公布，未重复）' : ''}。`,
      `Published edition ${edition.number} with ${edition.itemCount} items, in force from ${edition.effectiveFrom}${repeated ? ' (it was published before; not repeated)' : ''}.`,
    ),
  );
  out.line(`sha256: ${edition.digest}`);
  out.data(publishEdition);
}

/** `publish`: the draft of a list as its next edition (L-3). */
export function registerPublish(program: Command, cli: Cli): void {
  const { t } = cli;
  const command = program
    .command('publish')
    .description(
      t(
        '公布草稿为下一版：先显示将公布的内容；给出审核机构、意见复函和审批机关时，一并提交草稿并凭书面文件记录合法性审核、各单位意见与审批；已办理的环节不重复。',
        'Publish the draft as the next edition. What will be published is shown first; the draft is submitted, and legality review, opinions and approval are recorded from paper, as far as they are given and not on record yet.',
      ),
    )
    .requiredOption('--list <id>', t('清单编号', 'id of the list'))
    .requiredOption('--effective <day>', t('生效日', 'day from which it is in force'), (value) =>
      parseDay(value, t),
    )
    .requiredOption('--document <number>', t('公布文号', 'document number of the publication'))
    .option(
      '--review-organ <organ>',
      t('合法性审核机构的编号或名称', 'id or name of the organ that reviewed its legality'),
    )
    .option('--review-opinion <text>', t('审核意见（默认“同意”）', 'what it said (default "Approved")'))
    .option(
      '--review-document <number>',
      t('审核意见文号（默认同公布文号）', 'document number of the review (default: that of the publication)'),
    )
    .option(
      '--opinions-document <number>',
      t(
        '征求意见复函文号：尚未答复的被征求单位均以此记为同意',
        'document number of the answers of the organs asked: who has not answered yet is recorded as agreeing',
      ),
    )
    .option('--approved-by <body>', t('审批机关，如 区委编委', 'who approved, such as 区委编委'))
    .option(
      '--approval-document <number>',
      t('审批文号（默认同公布文号）', 'document number of the approval (default: that of the publication)'),
    )
    .option('--overruling <text>', t('有反对意见时继续公布的理由', 'why it goes on in spite of objections'))
    .option('--dry-run', t('只显示将公布的内容', 'show what would be published only'));
  addChangeOptions(command, t).action((options: Options, self: Command) => publish(cli, options, self));
  addExamples(
    command,
    t,
    'dutyledger publish --list <id> --effective 2026-03-01 --document 章政发〔2026〕3号 --dry-run',
    'dutyledger publish --list <id> --effective 2026-03-01 --document 章政发〔2026〕3号 --review-organ 区司法局 --opinions-document 汇总〔2026〕1号 --approved-by 区委编委',
  );
}
