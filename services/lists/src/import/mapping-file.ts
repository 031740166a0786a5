import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { type Outcome, taken } from '@dutyledger/tables/table';
import { HANDLING_CLASSES, type HandlingClass, TOWN_ROLES, type TownRole } from '../duty-list/item.ts';
import { COLUMN_FIELDS, FIELDS, type MappedField } from './fields.ts';

/**
 * A mapping as a person gives it, in JSON: every part may be left out, what it does not say is guessed.
 *
 * ```json
 * { "columns": { "事项": "name", "F": "ignore" },
 *   "values": { "handlingClass": { "能办": "MAY_HANDLE" }, "townRole": { "牵头": "LEAD" } },
 *   "organs": { "城管": "区综合行政执法局", "(无需许可)": null, "三部门": ["区公安局", "区司法局", "区民政局"] },
 *   "defaults": { "lead": "镇街", "basis": { "title": "某区清单", "documentNumber": "某政发〔2025〕1号" } } }
 * ```
 */
export interface MappingFile {
  sheet?: string;
  /** Heading or column letter → field. */
  columns: Record<string, MappedField>;
  values: {
    handlingClass: Record<string, HandlingClass | null>;
    townRole: Record<string, TownRole>;
  };
  /** Name as the file writes it → organ id or name, several of them, or null for none. */
  organs: Record<string, string | string[] | null>;
  /** What an item gets where the file says nothing. */
  defaults: {
    lead?: string;
    cooperator?: string;
    domain?: string;
    category?: string;
    handlingClass?: HandlingClass;
    townRole?: TownRole;
    basis?: { title: string; article?: string; documentNumber?: string };
  };
}

class MappingError extends Error {
  readonly field: string;
  readonly text: Text;

  constructor(field: string, text: Text) {
    super(text.en);
    this.field = field;
    this.text = text;
  }
}

/** Checks a mapping that was read as JSON; the refusal names the place and what may stand there. */
export function readMapping(json: unknown): Outcome<MappingFile> {
  try {
    return taken(checkMapping(json));
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    const refusal: Refusal = { code: 'INVALID_INPUT', field: error.field, message: error.text };
    return { ok: false, refusal };
  }
}

function checkMapping(json: unknown): MappingFile {
  const mapping = object(json, 'mapping', ['sheet', 'columns', 'values', 'organs', 'defaults']);
  const values = object(mapping['values'], 'mapping.values', ['handlingClass', 'townRole']);
  const sheet = optionalText(mapping['sheet'], 'mapping.sheet');
  return {
    ...(sheet !== undefined && { sheet }),
    columns: record(mapping['columns'], 'mapping.columns', mappedField),
    values: {
      handlingClass: record(values['handlingClass'], 'mapping.values.handlingClass', (value, at) =>
        value === null ? null : oneOf(value, at, HANDLING_CLASSES),
      ),
      townRole: record(values['townRole'], 'mapping.values.townRole', (value, at) =>
        oneOf(value, at, TOWN_ROLES),
      ),
    },
    organs: record(mapping['organs'], 'mapping.organs', organTarget),
    defaults: checkDefaults(mapping['defaults']),
  };
}

const DEFAULTS = ['lead', 'cooperator', 'domain', 'category', 'handlingClass', 'townRole', 'basis'] as const;

function checkDefaults(json: unknown): MappingFile['defaults'] {
  const defaults = object(json, 'mapping.defaults', DEFAULTS);
  const result: MappingFile['defaults'] = {};
  for (const key of ['lead', 'cooperator', 'domain', 'category'] as const) {
    const value = optionalText(defaults[key], `mapping.defaults.${key}`);
    if (value !== undefined) result[key] = value;
  }
  if (defaults['handlingClass'] !== undefined) {
    result.handlingClass = oneOf(
      defaults['handlingClass'],
      'mapping.defaults.handlingClass',
      HANDLING_CLASSES,
    );
  }
  if (defaults['townRole'] !== undefined) {
    result.townRole = oneOf(defaults['townRole'], 'mapping.defaults.townRole', TOWN_ROLES);
  }
  if (defaults['basis'] !== undefined) result.basis = checkBasis(defaults['basis']);
  return result;
}

function checkBasis(json: unknown): NonNullable<MappingFile['defaults']['basis']> {
  const at = 'mapping.defaults.basis';
  if (typeof json === 'string') return { title: text(json, at) };
  const basis = object(json, at, ['title', 'article', 'documentNumber']);
  const article = optionalText(basis['article'], `${at}.article`);
  const documentNumber = optionalText(basis['documentNumber'], `${at}.documentNumber`);
  return {
    title: text(basis['title'], `${at}.title`),
    ...(article !== undefined && { article }),
    ...(documentNumber !== undefined && { documentNumber }),
  };
}

const MAPPED_FIELDS: readonly MappedField[] = [...COLUMN_FIELDS, 'extra', 'ignore'];

function mappedField(value: unknown, at: string): MappedField {
  const byHeading = COLUMN_FIELDS.find((field) => FIELDS[field].heading === value);
  return byHeading ?? oneOf(value, at, MAPPED_FIELDS);
}

function organTarget(value: unknown, at: string): string | string[] | null {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((entry, i) => text(entry, `${at}[${i}]`));
  return text(value, at);
}

function object(json: unknown, at: string, keys: readonly string[]): Record<string, unknown> {
  if (json === undefined) return {};
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MappingError(at, { en: `${at} must be an object.`, 'zh-CN': `${at} 应为对象。` });
  }
  const unknown = Object.keys(json).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new MappingError(`${at}.${unknown}`, {
      en: `${at} has no "${unknown}"; it has ${keys.join(', ')}.`,
      'zh-CN': `${at} 中没有“${unknown}”，可用：${keys.join('、')}。`,
    });
  }
  return json as Record<string, unknown>;
}

function record<T>(json: unknown, at: string, check: (value: unknown, at: string) => T): Record<string, T> {
  if (json === undefined) return {};
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MappingError(at, { en: `${at} must be an object.`, 'zh-CN': `${at} 应为对象。` });
  }
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, check(value, `${at}.${key}`)]));
}

function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 1_000) return value.trim();
  throw new MappingError(at, {
    en: `${at} must be a text of 1 to 1,000 characters.`,
    'zh-CN': `${at} 应为 1 至 1000 个字符的文字。`,
  });
}

const optionalText = (value: unknown, at: string): string | undefined =>
  value === undefined ? undefined : text(value, at);

function oneOf<T extends string>(value: unknown, at: string, allowed: readonly T[]): T {
  const found = allowed.find((entry) => entry === value);
  if (found !== undefined) return found;
  throw new MappingError(at, {
    en: `${at} is ${JSON.stringify(value)}; it may be ${allowed.join(', ')}.`,
    'zh-CN': `${at} 的值 ${JSON.stringify(value)} 无效，可用：${allowed.join('、')}。`,
  });
}
