import Builder from 'fast-xml-builder';

/** Answers in the two formats of GeoReport. Both are made of the same value. */

export type Format = 'json' | 'xml';

export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export const MEDIA_TYPES: Record<Format, string> = {
  json: 'application/json; charset=utf-8',
  xml: 'text/xml; charset=utf-8',
};

/** What the entries of a list are called in XML. */
const ENTRY: Record<string, string> = {
  services: 'service',
  attributes: 'attribute',
  values: 'value',
  service_requests: 'request',
  errors: 'error',
  endpoints: 'endpoint',
  formats: 'format',
};

const builder = new Builder({ suppressEmptyNode: true });

/** Characters that XML 1.0 has no way to write: most controls, halves of surrogate pairs, U+FFFE and U+FFFF. */
const NOT_IN_XML = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Whoever reads XML takes each of these for \n. */
const LINE_END = /\r\n?/g;

function nested(name: string, value: Value): unknown {
  if (typeof value === 'string') return value.replace(NOT_IN_XML, '').replace(LINE_END, '\n');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return { [ENTRY[name] ?? 'entry']: value.map((entry) => nested('', entry)) };
  return Object.fromEntries(Object.entries(value).map(([field, of]) => [field, nested(field, of)]));
}

/** The whole text of an answer; `root` is the name of the outermost element in XML. */
export function written(format: Format, root: string, value: Value): string {
  if (format === 'json') return JSON.stringify(value);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: nested(root, value) })}`;
}

/** 2026-03-02T01:00:00Z: the W3C's subset of ISO 8601, which clients read to the second. */
export const dateTime = (instant: string): string => `${instant.slice(0, 19)}Z`;
