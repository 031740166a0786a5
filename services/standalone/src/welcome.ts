import { DEFAULT_PORT, type StandaloneConfig } from './config.ts';

const DEFAULT_DATA = './data';
const DIVISION = '370114';
const ORGANS = 'packages/cli/samples/organs-370114.csv';
const LIST = 'services/lists/data/samples/duty_items.csv';
const MAPPING = 'packages/cli/samples/duty-items-mapping.json';
const QUESTION = '秸秆';

/** As a shell takes it in one piece. */
const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** What is printed once the node serves: where, with which token, and what to try. */
export function welcome({ identity, dataDir, port }: StandaloneConfig, url: string): string {
  const served = `
DutyLedger 责任账本

  服务地址  serving at       ${url}/graphql
  数据目录  data directory   ${dataDir}
`;
  const stop = '\n按 Ctrl-C 停止。 Ctrl-C stops it.\n\n';
  if (identity.kind === 'oidc') return `${served}  令牌签发  tokens by        ${identity.issuer}\n${stop}`;
  const data = dataDir === DEFAULT_DATA ? '' : ` --data ${quoted(dataDir)}`;
  const at = port === DEFAULT_PORT ? '' : ` --url ${url}/graphql`;
  return `${served}  查询页面  explorer         ${url}/    （开发令牌已填好 the development token is filled in）
  开发令牌  token            npx dutyledger token${data}

试一试 Three things to try, in another terminal:

  1. 登记章丘区的机构，导入样例清单，按提示公布。
     Register organs, import the sample list, publish it as the import tells you.

     npx dutyledger organs ${ORGANS} --division ${DIVISION}${data}${at}
     npx dutyledger import ${LIST} --division ${DIVISION} \\
       --kind TERRITORIAL --title 属地管理事项责任清单 --maintainer 区委编办 \\
       --mapping ${MAPPING}${data}${at}

  2. 问谁负责。 Ask who is responsible.

     npx dutyledger responsible --division ${DIVISION} ${QUESTION}${data}${at}

  3. 用 GraphQL 问。 Ask in GraphQL.

     curl -s ${url}/graphql -H 'content-type: application/json' \\
       -H "authorization: Bearer $(npx dutyledger token${data})" \\
       -d '{"query":"{ dutyLists(division: \\"${DIVISION}000000\\") { edges { node { id title } } } }"}'
${stop}`;
}
