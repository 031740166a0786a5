import { usageError } from './failure.ts';
import type { Translate } from './language.ts';

/** Reads `sha256=name` of a file that was uploaded before. */
export function attachmentOf(value: string, t: Translate): { sha256: string; name: string } {
  const [, sha256 = '', name = ''] = /^([0-9a-f]{64})=(.+)$/.exec(value) ?? [];
  if (name !== '') return { sha256, name };
  throw usageError(t(`附件应为“摘要=文件名”：${value}`, `An attachment is given as sha256=name: ${value}`));
}
