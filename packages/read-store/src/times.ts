/** Days and instants as numbers, which compare fast and store small; texts only at the edges of the read store. */

/** Above every day: "in force without end". */
export const NO_END = 99_999_999;
/** The latest knowledge: above every instant. */
export const LATEST = Number.MAX_SAFE_INTEGER;

const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `2026-03-01` → 20260301. Throws a TypeError on any other shape. */
export const dayNumber = (day: string): number => {
  if (!DAY.test(day)) throw new TypeError(`not a day (YYYY-MM-DD): ${day}`);
  return Number(day.slice(0, 4)) * 10_000 + Number(day.slice(5, 7)) * 100 + Number(day.slice(8));
};

/** 20260301 → `2026-03-01`; null for `NO_END`. */
export const dayText = (day: number): string => {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
};

/** ISO UTC with milliseconds → milliseconds since 1970. Throws a TypeError on any other shape. */
export const instantNumber = (instant: string): number => {
  const milliseconds = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new TypeError(`not an instant (ISO UTC with milliseconds): ${instant}`);
  }
  return milliseconds;
};

export const instantText = (milliseconds: number): string => new Date(milliseconds).toISOString();
