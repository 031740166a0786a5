import type { Text } from '@dutyledger/event-store/decider';

/**
 * What a column of a list can mean. The heading is the one that exports use and the clearest that lists have;
 * `exact` are other headings with that meaning, `like` are patterns for headings that say more.
 * Headings are compared without spaces and in half-width form.
 */
interface FieldDefinition {
  heading: string;
  label: string;
  exact?: string;
  like?: RegExp;
}

const define = <F extends string>(fields: Record<F, FieldDefinition>) => fields;

const TOWN =
  '(乡镇|镇街|街镇|乡|镇|街道|镇乡|乡镇街道|镇街道|乡镇\\(街道\\)|镇\\(街道\\)|乡\\(镇、街道\\)|镇\\(街\\))';

export const FIELDS = define({
  sequence: { heading: '序号', label: 'running number', exact: '行号 序 项号 no no. 序列' },
  code: {
    heading: '事项编码',
    label: 'code',
    exact:
      '编码 代码 编号 职权编码 权力编码 事项代码 事项编号 清单编号 目录编号 项目编码 实施编码 基本编码 职责编码 职权编号 权力事项编码',
    like: /^(事项|职权|权力|职责|项目|目录).{0,4}(编码|编号|代码)$/,
  },
  name: {
    heading: '事项名称',
    label: 'name',
    exact:
      '事项 名称 职权名称 职责名称 权力名称 赋权事项 赋权事项名称 权力事项 权力事项名称 履职事项 履职事项名称 职责事项 服务事项 服务事项名称 公共服务事项 项目名称 主项名称 主项 处罚事项 处罚事项名称 执法事项 执法事项名称 监管事项 事权名称 事权事项 共有事权 具体事项 工作事项 职责任务 工作任务 禁止事项 负面清单 负面清单事项 禁止行为 禁止性行为 小类名称 事项清单 收回事项 收回事项名称 下放事项 信息名称 数据名称 信息共享事项 责任事项名称 任务名称',
    like: /^(?!子项).{0,10}(事项|职权|职责|权力|事权|项目)名称$|^(?!(责任|配合|注意|其他|子项|主体).{0,4}事项$).{1,14}事项(清单)?$/,
  },
  subName: {
    heading: '子项名称',
    label: 'sub-item',
    exact: '子项 事项子项 子项事项 分项名称 子职权名称',
    like: /^.{0,6}子项(名称)?$/,
  },
  domain: {
    heading: '领域',
    label: 'domain',
    exact:
      '重点领域 所属领域 业务领域 行业领域 执法领域 管理领域 专业领域 条线 所属条线 大类 大类名称 一级分类 一级目录 领域类别 事项领域 板块 分类 职责类别 所属类别',
    like: /领域$/,
  },
  category: {
    heading: '事项类型',
    label: 'category',
    exact:
      '类别 类型 事项类别 权力类型 权力类别 职权类型 职权类别 行政权力类型 行政权力类别 二级分类 二级目录 执法类型 服务类型 服务类别',
    like: /(事项|权力|职权|执法)(类别|类型|种类)$/,
  },
  handlingClass: {
    heading: '办理类别',
    label: 'handling class',
    exact: '处理方式 办理方式 办理类型 办理分类 处置类别 处理类别',
  },
  mayHandle: { heading: '可办理', label: 'tick: may handle', exact: '可办 可以办理 直接办理 可办事项' },
  assist: { heading: '协助办理', label: 'tick: assist', exact: '协办 可协助办理 协助 协助事项 帮办代办' },
  mustNotHandle: {
    heading: '不可办理',
    label: 'tick: must not handle',
    exact: '不可办 不办 不得办理 不予办理 禁止办理 不应办理',
  },
  lead: {
    heading: '主体责任单位',
    label: 'lead organ',
    exact:
      '牵头单位 牵头部门 责任主体 责任单位 实施机构 法定实施机关 法定实施机构 实施机关 实施主体 实施部门 法定主体 责任部门 职责主体 主管部门 主管单位 主办单位 主责单位 主责部门 行使主体 行使机关 行使部门 执法主体 职权主体 责任机构 牵头责任单位 牵头机构 主体责任部门 主体单位 主体部门 对应上级部门 上级部门 上级主管部门 县级部门 区级部门 市级部门 县直部门 区直部门 承接部门 收回部门 提供部门 提供单位 主体责任机构 责任承担单位 牵头(责任)单位 管理部门',
    like: /^(区|县|市|上级|对应|县级|区级|市级|县直|区直|主要|第一|具体)?(牵头|主体责任|主责|主管|主办|责任|对应)(上级)?(单位|部门|机构|主体|机关)$/,
  },
  leadDuty: {
    heading: '主体责任',
    label: 'duty of the lead',
    exact:
      '主体责任内容 主体职责 主要责任 责任事项 责任内容 牵头职责 牵头责任 主责内容 主要职责 职责内容 具体职责 工作职责 上级部门职责 县级部门职责 区级部门职责 部门职责 收回后工作方式 工作方式',
    like: /^(主体责任|牵头|责任|主责|主管|上级|县级|区级|县直|区直|对应).{0,4}(单位|部门|机构)(的)?(主体|牵头)?(职责|责任)(内容)?$/,
  },
  leadAndDuty: {
    heading: '主体责任单位及责任',
    label: 'lead organ with its duty',
    exact: '承接部门及工作方式 承接部门和工作方式 承接单位及工作方式 收回部门及工作方式 上级部门及工作方式',
    like: /^(区|县|市|上级|县级|区级|市级|县直|区直|对应)?(主体|牵头|责任|主责|主管)?.{0,2}(单位|部门|机构|主体|牵头|责任)(及|和|与|、)(其|主体)?(责任|职责)(内容)?$/,
  },
  cooperator: {
    heading: '配合责任单位',
    label: 'cooperating organs',
    exact:
      '配合单位 配合部门 协同部门 协同单位 共同实施部门 协办单位 协办部门 配合主体 协作部门 协作单位 参与部门 参与单位 协助单位 协助部门 配合机构 联合实施部门 共同实施单位 相关部门 需求部门 使用部门 共享部门',
    like: /^(配合|协同|协办|协作|协助|参与|共同).{0,4}(单位|部门|机构|主体)$/,
  },
  cooperatorDuty: {
    heading: '配合责任',
    label: 'duties of the cooperating organs',
    exact: '配合责任内容 配合职责 协同职责 协办职责 协助职责 配合内容 配合事项',
    like: /^(配合|协同|协办|协作|参与).{0,6}(职责|责任)(内容)?$/,
  },
  cooperatorAndDuty: {
    heading: '配合责任单位及责任',
    label: 'cooperating organs with their duties',
    like: /^(配合|协同|协办|协作|参与).{0,4}(单位|部门|机构)?(及|和|与|、)(其|配合)?(责任|职责)(内容)?$/,
  },
  townRole: {
    heading: '镇街角色',
    label: "town's role",
    exact: '乡镇角色 镇街定位 镇街责任类型 乡镇(街道)角色 镇(街道)角色 镇街责任 镇街责任属性',
    like: new RegExp(`^${TOWN}(角色|定位|责任类型|责任属性)$`),
  },
  townDuty: {
    heading: '镇街职责',
    label: "towns' duty",
    exact: '镇街 乡镇 街镇 镇(街道) 乡镇(街道) 乡镇职责 街道职责 属地职责 属地责任 属地配合责任',
    like: new RegExp(`^${TOWN}(的)?(主体|配合|协助|承担)?(的)?(职责|责任)(内容|分工)?$`),
  },
  townBody: {
    heading: '承接机构',
    label: 'functional body of the town',
    exact: '职能机构 镇街承接机构 镇街职能机构 乡镇承接机构 承接内设机构 镇街内设机构',
  },
  receivingTowns: {
    heading: '赋权镇街',
    label: 'towns that received the power',
    exact: '赋权街镇 承接镇街 承接主体 承接乡镇 承接单位 赋权对象 赋权乡镇 下放镇街 承接街道',
  },
  basis: {
    heading: '依据',
    label: 'legal basis',
    exact:
      '法律法规 法律法规及文件依据 实施依据 执法依据 法律依据 设定依据 法律法规依据 政策依据 文件依据 赋权依据 职责依据 处罚依据 主要依据 法律法规规章依据 法定依据 依据文件',
    like: /依据(名称|文件|\(.*\))?$/,
  },
  article: {
    heading: '条款',
    label: 'article',
    exact: '依据条款 法条 条文 具体条款 法律条款 条款项 依据条文',
  },
  documentNumber: { heading: '文号', label: 'document number', exact: '发文字号 文件文号 文件号 依据文号' },
  fiscalShares: {
    heading: '财权分配占比',
    label: 'fiscal shares',
    exact:
      '财政分担比例 财权占比 财政分担 分担比例 财权分配 经费分担比例 经费分担 财政支出责任占比 财权分配比例',
  },
  procedure: {
    heading: '流程步骤',
    label: 'procedure',
    exact: '运行流程 运行流程图 办理流程 工作流程 流程 流程图',
  },
  promised: { heading: '承诺时限', label: 'promised time', exact: '承诺办理时限 承诺办结时限 承诺办结期限' },
  situations: { heading: '具体情形', label: 'situations', exact: '情形 适用情形 细分情形 事项情形 表现形式' },
  caseClasses: {
    heading: '事件类别',
    label: 'case classes',
    exact: '事件分类 对应事件 关联事件 关联事件类别 对应事件类别 事件小类',
  },
  keywords: { heading: '关键词', label: 'keywords', exact: '别名 俗称 检索词 关键字' },
  remarks: { heading: '备注', label: 'remarks', exact: '说明 备注说明 注 附注' },
});

export type ColumnField = keyof typeof FIELDS;
/** `extra` keeps the column under its heading, `ignore` leaves it out. */
export type MappedField = ColumnField | 'extra' | 'ignore';

export const COLUMN_FIELDS = Object.keys(FIELDS) as ColumnField[];

export const fieldText = (field: ColumnField): Text => ({
  en: FIELDS[field].label,
  'zh-CN': FIELDS[field].heading,
});

/** A heading as it is compared: no spaces, half-width, no trailing marks. */
export const headingKey = (heading: string): string =>
  heading
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/^[*\d.、]+(?=\p{Script=Han})|[*:]+$/gu, '')
    .toLowerCase();

const EXACT = new Map<string, ColumnField>();
for (const field of COLUMN_FIELDS) {
  const { heading, exact } = FIELDS[field];
  for (const word of [heading, ...(exact?.split(' ') ?? [])]) EXACT.set(headingKey(word), field);
}

export interface Recognised {
  field: ColumnField;
  /** Word for word, or by a pattern. */
  exact: boolean;
}

const recognised = new Map<string, Recognised | null>();

/** The field a heading stands for; remarks in brackets and the parts of a two-line heading are taken into account. */
export function recogniseHeading(heading: string): Recognised | null {
  const known = recognised.get(heading);
  if (known !== undefined) return known;
  const found = recognise(heading);
  if (recognised.size < 5_000) recognised.set(heading, found);
  return found;
}

function recognise(heading: string): Recognised | null {
  if (heading.length > 60) return null;
  const parts = heading
    .split(' / ')
    .map(headingKey)
    .filter((part) => part !== '');
  const [group, leaf] = [parts.at(-2), parts.at(-1)];
  if (leaf === undefined) return null;
  if (group === undefined) return recogniseWord(leaf);
  return recogniseLeaf(group, leaf) ?? recogniseWord(leaf) ?? recogniseWord(group);
}

function recogniseWord(word: string): Recognised | null {
  const bare = word.replace(/\([^()]*\)/g, '');
  const field = EXACT.get(word) ?? EXACT.get(bare);
  if (field !== undefined) return { field, exact: true };
  const like = COLUMN_FIELDS.find((candidate) => {
    const { like: pattern } = FIELDS[candidate];
    return pattern?.test(word) || pattern?.test(bare);
  });
  return like === undefined ? null : { field: like, exact: false };
}

const ORGAN_LEAF = /^(责任|主体|配合|牵头)?(单位|部门|机构|主体|机关|名称|单位名称|部门名称)$/;
const DUTY_LEAF =
  /^(主体|配合|牵头|具体|工作|主要)?(责任|职责|内容|责任内容|职责内容|职责分工|责任清单|责任事项)$/;

/** "主体责任单位及责任 / 单位": the leaf alone says little, the group says whose. */
function recogniseLeaf(group: string, leaf: string): Recognised | null {
  const field = recogniseWord(group)?.field;
  const lead = /^(主体|牵头|主责|主管|责任单位|责任部门)/.test(group) || field === 'lead';
  const cooperating = /^(配合|协同|协办|协作|参与)/.test(group) || field === 'cooperator';
  if (lead || cooperating) {
    if (ORGAN_LEAF.test(leaf)) return { field: lead ? 'lead' : 'cooperator', exact: true };
    if (DUTY_LEAF.test(leaf)) return { field: lead ? 'leadDuty' : 'cooperatorDuty', exact: true };
  }
  if (field === 'basis' && /^(名称|文件名称|法律法规|法规名称|标题)$/.test(leaf))
    return { field, exact: true };
  if (/^(事项|职权|职责|权力|基本信息)/.test(group) && leaf === '名称') return { field: 'name', exact: true };
  if (/^(事项|职权|职责|权力|基本信息)/.test(group) && leaf === '类型') {
    return { field: 'category', exact: true };
  }
  return null;
}
