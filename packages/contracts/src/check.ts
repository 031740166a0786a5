import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';

/** Why a value is not the integration event it should be. For logs and for the cause of a parked message. */
export interface ContractProblem {
  code: 'NOT_A_CLOUD_EVENT' | 'UNKNOWN_EVENT' | 'DATA_MISMATCH';
  /** JSON pointer of the value at fault within the event; empty for the event itself. */
  at: string;
  message: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Days that do not exist (2026-02-30) are not days. */
function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

const ajv = new Ajv2020({
  formats: { date: isDay, 'date-time': (text: string) => isDay(INSTANT.exec(text)?.[1] ?? '') },
});

/** Compiling a schema takes milliseconds, so it happens once, when the first such event is seen. */
const compiled = new WeakMap<TSchema, ValidateFunction>();

/** The first problem of `value` under `schema`, or undefined. `at` is prefixed to the pointers. */
export function problemOf(
  schema: TSchema,
  value: unknown,
  code: ContractProblem['code'],
  at = '',
): ContractProblem | undefined {
  let check = compiled.get(schema);
  if (!check) {
    check = ajv.compile(schema);
    compiled.set(schema, check);
  }
  if (check(value)) return undefined;
  const [error] = check.errors ?? [];
  const pointer = at + (error?.instancePath ?? '');
  const allowed = error?.params['allowedValues'] ?? error?.params['allowedValue'];
  const detail = allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`;
  return { code, at: pointer, message: `${pointer || 'event'} ${error?.message ?? 'is invalid'}${detail}` };
}
