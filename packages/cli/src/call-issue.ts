import { type Command, Option } from 'commander';
import { addRecordOptions, ground, keyOf } from './acts.ts';
import { organId } from './lists.ts';
import { type Cli, openSession } from './session.ts';
import { type BasisInput, parseDivision, parseInstant } from './values.ts';

export const KINDS = ['CASE', 'EMERGENCY', 'JOINT_ENFORCEMENT'];

interface IssueOptions {
  division: string;
  kind: string;
  title: string;
  asked: string;
  address: string;
  case?: string;
  follows?: string;
  at?: string;
  lead?: string;
  organ?: string[];
  reason?: string;
  basis?: BasisInput[];
  key?: string;
}

async function issue(cli: Cli, options: IssueOptions, self: Command): Promise<void> {
  const session = await openSession(cli, self, ['TOWN_OPERATOR']);
  const { client, out, t } = session;
  const { division, kind, title, asked, address, follows, at, lead, organ = [], key } = options;
  const county = division.slice(0, 6).padEnd(12, '0');
  const called = await Promise.all([
    ...(lead === undefined ? [] : [lead]).map(async (name) => ({
      organ: await organId(session, county, name),
      role: 'LEAD',
    })),
    ...organ.map(async (name) => ({ organ: await organId(session, county, name), role: 'COOPERATE' })),
  ]);
  const input = {
    ...{ kind, title, asked, follows, caseId: options.case, appointedAt: at, place: { address } },
    ...(called.length > 0 ? { organs: called } : {}),
  };
  const { reason = title, basis = ground('G-9') } = options;
  const change = { reason, basis, idempotencyKey: keyOf(key, 'issueCall', input) };
  const { issueCall } = await client.ask<{
    issueCall: { call: { id: string; parts: { organName: string }[] }; repeated: boolean; pending: boolean };
  }>(
    `mutation ($input: IssueCallInput!) { issueCall(input: $input) { call { id status parts { number organName role status due } } repeated pending } }`,
    { input: { ...input, change } },
  );
  const names = issueCall.call.parts.map((part) => part.organName).join('、');
  out.line(t(`已吹哨：${issueCall.call.id}（${names}）`, `Called: ${issueCall.call.id} (${names})`));
  out.data(issueCall);
}

/** `calls issue` (G-9). */
export function registerIssue(parent: Command, cli: Cli): void {
  const { t } = cli;
  const command = parent
    .command('issue')
    .description(t('镇街吹哨。', 'A town calls.'))
    .requiredOption('--division <code>', t('镇街', 'the town'), (value) => parseDivision(value, t))
    .addOption(
      new Option('--kind <kind>', t(`情形：${KINDS.join('、')}`, `kind: ${KINDS.join(', ')}`))
        .choices(KINDS)
        .makeOptionMandatory(),
    )
    .requiredOption('--title <text>', t('事由', 'in a few words'))
    .requiredOption('--asked <text>', t('要求', 'what is asked of the organs'))
    .requiredOption('--address <text>', t('地点', 'where'))
    .option('--case <id>', t('所为案件；情形为 CASE 时必填', 'the case that it is for; needed for CASE'))
    .option('--follows <call>', t('跟进的吹哨', 'the call that it follows up'))
    .option('--at <time>', t('到场时间', 'when they are wanted on site'), (value) => parseInstant(value, t))
    .option('--lead <organ>', t('牵头机构（名称或编号）', 'organ that leads (name or id)'))
    .option(
      '--organ <organ>',
      t(
        '配合机构，可多次给出；都不给出时按案件的清单',
        'organ that cooperates, may be repeated; without any, whom the list of the case names',
      ),
      (value: string, earlier: string[] = []) => [...earlier, value],
    );
  addRecordOptions(command, t).action((options: IssueOptions, self: Command) => issue(cli, options, self));
}
