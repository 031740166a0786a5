import type { MediaType } from './kind.ts';

/**
 * What cameras write into pictures and films beside the picture: where, when, with which device, by whom. It is personal
 * data that nobody asked for (个人信息保护法 art. 6, least collection): it is taken out before a file is kept. Where a case
 * lies is said in its report. Nothing is encoded anew: the picture itself stays bit by bit. A JPEG keeps how it is to be
 * turned. PDF and MP3 are kept as they are: their authors put into them what is in them.
 *
 * A file that is cut off or wrongly built is passed on from there as it is.
 */
export function withoutMetadata(content: Buffer, type: MediaType): Buffer {
  switch (type) {
    case 'image/jpeg':
      return jpeg(content);
    case 'image/png':
      return png(content);
    case 'image/webp':
      return webp(content);
    case 'video/mp4':
      return mp4(content);
    default:
      return content;
  }
}

const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;
const START_OF_SCAN = 0xda;

/** Exif, XMP, IPTC, makers' and comment segments go; JFIF (APP0), colour profile (APP2) and Adobe's transform (APP14) stay. */
function jpeg(content: Buffer): Buffer {
  const kept: Buffer[] = [content.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= content.length && content[at] === 0xff) {
    const marker = content.readUInt8(at + 1);
    if (marker === START_OF_SCAN) break;
    const end = at + 2 + content.readUInt16BE(at + 2);
    if (end > content.length || end < at + 4) break;
    const application = marker >= APP0 && marker <= APP15;
    const needed =
      !application || marker === APP0 || marker === APP14 || isColourProfile(content, marker, at);
    if (needed && marker !== COMMENT) kept.push(content.subarray(at, end));
    const turn = marker === APP1 ? orientationOf(content.subarray(at + 4, end)) : undefined;
    if (turn !== undefined) kept.push(orientationSegment(turn));
    at = end;
  }
  kept.push(content.subarray(at));
  return Buffer.concat(kept);
}

/** APP2 also carries further pictures with metadata of their own. */
const isColourProfile = (content: Buffer, marker: number, at: number): boolean =>
  marker === APP2 && content.toString('latin1', at + 4, at + 15) === 'ICC_PROFILE';

const ORIENTATION = 0x0112;

/** How the picture is to be turned, 2 to 8, as Exif says it. */
function orientationOf(segment: Buffer): number | undefined {
  if (segment.toString('latin1', 0, 4) !== 'Exif' || segment.length < 14) return undefined;
  const tiff = segment.subarray(6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return undefined;
  const count = short(first);
  for (let at = first + 2; at + 12 <= tiff.length && at < first + 2 + count * 12; at += 12) {
    if (short(at) !== ORIENTATION) continue;
    const turn = short(at + 8);
    return turn >= 2 && turn <= 8 ? turn : undefined;
  }
  return undefined;
}

/** An Exif segment that says this alone. */
function orientationSegment(turn: number): Buffer {
  const tiff = Buffer.from('49492a0008000000010012010300010000000000000000000000', 'hex');
  tiff.writeUInt16LE(turn, 18);
  const head = Buffer.from([0xff, APP1, 0, 0, ...Buffer.from('Exif\0\0')]);
  head.writeUInt16BE(2 + 6 + tiff.length, 2);
  return Buffer.concat([head, tiff]);
}

const PNG_SIGNATURE = 8;
const PNG_TELLING = new Set(['eXIf', 'tEXt', 'iTXt', 'zTXt', 'tIME', 'dSIG']);

function png(content: Buffer): Buffer {
  const kept: Buffer[] = [content.subarray(0, PNG_SIGNATURE)];
  let at = PNG_SIGNATURE;
  while (at + 12 <= content.length) {
    const end = at + 12 + content.readUInt32BE(at);
    if (end > content.length) break;
    const type = content.toString('latin1', at + 4, at + 8);
    if (!PNG_TELLING.has(type)) kept.push(content.subarray(at, end));
    at = end;
    // Whatever follows the end of the picture is no part of it.
    if (type === 'IEND') return Buffer.concat(kept);
  }
  kept.push(content.subarray(at));
  return Buffer.concat(kept);
}

/** Flags of VP8X for Exif and XMP, which are taken out. */
const WEBP_TELLING_FLAGS = 0x08 | 0x04;

function webp(content: Buffer): Buffer {
  const kept: Buffer[] = [];
  let at = 12;
  while (at + 8 <= content.length) {
    const size = content.readUInt32LE(at + 4);
    const end = Math.min(content.length, at + 8 + size + (size % 2));
    const type = content.toString('latin1', at, at + 4);
    const chunk = Buffer.from(content.subarray(at, end));
    if (type === 'VP8X' && chunk.length > 8) chunk.writeUInt8(chunk.readUInt8(8) & ~WEBP_TELLING_FLAGS, 8);
    if (type !== 'EXIF' && type !== 'XMP ') kept.push(chunk);
    at = end;
  }
  const body = Buffer.concat([Buffer.from('WEBP'), ...kept, content.subarray(at)]);
  const head = Buffer.from('RIFF\0\0\0\0');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

const MP4_OUTER = new Set(['moov', 'trak', 'mdia', 'minf', 'edts', 'dinf', 'stbl']);
const MP4_TELLING = new Set(['udta', 'meta', 'uuid']);

/** Boxes that tell are made free space of the same length: what points into the film stays right. */
function mp4(content: Buffer): Buffer {
  const film = Buffer.from(content);
  blankBoxes(film, 0, film.length, 0);
  return film;
}

const DEEPEST = 8;

function blankBoxes(film: Buffer, from: number, to: number, depth: number): void {
  for (let at = from; at + 8 <= to; ) {
    const short = film.readUInt32BE(at);
    const long = short === 1 && at + 16 <= to;
    const size = short === 0 ? to - at : long ? Number(film.readBigUInt64BE(at + 8)) : short;
    const head = long ? 16 : 8;
    const end = at + size;
    if (size < head || end > to) return;
    const type = film.toString('latin1', at + 4, at + 8);
    if (MP4_TELLING.has(type)) {
      film.write('free', at + 4, 'latin1');
      film.fill(0, at + head, end);
    } else if (MP4_OUTER.has(type) && depth < DEEPEST) blankBoxes(film, at + head, end, depth + 1);
    at = end;
  }
}
