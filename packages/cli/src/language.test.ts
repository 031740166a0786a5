import { describe, expect, test } from 'vitest';
import { languageOf } from './language.ts';

describe('languageOf', () => {
  test.each<[string[], NodeJS.ProcessEnv, string | undefined]>([
    [[], {}, 'zh-CN'],
    [[], { LANG: 'en_US.UTF-8' }, 'en'],
    [[], { LANG: 'C.UTF-8' }, 'zh-CN'],
    [[], { LANG: 'en_GB', LC_ALL: 'zh_CN.UTF-8' }, 'zh-CN'],
    [[], { LANG: 'eng' }, 'zh-CN'],
    [['--lang', 'en'], { LANG: 'zh_CN' }, 'en'],
    [['lists', '--lang=zh-CN'], { LANG: 'en' }, 'zh-CN'],
    [['--lang', 'fr'], {}, undefined],
    [['--lang'], {}, undefined],
  ])('%j with %j is %s', (args, env, language) => expect(languageOf(args, env)).toBe(language));
});
