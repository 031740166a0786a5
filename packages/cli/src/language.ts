export type Language = 'zh-CN' | 'en';
/** The text in the user's language; both stand where they arise. */
export type Translate = (zh: string, en: string) => string;

export const translator =
  (language: Language): Translate =>
  (zh, en) =>
    language === 'en' ? en : zh;

/**
 * `--lang` if given, else the first of LC_ALL, LC_MESSAGES and LANG that is set, else Chinese. Read before the command
 * line is parsed, because the help texts are in that language too. Undefined: `--lang` names no language there is.
 */
export function languageOf(args: readonly string[], env: NodeJS.ProcessEnv): Language | undefined {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const given = at < 0 ? undefined : (args[at]?.split('=')[1] ?? args[at + 1] ?? '');
  if (given !== undefined) return /^zh\b/i.test(given) ? 'zh-CN' : /^en\b/i.test(given) ? 'en' : undefined;
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^en(?![a-z])/i.test(locale) ? 'en' : 'zh-CN';
}
