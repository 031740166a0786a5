import type { Text } from '@dutyledger/event-store/decider';
import { fileRefused, type Outcome, taken } from './table.ts';
import { listZip, unpackZip, type ZipEntry } from './zip.ts';

export type FileKind = { kind: 'text' } | { kind: 'xls' } | { kind: 'xlsx' | 'ods'; entries: ZipEntry[] };

/** Beginnings of files that people rename to .csv or .xls by mistake. */
const FOREIGN: [start: string, name: Text][] = [
  ['%PDF', { en: 'a PDF document', 'zh-CN': 'PDF 文档' }],
  ['\x89PNG', { en: 'a picture', 'zh-CN': '图片' }],
  ['\xff\xd8\xff', { en: 'a picture', 'zh-CN': '图片' }],
  ['GIF8', { en: 'a picture', 'zh-CN': '图片' }],
  ['BM', { en: 'a picture', 'zh-CN': '图片' }],
  ['Rar!', { en: 'a RAR archive', 'zh-CN': 'RAR 压缩包' }],
  ['7z\xbc\xaf', { en: 'a 7z archive', 'zh-CN': '7z 压缩包' }],
  ['\x1f\x8b', { en: 'a gzip archive', 'zh-CN': 'gzip 压缩包' }],
  ['{\\rtf', { en: 'a rich-text document', 'zh-CN': 'RTF 文档' }],
  ['MZ', { en: 'a program', 'zh-CN': '可执行程序' }],
  ['\x7fELF', { en: 'a program', 'zh-CN': '可执行程序' }],
];

const WORD: Text = { en: 'a Word document', 'zh-CN': 'Word 文档' };
const WEB_PAGE: Text = {
  en: 'a web page or XML file named as a table',
  'zh-CN': '以表格命名的网页或 XML 文件',
};

/** Office documents in a ZIP archive, told by a part that only they have. */
const ARCHIVES: [part: string, name: Text][] = [
  ['word/document.xml', WORD],
  ['ppt/presentation.xml', { en: 'a presentation', 'zh-CN': '演示文稿' }],
  ['OFD.xml', { en: 'an OFD document', 'zh-CN': 'OFD 版式文档' }],
  ['Index/Document.iwa', { en: 'a Numbers or Pages document', 'zh-CN': 'Numbers 或 Pages 文档' }],
];

/** What the file is, by its content; its name is not believed. Everything but tables is refused by name. */
export function fileKind(bytes: Buffer): Outcome<FileKind> {
  const start = bytes.toString('latin1', 0, 8);
  if (start.startsWith('PK\x03\x04')) return archiveKind(bytes);
  if (start.startsWith('\xd0\xcf\x11\xe0')) return compoundKind(bytes);
  const foreign = FOREIGN.find(([prefix]) => start.startsWith(prefix) && !looksLikeText(prefix, bytes));
  if (foreign) return wrongType(foreign[1]);
  const beginning = bytes
    .toString('utf8', 0, 1024)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^<(\?xml|!doctype|html|table|meta|head|!--)/i.test(beginning)) return wrongType(WEB_PAGE);
  return taken({ kind: 'text' });
}

/** The two-letter signatures also begin ordinary text; text has no control bytes. */
function looksLikeText(prefix: string, bytes: Buffer): boolean {
  if (prefix.length > 2) return false;
  return !bytes.subarray(0, 256).some((byte) => byte < 9 || (byte > 13 && byte < 32));
}

function archiveKind(bytes: Buffer): Outcome<FileKind> {
  const listed = listZip(bytes);
  if (!listed.ok) return listed;
  const entries = listed.value;
  const has = (name: string) => entries.some((entry) => entry.name === name);
  if (entries.some((entry) => entry.encrypted)) return encrypted();
  if (has('xl/workbook.xml') || has('xl/workbook.bin')) return taken({ kind: 'xlsx', entries });
  const archive = ARCHIVES.find(([part]) => has(part));
  if (archive) return wrongType(archive[1]);
  if (has('content.xml') && has('mimetype')) return openDocumentKind(bytes, entries);
  if (has('[Content_Types].xml')) return taken({ kind: 'xlsx', entries });
  return wrongType({ en: 'a ZIP archive', 'zh-CN': 'ZIP 压缩包' });
}

function openDocumentKind(bytes: Buffer, entries: ZipEntry[]): Outcome<FileKind> {
  const parts = unpackZip(bytes, entries, (name) => name === 'mimetype');
  if (!parts.ok) return parts;
  const type = parts.value.get('mimetype')?.toString('latin1') ?? '';
  return /opendocument\.spreadsheet/.test(type) ? taken({ kind: 'ods', entries }) : wrongType(WORD);
}

/** Older office files and encrypted newer ones are both compound files; the streams' names tell them apart. */
function compoundKind(bytes: Buffer): Outcome<FileKind> {
  const has = (name: string) => bytes.includes(Buffer.from(name, 'utf16le'));
  if (has('EncryptedPackage')) return encrypted();
  if (has('Workbook') || has('Book')) return taken({ kind: 'xls' });
  if (has('WordDocument')) return wrongType(WORD);
  return wrongType({ en: 'an office file without a sheet', 'zh-CN': '不含工作表的办公文件' });
}

export const encrypted = () =>
  fileRefused('ENCRYPTED', {
    en: 'The file is protected by a password. Save it without one and import again.',
    'zh-CN': '文件有密码保护，请取消密码后重新导入。',
  });

const wrongType = (found: Text) =>
  fileRefused(
    'WRONG_TYPE',
    {
      en: `This is ${found.en}; CSV, XLSX, XLS and ODS are taken. Open it and save it as one of these.`,
      'zh-CN': `该文件是 ${found['zh-CN']}；支持 CSV、XLSX、XLS、ODS，请打开后另存为其中一种。`,
    },
    { found },
  );
