import type { Refusal, Text } from '@dutyledger/event-store/decider';

/** Refusals about files (G-4). */

const rule = 'G-4';

export const notThere: Refusal = {
  code: 'NOT_FOUND',
  rule,
  field: 'attachments',
  message: {
    en: 'There is no such file, or it was kept without a case for too long; upload it again.',
    'zh-CN': '没有这个附件，或因长时间未关联案件已被清理；请重新上传。',
  },
};

export const othersPersonal: Refusal = {
  code: 'NOT_PERMITTED',
  rule,
  field: 'attachments',
  message: {
    en: 'A personal file is named in a case by whoever uploaded it.',
    'zh-CN': '含个人信息的附件只能由上传人关联到案件。',
  },
};

export const unfitFile = (message: Text): Refusal => ({
  code: 'INVALID_INPUT',
  rule,
  field: 'content',
  message,
});

export const noStore: Refusal = {
  code: 'UNAVAILABLE',
  rule,
  message: { en: 'This node takes no files.', 'zh-CN': '本节点没有配置附件存储。' },
};

export const storeAway: Refusal = {
  code: 'UNAVAILABLE',
  rule,
  message: {
    en: 'Files cannot be kept or read now; try again later.',
    'zh-CN': '附件存储暂时不可用，请稍后重试。',
  },
};

export const notOfCase: Refusal = {
  code: 'NOT_FOUND',
  rule,
  field: 'sha256',
  message: { en: 'The case has no such file.', 'zh-CN': '该案件没有这个附件。' },
};

export const erasedBefore: Refusal = {
  code: 'CONFLICT',
  rule,
  field: 'sha256',
  citation: { title: '中华人民共和国个人信息保护法', article: '第四十七条' },
  message: {
    en: 'The file has been erased from this case as personal data; it cannot be had or named in it again.',
    'zh-CN': '该附件含个人信息，已从本案件删除，不能再次取得或关联。',
  },
};

export const erasedFile: Refusal = {
  code: 'NOT_FOUND',
  rule,
  citation: { title: '中华人民共和国个人信息保护法', article: '第四十七条' },
  message: {
    en: 'The file was personal and has been erased on request.',
    'zh-CN': '该附件含个人信息，已依申请删除。',
  },
};
