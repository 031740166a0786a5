import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

/**
 * A backup of a node: a gzipped tar (POSIX ustar) of `manifest.json` and `events.db`. Events are the only truth; read
 * models and the bus are rebuilt from them. Written by the node, read by `restore`, and by any tar program.
 */
export interface Manifest {
  format: 'dutyledger-backup';
  version: 1;
  /** UTC instant. */
  createdAt: string;
  /** Position of the last event, and how many there are. */
  position: number;
  events: number;
  /** SHA-256 over the history, as the event store's `digest` gives it. */
  sha256: string;
}

export class ArchiveError extends Error {
  readonly code: 'NOT_A_BACKUP' | 'DAMAGED' | 'NEWER_FORMAT';
  constructor(code: ArchiveError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
    this.code = code;
  }
}

const MANIFEST = 'manifest.json';
const EVENTS = 'events.db';
const BLOCK = 512;
const MOST_OCTAL = 0o77777777777;
const MOST_MANIFEST_BYTES = 64 * 1024;

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;

function sumOf(header: Buffer): number {
  const blank = Buffer.from(header);
  blank.fill(' ', 148, 156);
  return blank.reduce((sum, byte) => sum + byte, 0);
}

/** Sizes over 8 GiB are written in base 256, as GNU tar and POSIX readers take them. */
function headerOf(name: string, size: number, seconds: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size <= MOST_OCTAL) header.write(octal(size, 11), 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(seconds, 11), 136);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(`${octal(sumOf(header), 6)} `, 148);
  return header;
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** The archive as a stream of bytes. */
export function writeArchive(manifest: Manifest, eventsFile: string): Readable {
  const entries = async function* (): AsyncGenerator<Buffer> {
    const seconds = Math.floor(Date.parse(manifest.createdAt) / 1_000);
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    yield Buffer.concat([headerOf(MANIFEST, text.length, seconds), text, padding(text.length)]);
    const { size } = await stat(eventsFile);
    yield headerOf(EVENTS, size, seconds);
    yield* createReadStream(eventsFile) as AsyncIterable<Buffer>;
    yield padding(size);
    yield Buffer.alloc(2 * BLOCK);
  };
  const source = Readable.from(entries());
  const zipped = source.pipe(createGzip());
  source.once('error', (error) => zipped.destroy(error));
  zipped.once('close', () => source.destroy());
  return zipped;
}

/** Takes bytes off a stream, by count. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next `count` bytes in pieces. Throws ArchiveError when the stream ends before. */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#chunks.next();
        if (done) throw new ArchiveError('DAMAGED', 'the archive ends too early');
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Reads to the end, so that the checksum of the compression is looked at. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }
}

function entryOf(header: Buffer): { name: string; size: number } {
  const field = (from: number, to: number): string =>
    header.toString('latin1', from, to).replace(/\0.*$/s, '');
  if (field(257, 262) !== 'ustar' || Number.parseInt(field(148, 156), 8) !== sumOf(header)) {
    throw new ArchiveError('NOT_A_BACKUP', 'this is no tar archive');
  }
  const size =
    header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(field(124, 136), 8);
  return { name: field(0, 100), size };
}

function parseManifest(text: string): Manifest {
  let manifest: Partial<Manifest> | null = null;
  try {
    manifest = JSON.parse(text) as Partial<Manifest> | null;
  } catch (cause) {
    throw new ArchiveError('DAMAGED', 'the manifest is not JSON', { cause });
  }
  if (manifest?.format !== 'dutyledger-backup') {
    throw new ArchiveError('NOT_A_BACKUP', 'the manifest is not that of a backup');
  }
  if (manifest.version !== 1) {
    throw new ArchiveError('NEWER_FORMAT', `the archive has format version ${manifest.version}; known is 1`);
  }
  return manifest as Manifest;
}

async function expectEntry(bytes: Bytes, name: string): Promise<number> {
  const entry = entryOf(await bytes.take(BLOCK));
  if (entry.name === name) return entry.size;
  throw new ArchiveError('NOT_A_BACKUP', `the archive holds ${entry.name} where ${name} should be`);
}

/**
 * Reads an archive to its end and hands the bytes of the event store to `sink`. Throws ArchiveError for what is no
 * archive, or damaged, or of a newer format.
 */
export async function readArchive(
  source: Readable,
  sink: (content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<Manifest> {
  const unzipped = source.pipe(createGunzip());
  source.once('error', (error) => unzipped.destroy(error));
  const bytes = new Bytes(unzipped);
  try {
    const manifestSize = await expectEntry(bytes, MANIFEST);
    if (manifestSize > MOST_MANIFEST_BYTES) {
      throw new ArchiveError('NOT_A_BACKUP', 'the manifest is too long');
    }
    const manifest = parseManifest((await bytes.take(manifestSize)).toString('utf8'));
    await bytes.take(padding(manifestSize).length);
    const size = await expectEntry(bytes, EVENTS);
    await sink(bytes.pieces(size));
    await bytes.drain();
    return manifest;
  } catch (error) {
    source.destroy();
    unzipped.destroy();
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof ArchiveError || !code?.startsWith('Z_')) throw error;
    const notGzip = code === 'Z_DATA_ERROR' && /header/.test((error as Error).message);
    throw new ArchiveError(notGzip ? 'NOT_A_BACKUP' : 'DAMAGED', (error as Error).message, { cause: error });
  }
}
