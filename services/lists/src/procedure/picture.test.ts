import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimeLimit } from '../duty-list/item.ts';
import { drawProcedure, type PictureForm } from './picture.ts';

const FORMS: PictureForm[] = ['LINEAR', 'PARALLEL', 'SIDE_BY_SIDE'];
const days = (amount: number): TimeLimit => ({ amount, unit: 'WORKING_DAYS' });
const step = (
  id: string,
  name: string,
  organName: string | null,
  limit: TimeLimit | null,
  ...after: string[]
) => ({
  id,
  name,
  organName,
  limit,
  after,
});
const dogs = {
  title: '犬只登记与养犬违法查处',
  subtitle: '《章丘区属地管理事项责任清单》第 1 版',
  promised: days(8),
  steps: [
    step('a', '受理', '公安分局', days(1)),
    step('b', '免疫检疫核验', '农业农村局', days(3), 'a'),
    step('c', '现场核查', '各镇街', days(5), 'a'),
    step('d', '登记', '公安分局', days(1), 'b', 'c'),
  ],
};

interface Element {
  name: string;
  attributes: Record<string, string>;
}

/** Reads a picture as strictly as it is written: throws where tags do not match or a sign is not escaped. */
function parse(svg: string): { elements: Element[]; texts: string[] } {
  const elements: Element[] = [];
  const texts: string[] = [];
  const open: string[] = [];
  const body = svg.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  for (const [whole, close, name = '', attributes = '', empty, text] of body.matchAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>|([^<]+)|</g,
  )) {
    if (text !== undefined) {
      expect(text.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&>]/);
      if (text.trim() !== '') texts.push(text);
    } else if (name === '') throw new Error(`not an element: ${whole}`);
    else if (close) expect(open.pop()).toBe(name);
    else {
      elements.push({
        name,
        attributes: Object.fromEntries(
          [...attributes.matchAll(/([a-zA-Z0-9-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
            key,
            value,
          ]),
        ),
      });
      if (!empty) open.push(name);
    }
  }
  expect(open).toEqual([]);
  return { elements, texts };
}

const limit = fc.option(
  fc.record({
    amount: fc.integer({ min: 1, max: 100_000 }),
    unit: fc.constantFrom('WORKING_DAYS', 'CALENDAR_DAYS', 'WORKING_HOURS', 'HOURS', 'MINUTES'),
  }),
  { nil: null },
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('很', '"', '<', '&', "'", '>', ']', '\u0000', '\ud800', '\u202e', 'W', ' '),
  }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"/><image href="http://x/"/>',
    ']]><!--',
    '&lt;',
    '很'.repeat(500),
  ),
);
const drawing = fc
  .record({
    title: anyText,
    subtitle: anyText,
    promised: limit,
    drawn: fc.array(
      fc.record({
        name: anyText,
        organName: fc.option(fc.constantFrom('甲局', '乙局', '丙镇', '<b>'), { nil: null }),
        limit,
        before: fc.array(fc.nat(29), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ drawn, ...rest }) => ({
    ...rest,
    steps: drawn.map(({ before, ...one }, i) => ({
      ...one,
      id: `<${i}>`,
      after: [...new Set(before.filter((other) => other < i))].map((other) => `<${other}>`),
    })),
  }));

describe('L-2 the picture of a procedure', () => {
  test('says what each form takes and what is saved', () => {
    const { texts } = parse(drawProcedure(dogs, 'SIDE_BY_SIDE', 'zh-CN'));
    expect(texts).toEqual(
      expect.arrayContaining([
        '10个工作日',
        '7个工作日',
        '节省 3个工作日 (30%)',
        '8个工作日',
        '机动 2个工作日',
      ]),
    );
    const english = parse(drawProcedure(dogs, 'PARALLEL', 'en')).texts;
    expect(english).toEqual(
      expect.arrayContaining(['7 working days', 'critical path', 'slack 2 working days']),
    );
    expect(english).not.toContain('10 working days');
    expect(parse(drawProcedure(dogs, 'LINEAR', 'en')).texts).not.toContain('critical path');
  });

  test('is the same for the same procedure', () => {
    for (const form of FORMS) expect(drawProcedure(dogs, form, 'en')).toBe(drawProcedure(dogs, form, 'en'));
  });

  test('is well formed and holds shapes and texts alone, whatever names say', () => {
    fc.assert(
      fc.property(
        drawing,
        fc.constantFrom(...FORMS),
        fc.constantFrom('zh-CN', 'en'),
        (given, form, locale) => {
          const svg = drawProcedure(given, form, locale);
          const { elements } = parse(svg);
          const shapes = ['svg', 'title', 'desc', 'g', 'rect', 'circle', 'line', 'path', 'text'];
          expect(elements.filter(({ name }) => !shapes.includes(name))).toEqual([]);
          for (const { attributes } of elements)
            for (const [key, value] of Object.entries(attributes)) {
              expect(key).toMatch(
                /^(xmlns|width|height|viewBox|role|font-(family|size|weight)|text-anchor|fill(-opacity)?|stroke(-width|-dasharray)?|transform|d|r|rx|c?[xy][12]?)$/,
              );
              expect(value).toMatch(
                key === 'xmlns' ? /^http:\/\/www\.w3\.org\/2000\/svg$/ : /^[\w #.,()-]+$/,
              );
              expect(value).not.toMatch(/NaN|Infinity|undefined|url/);
            }
          expect(svg.isWellFormed()).toBe(true);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left.
          expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e\ufffe\uffff]/);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('no box covers another, and no line runs through a box', () => {
    fc.assert(
      fc.property(drawing, fc.constantFrom<PictureForm>('LINEAR', 'PARALLEL'), (given, form) => {
        // Title and legend stand in frames of their own; the form is between them.
        const [, , panel = ''] = drawProcedure(given, form, 'zh-CN').split('<g transform=');
        const { elements } = parse(`<g transform=${panel.slice(0, panel.lastIndexOf('</g>') + 4)}`);
        const boxes = elements
          .filter(({ name, attributes }) => name === 'rect' && attributes['rx'] === '7')
          .map(({ attributes }) => ({
            left: Number(attributes['x']),
            top: Number(attributes['y']),
            right: Number(attributes['x']) + Number(attributes['width']),
            bottom: Number(attributes['y']) + Number(attributes['height']),
          }));
        expect(boxes).toHaveLength(given.steps.length);
        const lines = elements
          .filter(({ attributes }) => attributes['fill'] === 'none' && attributes['d'])
          .map(({ attributes }) =>
            [...(attributes['d'] ?? '').matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [
              Number(x),
              Number(y),
            ]),
          );
        const within = (x1 = 0, y1 = 0, x2 = 0, y2 = 0) =>
          boxes.filter(
            ({ left, top, right, bottom }) =>
              Math.max(x1, x2) > left + 1 &&
              Math.min(x1, x2) < right - 1 &&
              Math.max(y1, y2) > top + 1 &&
              Math.min(y1, y2) < bottom - 1,
          );
        for (const { left, top, right, bottom } of boxes)
          expect(within(left, top, right, bottom)).toHaveLength(1);
        for (const line of lines) {
          line.slice(1).forEach(([x, y], i) => {
            expect(within(line[i]?.[0], line[i]?.[1], x, y)).toEqual([]);
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
