import { deflateRawSync } from 'node:zlib';
import * as XLSX from '@e965/xlsx';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { readTable } from './read-table.ts';
import { FILE_LIMITS, type FileProblem, type Table } from './table.ts';
import { workbook } from './workbook.fixture.ts';
import { packStored } from './zip.ts';

const ROWS = [
  ['序号', '事项名称', '依据'],
  ['1', '犬只登记', '养犬条例'],
];
const TEXT = ROWS.map((row) => row.join(',')).join('\n');

/** A sheet with a heading line of lists. */
const OPTIONS = {
  fileName: 'f.csv',
  rule: 'L-11',
  isWanted: ({ rows }: Table) => rows.some((row) => row.includes('事项名称')),
};

const rowsOf = (bytes: Uint8Array, sheet?: string) => {
  const table = readTable(bytes, { ...OPTIONS, ...(sheet && { sheet }) });
  if (!table.ok) throw new Error(JSON.stringify(table.refusal));
  return table.value.rows;
};

function problemOf(bytes: Uint8Array, sheet?: string): [FileProblem, Record<string, unknown>] {
  const table = readTable(bytes, { ...OPTIONS, ...(sheet && { sheet }) });
  if (table.ok) throw new Error('the file was taken');
  const { refusal } = table;
  expect(refusal).toMatchObject({ rule: 'L-11', field: 'content' });
  expect(refusal.message['zh-CN']).not.toBe('');
  const { problem, ...details } = refusal.details ?? {};
  return [problem as FileProblem, details];
}

describe('text files', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`), 'utf-8'],
    ['GB18030', iconv.encode(TEXT, 'gb18030'), 'gb18030'],
    ['UTF-16', iconv.encode(TEXT, 'utf-16le', { addBOM: true }), 'utf-16'],
  ])('L-11 reads %s', (_, bytes, encoding) => {
    const table = readTable(bytes, OPTIONS);
    expect(table).toMatchObject({ ok: true, value: { rows: ROWS, encoding, format: 'csv', sheets: [] } });
  });

  test.each([',', ';', '\t'])('recognises the delimiter %j', (delimiter) => {
    expect(rowsOf(Buffer.from(TEXT.replaceAll(',', delimiter)))).toEqual(ROWS);
  });

  test('lines within cells that hold another delimiter do not count as rows of it', () => {
    const cell = ';甲\n甲;\n;乙\n乙;\n;丙\n丙;\n丁';
    const text = `序号,事项名称,依据\n1,犬只登记,"${cell}"\n`;
    expect(rowsOf(Buffer.from(text))).toEqual([
      ['序号', '事项名称', '依据'],
      ['1', '犬只登记', cell],
    ]);
  });

  test('recognises the delimiter of long cells', () => {
    const cell = `${'甲;乙、'.repeat(500)}\n丙`;
    const rows = Array.from({ length: 60 }, (_, i) => [String(i), '犬只登记', cell]);
    const text = rows.map((row) => row.map((each) => `"${each}"`).join(',')).join('\n');
    expect(rowsOf(Buffer.from(`序号,事项名称,依据\n${text}`)).slice(1)).toEqual(rows);
  });

  test('keeps quoted line breaks and delimiters, drops empty ends, keeps blank lines in between', () => {
    const text = '序号,事项名称,\r\n1,"甲,乙\n""丙""",\r\n,,\r\n2,丁,\r\n,,\r\n';
    expect(rowsOf(Buffer.from(text))).toEqual([
      ['序号', '事项名称'],
      ['1', '甲,乙\n"丙"'],
      ['', ''],
      ['2', '丁'],
    ]);
  });

  test('cleans odd spaces and invisible characters', () => {
    const text = '名称,备注\n\u3000甲\u00a0乙\u200b\u3000,a\u2028b\n';
    expect(rowsOf(Buffer.from(text))[1]).toEqual(['甲 乙', 'a\nb']);
  });

  test('unwraps ="007" and reads neutralised cells back', () => {
    expect(rowsOf(Buffer.from('编码,事项名称\n"=""007""",\'=甲\n'))[1]).toEqual(['007', '=甲']);
  });

  test.each([
    ['formulas', '事项名称,备注\n甲,=SUM(A1)\n', 'FORMULAS', { cells: ['B2'] }],
    ['control characters', '事项名称,备注\n甲,a\u0007b\n', 'CONTROL_CHARACTERS', { cells: ['B2'] }],
    ['an unclosed quotation', '事项名称,备注\n甲,"乙\n丙,丁\n', 'CORRUPT', {}],
    ['nothing', '', 'EMPTY', {}],
    ['blank lines', '\n ,\n\n', 'EMPTY', {}],
    ['a cell that is too long', `事项名称\n${'长'.repeat(20_001)}\n`, 'CELL_TOO_LONG', { actual: 20_001 }],
    ['too many columns', `${Array(201).fill('列').join(',')}\n`, 'TOO_MANY_COLUMNS', { actual: 201 }],
    ['too many rows', '甲\n'.repeat(20_001), 'TOO_MANY_ROWS', { actual: 20_001, limit: 20_000 }],
  ] as const)('L-11 refuses %s', (_, text, problem, details) => {
    expect(problemOf(Buffer.from(text))).toMatchObject([problem, details]);
  });

  test('takes exactly 20,000 rows', () => {
    expect(rowsOf(Buffer.from('甲,乙\n'.repeat(20_000)))).toHaveLength(20_000);
  });

  test('names the line of a broken byte instead of reading UTF-8 as GB18030', () => {
    const bytes = Buffer.from(`${TEXT}\n2,流浪犬控制和处置,动物防疫法第三十条\n`.repeat(3));
    bytes[bytes.length - 5] = 0xff;
    expect(problemOf(bytes)).toEqual(['ENCODING', { line: 9 }]);
    expect(problemOf(Buffer.from([0x61, 0x2c, 0x00, 0x62]))[0]).toBe('ENCODING');
    expect(problemOf(Buffer.from([0x81, 0x20, 0xff, 0x0a]))[0]).toBe('ENCODING');
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof readTable(bytes, OPTIONS).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

describe('workbooks', () => {
  test.each(['xlsx', 'xlsb', 'biff8', 'ods'] as const)('L-11 reads %s', (bookType) => {
    const bytes = workbook(ROWS, { bookType });
    expect(rowsOf(bytes)).toEqual(ROWS);
  });

  test('shows dates, percentages, long codes and padded numbers as people read them', () => {
    const sheet = XLSX.utils.aoa_to_sheet([['事项名称', 'a', 'b', 'c', 'd', 'e']]);
    XLSX.utils.sheet_add_aoa(sheet, [['甲', 45_859, 0.6, 370_114_001_001, 7, 0.1 + 0.2]], { origin: 'A2' });
    Object.assign(sheet['B2'], { z: 'yyyy/m/d' });
    Object.assign(sheet['C2'], { z: '0%' });
    Object.assign(sheet['E2'], { z: '000' });
    const book = XLSX.utils.book_new();
    XLSX.utils.book_append_sheet(book, sheet, 'S');
    const bytes = XLSX.write(book, { type: 'buffer', bookType: 'xlsx' });
    expect(rowsOf(bytes)[1]).toEqual(['甲', '2025-07-21', '60%', '370114001001', '007', '0.3']);
  });

  test('fills merged cells', () => {
    const rows = [
      ['事项名称', '领域'],
      ['甲', '城市管理'],
      ['乙', ''],
    ];
    expect(rowsOf(workbook(rows, { merges: ['B2:B3'] }))[2]).toEqual(['乙', '城市管理']);
    expect(rowsOf(workbook(rows, { merges: ['B2:B1048576'] }))).toHaveLength(3);
  });

  test('takes the first visible sheet with a heading line, or the one asked for', () => {
    const sheets = {
      说明: [['本表由编办填报。']],
      另表: [
        ['事项名称', '依据'],
        ['另', '据'],
      ],
    };
    const bytes = workbook(ROWS, { sheets });
    expect(rowsOf(bytes)[1]).toEqual(['另', '据']);
    expect(rowsOf(bytes, '清单')).toEqual(ROWS);
    expect(problemOf(bytes, '没有')).toEqual(['NO_SUCH_SHEET', { sheets: ['说明', '另表', '清单'] }]);
  });

  test('L-11 refuses formulas and error values with their cells', () => {
    const withCell = (cell: XLSX.CellObject) => {
      const sheet = XLSX.utils.aoa_to_sheet(ROWS);
      sheet['C2'] = cell;
      const book = XLSX.utils.book_new();
      XLSX.utils.book_append_sheet(book, sheet, 'S');
      return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' });
    };
    expect(problemOf(withCell({ t: 'n', f: '1+1', v: 2 }))).toEqual([
      'FORMULAS',
      { cells: ['C2'], count: 1 },
    ]);
    expect(problemOf(withCell({ t: 'e', v: 0x17, w: '#REF!' }))[0]).toBe('CELL_ERRORS');
  });

  test('L-11 refuses a sheet of 20,001 rows', () => {
    const rows = Array.from({ length: 20_001 }, (_, i) => [`事项${i}`]);
    expect(problemOf(workbook(rows))).toEqual(['TOO_MANY_ROWS', { limit: 20_000, actual: 20_001 }]);
  });

  test('leaves macros, pictures and links to other files packed', () => {
    const book = XLSX.read(workbook(ROWS), { type: 'buffer', bookFiles: true }) as XLSX.WorkBook & {
      files: Record<string, { content: Uint8Array }>;
    };
    const parts = new Map(
      Object.entries(book.files)
        .filter(([, file]) => file.content?.length > 0)
        .map(([name, file]) => [name, Buffer.from(file.content)]),
    );
    parts.set('xl/vbaProject.bin', Buffer.from('macro'));
    parts.set('xl/externalLinks/externalLink1.xml', Buffer.from('<broken'));
    parts.set('xl/media/image1.png', Buffer.alloc(1_000));
    expect(rowsOf(packStored(parts))).toEqual(ROWS);
  });
});

describe('files of other kinds', () => {
  const stored = (parts: Record<string, string>) =>
    packStored(new Map(Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)])));

  test.each([
    ['a PDF', Buffer.from('%PDF-1.7\n...'), 'a PDF document'],
    ['a Word document', stored({ '[Content_Types].xml': '', 'word/document.xml': '' }), 'a Word document'],
    ['an OFD', stored({ 'OFD.xml': '' }), 'an OFD document'],
    ['an archive', stored({ 'a.txt': 'a' }), 'a ZIP archive'],
    [
      'a web page',
      Buffer.from('\ufeff<html><table><tr><td>事项名称</td></tr></table>'),
      'a web page or XML file named as a table',
    ],
    ['a program', Buffer.from('MZ\x90\x00\x03\x00'), 'a program'],
  ])('L-11 refuses %s by its content', (_, bytes, found) => {
    expect(problemOf(bytes)).toMatchObject(['WRONG_TYPE', { found: { en: found } }]);
  });

  test('text that begins like a signature is text', () => {
    expect(rowsOf(Buffer.from('BM,事项名称\n1,甲\n'))).toHaveLength(2);
  });

  test('L-11 refuses damaged and protected workbooks', () => {
    const bytes = workbook(ROWS);
    expect(problemOf(bytes.subarray(0, 2_000))[0]).toBe('CORRUPT');
    expect(problemOf(stored({ '[Content_Types].xml': 'x', 'xl/workbook.xml': '' }))[0]).toBe('CORRUPT');
    const locked = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.from('EncryptedPackage', 'utf16le'),
    ]);
    expect(problemOf(locked)[0]).toBe('ENCRYPTED');
  });

  test('L-11 refuses more than 20 MiB', () => {
    expect(problemOf(Buffer.alloc(FILE_LIMITS.bytes + 1))[0]).toBe('TOO_LARGE');
  });

  test('never throws on a workbook with changed bytes', () => {
    const bytes = workbook(ROWS);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const broken = Buffer.from(bytes);
        broken[at] = value;
        expect(typeof readTable(broken, OPTIONS).ok).toBe('boolean');
      }),
      { numRuns: 150 },
    );
  });
});

describe('archives that unpack to too much', () => {
  /** An archive of one deflated part; `declared` is the size that its directory claims. */
  function bomb(content: Buffer, declared: number): Buffer {
    const packed = deflateRawSync(content, { level: 9 });
    const archive = packStored(new Map([['xl/workbook.xml', packed]]));
    const central = archive.readUInt32LE(archive.length - 6);
    archive.writeUInt16LE(8, 8);
    archive.writeUInt16LE(8, central + 10);
    archive.writeUInt32LE(declared, central + 24);
    return archive;
  }

  test('L-11 refuses by the declared size', () => {
    const zeros = Buffer.alloc(10_000);
    expect(problemOf(bomb(zeros, 300 * 1024 * 1024))[0]).toBe('ZIP_BOMB');
    expect(problemOf(bomb(zeros, 101 * 1024 * 1024))[0]).toBe('ZIP_BOMB');
  });

  test('L-11 refuses by what really comes out when the directory lies', () => {
    expect(problemOf(bomb(Buffer.alloc(40 * 1024 * 1024), 1_000))[0]).toBe('ZIP_BOMB');
    expect(problemOf(bomb(Buffer.alloc(101 * 1024 * 1024), 1_000))[0]).toBe('ZIP_BOMB');
  });

  test('L-11 refuses too many parts', () => {
    const parts = new Map(Array.from({ length: 2_001 }, (_, i) => [`xl/${i}`, Buffer.alloc(0)]));
    expect(problemOf(packStored(parts))[0]).toBe('ZIP_BOMB');
  });

  test('L-11 refuses an OpenDocument sheet that repeats its cells a million times', () => {
    const table =
      '<table:table><table:table-row table:number-rows-repeated="1048576">' +
      '<table:table-cell table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell>';
    const parts = new Map([
      ['mimetype', Buffer.from('application/vnd.oasis.opendocument.spreadsheet')],
      ['META-INF/manifest.xml', Buffer.from('<manifest/>')],
      ['content.xml', Buffer.from(table)],
    ]);
    expect(problemOf(packStored(parts))[0]).toBe('ZIP_BOMB');
  });
});
