import { parseInstant } from '@dutyledger/reference-data/china-time';
import { Fault } from './faults.ts';

/** Most parameters of a request, and most characters of one that is not the description. */
const MOST = 200;
const LONGEST = 2_000;

/** Controls: none belongs into a parameter; line breaks into a description alone. */
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_BREAKS = /(?![\n\t])\p{Cc}/u;
/** What stands for bytes that are no UTF-8. */
const REPLACED = '\uFFFD';

/** Parameters of a query or a form. What is blank counts as not given. */
export class Parameters {
  readonly #given: URLSearchParams;

  /** Throws a Fault for too many parameters, and for what is no UTF-8. */
  constructor(text: string) {
    this.#given = new URLSearchParams(text);
    if (this.#given.size > MOST) {
      throw new Fault(400, `At most ${MOST} parameters are taken.`, `参数最多 ${MOST} 个。`);
    }
    for (const [name, value] of this.#given) {
      if (name.includes(REPLACED) || value.includes(REPLACED)) {
        throw new Fault(400, 'Parameters must be in UTF-8.', '参数应为 UTF-8 编码。');
      }
    }
  }

  names(): string[] {
    return [...new Set(this.#given.keys())];
  }

  /** One line of text. Throws a Fault for a name that is repeated, a long text and control characters. */
  one(name: string): string | undefined {
    return this.#read(name, LONGEST, CONTROL);
  }

  /** A text of several lines. */
  text(name: string, longest: number): string | undefined {
    return this.#read(name, longest, CONTROL_BUT_BREAKS);
  }

  #read(name: string, longest: number, unwanted: RegExp): string | undefined {
    const values = this.#given.getAll(name);
    if (values.length > 1) throw new Fault(400, `${name} is given twice.`, `参数 ${name} 重复。`);
    const value = values[0]?.replace(/\r\n?/g, '\n').trim() ?? '';
    if (value.length > longest) {
      throw new Fault(400, `${name} may have at most ${longest} characters.`, `${name} 最多 ${longest} 字。`);
    }
    if (unwanted.test(value)) {
      throw new Fault(400, `${name} has a control character in it.`, `${name} 含有控制字符。`);
    }
    return value === '' ? undefined : value;
  }

  /** Values between commas, each once. Throws a Fault for more than `most`. */
  list(name: string, most: number): string[] | undefined {
    const given = this.text(name, most * 101);
    if (given === undefined) return undefined;
    const values = [...new Set(given.split(',').map((value) => value.trim()))].filter(
      (value) => value !== '',
    );
    if (values.length > most) {
      throw new Fault(400, `${name} names at most ${most}.`, `${name} 最多列出 ${most} 个。`);
    }
    return values;
  }

  /** A whole number from 1 to `most`. */
  count(name: string, most: number): number | undefined {
    const given = this.one(name);
    if (given === undefined) return undefined;
    const value = /^\d{1,9}$/.test(given) ? Number(given) : 0;
    if (value >= 1 && value <= most) return value;
    throw new Fault(
      400,
      `${name} is a whole number from 1 to ${most}.`,
      `${name} 应为 1 至 ${most} 的整数。`,
    );
  }

  /** An instant with its offset from UTC, in UTC with milliseconds. */
  instant(name: string): string | undefined {
    const given = this.one(name);
    if (given === undefined) return undefined;
    const read = parseInstant(given);
    if (read.ok) return read.value;
    throw new Fault(
      400,
      `${name} is a date and time with its time zone: 2026-01-31T09:30:00Z or 2026-01-31T09:30:00+08:00.`,
      `${name} 应为带时区的日期时间，如 2026-01-31T09:30:00+08:00。`,
    );
  }

  /** A number of degrees between -most and most. */
  degrees(name: string, most: number): number | undefined {
    const given = this.one(name);
    if (given === undefined) return undefined;
    const value = /^[+-]?\d{1,3}(\.\d{1,20})?$/.test(given) ? Number(given) : Number.NaN;
    if (Math.abs(value) <= most) return value;
    throw new Fault(
      400,
      `${name} is a number of degrees from -${most} to ${most} (WGS 84).`,
      `${name} 应为 -${most} 至 ${most} 之间的度数（WGS 84）。`,
    );
  }
}
