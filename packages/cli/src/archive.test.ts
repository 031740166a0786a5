import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ArchiveError, type Manifest, readArchive, writeArchive } from './archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'dutyledger-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest: Manifest = {
  format: 'dutyledger-backup',
  version: 1,
  createdAt: '2026-03-01T00:00:00.000Z',
  position: 7,
  events: 7,
  sha256: 'ab'.repeat(32),
};

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function archiveOf(content: Uint8Array, of: Manifest = manifest): Promise<Buffer> {
  const file = join(folder, 'events.db');
  writeFileSync(file, content);
  return bytesOf(writeArchive(of, file));
}

async function read(archive: Buffer): Promise<{ manifest: Manifest; content: Buffer }> {
  let content: Buffer = Buffer.alloc(0);
  const found = await readArchive(Readable.from([archive]), async (pieces) => {
    content = await bytesOf(pieces);
  });
  return { manifest: found, content };
}

describe('archive', () => {
  test('gives back what was put in, of any length', async () => {
    for (const length of [0, 1, 511, 512, 513, 100_000]) {
      const content = Buffer.alloc(length, 'x');
      expect(await read(await archiveOf(content))).toEqual({ manifest, content });
    }
  });

  test('is a tar that any tar program reads', async () => {
    const file = join(folder, 'backup.tar.gz');
    writeFileSync(file, await archiveOf(Buffer.from('events')));
    execFileSync('tar', ['-xzf', file, '-C', folder]);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toEqual(manifest);
    expect(readFileSync(join(folder, 'events.db'), 'utf8')).toBe('events');
  });

  test('one that ends too early is told, wherever it ends', async () => {
    const archive = await archiveOf(Buffer.from('x'.repeat(5_000)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: archive.length - 1 }), async (length) => {
        await expect(read(archive.subarray(0, length))).rejects.toMatchObject({ code: 'DAMAGED' });
      }),
      { numRuns: 50 },
    );
  });

  test('one that was altered never passes as it is', async () => {
    const archive = await archiveOf(Buffer.from('x'.repeat(5_000)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: archive.length - 1 }), async (at) => {
        const altered = Buffer.from(archive);
        altered[at] = (altered[at] as number) ^ 0x55;
        await expect(read(altered)).rejects.toBeInstanceOf(ArchiveError);
      }),
      { numRuns: 50 },
    );
  });

  test('what is no backup is told so', async () => {
    const tar = gunzipSync(await archiveOf(Buffer.from('events')));
    const noManifest = gzipSync(tar.subarray(1_024));
    for (const other of [Buffer.from('plain text'), gzipSync('plain text'.repeat(100)), noManifest]) {
      await expect(read(other)).rejects.toMatchObject({ code: 'NOT_A_BACKUP' });
    }
  });

  test('one of a newer format is told so', async () => {
    const newer = { ...manifest, version: 2 } as unknown as Manifest;
    await expect(read(await archiveOf(Buffer.from('events'), newer))).rejects.toMatchObject({
      code: 'NEWER_FORMAT',
    });
  });
});
