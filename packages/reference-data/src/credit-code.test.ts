import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  creditCodeCheckDigit,
  makeCreditCode,
  organisationCheckDigit,
  parseCreditCode,
} from './credit-code.ts';

const CHARACTERS = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'];
const organisation = fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 8, maxLength: 8 });
const category = fc.constantFrom(
  '11',
  '12',
  '13',
  '51',
  '52',
  '91',
  '92',
  '93',
  'N2',
  'N3',
  'Y1',
  'A1',
  '81',
);
const division = fc.integer({ min: 110_000, max: 659_999 }).map(String);
const anyCode = fc.tuple(category, division, organisation).map((parts) => makeCreditCode(...parts));

describe('parseCreditCode', () => {
  test.each(['91110000802100433B', '9144030071526726XG', '914403001922038216'])(
    'reads the published code %s',
    (code) => {
      expect(parseCreditCode(code)).toEqual({ ok: true, value: code });
    },
  );

  test.each(['91110000802100433b', '９１１１００００８０２１００４３３Ｂ', ' 91110000 80210043 3B\n'])(
    'mends %j',
    (text) => {
      expect(parseCreditCode(text)).toEqual({ ok: true, value: '91110000802100433B' });
    },
  );

  test.each([
    ['', 'WRONG_LENGTH'],
    ['91110000802100433', 'WRONG_LENGTH'],
    ['91110000802100433BB', 'WRONG_LENGTH'],
    ['9111000080210O433B', 'WRONG_CHARACTER'],
    ['9111000A802100433B', 'WRONG_CHARACTER'],
    ['91110000802100-33B', 'WRONG_CHARACTER'],
    ['94110000802100433B', 'UNKNOWN_CATEGORY'],
    ['01110000802100433B', 'UNKNOWN_CATEGORY'],
    ['B1110000802100433B', 'UNKNOWN_CATEGORY'],
    ['91110000802100434B', 'WRONG_ORGANISATION_CHECK_DIGIT'],
    ['91110000802100433C', 'WRONG_CHECK_DIGIT'],
    ['91120000802100433B', 'WRONG_CHECK_DIGIT'],
  ])('refuses %j as %s', (text, code) => {
    expect(parseCreditCode(text)).toMatchObject({ ok: false, error: { code } });
  });

  test('says which digit is wrong and which was expected', () => {
    expect(parseCreditCode('91110000802100433C')).toMatchObject({
      error: {
        message: {
          'zh-CN': '统一社会信用代码“91110000802100433C”的校验位（第 18 位）应为 B，实为 C',
          en: 'The check digit (character 18) of "91110000802100433C" should be B, not C',
        },
      },
    });
    const organisationWrong = parseCreditCode('91110000802100434B');
    expect(organisationWrong.ok ? '' : organisationWrong.error.message.en).toContain('in 3, not 4');
    const characterWrong = parseCreditCode('9111000080210O433B');
    expect(characterWrong.ok ? '' : characterWrong.error.message.en).toContain('Character 14');
  });

  test('a megabyte is refused with a short message', () => {
    const result = parseCreditCode('9'.repeat(1_000_000));
    expect(result.ok ? '' : result.error.message.en.length).toBeLessThan(200);
  });

  test('reads every code that was made, in lower case too', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(parseCreditCode(code)).toEqual({ ok: true, value: code });
        expect(parseCreditCode(code.toLowerCase())).toEqual({ ok: true, value: code });
      }),
    );
  });

  test('detects any single changed character', () => {
    fc.assert(
      fc.property(anyCode, fc.nat({ max: 17 }), fc.constantFrom(...CHARACTERS), (code, place, character) => {
        fc.pre(code.charAt(place) !== character);
        const changed = code.slice(0, place) + character + code.slice(place + 1);
        expect(parseCreditCode(changed).ok).toBe(false);
      }),
    );
  });

  test('detects any two neighbours that changed places', () => {
    fc.assert(
      fc.property(anyCode, fc.nat({ max: 16 }), (code, place) => {
        const [a, b] = [code.charAt(place), code.charAt(place + 1)];
        fc.pre(a !== b);
        expect(parseCreditCode(code.slice(0, place) + b + a + code.slice(place + 2)).ok).toBe(false);
      }),
    );
  });

  test('any text gives a result', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseCreditCode(text).ok).toBe(false);
      }),
    );
  });
});

test('check digits', () => {
  expect(creditCodeCheckDigit('91110000802100433')).toBe('B');
  expect(organisationCheckDigit('80210043')).toBe('3');
  expect(organisationCheckDigit('71526726')).toBe('X');
  expect(() => creditCodeCheckDigit('9111')).toThrow(RangeError);
  expect(() => creditCodeCheckDigit('O1110000802100433')).toThrow(RangeError);
  expect(() => organisationCheckDigit('8021004')).toThrow(RangeError);
});

test('parts that cannot make a code are a mistake', () => {
  expect(makeCreditCode('11', '370114', '00425678')).toHaveLength(18);
  expect(() => makeCreditCode('19', '37O114', '00425678')).toThrow(RangeError);
  expect(() => makeCreditCode('14', '370114', '00425678')).toThrow(RangeError);
});
