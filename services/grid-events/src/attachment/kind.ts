import type { Refusal } from '@dutyledger/event-store/decider';
import { fileTypeFromBuffer } from 'file-type';
import { unfitFile } from './refusals.ts';

/** What a file is, by its content. */

/** Taken: pictures, documents, film and sound. Nothing that a browser would run: no HTML, no SVG, no scripts. */
export const MEDIA_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'application/pdf',
  'video/mp4',
  'audio/mpeg',
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

const KNOWN: readonly string[] = MEDIA_TYPES;
const isMediaType = (type: string | undefined): type is MediaType =>
  type !== undefined && KNOWN.includes(type);

/** The type without parameters, in lower case. */
const bare = (claimed: string | undefined): string =>
  (claimed ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Refused before a byte is read: a type that is never taken. */
export function claimedType(claimed: string | undefined): MediaType | Refusal {
  const type = bare(claimed);
  if (isMediaType(type)) return type;
  const allowed = MEDIA_TYPES.join(', ');
  return unfitFile({
    en: `Files of these types are taken: ${allowed}; say in content-type which it is.`,
    'zh-CN': `可上传的文件类型：${allowed}；请在 content-type 中注明。`,
  });
}

/** A file passes when its content is what it says it is. */
export async function typeProblem(content: Uint8Array, claimed: MediaType): Promise<Refusal | undefined> {
  if (content.length === 0) return unfitFile({ en: 'The file is empty.', 'zh-CN': '文件为空。' });
  const found = bare((await fileTypeFromBuffer(content).catch(() => undefined))?.mime);
  if (found === claimed) return undefined;
  const seen = isMediaType(found) ? found : { en: 'something else', 'zh-CN': '其他内容' };
  const { en, 'zh-CN': zh } = typeof seen === 'string' ? { en: seen, 'zh-CN': seen } : seen;
  return unfitFile({
    en: `The content is not ${claimed} as it says, but ${en}.`,
    'zh-CN': `文件内容与声明的类型 ${claimed} 不符，实际为${zh}。`,
  });
}
