import { readFileSync } from 'node:fs';
import type { Text } from '@dutyledger/event-store/decider';
import { division } from '@dutyledger/reference-data/divisions';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Whom the Open311 adapter serves: one file, named in OPEN311_FILE. Without it there is no adapter. */

/** What the public calls one area by, and the division that it is. */
export interface Jurisdiction {
  id: string;
  /** 12-digit code of a county, a town or a village. */
  division: string;
  /** 12-digit code of the town that takes what cannot be placed; such reports are refused without it. */
  town?: string;
}

/** An application that may report. */
export interface ApiKey {
  id: string;
  /** As it stands in the history of cases. */
  name: string;
  /** Of the key, lower-case hexadecimal: the key itself is kept nowhere. */
  sha256: string;
  /** Ids of jurisdictions. */
  jurisdictions: string[];
  /** Who is behind it. */
  source: 'CITIZEN' | 'HOTLINE';
  /** Most requests a minute. */
  perMinute: number;
}

export interface Open311Settings {
  /** Base URL of the adapter as clients reach it. */
  url: string;
  contact: string;
  /** Where a key is to be had. */
  keyService: string;
  type: 'production' | 'test';
  jurisdictions: Jurisdiction[];
  keys: ApiKey[];
  /** Most requests a minute of all that come without a key. */
  readsPerMinute: number;
}

const TEXT = { type: 'string', minLength: 1, maxLength: 500, pattern: '\\S' };
const ID = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' };
const PER_MINUTE = { type: 'integer', minimum: 1, maximum: 100_000 };
const CODE = { type: 'string', pattern: '^\\d{12}$' };

const object = (properties: Record<string, object>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const check = new Ajv2020({ useDefaults: true, allErrors: true }).compile<Open311Settings>(
  object(
    {
      url: { type: 'string', pattern: '^https?://[^\\s?#]+[^\\s?#/]$' },
      contact: TEXT,
      keyService: TEXT,
      type: { enum: ['production', 'test'], default: 'production' },
      jurisdictions: {
        type: 'array',
        minItems: 1,
        maxItems: 1_000,
        items: object({ id: ID, division: CODE, town: CODE }, ['id', 'division']),
      },
      keys: {
        type: 'array',
        maxItems: 10_000,
        items: object(
          {
            id: ID,
            name: TEXT,
            sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
            jurisdictions: { type: 'array', minItems: 1, items: ID },
            source: { enum: ['CITIZEN', 'HOTLINE'], default: 'CITIZEN' },
            perMinute: { ...PER_MINUTE, default: 60 },
          },
          ['id', 'name', 'sha256', 'jurisdictions'],
        ),
      },
      readsPerMinute: { ...PER_MINUTE, default: 600 },
    },
    ['url', 'contact', 'keyService', 'jurisdictions', 'keys'],
  ),
);

/** Where in the file, what is wrong in Chinese, what in English. */
type Mistake = [path: string, zh: string, en: string];

function repeated(path: string, values: readonly string[]): Mistake[] {
  return values.flatMap((value, i): Mistake[] =>
    values.indexOf(value) < i ? [[`${path}/${i}`, '与前面的重复', 'stands there already']] : [],
  );
}

function mistakesOf({ jurisdictions, keys }: Open311Settings): Mistake[] {
  const ids = jurisdictions.map(({ id }) => id);
  return [
    ...repeated('/jurisdictions', ids),
    ...repeated(
      '/keys',
      keys.map(({ id }) => id),
    ),
    ...repeated(
      '/keys',
      keys.map(({ sha256 }) => sha256),
    ),
    ...jurisdictions.flatMap((one, i) => divisionMistakes(one, `/jurisdictions/${i}`)),
    ...keys.flatMap(({ jurisdictions: of }, i): Mistake[] =>
      of.every((id) => ids.includes(id))
        ? []
        : [[`/keys/${i}/jurisdictions`, '含有未定义的辖区', 'names a jurisdiction that is not defined']],
    ),
  ];
}

function divisionMistakes({ division: code, town }: Jurisdiction, path: string): Mistake[] {
  const level = division(code)?.level;
  if (level !== 'county' && level !== 'town' && level !== 'village') {
    return [
      [`${path}/division`, '应为区县、镇街或村社的区划代码', 'must be the code of a county, town or village'],
    ];
  }
  if (town === undefined || (level === 'county' && division(town)?.parent === code)) return [];
  return [[`${path}/town`, '应为该区县所辖镇街的区划代码', 'must be the code of a town of that county']];
}

/** What is wrong with the file, a line for each mistake, without the values that stand there. */
export class Open311Mistakes extends Error {
  readonly texts: Text[];

  constructor(mistakes: readonly Mistake[]) {
    const texts = mistakes.map(([path, zh, en]) => {
      const place = path === '' ? 'OPEN311_FILE' : `OPEN311_FILE ${path}`;
      return { 'zh-CN': `${place} ${zh}。`, en: `${place} ${en}.` };
    });
    super(texts.map(({ 'zh-CN': zh, en }) => `${zh} / ${en}`).join('\n'));
    this.texts = texts;
  }
}

/** Reads the content of the file. Throws Open311Mistakes. */
export function readOpen311(text: string): Open311Settings {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // What the parser says quotes the file, which may hold a key in plain by mistake.
    throw new Open311Mistakes([['', '不是有效的 JSON', 'is no valid JSON']]);
  }
  if (!check(given)) {
    const mistakes = (check.errors ?? []).map(({ instancePath, message = '' }): Mistake => {
      return [instancePath || '/', `有误：${message}`, `is wrong: ${message}`];
    });
    throw new Open311Mistakes(mistakes);
  }
  const mistakes = mistakesOf(given);
  if (mistakes.length > 0) throw new Open311Mistakes(mistakes);
  return given;
}

/** What the environment says; undefined: no adapter is wanted. Throws Open311Mistakes. */
export function open311Settings(env: NodeJS.ProcessEnv): Open311Settings | undefined {
  const file = env['OPEN311_FILE']?.trim() ?? '';
  if (file === '') return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new Open311Mistakes([['', `无法读取（${code}）`, `cannot be read (${code})`]]);
  }
  return readOpen311(text);
}
