import type { Text } from '@dutyledger/event-store/decider';
import type { Status } from '../case/state.ts';

/** What the public is told of a case. */

export const RECEIVED: Text = {
  'zh-CN': '已登记，等待受理。请凭编号查询办理进度。',
  en: 'Received, to be accepted. Use the id to follow it.',
};

export const STATUS_NOTES: Record<Status, Text> = {
  REPORTED: { 'zh-CN': '已登记，等待受理。', en: 'Received, to be accepted.' },
  REFUSED: { 'zh-CN': '不予受理。', en: 'Not accepted.' },
  ACCEPTED: { 'zh-CN': '已受理。', en: 'Accepted.' },
  FILED: { 'zh-CN': '已立案，等待派遣。', en: 'Filed, to be dispatched.' },
  HANDLING: { 'zh-CN': '处置中。', en: 'Being handled.' },
  SUSPENDED: { 'zh-CN': '依法中止，待恢复处置。', en: 'Suspended on lawful grounds.' },
  HANDLED: { 'zh-CN': '已处置，等待反馈。', en: 'Handled, feedback is due.' },
  FED_BACK: { 'zh-CN': '已处置，等待核实。', en: 'Handled, to be verified.' },
  VERIFIED: { 'zh-CN': '已核实，等待结案。', en: 'Verified, to be closed.' },
  CLOSED: { 'zh-CN': '已结案。', en: 'Closed.' },
  EVALUATED: { 'zh-CN': '已结案并评价。', en: 'Closed and evaluated.' },
  VOIDED: { 'zh-CN': '已作废。', en: 'Voided.' },
  MERGED: {
    'zh-CN': '已并入同一问题的案件，一并办理。',
    en: 'Handled together with a case of the same matter.',
  },
};
