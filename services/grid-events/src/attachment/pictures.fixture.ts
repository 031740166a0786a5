/** Small files of each kind, with the place where they were taken written into them in every way there is. */

export const GPS = 'N28.9712,E118.9577';

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const segment = (marker: number, content: Buffer | string): Buffer => {
  const body = Buffer.from(content as string, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};

function exif(turn: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(turn, 18);
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(GPS)]);
}

export const jpeg = ({ turn = 1 }: { turn?: number } = {}): Buffer =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, 'JFIF\0\x01\x01\0\0\x01\0\x01\0\0'),
    segment(0xe1, exif(turn)),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${GPS}`)),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${GPS}`)),
    segment(0xfe, Buffer.from(GPS)),
    segment(0xdb, Buffer.alloc(65)),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from('PIXELS'),
    Buffer.from([0xff, 0xd9]),
  ]);

const chunk = (type: string, content: string | Buffer): Buffer => {
  const body = Buffer.from(content as string);
  return Buffer.concat([uint32(body.length), Buffer.from(type), body, uint32(0)]);
};

export const png = (): Buffer =>
  Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.alloc(13, 1)),
    chunk('eXIf', GPS),
    chunk('tEXt', `Location\0${GPS}`),
    chunk('iTXt', GPS),
    chunk('IDAT', 'PIXELS'),
    chunk('IEND', ''),
    Buffer.from(GPS),
  ]);

const riff = (type: string, content: string | Buffer): Buffer => {
  const body = Buffer.from(content as string);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(type), size, body, Buffer.alloc(body.length % 2)]);
};

export const webp = (): Buffer => {
  const flags = Buffer.from([0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const body = Buffer.concat([
    riff('VP8X', flags),
    riff('VP8 ', 'PIXELS'),
    riff('EXIF', GPS),
    riff('XMP ', GPS),
  ]);
  return riff('RIFF', Buffer.concat([Buffer.from('WEBP'), body]));
};

const box = (type: string, ...content: (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};

export const film = (): Buffer =>
  Buffer.concat([
    box('ftyp', 'isom', uint32(0x200), 'isommp42'),
    box(
      'moov',
      box('mvhd', Buffer.alloc(100)),
      box('trak', box('udta', GPS)),
      box('udta', box('\xa9xyz', GPS)),
    ),
    box('meta', GPS),
    box('mdat', 'PIXELS'),
  ]);

export const pdf = (): Buffer => Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
