import { crc32, inflateRawSync } from 'node:zlib';
import { fileRefused, type Outcome, taken } from './table.ts';

/** Guards against archives that unpack to more than a spreadsheet ever holds. */
const ZIP_LIMITS = {
  entries: 2_000,
  totalBytes: 256 * 1024 * 1024,
  /** One part: a sheet of 20,000 rows is a tenth of this, and more would exhaust the parser's memory. */
  partBytes: 100 * 1024 * 1024,
  /** Spreadsheet XML packs to a tenth or a fiftieth; deflate itself ends at about a thousandth. */
  ratio: 300,
  /** Small parts may pack better than that without doing harm. */
  ratioFrom: 1024 * 1024,
} as const;

export interface ZipEntry {
  name: string;
  method: number;
  encrypted: boolean;
  packed: number;
  unpacked: number;
  offset: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const UNKNOWN_32 = 0xffffffff;

const corrupt = (en: string, zh: string) =>
  fileRefused('CORRUPT', {
    en: `The file is damaged (${en}). Open it in the office program and save it again.`,
    'zh-CN': `文件已损坏（${zh}），请用办公软件打开并重新保存。`,
  });

const bomb = (name: string, details: Record<string, number>) =>
  fileRefused(
    'ZIP_BOMB',
    {
      en: `The file unpacks to far more than a spreadsheet holds (${name}) and was not opened.`,
      'zh-CN': `文件解压后体积异常（${name}），已拒绝打开。`,
    },
    { part: name, ...details },
  );

/** The central directory, checked against the limits before anything is unpacked. */
export function listZip(bytes: Buffer): Outcome<ZipEntry[]> {
  const end = findEnd(bytes);
  if (end < 0) return corrupt('no directory', '缺少目录');
  const count = bytes.readUInt16LE(end + 10);
  if (count > ZIP_LIMITS.entries) return bomb('*', { limit: ZIP_LIMITS.entries, actual: count });
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) {
      return corrupt('broken directory', '目录不完整');
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    const extraLength = bytes.readUInt16LE(at + 30);
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const entry: ZipEntry = {
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength).replaceAll('\\', '/'),
      encrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      unpacked: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    widen(entry, extra);
    total += entry.unpacked;
    if (total > ZIP_LIMITS.totalBytes) {
      return bomb(entry.name, { limit: ZIP_LIMITS.totalBytes, actual: total });
    }
    if (entry.unpacked > ZIP_LIMITS.partBytes) {
      return bomb(entry.name, { limit: ZIP_LIMITS.partBytes, actual: entry.unpacked });
    }
    if (tooDense(entry.unpacked, entry.packed)) {
      return bomb(entry.name, { limit: ZIP_LIMITS.ratio, actual: Math.round(entry.unpacked / entry.packed) });
    }
    entries.push(entry);
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  }
  if (new Set(entries.map((entry) => entry.name)).size < entries.length) {
    return corrupt('a part occurs twice', '部件重复');
  }
  return taken(entries);
}

/**
 * Unpacks the entries that are wanted. Declared sizes are not believed: the output itself is counted, so that
 * neither a lie in the directory nor overlapping entries get past the limits.
 */
export function unpackZip(
  bytes: Buffer,
  entries: readonly ZipEntry[],
  wanted: (name: string) => boolean,
): Outcome<Map<string, Buffer>> {
  const parts = new Map<string, Buffer>();
  let left: number = ZIP_LIMITS.totalBytes;
  for (const entry of entries) {
    if (!wanted(entry.name)) continue;
    const packed = packedBytes(bytes, entry);
    if (packed === null) return corrupt(`broken part ${entry.name}`, `部件 ${entry.name} 不完整`);
    const limit = Math.max(Math.min(left, ZIP_LIMITS.partBytes), 1);
    let part: Buffer;
    try {
      part = entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: limit });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ERR_BUFFER_TOO_LARGE') return bomb(entry.name, { limit });
      return corrupt(`broken part ${entry.name}`, `部件 ${entry.name} 不完整`);
    }
    if (tooDense(part.length, packed.length)) return bomb(entry.name, { limit: ZIP_LIMITS.ratio });
    left -= part.length;
    if (left < 0) return bomb(entry.name, { limit: ZIP_LIMITS.totalBytes });
    parts.set(entry.name, part);
  }
  return taken(parts);
}

/** Names are UTF-8; and the first day that the format knows, so that the same parts are the same archive. */
const UTF_8 = 1 << 11;
const FIRST_DAY = (1 << 5) | 1;

/**
 * An archive of parts without compression. For the spreadsheet parser: what it reads is exactly what was checked here,
 * and it has nothing left to inflate.
 */
export function packStored(parts: ReadonlyMap<string, Buffer>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of parts) {
    const path = Buffer.from(name, 'utf8');
    const local = Buffer.alloc(30);
    local.writeUInt32LE(LOCAL, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(UTF_8, 6);
    local.writeUInt16LE(FIRST_DAY, 12);
    local.writeUInt32LE(crc32(content), 14);
    local.writeUInt32LE(content.length, 18);
    local.writeUInt32LE(content.length, 22);
    local.writeUInt16LE(path.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(CENTRAL, 0);
    local.copy(central, 6, 4, 30);
    central.writeUInt32LE(offset, 42);
    files.push(local, path, content);
    directory.push(central, path);
    offset += local.length + path.length + content.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(parts.size, 8);
  end.writeUInt16LE(parts.size, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, listing, end]);
}

const tooDense = (unpacked: number, packed: number): boolean =>
  unpacked > ZIP_LIMITS.ratioFrom && unpacked > packed * ZIP_LIMITS.ratio;

/** The end record stands before a comment of at most 64 KiB. */
function findEnd(bytes: Buffer): number {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === END) return at;
  }
  return -1;
}

/** Some writers give 64-bit sizes even for small files; they stand in extra field 1. */
function widen(entry: ZipEntry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    for (const field of ['unpacked', 'packed', 'offset'] as const) {
      if (entry[field] !== UNKNOWN_32 || next + 8 > extra.length) continue;
      entry[field] = Number(extra.readBigUInt64LE(next));
      next += 8;
    }
  }
}

function packedBytes(bytes: Buffer, entry: ZipEntry): Buffer | null {
  const { offset, packed, method } = entry;
  if (method !== 0 && method !== 8) return null;
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) return null;
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  return start + packed <= bytes.length ? bytes.subarray(start, start + packed) : null;
}
