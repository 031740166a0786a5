import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run, testSubgraph } from '../test/fixture.ts';

const SDL = `
type Query {
  echo(input: In, text: String, json: JSON, file: Base64, list: [String!]): String @access(roles: [LIST_EDITOR])
}
input In { text: String, items: [In!], file: Base64, json: JSON }`;
const kit = () => testSubgraph(SDL, { Query: { echo: () => 'ok' } });
const WHOLE =
  'query ($input: In, $text: String, $json: JSON, $file: Base64, $list: [String!]) { echo(input: $input, text: $text, json: $json, file: $file, list: $list) }';

async function outcome(variables: Record<string, unknown>) {
  const { fault } = await run(await kit(), WHOLE, variables);
  return [fault?.extensions?.['code'] ?? 'ok', fault?.extensions?.['field']];
}

describe('input check', () => {
  test('names the field of control characters and unpaired surrogates in variables', async () => {
    expect(await outcome({ text: 'line\nbreak\tand tab 责任😀' })).toEqual(['ok', undefined]);
    expect(await outcome({ text: 'a\u0000b' })).toEqual(['INVALID_INPUT', 'text']);
    expect(await outcome({ text: 'a\u000bb' })).toEqual(['INVALID_INPUT', 'text']);
    expect(await outcome({ text: 'a\u0085b' })).toEqual(['INVALID_INPUT', 'text']);
    expect(await outcome({ input: { items: [{ text: 'x' }, { text: '\ud83d' }] } })).toEqual([
      'INVALID_INPUT',
      'items[1].text',
    ]);
    expect(await outcome({ json: { a: [{ b: '\u007f' }] } })).toEqual(['INVALID_INPUT', 'json.a[0].b']);
    expect(await outcome({ json: { 'k\u0001': 1 } })).toEqual(['INVALID_INPUT', 'json']);
  });

  test('and in literals and default values', async () => {
    const subgraph = await kit();
    for (const [query, field] of [
      ['{ echo(text: "a\\u0000") }', 'text'],
      ['{ echo(input: { items: [{ text: "a\\u0007" }] }) }', 'items[0].text'],
      ['query ($t: String = "a\\u0007") { echo(text: $t) }', 't'],
    ] as const) {
      const { fault } = await run(subgraph, query);
      expect([fault?.extensions?.['code'], fault?.extensions?.['field']]).toEqual(['INVALID_INPUT', field]);
    }
  });

  test('bounds texts at 100 kB, lists at 10,000 items and JSON at 64 levels, but not Base64', async () => {
    const megabyte = 'A'.repeat(1_048_576);
    expect(await outcome({ text: '责'.repeat(33_333) })).toEqual(['ok', undefined]);
    expect(await outcome({ text: '责'.repeat(33_334) })).toEqual(['LIMIT_EXCEEDED', 'text']);
    expect(await outcome({ file: megabyte, input: { file: megabyte } })).toEqual(['ok', undefined]);
    expect(await outcome({ list: Array(10_000).fill('x') })).toEqual(['ok', undefined]);
    expect(await outcome({ list: Array(10_001).fill('x') })).toEqual(['LIMIT_EXCEEDED', 'list']);
    expect(
      await outcome({ input: { json: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) } }),
    ).toEqual(['LIMIT_EXCEEDED', expect.stringMatching(/^json(\[0\])+$/)]);
    const literals = `{ echo(list: [${'"x" '.repeat(10_001)}]) }`;
    const { fault } = await run(await kit(), literals);
    expect(fault?.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit: 10_000, value: 10_001 },
    });
  });

  test('any JSON gets an answer: ok, or a code of the catalogue and never INTERNAL', async () => {
    const subgraph = await kit();
    const anything = fc.record(
      {
        input: fc.jsonValue({ maxDepth: 4 }),
        text: fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        json: fc.jsonValue({ maxDepth: 6 }),
        file: fc.oneof(fc.base64String(), fc.string()),
        list: fc.oneof(fc.array(fc.string({ unit: 'binary' })), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anything, async (variables) => {
        const { fault, data } = await run(subgraph, WHOLE, variables as Record<string, unknown>);
        if (fault) expect(['INVALID_INPUT', 'LIMIT_EXCEEDED']).toContain(fault.extensions?.['code']);
        else expect(data).toEqual({ echo: 'ok' });
      }),
      { numRuns: 300 },
    );
  });

  test('a text passes exactly when it is well-formed Unicode without control characters', async () => {
    const subgraph = await kit();
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(units, async (codes) => {
        const text = String.fromCharCode(...codes);
        const bad = !text.isWellFormed() || /\p{Cc}/u.test(text.replace(/[\r\n\t]/g, ''));
        const { fault } = await run(subgraph, WHOLE, { text });
        expect(fault?.extensions?.['code']).toBe(bad ? 'INVALID_INPUT' : undefined);
      }),
      { numRuns: 300 },
    );
  });
});
