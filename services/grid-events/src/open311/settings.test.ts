import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Open311Mistakes, open311Settings, readOpen311 } from './settings.ts';

const SHA = 'a'.repeat(64);
const fit = {
  url: 'https://311.example.cn/open311/v2',
  contact: '衢江区社会治理中心',
  keyService: '向衢江区社会治理中心申请',
  jurisdictions: [{ id: 'qujiang', division: '330803000000', town: '330803114000' }],
  keys: [{ id: 'app', name: '随手拍', sha256: SHA, jurisdictions: ['qujiang'] }],
};
const mistakes = (more: object): string[] => {
  try {
    readOpen311(JSON.stringify({ ...fit, ...more }));
    return [];
  } catch (error) {
    if (error instanceof Open311Mistakes) return error.texts.map(({ en }) => en);
    throw error;
  }
};

describe('the file of the Open311 adapter', () => {
  test('is read with its defaults; without OPEN311_FILE there is no adapter', () => {
    expect(readOpen311(JSON.stringify(fit))).toMatchObject({
      type: 'production',
      readsPerMinute: 600,
      keys: [{ source: 'CITIZEN', perMinute: 60 }],
    });
    expect(open311Settings({})).toBeUndefined();
    expect(() => open311Settings({ OPEN311_FILE: 'no-such-file' })).toThrow('cannot be read (ENOENT)');
  });

  test('is as the guide shows it', () => {
    const guide = readFileSync(new URL('../../../../docs/guides/open311.md', import.meta.url), 'utf8');
    const [, example = ''] = /```json\n(.*?)```/s.exec(guide) ?? [];
    expect(readOpen311(example).keys[0]?.sha256).toBe(hash('sha256', 'example-key'));
  });

  test('tells every mistake with its place, in both languages and without the value', () => {
    const [jurisdiction] = fit.jurisdictions;
    const [key] = fit.keys;
    for (const [more, told] of [
      [{ url: 'ftp://x' }, ['/url']],
      [{ url: 'https://x/' }, ['/url']],
      [{ surplus: 1 }, ['/']],
      [{ jurisdictions: [] }, ['/jurisdictions']],
      [{ jurisdictions: [{ id: 'qujiang', division: '330800000000' }] }, ['/jurisdictions/0/division']],
      [{ jurisdictions: [{ ...jurisdiction, town: '370114101000' }] }, ['/jurisdictions/0/town']],
      [{ jurisdictions: [jurisdiction, jurisdiction] }, ['/jurisdictions/1']],
      [{ keys: [key, { ...key, sha256: 'b'.repeat(64) }] }, ['/keys/1']],
      [{ keys: [key, { ...key, id: 'other' }] }, ['/keys/1']],
      [{ keys: [{ ...key, jurisdictions: ['elsewhere'] }] }, ['/keys/0/jurisdictions']],
      [
        { keys: [{ ...key, sha256: 'a key in plain', perMinute: 0 }] },
        ['/keys/0/sha256', '/keys/0/perMinute'],
      ],
    ] as const) {
      expect(mistakes(more)).toEqual(told.map((path) => expect.stringContaining(`OPEN311_FILE ${path} `)));
      expect(mistakes(more).join()).not.toContain('a key in plain');
    }
    expect(() => readOpen311('{"keys": ["secret')).toThrow(
      /^OPEN311_FILE 不是有效的 JSON。 \/ OPEN311_FILE is no valid JSON\.$/,
    );
  });
});
