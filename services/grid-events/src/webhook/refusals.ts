import type { Refusal, Text } from '@dutyledger/event-store/decider';

/** Refusals about webhooks. */

export const unknownWebhook: Refusal = {
  code: 'NOT_FOUND',
  field: 'id',
  message: { en: 'There is no such webhook.', 'zh-CN': '没有这个 webhook。' },
};

export const unknownDelivery: Refusal = {
  code: 'NOT_FOUND',
  field: 'id',
  message: { en: 'There is no such delivery.', 'zh-CN': '没有这次投递。' },
};

export const taken: Refusal = {
  code: 'CONFLICT',
  field: 'id',
  message: { en: 'This webhook is registered already.', 'zh-CN': '该 webhook 已登记。' },
};

export const isDisabled: Refusal = {
  code: 'CONFLICT',
  field: 'id',
  message: {
    en: 'This webhook is disabled: nothing is sent to it until it is resumed.',
    'zh-CN': '该 webhook 已停用，恢复之前不会发送任何消息。',
  },
};

export const notActive: Refusal = {
  code: 'CONFLICT',
  field: 'id',
  message: {
    en: 'Nothing is sent to this webhook now: resume it first.',
    'zh-CN': '该 webhook 目前不发送消息，请先恢复。',
  },
};

export const isOver: Refusal = {
  code: 'CONFLICT',
  field: 'id',
  message: {
    en: 'This delivery was made or discarded already.',
    'zh-CN': '该投递已完成或已放弃。',
  },
};

export const tooManySecrets = (most: number): Refusal => ({
  code: 'CONFLICT',
  field: 'id',
  message: {
    en: `At most ${most} secrets sign at the same time: wait until a former one has ended.`,
    'zh-CN': `同时有效的签名密钥最多 ${most} 个，请等旧密钥失效后再更换。`,
  },
});

export const tooManyWebhooks = (most: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  message: {
    en: `There are ${most} webhooks already; remove one that is no longer needed.`,
    'zh-CN': `webhook 已达 ${most} 个，请先移除不再使用的。`,
  },
  details: { limit: most },
});

const unfit = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'INVALID_INPUT',
  field,
  message,
  ...(details && { details }),
});

export const unfitText = (field: string, most: number, what: Text): Refusal =>
  unfit(field, {
    en: `${what.en} has 1 to ${most} characters.`,
    'zh-CN': `${what['zh-CN']}应为 1 至 ${most} 字。`,
  });

const URLS = {
  NOT_A_URL: { en: 'This is no URL.', 'zh-CN': '网址无效。' },
  NOT_HTTPS: {
    en: 'Messages are sent over https only, unless the operator allows the host (WEBHOOK_ALLOW).',
    'zh-CN': '只向 https 地址发送，除非运维人员以 WEBHOOK_ALLOW 允许该主机。',
  },
  CREDENTIALS: {
    en: 'A URL must not hold a user or a password: it is kept on record.',
    'zh-CN': '网址会留存在案，不得含有用户名或密码。',
  },
  FRAGMENT: { en: 'A URL must not have a fragment (#…).', 'zh-CN': '网址不得含有片段（#…）。' },
  PRIVATE: {
    en: 'This address is not public. The operator can allow it (WEBHOOK_ALLOW).',
    'zh-CN': '该地址不是公网地址；运维人员可以 WEBHOOK_ALLOW 允许。',
  },
} satisfies Record<string, Text>;

export const unfitUrl = (problem: keyof typeof URLS): Refusal => unfit('url', URLS[problem], { problem });

export const unknownType = (type: string, known: readonly string[]): Refusal =>
  unfit(
    'eventTypes',
    {
      en: `No event type begins with ${type}. Known ones: ${known.join(', ')}.`,
      'zh-CN': `没有以 ${type} 开头的事件类型。已有：${known.join('、')}。`,
    },
    { known },
  );

export const tooManyTypes = (most: number): Refusal =>
  unfit('eventTypes', {
    en: `Name at most ${most} event types or beginnings of them.`,
    'zh-CN': `事件类型（或其开头）最多 ${most} 个。`,
  });

export const unfitOverlap = (most: number): Refusal =>
  unfit('overlapHours', {
    en: `A former secret may sign for 0 to ${most} hours more.`,
    'zh-CN': `旧密钥可继续有效 0 至 ${most} 小时。`,
  });

export const noKeys: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    en: 'This node has no key store for the secrets of webhooks: none can be registered.',
    'zh-CN': '本节点没有配置密钥库，无法保存 webhook 密钥，不能登记。',
  },
};
