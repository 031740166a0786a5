import { contracts } from '@dutyledger/contracts/catalogue';
import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import type { Refusal } from '@dutyledger/event-store/decider';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type AllowedTargets, urlProblem } from '@dutyledger/webhooks/addresses';
import { tooManyTypes, unfitOverlap, unfitText, unfitUrl, unknownType } from './refusals.ts';

/** What callers give of webhooks, checked. Each throws INVALID_INPUT. */

const MOST = { url: 2_000, description: 500, types: 50 };
const MOST_OVERLAP_HOURS = 7 * 24;

const TYPES = contracts.flatMap(({ topic, type }) => (topic === GRID_EVENTS_TOPIC ? [type] : []));

const fail = (refusal: Refusal): never => {
  throw refusalError(refusal);
};

export function readUrl(given: string, allowed: AllowedTargets): string {
  const url = given.trim();
  if (url.length > MOST.url) fail(unfitText('url', MOST.url, { en: 'A URL', 'zh-CN': '网址' }));
  const problem = urlProblem(url, allowed);
  if (problem) fail(unfitUrl(problem));
  return new URL(url).href;
}

export function readTypes(given: readonly string[]): string[] {
  const types = [...new Set(given.map((type) => type.trim()))].sort();
  if (types.length > MOST.types) fail(tooManyTypes(MOST.types));
  const unknown = types.find((beginning) => !TYPES.some((type) => type.startsWith(beginning)));
  if (unknown !== undefined) fail(unknownType(unknown, TYPES));
  return types;
}

export function readDescription(given: string): string {
  const description = given.trim();
  if (description === '' || description.length > MOST.description) {
    fail(unfitText('description', MOST.description, { en: 'A description', 'zh-CN': '说明' }));
  }
  return description;
}

export function readOverlap(hours: number): number {
  if (!(hours >= 0 && hours <= MOST_OVERLAP_HOURS)) fail(unfitOverlap(MOST_OVERLAP_HOURS));
  return hours;
}
