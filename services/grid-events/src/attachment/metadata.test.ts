import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimedType, MEDIA_TYPES, typeProblem } from './kind.ts';
import { withoutMetadata } from './metadata.ts';
import { film, GPS, jpeg, pdf, png, webp } from './pictures.fixture.ts';

describe('G-4 what is beside the picture', () => {
  test.each([
    ['image/jpeg', jpeg({ turn: 6 })],
    ['image/png', png()],
    ['image/webp', webp()],
    ['video/mp4', film()],
  ] as const)('G-4 %s: place, device and author go, the file stays what it is', async (type, content) => {
    expect(content.includes(GPS)).toBe(true);
    const kept = withoutMetadata(content, type);
    expect(kept.includes(GPS)).toBe(false);
    expect(kept.includes('PIXELS')).toBe(true);
    expect(await typeProblem(kept, type)).toBeUndefined();
    expect(withoutMetadata(kept, type).equals(kept)).toBe(true);
  });

  test('G-4 a photograph that is to be turned is still turned', () => {
    for (const turn of [2, 3, 6, 8]) {
      const kept = withoutMetadata(jpeg({ turn }), 'image/jpeg');
      const exif = kept.indexOf('Exif\0\0');
      expect(kept.readUInt16LE(exif + 6 + 18)).toBe(turn);
    }
    expect(withoutMetadata(jpeg({ turn: 1 }), 'image/jpeg').includes('Exif')).toBe(false);
  });

  test('G-4 a film keeps its length and where its frames are', () => {
    const content = film();
    const kept = withoutMetadata(content, 'video/mp4');
    expect(kept.length).toBe(content.length);
    expect(kept.indexOf('PIXELS')).toBe(content.indexOf('PIXELS'));
  });

  test('G-4 whatever the bytes are, looking at them ends, and throws nothing', async () => {
    const samples = [jpeg({ turn: 6 }), png(), webp(), film(), pdf()];
    const broken = fc
      .tuple(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        fc.nat(),
      )
      .map(([sample, changes, cut]) => {
        const copy = Buffer.from(sample);
        for (const [at, byte] of changes) copy.writeUInt8(byte, at % copy.length);
        return copy.subarray(0, cut % 3 === 0 ? cut % (copy.length + 1) : copy.length);
      });
    const any = fc.oneof(
      broken,
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(any, fc.constantFrom(...MEDIA_TYPES), async (content, type) => {
        const problem = await typeProblem(content, type);
        if (!problem) withoutMetadata(content, type);
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('G-4 types', () => {
  test('G-4 a file passes as what it is and as nothing else', async () => {
    const files = {
      'image/jpeg': jpeg({}),
      'image/png': png(),
      'image/webp': webp(),
      'video/mp4': film(),
      'application/pdf': pdf(),
    };
    for (const [is, content] of Object.entries(files)) {
      for (const claimed of MEDIA_TYPES) {
        const problem = await typeProblem(content, claimed);
        if (is === claimed) expect(problem).toBeUndefined();
        else expect(problem).toMatchObject({ code: 'INVALID_INPUT', rule: 'G-4' });
      }
    }
    const html = Buffer.from('<!doctype html><script>alert(1)</script>');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
    for (const content of [html, svg, Buffer.from('MZ'), Buffer.alloc(0)]) {
      for (const claimed of MEDIA_TYPES) expect(await typeProblem(content, claimed)).toBeDefined();
    }
  });

  test('G-4 types that a browser would run are refused by their name', () => {
    for (const type of [
      'text/html',
      'image/svg+xml',
      'application/javascript',
      'application/zip',
      '',
      undefined,
    ]) {
      expect(claimedType(type)).toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(claimedType('Image/JPEG; charset=binary')).toBe('image/jpeg');
  });
});
