import type { Translate } from './language.ts';

/** Words of the contract as people read them in Chinese; English readers get the words themselves, in plain letters. */
const ZH: Record<string, string> = {
  // What happened to a list or an item.
  LIST_OPENED: '新建清单',
  ITEM_ADDED: '拟增事项',
  ITEM_REVISED: '拟改事项',
  ITEM_RETIRED: '拟减事项',
  ITEM_RESET: '撤回草拟',
  DRAFT_DISCARDED: '清空草稿',
  DRAFT_REBASED: '并入新版',
  PROCEDURE_VOIDED: '程序作废',
  DRAFT_SUBMITTED: '提交审核',
  LEGALITY_REVIEWED: '合法性审核',
  OPINIONS_REQUESTED: '征求意见',
  OPINION_GIVEN: '单位意见',
  OPINIONS_LAPSED: '逾期未复',
  STAGE_OVERDUE: '环节超期',
  APPROVED: '审批',
  PUBLISHED: '公布',
  CORRECTED: '勘误',
  // Differences.
  ADD: '新增',
  ADDED: '新增',
  REVISE: '修改',
  CHANGED: '修改',
  RETIRE: '移除',
  REMOVED: '移除',
  // Roles of a town.
  LEAD: '主体',
  COOPERATE: '配合',
  LISTED: '列入本镇街清单',
  SHARED: '共有',
  ENTRUSTED: '受委托',
  CALL: '吹哨',
  NONE: '无',
  UNSPECIFIED: '未规定',
  // Handling classes.
  MAY_HANDLE: '可办理',
  ASSIST: '协助办理',
  MUST_NOT_HANDLE: '不可办理',
  // Cases: where they stand, their levels, sources, urgency, phases and tasks.
  REPORTED: '已上报',
  REFUSED: '不予受理',
  ACCEPTED: '已受理',
  FILED: '已立案',
  HANDLING: '处置中',
  SUSPENDED: '已中止',
  HANDLED: '已处置',
  FED_BACK: '已反馈',
  VERIFIED: '已核实',
  CLOSED: '已结案',
  EVALUATED: '已评价',
  VOIDED: '已作废',
  MERGED: '已并案',
  WORKER: '网格员',
  TOWN: '镇街',
  COUNTY: '区县',
  JOINT: '联席会议',
  CITY: '市级',
  GRID_PATROL: '网格巡查',
  CITIZEN: '群众上报',
  HOTLINE: '热线',
  DEPARTMENT: '部门移交',
  SENSOR: '感知设备',
  COMMAND: '上级交办',
  ORDINARY: '一般',
  URGENT: '紧要',
  EMERGENCY: '紧急',
  ACCEPT: '受理',
  FILE: '立案',
  DISPATCH: '派遣',
  HANDLE: '处置',
  VERIFY: '核实结案',
  WAITING: '待前置任务',
  ASSIGNED: '已派发',
  DONE: '已完成',
  RETURNED: '已退回',
  WITHDRAWN: '已撤回',
  // Calls.
  CASE: '案件处置',
  JOINT_ENFORCEMENT: '综合执法',
  OPEN: '办理中',
  CALLED: '待响应',
  ON_SITE: '已到场',
  REWORK: '返工',
  RATED: '已评价',
  RELEASED: '已解除',
  SUBSTITUTED: '已改派',
  DECISION: '裁定',
  // How sure it is what a column means.
  GIVEN: '指定',
  CERTAIN: '确定',
  LIKELY: '很可能',
  GUESS: '猜测',
};

const KINDS: Record<string, string> = {
  CORE_COORDINATED: '区级统筹核心事权',
  SHARED: '区镇共有事权',
  DELEGATED: '赋权、下放事项',
  TERRITORIAL: '属地管理事项责任清单',
  RESPONSIBILITY: '责任清单',
  POWER: '权力清单',
  PUBLIC_SERVICE: '公共服务事项清单',
  ADMISSION: '职责准入清单',
  VILLAGE_ACCEPTED: '村级受理民生服务清单',
  DATA_SHARING: '跨部门信息共享清单',
  VILLAGE_AFFAIRS: '村级事务清单',
  NEGATIVE: '负面清单',
  ENFORCEMENT_POWER: '执法事项清单',
  BASIC: '基本履职事项清单',
  COOPERATIVE: '配合履职事项清单',
  WITHDRAWN: '上级部门收回事项清单',
};

const plain = (word: string): string => word.toLowerCase().replaceAll('_', ' ');

/** A word of the contract in the user's language; what is not known stays as it is. */
export const label = (word: string, t: Translate): string => t(ZH[word] ?? word, plain(word));

/** Kind of a list in the user's language. */
export const kindLabel = (kind: string, t: Translate): string => t(KINDS[kind] ?? kind, plain(kind));

const chinaTime = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** An instant as a clock in China shows it: 2026-03-01 08:30:00. */
export const clock = (instant: string): string => chinaTime.format(new Date(instant));
