import type { Refusal } from '@dutyledger/event-store/decider';
import { unfitContact } from './refusals.ts';

/** How a reporter can be reached: what is taken, and how it is shown to those who need not know. */

/** As a caller gives it. */
export interface ReporterInput {
  name?: string | null;
  phone?: string | null;
  address?: string | null;
  email?: string | null;
}

/** Plain; at least a name, a number or an e-mail address. */
export type Contact = Partial<Record<'name' | 'phone' | 'address' | 'email', string>>;

const MOST = { name: 100, address: 300, email: 254 };
const PHONE = /^\+?\d{5,20}$/;
/** As browsers have it: whether there is such a mailbox, only a letter to it tells. */
const EMAIL = /^[^\s@\p{Cc}]+@[^\s@.\p{Cc}]+(?:\.[^\s@.\p{Cc}]+)+$/u;

/**
 * A telephone number in the one spelling that makes the same number the same person: digits alone, of full width as well,
 * without 86 before mobile numbers. Undefined: it is none.
 */
export function phoneOf(given: string): string | undefined {
  const digits = given.normalize('NFKC').replace(/[\s().\-–—]/g, '');
  if (!PHONE.test(digits)) return undefined;
  return /^(?:\+|00)?86(1[3-9]\d{9})$/.exec(digits)?.[1] ?? digits;
}

/** What is to be kept of it; a refusal names the field and never the value. */
export function contactOf(
  given: ReporterInput,
): { ok: true; contact: Contact } | { ok: false; refusal: Refusal } {
  const refuse = (field: string, en: string, zh: string) =>
    ({ ok: false, refusal: unfitContact(`reporter.${field}`, { en, 'zh-CN': zh }) }) as const;
  const name = given.name?.trim() ?? '';
  const address = given.address?.trim() ?? '';
  const number = given.phone?.trim() ?? '';
  const email = given.email?.trim() ?? '';
  if (name === '' && number === '' && email === '') {
    return refuse(
      'phone',
      'A reporter gives a name, a telephone number or an e-mail address.',
      '反映人应留下姓名、联系电话或电子邮箱。',
    );
  }
  if (name.length > MOST.name) {
    return refuse('name', `A name has at most ${MOST.name} characters.`, `姓名最多 ${MOST.name} 字。`);
  }
  if (address.length > MOST.address) {
    return refuse(
      'address',
      `An address has at most ${MOST.address} characters.`,
      `地址最多 ${MOST.address} 字。`,
    );
  }
  const phone = number === '' ? undefined : phoneOf(number);
  if (number !== '' && phone === undefined) {
    return refuse('phone', 'A telephone number has 5 to 20 digits.', '联系电话应为 5 至 20 位数字。');
  }
  if (email !== '' && !(email.length <= MOST.email && EMAIL.test(email))) {
    return refuse('email', 'This is no e-mail address.', '电子邮箱格式不正确。');
  }
  return {
    ok: true,
    contact: {
      ...(name && { name }),
      ...(phone && { phone }),
      ...(address && { address }),
      ...(email && { email }),
    },
  };
}

/** 王小明 → 王**, Li Ming → L******. */
export function maskedName(name: string): string {
  const [first = '', ...rest] = name;
  return first + '*'.repeat(Math.max(1, rest.length));
}

/** 13812341234 → 138****1234; shorter numbers show less. */
export function maskedPhone(phone: string): string {
  if (phone.length < 7) return '*'.repeat(phone.length);
  const tail = phone.length >= 11 ? 4 : 2;
  return phone.slice(0, 3) + '*'.repeat(phone.length - 3 - tail) + phone.slice(-tail);
}
