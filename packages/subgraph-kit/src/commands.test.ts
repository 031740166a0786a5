import { describe, expect, test } from 'vitest';
import { editor, silent } from '../test/fixture.ts';
import { asOf, asOfKey } from './as-of.ts';
import { type ChangeInput, commandContext } from './commands.ts';
import { connection, pageOf } from './connections.ts';
import { RefusedError } from './errors.ts';
import { Loaders } from './loaders.ts';
import { localeOf, requestContext } from './request-context.ts';

const context = {
  ...requestContext(editor, {}, silent, new Date('2026-02-28T17:00:00Z')),
  actingAs: 'LIST_EDITOR' as const,
};
const change: ChangeInput = {
  reason: ' 机构改革 ',
  basis: [{ title: ' 山东省乡镇人民政府工作条例 ', article: '第四条', documentNumber: ' ' }],
};
const scope = { division: '370114000000' };

function refusalOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal;
    throw error;
  }
  return undefined;
}

describe('commandContext', () => {
  test('says who, in which role, why, on what ground and for which division', () => {
    const made = commandContext(context, 'editItem', { ...change, onBehalfOf: '区编办' }, scope);
    expect(made).toMatchObject({
      actor: { subject: 'u-1', name: '王编', organ: 'organ:370114-0001', role: 'LIST_EDITOR' },
      onBehalfOf: '区编办',
      reason: '机构改革',
      basis: [{ title: '山东省乡镇人民政府工作条例', article: '第四条' }],
      correlationId: context.correlationId,
      division: '370114000000',
    });
    expect(made.basis[0]).not.toHaveProperty('documentNumber');
    expect(made.effectiveAt).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(made.causationId).toBe(made.commandId);
  });

  test('the same idempotency key of the same caller and operation is the same command', () => {
    const keyed = { ...change, idempotencyKey: 'k-1', correlationId: 'c-1' };
    const id = (operation: string, subject = 'u-1') =>
      commandContext({ ...context, caller: { ...editor, subject } }, operation, keyed, scope).commandId;
    expect(id('editItem')).toBe(id('editItem'));
    expect(id('editItem')).not.toBe(id('dropItem'));
    expect(id('editItem')).not.toBe(id('editItem', 'u-2'));
    const fresh = () => commandContext(context, 'editItem', change, scope).commandId;
    expect(fresh()).not.toBe(fresh());
    expect(commandContext(context, 'editItem', keyed, scope).correlationId).toBe('c-1');
  });

  test.each<[string, Partial<ChangeInput>, string, string]>([
    ['a blank reason', { reason: ' \n ' }, 'RULE_VIOLATED', 'change.reason'],
    ['a long reason', { reason: 'x'.repeat(2_001) }, 'LIMIT_EXCEEDED', 'change.reason'],
    ['no basis', { basis: [] }, 'RULE_VIOLATED', 'change.basis'],
    [
      'a basis without title',
      { basis: [{ title: 'a' }, { title: ' ' }] },
      'RULE_VIOLATED',
      'change.basis[1].title',
    ],
    [
      'a long article',
      { basis: [{ title: 'a', article: 'x'.repeat(501) }] },
      'LIMIT_EXCEEDED',
      'change.basis[0].article',
    ],
    ['too many grounds', { basis: Array(101).fill({ title: 'a' }) }, 'LIMIT_EXCEEDED', 'change.basis'],
    ['a blank key', { idempotencyKey: '' }, 'INVALID_INPUT', 'change.idempotencyKey'],
    ['a long key', { idempotencyKey: 'x'.repeat(101) }, 'LIMIT_EXCEEDED', 'change.idempotencyKey'],
  ])('EVERY-EVENT refuses %s', (_, part, code, field) => {
    const refusal = refusalOf(() => commandContext(context, 'editItem', { ...change, ...part }, scope));
    expect(refusal).toMatchObject({ code, field });
    if (code === 'RULE_VIOLATED') {
      expect(refusal).toMatchObject({
        rule: 'EVERY-EVENT',
        citation: { title: '中华人民共和国档案法实施条例', article: '第三十九条' },
      });
    }
  });

  test('outside a root field the role must be given', () => {
    const nested = { ...context, actingAs: null };
    expect(() => commandContext(nested, 'x', change, scope)).toThrow(/role/);
    expect(commandContext(nested, 'x', change, { ...scope, role: 'AUDITOR' }).actor.role).toBe('AUDITOR');
  });
});

describe('asOf', () => {
  const lateInUtc = new Date('2026-02-28T16:00:00.000Z');

  test('means today in China, as known now, where nothing is said', () => {
    expect(asOf(undefined, lateInUtc)).toEqual({ effectiveAt: '2026-03-01' });
    expect(asOf({ effectiveAt: null, recordedAt: null }, lateInUtc)).toEqual({ effectiveAt: '2026-03-01' });
  });

  test('takes both clocks as given, also an instant to come', () => {
    const given = { effectiveAt: '2020-01-01', recordedAt: '2999-01-01T00:00:00.000Z' };
    expect(asOf(given, lateInUtc)).toEqual(given);
    expect(asOfKey(asOf(given, lateInUtc))).toBe('2020-01-01/2999-01-01T00:00:00.000Z');
    expect(asOfKey({ effectiveAt: '2020-01-01' })).toBe('2020-01-01/latest');
  });
});

describe('connections', () => {
  test('pages are 50 entries, at most 200, at least 1', () => {
    expect(pageOf({})).toEqual({ limit: 50 });
    expect(pageOf({ first: 200, after: 'c' })).toEqual({ limit: 200, after: 'c' });
    expect(refusalOf(() => pageOf({ first: 201 }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      field: 'first',
      details: { limit: 200, value: 201 },
    });
    expect(refusalOf(() => pageOf({ first: 0 }))).toMatchObject({ code: 'INVALID_INPUT', field: 'first' });
  });

  test('a page of the read store becomes edges and page information', () => {
    const rows = [
      { id: 'a', doc: 1, cursor: 'ca' },
      { id: 'b', doc: 2, cursor: 'cb' },
    ];
    const made = connection({ rows, more: true }, { after: 'c0' }, (row) => row.doc);
    expect(made).toEqual({
      edges: [
        { cursor: 'ca', node: 1 },
        { cursor: 'cb', node: 2 },
      ],
      pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: 'ca', endCursor: 'cb' },
    });
    const empty = connection(
      { rows: [], more: false },
      {},
      (row) => row,
      async () => 0,
    );
    expect(empty.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
    expect(empty.totalCount).toBeTypeOf('function');
  });
});

describe('request context', () => {
  test.each([
    [undefined, 'zh-CN'],
    ['', 'zh-CN'],
    ['fr', 'zh-CN'],
    ['en', 'en'],
    ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
    ['en;q=0.5, zh-TW', 'zh-CN'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['en;q=x', 'zh-CN'],
  ])('Accept-Language %s is answered in %s', (header, locale) => {
    expect(localeOf(header)).toBe(locale);
  });

  test('takes a correlation id that is fit for a log, and no other', () => {
    const idFor = (given: string) =>
      requestContext(editor, { 'x-correlation-id': given }, silent, new Date()).correlationId;
    expect(idFor('case-17:a.b')).toBe('case-17:a.b');
    expect(idFor('evil\n{"level":"error"}')).toMatch(/^[0-9a-f-]{36}$/);
    expect(idFor('x'.repeat(101))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('loaders fetch what is asked for together in one call, and once', async () => {
    const calls: string[][] = [];
    const batch = async (keys: readonly string[]) => {
      calls.push([...keys]);
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]));
    };
    const loaders = new Loaders();
    const load = (key: string) => loaders.load('organ@now', key, batch);
    expect(await Promise.all([load('a'), load('b'), load('a'), load('none')])).toEqual([
      'A',
      'B',
      'A',
      undefined,
    ]);
    expect(await load('b')).toBe('B');
    expect(calls).toEqual([['a', 'b', 'none']]);
  });
});
