import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { dateTime, written } from './wire.ts';

const parser = new XMLParser({ parseTagValue: false, trimValues: false, processEntities: true });

describe('answers in both formats', () => {
  test('any text comes back from XML as it was, without what XML cannot write', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('<', '>', '&', ']', '"', "'", '\u0001', '\uD800', '\uFFFF', '字', '\n', '\r'),
      }),
    );
    fc.assert(
      fc.property(text, (description) => {
        const xml = written('xml', 'service_requests', [{ description }]);
        expect(XMLValidator.validate(xml)).toBe(true);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot write.
        const kept = description.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '');
        const lines = kept.replace(/\r\n?/g, '\n');
        expect(parser.parse(xml).service_requests.request.description).toBe(lines);
        expect(JSON.parse(written('json', 'service_requests', [{ description }]))).toEqual([{ description }]);
      }),
    );
  });

  test('lists are named after their entries; null, nothing and empty lists are empty elements', () => {
    const value = { service_code: 'A', attributes: [{ values: [{ key: 1 }, { key: null }] }], formats: [] };
    expect(written('xml', 'service_definition', value)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<service_definition><service_code>A</service_code><attributes><attribute><values><value><key>1</key></value><value><key/></value></values></attribute></attributes><formats/></service_definition>',
    );
    expect(written('xml', 'services', [])).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<services/>');
    expect(dateTime('2026-03-02T01:00:00.123Z')).toBe('2026-03-02T01:00:00Z');
  });
});
