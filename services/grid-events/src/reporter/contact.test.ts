import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contactOf, maskedName, maskedPhone, phoneOf } from './contact.ts';

describe('G-4 contacts', () => {
  test('G-4 one number has one spelling', () => {
    for (const given of [
      '13812345678',
      '+86 138-1234-5678',
      '0086 138 1234 5678',
      '１３８１２３４５６７８',
      '(138) 1234.5678',
    ]) {
      expect(phoneOf(given)).toBe('13812345678');
    }
    expect(phoneOf('0570-3838383')).toBe('05703838383');
    expect(phoneOf('+44 20 7946 0000')).toBe('+442079460000');
    for (const none of ['', '1234', '138x2345678', '1'.repeat(21), '13812345678;drop'])
      expect(phoneOf(none)).toBeUndefined();
  });

  test('G-4 a mask keeps the length, and shows less than it hides', () => {
    expect(maskedName('王小明')).toBe('王**');
    expect(maskedName('王')).toBe('王*');
    expect(maskedPhone('13812341234')).toBe('138****1234');
    expect(maskedPhone('12345')).toBe('*****');
    fc.assert(
      fc.property(fc.stringMatching(/^\d{5,20}$/), (phone) => {
        const masked = maskedPhone(phone);
        expect(masked.length).toBe(phone.length);
        expect(masked.split('*').length - 1).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('G-4 an e-mail address is a way to reach somebody as well', () => {
    expect(contactOf({ email: ' li.ming@例子.cn ' })).toEqual({
      ok: true,
      contact: { email: 'li.ming@例子.cn' },
    });
    for (const email of [
      'a',
      'a@b',
      'a b@c.cn',
      'a@b.cn, c@d.cn',
      '@b.cn',
      'a@b..cn',
      `${'a'.repeat(250)}@b.cn`,
    ])
      expect(contactOf({ name: '王', email })).toMatchObject({ refusal: { field: 'reporter.email' } });
    expect(contactOf({ address: '高家镇' })).toMatchObject({ refusal: { field: 'reporter.phone' } });
  });

  test('G-4 whatever is given, a refusal does not repeat it', () => {
    const text = fc.string({ minLength: 8, maxLength: 400 });
    const given = fc.record({
      name: fc.option(text),
      phone: fc.option(text),
      address: fc.option(text),
      email: fc.option(text),
    });
    fc.assert(
      fc.property(given, (reporter) => {
        const read = contactOf(reporter);
        if (read.ok) {
          expect(read.contact.name ?? read.contact.phone ?? read.contact.email).toBeDefined();
          return;
        }
        const told = JSON.stringify(read.refusal);
        for (const value of Object.values(reporter))
          if (value?.trim()) expect(told).not.toContain(JSON.stringify(value));
      }),
    );
  });
});
