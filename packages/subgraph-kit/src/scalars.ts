import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { isRealDate, parseInstant } from '@dutyledger/reference-data/china-time';
import { parseCreditCode } from '@dutyledger/reference-data/credit-code';
import { parseDivision } from '@dutyledger/reference-data/divisions';
import { GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql/index.js';
import { RefusedError } from './errors.ts';

const invalid = (message: Text, cited: Pick<Refusal, 'rule' | 'citation'> = {}): RefusedError =>
  new RefusedError({ code: 'INVALID_INPUT', message, ...cited });

const EXCERPT = 40;
const quote = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
};

/** A scalar that travels as text. `read` gives the value or says in both languages what is wrong with the text. */
function textScalar<T>(
  name: string,
  read: (text: string) => { ok: true; value: T } | { ok: false; error: { message: Text } },
  write: (value: T) => string,
  cited: Pick<Refusal, 'rule' | 'citation'> = {},
): GraphQLScalarType<T, string> {
  const parse = (value: unknown): T => {
    if (typeof value !== 'string') {
      throw invalid({
        'zh-CN': `${name} 应为文本，实为 ${quote(value)}。`,
        en: `${name} must be a string, got ${quote(value)}.`,
      });
    }
    const result = read(value);
    if (!result.ok) throw invalid(result.error.message, cited);
    return result.value;
  };
  return new GraphQLScalarType<T, string>({
    name,
    parseValue: parse,
    parseLiteral: (node: ValueNode) =>
      parse(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
    serialize: (value) => write(value as T),
  });
}

const fault = (zh: string, en: string) => ({ ok: false as const, error: { message: { 'zh-CN': zh, en } } });
const asIs = (text: string): string => text;

function readDate(text: string) {
  if (isRealDate(text)) return { ok: true as const, value: text };
  return fault(
    `日期 ${quote(text)} 不存在或格式不正确，应为 YYYY-MM-DD。`,
    `${quote(text)} is not a day that exists, written YYYY-MM-DD.`,
  );
}

function readBase64(text: string) {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return { ok: true as const, value: Buffer.from(text, 'base64') };
  }
  return fault(
    '内容不是标准 Base64（A–Z a–z 0–9 + /，以 = 补齐，不换行）。',
    'Not standard Base64 (A–Z a–z 0–9 + /, padded with =, no line breaks).',
  );
}

/** Custom scalars of common.graphql. In resolvers: strings, but Base64 is a Buffer and JSON is any value. */
export const scalars: Record<string, GraphQLScalarType> = {
  Date: textScalar('Date', readDate, asIs),
  DateTime: textScalar('DateTime', parseInstant, asIs),
  DivisionCode: textScalar('DivisionCode', parseDivision, asIs),
  CreditCode: textScalar('CreditCode', parseCreditCode, asIs, {
    rule: 'S-1',
    citation: { title: '法人和其他组织统一社会信用代码编码规则', documentNumber: 'GB 32100-2015' },
  }),
  Base64: textScalar<Uint8Array>('Base64', readBase64, (bytes) => Buffer.from(bytes).toString('base64')),
  JSON: new GraphQLScalarType({ name: 'JSON' }),
};
