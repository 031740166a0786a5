import { Fault } from './faults.ts';

/** How often somebody may ask: a full minute's worth at once, then as it is given back evenly. */
export interface Allowance {
  left: number;
  /** When `left` was so much, in milliseconds since 1970. */
  at: number;
}

/** Takes one request off; throws a Fault, 429 with the seconds to wait, when there is none left. */
export function spend(allowances: Map<string, Allowance>, who: string, perMinute: number, now: number): void {
  const { left, at } = allowances.get(who) ?? { left: perMinute, at: now };
  const back = (Math.max(0, now - at) / 60_000) * perMinute;
  const have = Math.min(perMinute, left + back);
  if (have < 1) {
    const seconds = Math.ceil(((1 - have) / perMinute) * 60);
    throw new Fault(
      429,
      `Too many requests: at most ${perMinute} a minute. Try again in ${seconds} s.`,
      `请求过于频繁：每分钟最多 ${perMinute} 次，请 ${seconds} 秒后重试。`,
      seconds,
    );
  }
  allowances.set(who, { left: have - 1, at: now });
}
