/**
 * Public holidays that the law fixes, for years whose arrangement the State Council has not announced yet:
 * 全国年节及纪念日放假办法 (2024 revision, in force since 2025-01-01), art. 2. Which weekends are worked in exchange, and
 * which working day replaces a holiday on a weekend (art. 6), is settled by the yearly notice alone.
 */

/** 元旦, 劳动节 (two days), 国庆节 (three days). */
const FIXED = ['01-01', '05-01', '05-02', '10-01', '10-02', '10-03'];

/**
 * Year, first day of the lunar year, 清明, 端午, 中秋. From the calendar tables of chinese-days 1.5.7. Node's own Chinese
 * calendar agrees but for the new years 2027 and 2030, whose new moons are within minutes of midnight.
 */
const LUNAR: readonly (readonly [number, string, string, string, string])[] = [
  [2027, '02-06', '04-05', '06-09', '09-15'],
  [2028, '01-26', '04-04', '05-28', '10-03'],
  [2029, '02-13', '04-04', '06-16', '09-22'],
  [2030, '02-03', '04-05', '06-05', '09-12'],
  [2031, '01-23', '04-05', '06-24', '10-01'],
  [2032, '02-11', '04-04', '06-12', '09-19'],
  [2033, '01-31', '04-04', '06-01', '09-08'],
  [2034, '02-19', '04-05', '06-20', '09-27'],
  [2035, '02-08', '04-05', '06-10', '09-16'],
  [2036, '01-28', '04-04', '05-30', '10-04'],
  [2037, '02-15', '04-04', '06-18', '09-24'],
  [2038, '02-04', '04-05', '06-07', '09-13'],
  [2039, '01-24', '04-05', '05-27', '10-02'],
  [2040, '02-12', '04-04', '06-14', '09-20'],
  [2041, '02-01', '04-04', '06-03', '09-10'],
  [2042, '01-22', '04-04', '06-22', '09-28'],
  [2043, '02-10', '04-05', '06-11', '09-17'],
  [2044, '01-30', '04-04', '05-31', '10-05'],
  [2045, '02-17', '04-04', '06-19', '09-25'],
  [2046, '02-06', '04-04', '06-08', '09-15'],
  [2047, '01-26', '04-05', '05-29', '10-04'],
  [2048, '02-14', '04-04', '06-15', '09-22'],
  [2049, '02-02', '04-04', '06-04', '09-11'],
  [2050, '01-23', '04-04', '06-23', '09-30'],
];

/**
 * The statutory holidays of a year (`MM-DD`). Empty before 2025, where another law applied; beyond 2050 only those of
 * the solar calendar.
 */
export function statutoryHolidays(year: number): string[] {
  if (year < 2025) return [];
  const lunar = LUNAR.find(([each]) => each === year);
  if (!lunar) return FIXED;
  const [, newYear, ...others] = lunar;
  const first = Date.UTC(year, Number(newYear.slice(0, 2)) - 1, Number(newYear.slice(3)));
  // 除夕 and the first three days of the lunar year.
  const springFestival = [-1, 0, 1, 2].map((days) =>
    new Date(first + days * 86_400_000).toISOString().slice(5, 10),
  );
  return [...FIXED, ...springFestival, ...others];
}
