import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { type Language, translator } from '../src/language.ts';
import { createProgram } from '../src/program.ts';

/** The reference part of the guide is what --help says, in both languages; `npx vitest run packages/cli -u` writes it anew. */

const INTRODUCTION = `# 命令行 · Command line

\`npx dutyledger <命令>\` 从克隆的仓库中运行，只通过 GraphQL 接口与服务器交谈。本页由 \`--help\` 生成，测试保证二者一致。

\`npx dutyledger <command>\` runs from the clone and talks to the server through its GraphQL endpoint alone. This page
is made from \`--help\`; a test keeps the two the same.

- **地址和令牌 · Where and as whom.** \`--url\` 或 \`DUTYLEDGER_URL\`；\`--token\` 或 \`DUTYLEDGER_TOKEN\`。两者都没有给出、而本机有开发节点的数据目录时，自动签发该命令所需角色的开发令牌。 · \`--url\` or \`DUTYLEDGER_URL\`; \`--token\` or \`DUTYLEDGER_TOKEN\`. Beside a development node on this machine, a command without a token makes itself one with the roles it needs.
- **输出 · Output.** 结果写到标准输出，其余（进度、提示、错误）写到标准错误；\`--json\` 时标准输出只有一个 JSON 文档，出错时为 \`{"error": {code, message, rule, field, citation, details}}\`。 · Answers go to standard output, everything else to standard error. With \`--json\` standard output holds one JSON document, \`{"error": …}\` after a refusal.
- **重试 · Trying again.** 每项变更都带幂等键：连接中断时命令自动重试约 15 秒，也可以原样再次执行，不会重复记录。 · Every change carries an idempotency key: a command whose connection breaks tries again for some 15 seconds, and may be run again as it was; nothing is recorded twice.
- **原因和依据 · Reason and ground.** 变更必须有原因和依据。未给出 \`--reason\`、\`--basis\` 时，导入和登记以文件名和文件摘要为依据，公布以公布文号为依据。 · Every change has a reason and a ground. Left out, the file and its digest are the ground of an import or a registration, the document number that of a publication.
- **案件和吹哨 · Cases and calls.** \`cases\`、\`calls\` 的每一步都要 \`--reason\`；未给 \`--basis\` 时依据为本平台的相应规则。幂等键由内容和当天日期得出：同一天内容相同的命令只执行一次（会说明），要再做一次请用 \`--key\` 另给一个键。部门和镇街的步骤须用写明机构的令牌（\`dutyledger token --organ …\`）。 · Every step of \`cases\` and \`calls\` takes a \`--reason\`; without \`--basis\` it rests on the platform's own rule. The idempotency key is made from content and day: the same command on the same day is carried out once, and says so; another \`--key\` does it again. Steps of departments and towns need a token that names the organ (\`dutyledger token --organ …\`).
- **时刻 · Times.** \`--known-at\` 等只给日期时指该日结束（北京时间）；不带时区的时间按北京时间理解。 · A day given for \`--known-at\` and its like means its end; times without an offset are China Standard Time.
- **机构登记文件 · Register of organs.** 样例：\`packages/cli/samples/organs-370114.csv\`。类型：政府、政府部门、党委部门、事业单位、镇街、职能机构、派驻机构、村居、统称（也可用接口中的英文值）；“统称”须写明层级（省级、市级、县级、乡级、村级）。 · A sample is \`packages/cli/samples/organs-370114.csv\`. Kinds are those of the contract, in English or Chinese; an ORGAN_CLASS (统称) states its level.
- **导入 · Import.** 列和机构的对应关系（\`--mapping\`）见 [list-import.md](list-import.md)。 · What a mapping may say is in [list-import.md](list-import.md).
- **备份 · Backup.** 备份只含事件（\`events.db\`）和清单（\`manifest.json\`：时间、事件数、末位置、摘要）；读模型和总线由事件重建。开发签发器的密钥不在备份中。 · A backup holds the events and a manifest (time, number of events, last position, digest); read models and bus are rebuilt. The key of the development issuer is not in it.
- **迁移 · Migration.** \`migrate\` 把全部事件从一个事件库搬到另一个（单机的 \`events.db\` 到 EventStoreDB/KurrentDB 集群，或者反向），保留编号、顺序、流、修订号、记录时间和元数据，最后重新读取两边并比较摘要。它直接读写事件库：先停止节点和服务。随时可以中断，重新执行即从断点继续。事件的位置由目标库决定，所以启动新节点时读模型和总线必须是空的，它们会自动重建。URL 中的口令不会显示。 · \`migrate\` moves all events from one event store to another (a node's \`events.db\` to an EventStoreDB or KurrentDB cluster, or back) with their ids, order, streams, revisions, instants and metadata, then reads both anew and compares digests. It works on the stores themselves: stop the node and the services first. It may be broken off at any moment; the same command goes on. Positions are the target's own, so start what runs on it with empty read models and an empty bus, which are built again. Passwords in URLs are not shown.
`;

/** What every command takes stands in the overview; below a command it is not said again. */
function helpOf(command: Command, globalOptions = true): string {
  let text = '';
  command.configureHelp({ ...command.configureHelp(), showGlobalOptions: globalOptions });
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.trimEnd();
}

const programOf = (language: Language): Command =>
  createProgram({ language, t: translator(language), env: {} });

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

test('docs/guides/command-line.md says what --help says', async () => {
  const [zh, en] = [programOf('zh-CN'), programOf('en')];
  const section = (heading: string, command: Command, same: Command): string[] => [
    `${heading}\n\n${[command, same].map((each) => block(helpOf(each, heading.startsWith('## ')))).join('\n\n')}`,
    ...command.commands.flatMap((below, i) =>
      section(`### ${command.name()} ${below.name()}`, below, same.commands[i] as Command),
    ),
  ];
  const sections = zh.commands.flatMap((command, i) =>
    section(`## ${command.name()}`, command, en.commands[i] as Command),
  );
  const overview = `## 总览 · Overview\n\n${block(helpOf(zh))}\n\n${block(helpOf(en))}`;
  const guide = `${[INTRODUCTION, overview, ...sections].join('\n\n')}\n`;
  await expect(guide).toMatchFileSnapshot('../../../docs/guides/command-line.md');
});

test('every command has examples in its help', () => {
  for (const command of programOf('en').commands) expect(helpOf(command)).toMatch(/Examples:\n {2}\$ /);
});
