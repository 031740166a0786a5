import { fail, ok, quote, type Result } from './result.ts';

/**
 * Unified social credit codes of legal persons and other organisations, GB 32100-2015: registration authority (1),
 * category (1), division of registration (6, GB/T 2260), organisation code (8 and its check digit, GB 11714), check
 * digit (1).
 */

export type CreditCodeProblem =
  | 'WRONG_LENGTH'
  | 'WRONG_CHARACTER'
  | 'UNKNOWN_CATEGORY'
  | 'WRONG_ORGANISATION_CHECK_DIGIT'
  | 'WRONG_CHECK_DIGIT';

/** The 31 characters, each standing for its place; I, O, S, V and Z are left out as too like digits. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** 3^(i−1) mod 31 for the places 1 to 17. */
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** GB 11714: weights of the eight characters of an organisation code. */
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/**
 * Categories that each registration authority gives: 机构编制, 外交, 司法行政, 文化, 民政, 旅游, 宗教, 工会, 工商, 中央军委改革和编制
 * 办公室, 农业, others.
 */
const CATEGORIES: Record<string, string> = {
  '1': '1239',
  '2': '19',
  '3': '123459',
  '4': '19',
  '5': '1239',
  '6': '129',
  '7': '129',
  '8': '19',
  '9': '1239',
  A: '19',
  N: '1239',
  Y: '1',
};

/** The eighteenth character for the seventeen before it. Throws a RangeError for anything else. */
export function creditCodeCheckDigit(first17: string): string {
  const sum = weigh(first17, WEIGHTS, CHARACTERS);
  return CHARACTERS.charAt((31 - (sum % 31)) % 31);
}

/** The ninth character of an organisation code for the eight before it (GB 11714). Throws a RangeError for others. */
export function organisationCheckDigit(first8: string): string {
  const sum = weigh(first8, ORGANISATION_WEIGHTS, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  return '0123456789X'.charAt((11 - (sum % 11)) % 11);
}

function weigh(text: string, weights: readonly number[], alphabet: string): number {
  if (text.length !== weights.length)
    throw new RangeError(`not ${weights.length} characters: ${quote(text)}`);
  return weights.reduce((sum, weight, index) => {
    const value = alphabet.indexOf(text.charAt(index));
    if (value < 0) throw new RangeError(`not a character of the code: ${quote(text)}`);
    return sum + weight * value;
  }, 0);
}

/**
 * Reads a unified social credit code and answers its eighteen characters. White space is dropped, full-width and
 * lower-case characters become plain capitals: compare with the text to report that. The organisation's check digit is
 * checked before that of the whole, as it narrows the mistake down to nine characters; both errors name the digit that
 * was expected.
 */
export function parseCreditCode(text: string): Result<string, CreditCodeProblem> {
  const code = text.normalize('NFKC').replaceAll(/\s/g, '').toUpperCase();
  const wrong = wrongForm(code);
  if (wrong) return wrong;
  const organisationCode = code.slice(8, 17);
  const organisationDigit = organisationCheckDigit(organisationCode.slice(0, 8));
  if (organisationCode.charAt(8) !== organisationDigit) {
    return fail(
      'WRONG_ORGANISATION_CHECK_DIGIT',
      `统一社会信用代码“${code}”中的组织机构代码校验位（第 17 位）应为 ${organisationDigit}，实为 ${code.charAt(16)}`,
      `The organisation code within "${code}" should end (character 17) in ${organisationDigit}, not ${code.charAt(16)}`,
    );
  }
  const digit = creditCodeCheckDigit(code.slice(0, 17));
  if (code.charAt(17) !== digit) {
    return fail(
      'WRONG_CHECK_DIGIT',
      `统一社会信用代码“${code}”的校验位（第 18 位）应为 ${digit}，实为 ${code.charAt(17)}`,
      `The check digit (character 18) of "${code}" should be ${digit}, not ${code.charAt(17)}`,
    );
  }
  return ok(code);
}

function wrongForm(code: string): ReturnType<typeof fail<CreditCodeProblem>> | undefined {
  if (code.length !== 18) {
    return fail(
      'WRONG_LENGTH',
      `统一社会信用代码应为 18 位，实为 ${code.length} 位：“${quote(code)}”`,
      `A unified social credit code has 18 characters, this has ${code.length}: "${quote(code)}"`,
    );
  }
  const place = Array.from({ length: 18 }, (_, index) => index).find((index) => {
    const allowed = index >= 2 && index < 8 ? '0123456789' : CHARACTERS;
    return !allowed.includes(code.charAt(index));
  });
  if (place !== undefined) {
    const [zh, en] =
      place >= 2 && place < 8
        ? ['应为数字（登记管理机关行政区划码）', 'must be a digit (division of registration)']
        : ['不在字符集内（不含 I、O、S、V、Z）', 'is not among its characters (no I, O, S, V, Z)'];
    return fail(
      'WRONG_CHARACTER',
      `统一社会信用代码“${code}”第 ${place + 1} 位“${code.charAt(place)}”${zh}`,
      `Character ${place + 1} of "${code}", "${code.charAt(place)}", ${en}`,
    );
  }
  if (!CATEGORIES[code.charAt(0)]?.includes(code.charAt(1))) {
    return fail(
      'UNKNOWN_CATEGORY',
      `统一社会信用代码“${code}”的登记管理部门和机构类别“${code.slice(0, 2)}”不存在`,
      `There is no registration authority and category "${code.slice(0, 2)}" as in "${code}"`,
    );
  }
  return undefined;
}

/**
 * A code with right check digits for examples and tests: authority and category, division, and eight characters of an
 * organisation code. Throws a RangeError for parts that cannot make one.
 */
export function makeCreditCode(category: string, division: string, organisation: string): string {
  const first17 = category + division + organisation + organisationCheckDigit(organisation);
  const code = first17 + creditCodeCheckDigit(first17);
  const wrong = wrongForm(code);
  if (wrong) throw new RangeError(wrong.error.message.en);
  return code;
}
