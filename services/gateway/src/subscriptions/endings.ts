import type { Refusal } from '@dutyledger/event-store/decider';
import { limitExceeded } from '@dutyledger/subgraph-kit/errors';

/** Why subscriptions are refused, and why they end. `details.cursor`, where it is given, is what to go on behind. */

export const badCursor: Refusal = {
  code: 'INVALID_INPUT',
  field: 'after',
  message: {
    'zh-CN': '游标无效：请原样使用同一订阅收到的 cursor。',
    en: 'The cursor is not valid: pass back, unchanged, a cursor that this subscription has given.',
  },
};

export const lostPlace: Refusal = {
  code: 'NOT_FOUND',
  field: 'after',
  message: {
    'zh-CN': '消息总线已不再保存该游标之后的消息：请不带 after 重新订阅，再查询一次当前数据。',
    en: 'The bus no longer holds what came behind this cursor: subscribe without after, then query the present state once.',
  },
};

/** What came is more than the client takes. */
export const tooSlow = (limit: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  message: {
    'zh-CN': `接收过慢：待发消息超过 ${limit} 条，订阅已终止；没有消息被跳过，请以 details.cursor 为 after 继续。`,
    en: `Too slow: more than ${limit} messages waited for this client, so the subscription was cut off. None was skipped: go on with details.cursor as after.`,
  },
  details: { reason: 'slow', limit },
});

export const expired: Refusal = {
  code: 'UNAUTHENTICATED',
  message: {
    'zh-CN': '访问令牌已过期，订阅已终止：请用新令牌、以 details.cursor 为 after 继续。',
    en: 'The access token has expired and the subscription with it: go on with a new token and details.cursor as after.',
  },
  details: { reason: 'expired' },
};

export const stopping: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    'zh-CN': '服务正在停止，订阅已终止：请以 details.cursor 为 after 在其他实例上继续。',
    en: 'The server is stopping and ends the subscription: go on elsewhere with details.cursor as after.',
  },
  details: { reason: 'stopping' },
};

export const unresolved: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    'zh-CN': '消息所涉内容暂时查询不到，订阅已终止；没有消息被跳过，请稍后以 details.cursor 为 after 继续。',
    en: 'What a message is about cannot be looked up now, so the subscription ended. None was skipped: go on later with details.cursor as after.',
  },
  details: { reason: 'unresolved' },
};

export const busAway: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    'zh-CN': '消息总线暂时不可用，请稍后重新订阅。',
    en: 'The message bus is not available now; subscribe again later.',
  },
  details: { reason: 'bus' },
};

export const tooMany = {
  connections: (limit: number): Refusal =>
    limitExceeded({ 'zh-CN': '同一用户的连接数', en: 'connections of one caller' }, limit, limit + 1),
  connection: (limit: number): Refusal =>
    limitExceeded({ 'zh-CN': '每个连接的订阅数', en: 'subscriptions of one connection' }, limit, limit + 1),
  caller: (limit: number): Refusal =>
    limitExceeded({ 'zh-CN': '同一用户的订阅数', en: 'subscriptions of one caller' }, limit, limit + 1),
  gateway: (limit: number): Refusal => ({
    ...limitExceeded({ 'zh-CN': '网关的订阅数', en: 'subscriptions of this gateway' }, limit, limit + 1),
    code: 'UNAVAILABLE',
  }),
};
